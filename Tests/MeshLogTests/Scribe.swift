import MeshIdentity
import MeshLog
import MeshModel

/// Writes one log of a peer, one entry after the other.
struct Scribe {
    static let mesh = MeshID(name: "test")

    let key: PeerKey
    let log: LogID
    private(set) var last: VerifiedEntry?

    /// The key follows from `number`, so that histories repeat.
    init(_ number: UInt8, epoch: UInt64 = 1, room: RoomID) {
        key = PeerKey(seed: Array(repeating: number, count: 32)) ?? .generate()
        log = LogID(author: key.peer, epoch: epoch, room: room)
    }

    var peer: PeerID { key.peer }
    var ref: LogRef { LogRef(of: log, mesh: Self.mesh) }

    @discardableResult
    mutating func write(
        _ text: String, at: UInt64 = Scribe.noon, push: UInt64 = 0, cites: [VerifiedEntry] = [],
        kind: EntryKind = .text, after base: VerifiedEntry? = nil
    ) -> VerifiedEntry {
        let body = Array(text.utf8)
        let previous = base ?? last
        let header = EntryHeader(
            log: ref, seq: (previous?.header.seq ?? 0) + 1, previous: previous?.id.link ?? .none,
            at: WallTime(milliseconds: at), push: push,
            cites: cites.map { Cite(log: $0.header.log, seq: $0.header.seq, tag: $0.id.tag) }
                .sorted(),
            more: false, kind: kind, bodyLength: UInt32(body.count), bodyHash: Hashing.sha256(body))
        let entry = key.sign(header: header, body: body, log: log, mesh: Self.mesh)
        last = entry
        return entry
    }

    /// 14 November 2023, 22:13 UTC.
    static let noon: UInt64 = 1_700_000_000_000
}

/// An archive in memory that is given single entries by flood.
struct Shelf {
    let tables = MemoryTables()
    private var archive: Archive<MemoryTables>

    init() throws { archive = try Archive(tables: tables, mesh: Scribe.mesh) }

    @discardableResult
    mutating func take(
        _ entries: VerifiedEntry..., at now: UInt64 = Scribe.noon, by source: Source = .flood
    ) throws -> [Appended] {
        try entries.map {
            try archive.append([$0], by: source, at: WallTime(milliseconds: now))
        }
    }

    var view: RoomView<MemoryTables> { RoomView(tables: tables) }
}

extension RoomPage {
    var texts: [String] {
        lines.map { line in
            switch line {
            case .entry(let entry): String(decoding: entry.row.entry.body ?? [], as: UTF8.self)
            case .gap(let gap): "gap \(gap.from)-\(gap.to) \(gap.reason.rawValue)"
            }
        }
    }

    var entries: [EntryLine] {
        lines.compactMap { if case .entry(let line) = $0 { line } else { nil } }
    }

    var gaps: [GapLine] {
        lines.compactMap { if case .gap(let gap) = $0 { gap } else { nil } }
    }
}
