import MeshIdentity
import MeshLog
import MeshModel
import MeshWire

/// The sure plane, second half: asking a neighbour for what is lacking, and judging what he sends.
///
/// One request is outstanding per neighbour, and one neighbour is asked per log. Nothing that was
/// not asked for is looked at.
extension Engine {
    // MARK: - Asking

    /// Looks at a neighbour's ledger soon, unless a request to him is under way.
    mutating func askSoon(_ id: NeighbourID, _ effects: inout [Effect]) {
        guard neighbours[id]?.isConfirmed ?? false, neighbours[id]?.fetch == nil else { return }
        let due = clock.instant + generator.duration(in: GossipLimits.askDelay)
        effects.append(.setTimer(.repair(id), at: due))
    }

    mutating func repairDue(_ id: NeighbourID, _ effects: inout [Effect]) {
        guard let neighbour = neighbours[id], neighbour.isConfirmed else { return }
        guard let fetch = neighbour.fetch else { return ask(id, &effects) }
        let due = fetch.heardAt + GossipLimits.askAgain
        guard due <= clock.instant else {
            return effects.append(.setTimer(.repair(id), at: due))
        }
        counters.repair("timeout")
        if fetch.tries >= GossipLimits.askTries { return giveUp(on: id, &effects) }
        askAgain(id, &effects)
    }

    /// The next request to a neighbour, if he has anything that is lacking here.
    mutating func ask(_ id: NeighbourID, _ effects: inout [Effect]) {
        guard let neighbour = neighbours[id], neighbour.isConfirmed, neighbour.fetch == nil,
            let echo = echo(of: id), appends.count < GossipLimits.appends / 2
        else { return }
        let chunks = chunks(from: neighbour)
        let ledger = neighbour.ledger
        tokens += 1
        let request = Request(
            echo: echo, tag: UInt16(truncatingIfNeeded: tokens), ranges: chunks.map(\.range),
            openings: Array(ledger.toOpen.prefix(WireLimits.openings)),
            openingRefs: Array(
                ledger.unopened.keys.filter { logs.log(of: $0) == nil }.sorted()
                    .prefix(WireLimits.openings)),
            nodes: Array(ledger.nodes.prefix(8)))
        let asksMore =
            !request.openings.isEmpty || !request.openingRefs.isEmpty || !request.nodes.isEmpty
        guard asksMore || !chunks.isEmpty else { return }
        neighbours[id]?.ledger.nodes.removeFirst(request.nodes.count)
        for chunk in chunks {
            if let segment = chunk.segment { logs[segment].fetcher = id }
            graft(chunk.log.author, id, &effects)
        }
        neighbours[id]?.fetch = Fetch(
            tag: request.tag, askedAt: clock.instant, heardAt: clock.instant, chunks: chunks,
            asksMore: asksMore)
        counters.repair("asked")
        send([.request(request)], to: id, &effects)
        effects.append(.setTimer(.repair(id), at: clock.instant + GossipLimits.askAgain))
    }

    /// Whoever has to be asked for an author's entries may as well push them again.
    private mutating func graft(
        _ author: PeerID, _ id: NeighbourID, _ effects: inout [Effect]
    ) {
        if neighbours[id]?.pruned.contains(author.raw.words.0) ?? false {
            set(eager: true, author, from: id, &effects)
        }
    }

    /// The stretches to ask for, of logs that nobody else is being asked for.
    private func chunks(from neighbour: Neighbour) -> [Fetch.Chunk] {
        var chunks: [Fetch.Chunk] = []
        var budget = GossipLimits.askEntries
        // Answers name the base of a log: of two branches one is asked for at a time.
        var bases: Set<LogRef> = []
        func add(_ chunk: Fetch.Chunk) {
            guard bases.insert(chunk.base).inserted else { return }
            chunks.append(chunk)
            budget -= min(budget, min(ModelLimits.checkpoint, chunk.range.to - chunk.from + 1))
        }
        let ids = neighbour.ledger.items.keys.sorted()
        for id in ids where chunks.count < GossipLimits.askRanges && budget > 0 {
            if let chunk = chunk(of: id, from: neighbour) { add(chunk) }
        }
        for one in neighbour.ledger.openedUnknown
        where chunks.count < GossipLimits.askRanges && budget > 0 {
            if let chunk = chunk(opened: one, from: neighbour) { add(chunk) }
        }
        for (ref, seq) in neighbour.ledger.unopened.sorted(by: { $0.key < $1.key })
        where chunks.count < GossipLimits.askRanges && budget > 0 {
            guard logs.id(of: ref) == nil, let log = logs.log(of: ref), quota.admits(log) else {
                continue
            }
            let range = Request.Range(log: .ref(ref), from: 1, to: seq)
            add(Fetch.Chunk(log: log, base: ref, segment: nil, range: range))
        }
        return chunks
    }

