@testable import MeshGossip
import MeshIdentity
import MeshLog
import MeshModel
import MeshWire

/// Somebody with the mesh key who says what the fuzzer chooses.
struct Guest {
    let key: PeerKey
    let salt: UInt64
    let introduction: Hello.Introduction
    let address: Address

    init(_ number: Int) {
        key = Mesh.key(UInt8(100 + number % 100))
        salt = UInt64(number + 1) << 40
        introduction = key.introduce(salt: salt, mesh: Mesh.id)
        address = Address([3, UInt8(truncatingIfNeeded: number)])
    }

    /// More than either table of strangers or neighbours holds.
    static let all = (0..<300).map(Guest.init)
}

/// Messages that decode, of the fuzzer's choosing.
struct Forge {
    let air: Air
    /// Entries that were signed here, with right and wrong places; at most 64.
    private(set) var entries: [VerifiedEntry] = []

    init(_ air: Air) { self.air = air }

    // MARK: - Entries

    /// Logs that are known somewhere, and some that are not.
    private var logs: [LogID] {
        let held = (air.subject.tables.segments() + air.partner.tables.segments()).map(\.log)
        let keys = [air.subject.key, air.partner.key, Guest.all[0].key]
        let fresh = keys.flatMap { key in
            Mesh.rooms.map { LogID(author: key.peer, epoch: 1, room: $0) }
        }
        return held.suffix(64) + fresh
    }

    private func held(in log: LogID) -> [Entry] {
        let rows = air.partner.tables.rows.suffix(96) + air.subject.tables.rows.suffix(96)
        return rows.filter { $0.log == log }.map(\.entry)
            + entries.filter { $0.log == log }.map(\.entry)
    }

    private func key(of log: LogID) -> PeerKey? {
        ([air.subject.key, air.partner.key] + Guest.all.prefix(8).map(\.key))
            .first { $0.peer == log.author }
    }

    /// Signs an entry. That its author may be the partner or the peer under test makes forks.
    mutating func sign(_ draw: inout Draw) -> VerifiedEntry? {
        guard let log = draw.pick(logs), let key = key(of: log) else { return nil }
        let before = draw.pick(held(in: log))
        let seqs: [Seq] = [0, 0, 0, 0, 1, 62, 63, 64, 200, ModelLimits.seq - 2]
        let skip = draw.pick(seqs) ?? 0
        let seq = min(before?.header.seq ?? 0, ModelLimits.seq - 1 - skip) + 1 + skip
        let length = draw.pick([1, 0, 60, 700, 1300, 4096]) ?? 1
        let body = [UInt8](repeating: draw.byte(), count: length)
        let header = EntryHeader(
            log: LogRef(of: log, mesh: Mesh.id), seq: seq,
            previous: seq == 1
                ? .none : before?.id.link ?? HashLink(high: draw.number(), low: 1),
            at: WallTime(milliseconds: draw.isTrue() ? draw.number() : 1_700_000_000_000),
            push: draw.isTrue() ? draw.number() : 0, cites: cites(&draw, except: log), more: false,
            kind: EntryKind(rawValue: draw.byte()), bodyLength: UInt32(body.count),
            bodyHash: Hashing.sha256(body))
        let entry = key.sign(header: header, body: body, log: log, mesh: Mesh.id)
        entries = Array((entries + [entry]).suffix(64))
        return entry
    }

    private func cites(_ draw: inout Draw, except log: LogID) -> [Cite] {
        let others = entries.filter { $0.log != log }
        let cites = (0..<draw.below(4)).compactMap { _ -> Cite? in
            guard let one = draw.pick(others) else { return nil }
            return Cite(log: one.header.log, seq: one.header.seq, tag: one.id.tag)
        }
        return Set(cites).sorted()
    }

    // MARK: - Messages

    mutating func message(_ draw: inout Draw, from guest: Guest) -> Message? {
        switch draw.below(8) {
        case 0: .hello(hello(&draw, from: guest))
        case 1: live(&draw).map { .entry($0) }
        case 2: .digest(digest(&draw, salt: guest.salt))
        case 3: .request(request(&draw))
        case 4: run(&draw).map { .run($0) }
        case 5: piece(&draw).map { .piece($0) }
        case 6: .openings(openings(&draw))
        default: .eager(eager(&draw))
        }
    }

    func hello(_ draw: inout Draw, from guest: Guest) -> Hello {
        let flags = draw.byte()
        let echo = flags & 1 == 0 ? air.echo : Echo(salt: UInt32(flags), counter: UInt32(flags))
        return Hello(
            wantsReply: flags & 2 != 0, isFull: flags & 4 != 0, port: 3,
            multicastSent: UInt32(draw.byte()) << (flags & 8), logs: draw.below(512),
            introduction: flags & 16 == 0 ? guest.introduction : nil,
            neighbours: flags & 32 == 0 ? [Hello.Neighbour(echo: echo, loss: flags % 100)] : nil)
    }

    mutating func live(_ draw: inout Draw) -> LiveEntry? {
        let old = draw.isTrue() ? draw.pick(entries) : nil
        guard let one = old ?? sign(&draw), let signature = one.entry.signature else { return nil }
        let flags = draw.byte()
        let fits = one.header.bodyLength < 900
        return LiveEntry(
            hops: flags, opening: flags & 1 == 0 ? one.log : nil,
            entry: UnhashedEntry(
                header: one.header, body: flags & 2 == 0 && fits ? one.entry.body : nil),
            signature: signature)
    }

