import MeshIdentity
import MeshLog
import MeshModel
import MeshWire

/// Handing runs to the store, and what follows once they are durable. A foreign entry counts for
/// digests and clocks from then on; an own entry leaves from then on.
extension Engine {
    mutating func append(
        _ run: [VerifiedEntry], source: Source, from: NeighbourID?, segment: SegmentID?,
        live: LiveEntry?, ref: LogRef?, claim: Ledger.Item? = nil, target: SegmentID? = nil,
        _ effects: inout [Effect]
    ) {
        guard let first = run.first, let last = run.last else { return }
        guard source == .own || appends.count < GossipLimits.appends else {
            for entry in run { relays.unsee(entry.id) }
            if let ref { turns.end(ref) }
            return counters.rejected("busy")
        }
        let token = nextToken()
        appends[token] = PendingAppend(
            base: first.header.log, segment: segment, source: source, from: from,
            firstSeq: first.header.seq, lastID: last.id, live: live,
            bytes: run.reduce(0) { $0 + StoredBytes.of($1.entry) }, ref: ref,
            claim: claim, target: target)
        if let segment {
            logs[segment].tail = last.header.seq
            logs[segment].tailID = last.id
            logs[segment].pending += 1
        }
        effects.append(
            .append(AppendRequest(token: token, run: run, source: source, receivedAt: clock.wall)))
    }

    mutating func stored(_ done: AppendDone, _ effects: inout [Effect]) {
        guard let pending = appends.removeValue(forKey: done.token) else { return }
        if let segment = pending.segment { logs[segment].pending -= 1 }
        let appended = done.appended
        for segment in appended.segments { logs.update(segment) }
        if let segment = pending.segment, logs[segment].pending == 0 { logs.settle(segment) }
        if let room = logs.log(of: pending.base)?.room {
            writer.note(time: appended.lastTime, in: room)
        }
        for (author, bytes) in appended.bytes { quota.note(bytes, of: author) }
        if let split = appended.split { forked(split, &effects) }
        // He had bodies that were lacking here, and may have more of them.
        if let last = appended.filled.last, let from = pending.from, let target = pending.target {
            neighbours[from]?.ledger.found(bodiesOf: target, upTo: last.seq)
            askSoon(from, &effects)
        }
        conclude(pending, &effects)
        follow(appended.outcome, pending, &effects)
        for row in appended.lines { passAnnounced(row, pending, &effects) }
        if pending.source == .own {
            return wrote(done.token, isKept: !appended.lines.isEmpty, &effects)
        }
        guard !appended.lines.isEmpty else { return }
        if pending.source == .flood { checkSoon(&effects) } else { tellSoon(&effects) }
    }

    /// What came by repair others may lack too: the next of a line of peers waits for it.
    private mutating func tellSoon(_ effects: inout [Effect]) {
        for link in linkIDs {
            links[link]?.agreed = []
            hasten(
                hello: clock.instant + generator.duration(in: GossipLimits.mendDelay), on: link,
                &effects)
        }
    }

    /// A run that did not simply continue a log is judged: the log may be asked for again, and the
    /// rest of one that was not known before.
    private mutating func conclude(_ pending: PendingAppend, _ effects: inout [Effect]) {
        guard let ref = pending.ref, pending.segment == nil else { return }
        turns.end(ref)
        if let claim = pending.claim, let from = pending.from, let id = logs.id(of: ref) {
            neighbours[from]?.ledger.note(id, claim)
            if claim.seq > logs[id].tail { askSoon(from, &effects) }
        }
        wakeHeldBack(&effects)
    }

    private mutating func follow(
        _ outcome: Appended.Outcome, _ pending: PendingAppend, _ effects: inout [Effect]
    ) {
        switch outcome {
        case .extended:
            if let target = pending.target { logs[target].probedFrom = nil }
        case .duplicate:
            if let ref = pending.ref, logs.id(of: ref) == nil,
                let held = logs.family(of: pending.base).first
            {
                logs.alias(ref, held)
            }
        case .gap:
            if let from = pending.from { askSoon(from, &effects) }
        case .diverges: diverged(pending, &effects)
        case .closed: effects.append(contentsOf: closedReport(pending))
        case .collision: counters.rejected("collision")
        }
    }

