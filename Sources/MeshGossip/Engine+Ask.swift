import MeshIdentity
import MeshLog
import MeshModel
import MeshWire

/// The sure plane, second half: asking a neighbour for what is lacking.
///
/// One request is outstanding per neighbour, and one neighbour is asked per log (`Turns`).
extension Engine {
    /// Looks at a neighbour's ledger soon, unless a request to him is under way.
    mutating func askSoon(_ id: NeighbourID, _ effects: inout [Effect]) {
        askSoon([id], &effects)
    }

    /// Looks at all of them at once.
    private mutating func askSoon(_ ids: [NeighbourID], _ effects: inout [Effect]) {
        let due = clock.instant + generator.duration(in: GossipLimits.askDelay)
        for id in ids where neighbours.isConfirmed(id) && !neighbours.isAsked(id) {
            looks.plan(id, at: due)
        }
        setLookTimer(&effects)
    }

    private mutating func setLookTimer(_ effects: inout [Effect]) {
        if let due = looks.timerToSet() { effects.append(.setTimer(.look, at: due)) }
    }

    /// In an order drawn anew: whoever is looked at first gets the turn of what several hold.
    mutating func lookDue(_ effects: inout [Effect]) {
        var due = looks.take(at: clock.instant)
        due.shuffle(using: &generator)
        for id in due { ask(id, &effects) }
        if !due.isEmpty { recoverCheck(&effects) }
        setLookTimer(&effects)
    }

    /// A request has waited for an answer.
    mutating func repairDue(_ id: NeighbourID, _ effects: inout [Effect]) {
        guard let set = neighbours[id]?.answerDue, set <= clock.instant else { return }
        neighbours[id]?.answerDue = nil
        guard let heardAt = neighbours[id]?.fetch?.heardAt else { return }
        // Who does not prove any more that he hears this peer may not hear the request.
        guard neighbours.isConfirmed(id) else { return giveUp(on: id, &effects) }
        let due = heardAt + GossipLimits.askAgain
        guard due <= clock.instant else { return awaitAnswer(of: id, until: due, &effects) }
        counters.repair("timeout")
        if neighbours[id]?.fetch?.tries ?? 0 >= GossipLimits.askTries {
            return giveUp(on: id, &effects)
        }
        askAgain(id, &effects)
    }

    /// One timer for each neighbour: it is set again while something is asked of him.
    private mutating func awaitAnswer(
        of id: NeighbourID, until due: Instant, _ effects: inout [Effect]
    ) {
        guard neighbours[id]?.answerDue == nil else { return }
        neighbours[id]?.answerDue = due
        effects.append(.setTimer(.repair(id), at: due))
    }

    /// The next request to a neighbour, if he has anything that is lacking here.
    mutating func ask(_ id: NeighbourID, _ effects: inout [Effect]) {
        guard neighbours.isConfirmed(id), !neighbours.isAsked(id), let echo = echo(of: id)
        else { return }
        // The disk is behind: later.
        guard hasRoomForRuns else { return holdBack(id, &effects) }
        neighbours[id]?.ledger.resolve(in: logs)
        neighbours[id]?.ledger.settleNodes(in: logs)
        neighbours[id]?.isHeldBack = false
        refuseUnwanted(of: id)
        guard let neighbour = neighbours[id] else { return }
        let wants = wants(of: neighbour)
        if wants.isHeldBack { holdBack(id, &effects) }
        guard !wants.isEmpty else { return }
        tokens += 1
        let request = Request(
            echo: echo, tag: UInt16(truncatingIfNeeded: tokens), ranges: wants.chunks.map(\.range),
            openings: wants.openings, openingRefs: wants.openingRefs,
            nodes: wants.nodes.map(\.path))
        neighbours[id]?.ledger.asked(wants.nodes)
        take(turnsFor: wants, id)
        for chunk in wants.chunks { graft(chunk.log.author, id, &effects) }
        neighbours[id]?.fetch = Fetch(
            request: request, askedAt: clock.instant, heardAt: clock.instant, chunks: wants.chunks,
            awaited: wants.openings.count + wants.openingRefs.count + wants.nodes.count)
        counters.repair("asked")
        send([.request(request)], to: id, &effects)
        awaitAnswer(of: id, until: clock.instant + GossipLimits.askAgain, &effects)
    }

