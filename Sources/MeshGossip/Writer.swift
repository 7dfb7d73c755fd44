import MeshIdentity
import MeshLog
import MeshModel
import MeshWire

/// This peer's own writing: the epoch, and drafts on their way to the disk.
struct Writer {
    let key: PeerKey
    /// Nil until the first write after a start that could not prove to continue.
    private(set) var epoch: UInt64?
    /// The greatest time shown in each room, own drafts included.
    private(set) var lastTimes: [RoomID: UInt64]
    /// Drafts that wait for the past to come back; at most `GossipLimits.drafts`.
    private(set) var held: [Draft] = []
    /// Until when they wait; nil while nothing does.
    var recoverBy: Instant?
    /// Tickets of entries that are not durable yet, by append token; at most `GossipLimits.drafts`.
    private var written: [UInt64: Written] = [:]

    /// The last entry composed in each log of this epoch, durable or not. One for each room.
    private var tails: [LogRef: (seq: Seq, id: EntryID)] = [:]

    struct Written {
        let draft: Draft
        let entry: VerifiedEntry
    }

    init(key: PeerKey, epoch: UInt64?, lastTimes: [RoomID: UInt64]) {
        self.key = key
        self.epoch = epoch
        self.lastTimes = lastTimes
    }

    var isBusy: Bool { held.count + written.count >= GossipLimits.drafts }

    mutating func hold(_ draft: Draft) { held.append(draft) }

    mutating func takeHeld() -> [Draft] {
        defer { held = [] }
        recoverBy = nil
        return held
    }

    mutating func open(epoch: UInt64) {
        self.epoch = epoch
        tails = [:]
    }

    mutating func closeEpoch() { epoch = nil }

    func tail(of log: LogRef) -> (seq: Seq, id: EntryID)? { tails[log] }

    /// What was composed last was not kept, and nobody has seen it.
    mutating func forgetTails() { tails = [:] }

    mutating func note(time: UInt64, in room: RoomID) {
        lastTimes[room] = max(lastTimes[room] ?? 0, time)
    }

    mutating func sent(_ entry: VerifiedEntry, _ draft: Draft, token: UInt64) {
        written[token] = Written(draft: draft, entry: entry)
    }

    mutating func takeWritten(_ token: UInt64) -> Written? { written.removeValue(forKey: token) }

    /// Composes and signs the next entry of a log of this peer.
    mutating func compose(
        _ draft: Draft, log: LogID, ref: LogRef, after tail: (seq: Seq, id: EntryID), cites: [Cite],
        more: Bool, mesh: MeshID, wall: WallTime
    ) -> VerifiedEntry {
        let shown = lastTimes[draft.room]
        let push = shown.map { $0 >= wall.milliseconds ? $0 + 1 - wall.milliseconds : 0 } ?? 0
        let header = EntryHeader(
            log: ref, seq: tail.seq + 1, previous: tail.seq == 0 ? .none : tail.id.link, at: wall,
            push: push, cites: cites.sorted(), more: more, kind: draft.kind,
            bodyLength: UInt32(draft.body.count), bodyHash: Hashing.sha256(draft.body))
        note(time: header.claimedTime, in: draft.room)
        let entry = key.sign(header: header, body: draft.body, log: log, mesh: mesh)
        tails[ref] = (entry.header.seq, entry.id)
        return entry
    }
}