    private func closedReport(_ pending: PendingAppend) -> [Effect] {
        logs.log(of: pending.base).map { [.report(.logClosed($0))] } ?? []
    }

    /// What came contradicts what is held somewhere below: look one block further down.
    private mutating func diverged(_ pending: PendingAppend, _ effects: inout [Effect]) {
        counters.repair("diverged")
        let family = logs.family(of: pending.base)
        guard let from = pending.from,
            let id = pending.target ?? family.first(where: { !logs[$0].segment.isSplit })
        else { return }
        // A split log says so in its digest items: they name the branch that is lacking.
        guard !logs[id].segment.isSplit else { return }
        let top = min(pending.firstSeq, logs[id].segment.head + 1)
        guard top > 1 else { return }
        logs[id].probe = Self.blockStart(of: top - 1)
        neighbours[from]?.ledger.raise(id, to: pending.firstSeq)
        // Each block further down is one step of a search that ends at 1; a second search waits.
        let isDown = top - 1 < logs[id].probedFrom ?? .max
        if isDown || (logs[id].probedAt ?? .zero) + GossipLimits.probePause <= clock.instant {
            logs[id].probedFrom = top - 1
            logs[id].probedAt = clock.instant
            askSoon(from, &effects)
        }
    }

    private mutating func forked(_ split: SegmentID, _ effects: inout [Effect]) {
        let log = logs[split].segment.log
        effects.append(.report(.forkFound(log)))
        // Somebody else writes under this peer's key and epoch: go on in a new one.
        if log.author == writer.key.peer, log.epoch == writer.epoch { writer.closeEpoch() }
        // Others still show the log as one: a digest tells them.
        for link in linkIDs {
            hasten(
                hello: clock.instant + generator.duration(in: GossipLimits.mendDelay), on: link,
                &effects)
            links[link]?.agreed = []
        }
    }

    /// An entry that was announced without its body has come by repair: announce it further.
    private mutating func passAnnounced(
        _ row: Row, _ pending: PendingAppend, _ effects: inout [Effect]
    ) {
        guard let relay = relays.takeAnnounced(row.entry.id) else { return }
        guard let verified = verifier.verify(row.entry.signed(by: relay.live), of: row.log) else {
            return
        }
        begin(relay.live, verified, from: relay.heardFrom, &effects)
        checkSoon(&effects)
    }

    /// After a burst one check hello per cell.
    private mutating func checkSoon(_ effects: inout [Effect]) {
        let wait = generator.duration(in: GossipLimits.checkDelay)
        for id in linkIDs {
            guard let link = links[id] else { continue }
            let began = link.burstBeganAt ?? clock.instant
            links[id]?.burstBeganAt = began
            links[id]?.newestEntryAt = clock.instant
            links[id]?.agreed = []
            let due = min(clock.instant + wait, began + GossipLimits.checkAtMost)
            putOff(hello: max(due, clock.instant), on: id, &effects)
        }
    }

    /// Sets the check hello, which may move back as the burst goes on, but never past a periodic
    /// one.
    private mutating func putOff(hello due: Instant, on id: LinkID, _ effects: inout [Effect]) {
        guard let link = links[id] else { return }
        links[id]?.helloDue = min(due, link.periodicDue)
        effects.append(.setTimer(.hello(id), at: min(due, link.periodicDue)))
    }

    mutating func failed(
        _ tokens: [UInt64], _ reason: String, _ segments: [Segment], _ effects: inout [Effect]
    ) {
        for token in tokens {
            guard let pending = appends.removeValue(forKey: token) else { continue }
            relays.unsee(pending.lastID)
            if let ref = pending.ref { turns.end(ref) }
            guard let written = writer.takeWritten(token) else { continue }
            effects.append(
                .answerDraft(ticket: written.draft.ticket, .failure(.failed(reason))))
        }
        counters.rejected("storeFailed")
        logs.reset(to: segments)
        writer.forgetTails()
    }
}

extension Entry {
    fileprivate func signed(by live: LiveEntry) -> Entry {
        var copy = self
        copy.signature = live.signature
        return copy
    }
}