    private func chunk(of id: SegmentID, from neighbour: Neighbour) -> Fetch.Chunk? {
        let log = logs[id]
        guard let item = neighbour.ledger[id], !log.segment.isClosed,
            log.fetcher == nil || log.fetcher == neighbour.id, quota.admits(log.segment.log)
        else { return nil }
        let place = item.index.map(Request.Range.Log.index) ?? .ref(log.segment.base)
        var range: Request.Range?
        if let probe = log.probe, item.seq >= probe {
            let to = min(item.seq, probe + ModelLimits.checkpoint - 1)
            range = Request.Range(log: place, from: probe, to: to)
        } else if item.seq > log.tail, !log.segment.isSplit {
            range = Request.Range(log: place, from: log.tail + 1, to: item.seq)
        }
        return range.map {
            Fetch.Chunk(
                log: log.segment.log, base: log.segment.base, segment: id, range: $0)
        }
    }

    private func chunk(
        opened one: (index: Int, opening: Opening, seq: Seq), from neighbour: Neighbour
    ) -> Fetch.Chunk? {
        let log = one.opening.log
        let base = LogRef(of: log, mesh: mesh)
        guard quota.admits(log), one.seq > 0 else { return nil }
        var from: Seq = 1
        if let branch = one.opening.branch {
            // A branch needs its trunk first.
            let held = logs.family(of: base).map { logs[$0].segment }
            guard !(held.first?.isClosed ?? false) else { return nil }
            let reach = held.map(\.head).max() ?? 0
            guard branch.seq - 1 <= reach, branch.seq <= one.seq else { return nil }
            from = branch.seq
        } else if logs.id(of: base) != nil || logs.isFull {
            return nil
        }
        let range = Request.Range(log: .index(one.index), from: from, to: one.seq)
        return Fetch.Chunk(log: log, base: base, segment: nil, range: range)
    }

    private mutating func askAgain(_ id: NeighbourID, _ effects: inout [Effect]) {
        guard let fetch = neighbours[id]?.fetch, let echo = echo(of: id) else { return }
        guard !fetch.chunks.isEmpty else { return giveUp(on: id, &effects) }
        let ranges = fetch.chunks.compactMap(\.rest)
        guard !ranges.isEmpty else { return finish(id, &effects) }
        neighbours[id]?.fetch?.tries += 1
        neighbours[id]?.fetch?.heardAt = clock.instant
        neighbours[id]?.fetch?.isAnswered = false
        counters.repair("askedAgain")
        send([.request(Request(echo: echo, tag: fetch.tag, ranges: ranges))], to: id, &effects)
        effects.append(.setTimer(.repair(id), at: clock.instant + GossipLimits.askAgain))
    }

    /// A neighbour who does not answer is left alone until his next digest.
    private mutating func giveUp(on id: NeighbourID, _ effects: inout [Effect]) {
        counters.repair("givenUp")
        let chunks = neighbours[id]?.fetch?.chunks ?? []
        for chunk in chunks {
            guard let segment = chunk.segment else {
                neighbours[id]?.ledger.settle(unopened: chunk.base)
                continue
            }
            neighbours[id]?.ledger.lower(segment, to: logs[segment].tail)
            logs[segment].probe = nil
        }
        neighbours[id]?.fetch = nil
        release(fetchesOf: id)
        for other in neighbours.confirmed() where other.id != id { askSoon(other.id, &effects) }
    }

    /// Others may be asked for the logs that this neighbour was asked for.
    mutating func release(fetchesOf id: NeighbourID) {
        for index in logs.ids {
            if let segment = logs.id(at: index), logs[segment].fetcher == id {
                logs[segment].fetcher = nil
            }
        }
    }

    // MARK: - Answers in

    mutating func take(_ run: Run, from id: NeighbourID, _ effects: inout [Effect]) {
        guard var fetch = neighbours[id]?.fetch, fetch.tag == run.tag else {
            return counters.rejected("unsolicited")
        }
        // All judging of signatures is paid for by the neighbour.
        guard neighbours[id]?.allowance.checks.take(at: clock.instant) ?? false else {
            return counters.rejected("overBudget")
        }
        answered(&fetch, id)
        for index in fetch.chunks.indices where fetch.chunks[index].base == run.log {
            guard run.newest >= fetch.chunks[index].from else { continue }
            if fetch.chunks[index].take(run, verifier) == .forged { return forged(id, &effects) }
        }
        go(on: fetch, isLast: run.isLast, id, &effects)
    }