    private func digest(_ draw: inout Draw, salt: UInt64) -> Digest {
        let hash = SaltedHash(salt: salt)
        let form = draw.below(4)
        let path = draw.bytes(form < 2 ? 0 : draw.below(WireLimits.treeDepth + 1)).map { $0 & 31 }
        guard form != 1, form != 3 else {
            return .node(path: path, children: (0..<32).map { _ in UInt32(draw.byte()) })
        }
        let items = (0..<draw.below(24)).map { _ -> Digest.Item in
            let log = draw.pick(logs)
            let entry = log.flatMap { draw.pick(held(in: $0)) }
            let ref = log.map { LogRef(of: $0, mesh: Mesh.id) } ?? LogRef(draw.number())
            let seq = (entry?.header.seq ?? 0) + Seq(draw.byte() >> 4)
            let id = entry?.id ?? EntryID(.zero)
            return Digest.Item(
                key: hash.key(of: ref), seq: min(seq, ModelLimits.seq),
                head: hash.head(of: ref, seq: seq, id: id))
        }
        guard form == 2 else { return .whole(items) }
        return .bucket(
            path: path,
            items: items.map { Digest.IndexedItem(index: draw.below(130), item: $0) })
    }

    private func request(_ draw: inout Draw) -> Request {
        var request = Request(echo: air.echo, tag: UInt16(draw.byte()))
        for _ in 0..<draw.below(26) {
            let ref = draw.pick(logs).map { LogRef(of: $0, mesh: Mesh.id) } ?? LogRef(0)
            let from = Seq(draw.byte()) + 1
            let to = draw.isTrue() ? from + Seq(draw.byte()) : ModelLimits.seq
            request.ranges.append(
                Request.Range(
                    log: draw.isTrue() ? .index(draw.below(130)) : .ref(ref), from: from, to: to,
                    isProved: draw.isTrue()))
        }
        request.openings = (0..<draw.below(20)).map { _ in draw.below(300) }
        request.openingRefs = (0..<draw.below(4)).compactMap { _ in
            draw.pick(logs).map { LogRef(of: $0, mesh: Mesh.id) }
        }
        request.nodes = (0..<draw.below(4)).map { _ in
            draw.bytes(draw.below(WireLimits.treeDepth + 1)).map { $0 & 31 }
        }
        return request
    }

    /// The tag of a request that was made, or another.
    private func tag(_ draw: inout Draw) -> UInt16 {
        draw.byte() & 7 == 7 ? UInt16(draw.byte()) : air.requests.last?.tag ?? 0
    }

    private func run(_ draw: inout Draw) -> Run? {
        guard let log = draw.pick(logs) else { return nil }
        let chain = held(in: log).sorted { $0.header.seq > $1.header.seq }
        let start = chain.isEmpty ? 0 : draw.below(chain.count)
        let part = chain[start...].prefix(1 + draw.below(4))
        guard let newest = part.first?.header.seq else { return nil }
        let signs = draw.byte()
        let items = part.prefix(Int(newest)).enumerated().map { place, one in
            Run.Item(
                entry: UnhashedEntry(
                    header: one.header,
                    body: one.header.bodyLength < 300 && signs & 64 == 0 ? one.body : nil),
                signature: signs >> UInt8(place) & 1 == 0 ? one.signature : nil,
                isForgotten: false)
        }
        let end = newest + Seq(draw.below(3))
        return Run(
            tag: tag(&draw), isLast: draw.isTrue(), log: LogRef(of: log, mesh: Mesh.id),
            chunkEnd: min(end, ModelLimits.seq), newest: newest, items: items)
    }

    private func piece(_ draw: inout Draw) -> BodyPiece? {
        guard let log = draw.pick(logs), let one = draw.pick(held(in: log)) else { return nil }
        let body = one.body ?? []
        let offset = draw.pick([0, 1000, 2000, 3000, 4000, 1, 4095]) ?? 0
        let junk = draw.bytes(1 + draw.below(8))
        let part = draw.isTrue() ? Array(body.dropFirst(offset).prefix(1000)) : junk
        return BodyPiece(
            tag: tag(&draw), isLast: draw.isTrue(), log: one.header.log, seq: one.header.seq,
            offset: offset, bytes: part.isEmpty ? [0] : Array(part.prefix(4096 - offset)))
    }

    private func openings(_ draw: inout Draw) -> [IndexedOpening] {
        (0..<draw.below(9)).compactMap { _ in
            guard let log = draw.pick(logs) else { return nil }
            let isBranch = draw.isTrue()
            let first = isBranch ? draw.pick(held(in: log)) : nil
            let branch = first.map { Opening.Branch(seq: $0.header.seq, first: $0.id) }
            return IndexedOpening(
                index: draw.below(130), opening: Opening(log: log, branch: branch))
        }
    }

    private func eager(_ draw: inout Draw) -> EagerChange {
        let first = draw.number()
        return EagerChange(
            echo: air.echo, isEager: draw.isTrue(),
            origins: (0..<UInt64(draw.below(65))).map { first &+ $0 })
    }
}