    private var hasRoomForRuns: Bool {
        appends.count < GossipLimits.appends / 2
            && appends.values.reduce(0) { $0 + $1.bytes } < GossipLimits.appendBytes
    }

    private mutating func take(turnsFor wants: Wants, _ id: NeighbourID) {
        for chunk in wants.chunks {
            turns.take(chunk.ref, for: id, at: clock.instant)
        }
        for ref in wants.openingRefs { turns.take(ref, for: id, at: clock.instant) }
        if wants.scouts { turns.takeScout(for: id, at: clock.instant) }
    }

    /// Looks again when the turns of others have ended: when they say so, or by the clock.
    private mutating func holdBack(_ id: NeighbourID, _ effects: inout [Effect]) {
        neighbours[id]?.isHeldBack = true
        looks.plan(id, at: clock.instant + GossipLimits.turn)
        setLookTimer(&effects)
    }

    mutating func wakeHeldBack(_ effects: inout [Effect]) {
        askSoon(neighbours.heldBack(), &effects)
    }

    private mutating func askOthers(than id: NeighbourID, _ effects: inout [Effect]) {
        askSoon(neighbours.confirmed { $0.id != id }, &effects)
    }

    /// Whoever has to be asked for an author's entries may as well push them again.
    private mutating func graft(
        _ author: PeerID, _ id: NeighbourID, _ effects: inout [Effect]
    ) {
        if neighbours[id]?.pruned.contains(author.raw.words.0) ?? false {
            set(eager: true, author, from: id, &effects)
        }
    }

    // MARK: - What to ask for

    /// What a neighbour is to be asked for now.
    private struct Wants {
        var chunks: [Fetch.Chunk] = []
        var openings: [Int] = []
        var openingRefs: [LogRef] = []
        var nodes: [Ledger.Node] = []
        /// He has more, of which it is another neighbour's turn.
        var isHeldBack = false
        var entries = GossipLimits.askEntries
        /// Answers name the base of a log: of two branches one is asked for at a time.
        private var bases: Set<LogRef> = []

        var scouts: Bool { !openings.isEmpty || !nodes.isEmpty }
        var asksMore: Bool { scouts || !openingRefs.isEmpty }
        var isEmpty: Bool { chunks.isEmpty && !asksMore }
        var isFull: Bool { chunks.count >= GossipLimits.askRanges || entries == 0 }

        mutating func add(_ chunk: Fetch.Chunk) {
            guard !isFull, bases.insert(chunk.base).inserted else { return }
            chunks.append(chunk)
            entries -= min(entries, min(ModelLimits.checkpoint, chunk.range.to - chunk.from + 1))
        }
    }

    private func wants(of neighbour: Neighbour) -> Wants {
        var wants = Wants()
        func add(_ chunk: Fetch.Chunk?) {
            guard let chunk else { return }
            if turns.isOpen(chunk.ref, to: neighbour.id, at: clock.instant) {
                wants.add(chunk)
            } else {
                wants.isHeldBack = true
            }
        }
        for (id, item) in neighbour.ledger.held where !wants.isFull {
            let isAhead = logs.tail(of: id) < item.seq || logs.isProbed(id)
            if isAhead || logs.lacking(id).map({ neighbour.ledger.mayFill($0, of: id) }) ?? false {
                add(chunk(of: id, from: neighbour))
            }
        }
        for one in neighbour.ledger.openedUnknown where !wants.isFull {
            add(chunk(opened: one, from: neighbour))
        }
        for (ref, seq) in neighbour.ledger.unopened.sorted(by: { $0.key < $1.key })
        where logs.id(of: ref) == nil && !wants.isFull {
            add(chunk(unopened: ref, upTo: seq))
        }
        addOpenings(neighbour, &wants)
        return wants
    }

    /// What only this neighbour's digest can name, and logs that a live entry named.
    private func addOpenings(_ neighbour: Neighbour, _ wants: inout Wants) {
        let refs = neighbour.ledger.unopened.keys.filter { logs.log(of: $0) == nil }.sorted()
        let open = refs.filter { turns.isOpen($0, to: neighbour.id, at: clock.instant) }
        wants.openingRefs = Array(open.prefix(WireLimits.openings))
        if open.count < refs.count { wants.isHeldBack = true }
        let unknown = neighbour.ledger.toOpen
        let nodes = neighbour.ledger.nodes.filter { !mayBeExplained($0) }
        if nodes.count < neighbour.ledger.nodes.count { wants.isHeldBack = true }
        guard !unknown.isEmpty || !nodes.isEmpty else { return }
        guard mayScout(neighbour.id) else { return wants.isHeldBack = true }
        wants.openings = Array(unknown.prefix(WireLimits.openings))
        wants.nodes = Array(nodes.prefix(GossipLimits.askNodes))
    }