    mutating func take(_ piece: BodyPiece, from id: NeighbourID, _ effects: inout [Effect]) {
        guard var fetch = neighbours[id]?.fetch, fetch.tag == piece.tag else {
            return counters.rejected("unsolicited")
        }
        answered(&fetch, id)
        for index in fetch.chunks.indices {
            if fetch.chunks[index].take(piece) == .forged { return forged(id, &effects) }
        }
        go(on: fetch, isLast: piece.isLast, id, &effects)
    }

    private mutating func answered(_ fetch: inout Fetch, _ id: NeighbourID) {
        if !fetch.isAnswered, fetch.tries == 1 {
            neighbours[id]?.roundTrip = clock.instant - fetch.askedAt
        }
        fetch.isAnswered = true
        fetch.heardAt = clock.instant
        fetch.tries = 1
    }

    /// Bytes that no author signed: the request is dropped, and the neighbour left alone for a
    /// while.
    private mutating func forged(_ id: NeighbourID, _ effects: inout [Effect]) {
        counters.rejected("forged")
        giveUp(on: id, &effects)
    }

    private mutating func go(
        on fetch: Fetch, isLast: Bool, _ id: NeighbourID, _ effects: inout [Effect]
    ) {
        var fetch = fetch
        let complete = fetch.chunks.filter(\.isComplete)
        fetch.chunks.removeAll(where: \.isComplete)
        neighbours[id]?.fetch = fetch
        for chunk in complete { keep(chunk, from: id, &effects) }
        if fetch.chunks.isEmpty && !fetch.asksMore {
            finish(id, &effects)
        } else if isLast {
            if fetch.chunks.contains(where: \.hasBegun) {
                askAgain(id, &effects)
            } else if !fetch.asksMore {
                // He has nothing of what is left.
                giveUp(on: id, &effects)
            }
        }
    }

    private mutating func keep(
        _ chunk: Fetch.Chunk, from id: NeighbourID, _ effects: inout [Effect]
    ) {
        counters.repair("entries", chunk.run.count)
        if let segment = chunk.segment {
            logs[segment].fetcher = nil
            logs[segment].probe = nil
        }
        neighbours[id]?.ledger.settle(unopened: chunk.base)
        let extends = chunk.segment.flatMap {
            logs[$0].tail + 1 == chunk.from
                && logs[$0].tailID.link == chunk.run.first?.header.previous ? $0 : nil
        }
        var branch: LogRef?
        if case .index(let index) = chunk.range.log,
            let opening = neighbours[id]?.ledger.opened[index]
        {
            branch = opening.branch.map { LogRef(branchOf: chunk.base, first: $0.first) }
            neighbours[id]?.ledger.settle(unknown: index)
        }
        append(
            chunk.run, source: .repair, from: id, segment: extends, live: nil, ref: branch,
            target: chunk.segment, &effects)
    }

    /// The request is served; on to what else is lacking.
    private mutating func finish(_ id: NeighbourID, _ effects: inout [Effect]) {
        neighbours[id]?.fetch = nil
        ask(id, &effects)
        if neighbours[id]?.fetch == nil { recoverCheck(&effects) }
    }

    mutating func take(
        _ openings: [IndexedOpening], from id: NeighbourID, _ effects: inout [Effect]
    ) {
        guard neighbours[id]?.fetch?.asksMore ?? false else {
            return counters.rejected("unsolicited")
        }
        for one in openings {
            let base = LogRef(of: one.opening.log, mesh: mesh)
            logs.open(one.opening.log, ref: base)
            if let branch = one.opening.branch {
                let ref = LogRef(branchOf: base, first: branch.first)
                if let known = logs.resolve(ref) {
                    neighbours[id]?.ledger.raise(known, to: branch.seq)
                    neighbours[id]?.ledger.settle(unknown: one.index)
                    continue
                }
            }
            neighbours[id]?.ledger.note(opened: one.index, one.opening)
            takeUnopened(of: base, &effects)
        }
        moreAnswered(id, &effects)
    }

    /// The part of a request that is not ranges was answered, at least in part.
    mutating func moreAnswered(_ id: NeighbourID, _ effects: inout [Effect]) {
        neighbours[id]?.fetch?.asksMore = false
        if neighbours[id]?.fetch?.chunks.isEmpty ?? false { finish(id, &effects) }
    }
}
