import MeshIdentity
import MeshLog
import MeshModel
import MeshWire

/// This peer's own entries: from a draft to the disk, and only then to the air.
extension Engine {
    mutating func submit(_ draft: Draft, _ effects: inout [Effect]) {
        func refuse(_ refusal: DraftRefusal) {
            effects.append(.answerDraft(ticket: draft.ticket, .failure(refusal)))
        }
        guard draft.body.count <= ModelLimits.body else {
            return refuse(.tooLong(bytes: draft.body.count, limit: ModelLimits.body))
        }
        guard !quota.isExhausted else { return refuse(.full) }
        guard !writer.isBusy else { return refuse(.busy) }
        if writer.epoch == nil, mustRecover(&effects) { return writer.hold(draft) }
        write(draft, &effects)
    }

    // MARK: - Before the first write of an epoch

    /// Whether own logs may still have to come back from neighbours. What was written before a
    /// store was lost should be cited by what is written after.
    private mutating func mustRecover(_ effects: inout [Effect]) -> Bool {
        if let until = writer.recoverBy { return clock.instant < until }
        guard !isRecovered else { return false }
        let until = clock.instant + GossipLimits.recoverTime
        writer.recoverBy = until
        effects.append(.setTimer(.recover, at: until))
        return true
    }

    /// No neighbour is known to hold more of this peer's own logs.
    private var isRecovered: Bool {
        neighbours.allConfirmed { neighbour in
            neighbour.fetch == nil && neighbour.ledger.unknown.isEmpty
                && neighbour.ledger.held.allSatisfy { id, item in
                    logs[id].segment.log.author != writer.key.peer
                        || item.seq <= logs[id].segment.head
                }
        }
    }

    mutating func recoverCheck(_ effects: inout [Effect]) {
        if writer.recoverBy != nil, isRecovered { release(&effects) }
    }

    mutating func recoverDue(_ effects: inout [Effect]) {
        guard let until = writer.recoverBy, until <= clock.instant else { return }
        release(&effects)
    }

    private mutating func release(_ effects: inout [Effect]) {
        for draft in writer.takeHeld() { write(draft, &effects) }
    }

    // MARK: - Writing

    private mutating func write(_ draft: Draft, _ effects: inout [Effect]) {
        if writer.epoch == nil {
            let epoch = generator.next()
            writer.open(epoch: epoch)
            effects.append(.report(.epochOpened(epoch)))
        }
        let log = LogID(author: writer.key.peer, epoch: writer.epoch ?? 0, room: draft.room)
        let ref = LogRef(of: log, mesh: mesh)
        let id = logs.id(of: ref)
        let held = id.map { (seq: logs[$0].segment.head, id: logs[$0].segment.headID) }
        let tail = writer.tail(of: ref) ?? held ?? (0, EntryID(.zero))
        if let held, held.seq > tail.seq || held.seq == tail.seq && held.id != tail.id {
            // Somebody with the same key has written on: go on beside him, not on top of him.
            writer.closeEpoch()
            return write(draft, &effects)
        }
        if let id, logs[id].segment.complete < logs[id].segment.head {
            // What stands there was written by a double who held more: on top of it, an entry would
            // claim that past too.
            writer.closeEpoch()
            return write(draft, &effects)
        }
        if tail.seq >= ModelLimits.seq {
            writer.closeEpoch()
            return write(draft, &effects)
        }
        let (cites, more) = cites(in: draft.room, except: ref)
        let entry = writer.compose(
            draft, log: log, ref: ref, after: tail, cites: cites, more: more, mesh: mesh,
            wall: clock.wall)
        append([entry], source: .own, from: nil, segment: id, live: nil, ref: nil, &effects)
        writer.sent(entry, draft, token: tokens)
    }

    /// The frontier of a room, and marks it as cited.
    private mutating func cites(in room: RoomID, except base: LogRef) -> ([Cite], Bool) {
        let frontier = logs.frontier(of: room, except: base)
        let chosen = frontier.prefix(ModelLimits.cites)
        let cites = chosen.map { id in
            let segment = logs[id].segment
            return Cite(log: segment.base, seq: segment.complete, tag: segment.completeID.tag)
        }
        for id in chosen { logs[id].segment.cited = logs[id].segment.complete }
        return (cites, frontier.count > chosen.count)
    }

    /// An own entry is durable: the user may know, and so may everybody.
    mutating func wrote(_ token: UInt64, isKept: Bool, _ effects: inout [Effect]) {
        guard let written = writer.takeWritten(token) else { return }
        guard isKept else {
            // Somebody with the same key has forked or closed the log meanwhile. Nobody has seen
            // the entry: it is said again in a new epoch.
            writer.closeEpoch()
            return write(written.draft, &effects)
        }
        let ticket = written.draft.ticket
        effects.append(.answerDraft(ticket: ticket, .success(written.entry.id)))
        flood(own: written.entry, &effects)
        noteOwn(&effects)
    }

    private mutating func noteOwn(_ effects: inout [Effect]) {
        for id in linkIDs {
            links[id]?.newestEntryAt = clock.instant
            links[id]?.agreed = []
            let wait = generator.duration(in: GossipLimits.checkDelay)
            hasten(hello: clock.instant + wait, on: id, &effects)
        }
    }
}