    /// Whether something below a node is on its way here, which may be all that differs. That is
    /// believed no longer than a turn lasts.
    private func mayBeExplained(_ node: Ledger.Node) -> Bool {
        guard clock.instant < node.seenAt + GossipLimits.turn else { return false }
        let refs = DigestTree.refs(below: node.path)
        return turns.isTaken(in: refs, at: clock.instant)
            || appends.values.contains { refs.contains($0.base) }
    }

    /// Whether it is this neighbour's turn to open logs, and none that somebody opened is still on
    /// its way to the disk.
    private func mayScout(_ id: NeighbourID) -> Bool {
        let othersWait = neighbours.isAnyHeldBack(but: id)
        return turns.isScoutOpen(to: id, at: clock.instant, othersWait: othersWait)
            && !appends.values.contains { $0.source == .repair && $0.target == nil }
    }

    private func chunk(of id: SegmentID, from neighbour: Neighbour) -> Fetch.Chunk? {
        let log = logs[id]
        guard let item = neighbour.ledger[id], !log.segment.isClosed,
            quota.admits(log.segment.log)
        else { return nil }
        let place = item.index.map(Request.Range.Log.index) ?? .ref(log.segment.base)
        var range: Request.Range?
        if let probe = log.probe, item.seq >= probe {
            let to = min(item.seq, probe + ModelLimits.checkpoint - 1)
            range = Request.Range(log: place, from: probe, to: to)
        } else if item.seq > log.tail, !log.segment.isSplit {
            range = Request.Range(log: place, from: log.tail + 1, to: item.seq)
        }
        var bodies: ClosedRange<Seq>?
        // By its base a branch cannot be told from another one.
        let isNamed = item.index != nil || log.segment.branch == nil
        if range == nil, isNamed, let lacking = log.segment.lacking {
            bodies = neighbour.ledger.blockOfBodies(lacking, of: id)
            range = bodies.map { Request.Range(log: place, from: $0.lowerBound, to: $0.upperBound) }
        }
        return range.map {
            var chunk = Fetch.Chunk(
                log: log.segment.log, base: log.segment.base, ref: log.segment.ref, segment: id,
                range: $0)
            chunk.isForBodies = bodies != nil
            return chunk
        }
    }

    /// Drops what a neighbour opened and what cannot be taken here as things are.
    private mutating func refuseUnwanted(of id: NeighbourID) {
        for one in neighbours[id]?.ledger.openedUnknown ?? [] where !isTakeable(one.opening) {
            neighbours[id]?.ledger.refuse(unknown: one.index, under: quota.generation)
        }
    }

    private func isTakeable(_ opening: Opening) -> Bool {
        let base = LogRef(of: opening.log, mesh: mesh)
        guard quota.admits(opening.log) else { return false }
        guard let root = logs.id(of: base) else { return !logs.isFull }
        return opening.branch != nil && !logs[root].segment.isClosed
    }

    private func chunk(
        opened one: (index: Int, opening: Opening, seq: Seq), from neighbour: Neighbour
    ) -> Fetch.Chunk? {
        let log = one.opening.log
        let base = LogRef(of: log, mesh: mesh)
        guard quota.admits(log), one.seq > 0 else { return nil }
        var (from, ref) = (Seq(1), base)
        if let branch = one.opening.branch {
            // A branch needs its trunk first.
            let held = logs.family(of: base).map { logs[$0].segment }
            guard !(held.first?.isClosed ?? false) else { return nil }
            let reach = held.map(\.head).max() ?? 0
            guard branch.seq - 1 <= reach, branch.seq <= one.seq else { return nil }
            (from, ref) = (branch.seq, LogRef(branchOf: base, first: branch.first))
        } else if logs.id(of: base) != nil || logs.isFull {
            return nil
        }
        let range = Request.Range(log: .index(one.index), from: from, to: one.seq)
        return Fetch.Chunk(log: log, base: base, ref: ref, segment: nil, range: range)
    }

    private func chunk(unopened ref: LogRef, upTo seq: Seq) -> Fetch.Chunk? {
        guard let log = logs.log(of: ref), quota.admits(log), !logs.isFull else { return nil }
        let range = Request.Range(log: .ref(ref), from: 1, to: seq)
        return Fetch.Chunk(log: log, base: ref, ref: ref, segment: nil, range: range)
    }

    // MARK: - Asking again, and no more

    mutating func askAgain(_ id: NeighbourID, _ effects: inout [Effect]) {
        guard let fetch = neighbours[id]?.fetch, let echo = echo(of: id) else { return }
        // Part of the openings and nodes came: the rest is asked for anew.
        if fetch.chunks.isEmpty, fetch.hasMore { return finish(id, &effects) }
        let ranges = fetch.chunks.compactMap(\.rest)
        let isForMore = fetch.chunks.isEmpty && fetch.asksMore
        guard !ranges.isEmpty || isForMore else { return finish(id, &effects) }
        var request = Request(echo: echo, tag: fetch.request.tag, ranges: ranges)
        if isForMore {
            request = fetch.request
            request.echo = echo
        }
        neighbours[id]?.fetch?.tries += 1
        neighbours[id]?.fetch?.heardAt = clock.instant
        neighbours[id]?.fetch?.isAnswered = false
        counters.repair("askedAgain")
        send([.request(request)], to: id, &effects)
        awaitAnswer(of: id, until: clock.instant + GossipLimits.askAgain, &effects)
    }

    /// A neighbour who does not answer is left alone until his next digest.
    mutating func giveUp(on id: NeighbourID, _ effects: inout [Effect]) {
        counters.repair("givenUp")
        if neighbours[id]?.lastHeard ?? .zero < neighbours[id]?.fetch?.askedAt ?? .zero {
            // Not a word of anything: nothing that he claimed is believed until he claims it again.
            neighbours[id]?.ledger.disown()
        }
        for chunk in neighbours[id]?.fetch?.chunks ?? [] { disbelieve(chunk, id) }
        neighbours[id]?.fetch = nil
        turns.endAll(of: id)
        askOthers(than: id, &effects)
    }

    /// He answered, and has nothing of what was asked for of a log: others may, and he may have
    /// other things.
    mutating func concede(_ base: LogRef, _ id: NeighbourID, _ effects: inout [Effect]) {
        guard let fetch = neighbours[id]?.fetch else { return }
        let conceded = fetch.chunks.filter { !$0.hasBegun && $0.base == base }
        guard !conceded.isEmpty else { return }
        counters.repair("conceded", conceded.count)
        for chunk in conceded {
            turns.end(chunk.ref)
            if chunk.isForBodies { searched(chunk, id) }
            disbelieve(chunk, id)
        }
        neighbours[id]?.fetch?.chunks.removeAll { !$0.hasBegun && $0.base == base }
        if conceded.count < fetch.chunks.count {
            askAgain(id, &effects)
        } else if !fetch.asksMore {
            finish(id, &effects)
        }
        askOthers(than: id, &effects)
    }

    /// A stretch was looked through for bodies at this neighbour, whatever came of it.
    mutating func searched(_ chunk: Fetch.Chunk, _ id: NeighbourID) {
        guard let segment = chunk.segment else { return }
        neighbours[id]?.ledger.asked(bodies: chunk.range.from...chunk.range.to, of: segment)
    }

    private mutating func disbelieve(_ chunk: Fetch.Chunk, _ id: NeighbourID) {
        if let segment = chunk.segment {
            neighbours[id]?.ledger.lower(segment, to: logs[segment].tail)
            logs[segment].probe = nil
        } else {
            neighbours[id]?.ledger.settle(unopened: chunk.base)
            if case .index(let index) = chunk.range.log {
                neighbours[id]?.ledger.settle(unknown: index)
            }
        }
    }

    /// The request is served; on to what else is lacking.
    mutating func finish(_ id: NeighbourID, _ effects: inout [Effect]) {
        neighbours[id]?.fetch = nil
        ask(id, &effects)
        let isIdle = neighbours[id]?.fetch == nil
        let isScout = neighbours[id]?.fetch?.asksMore ?? false
        let hasScouted = !isScout && turns.endScout(of: id)
        if isIdle || hasScouted { wakeHeldBack(&effects) }
        if isIdle { recoverCheck(&effects) }
    }
}
