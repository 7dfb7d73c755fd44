import MeshIdentity
import MeshLog
import MeshModel
import MeshWire

/// The sure plane, last part: judging what a neighbour sends. Nothing that was not asked for is
/// looked at.
extension Engine {
    mutating func take(_ run: Run, from id: NeighbourID, _ effects: inout [Effect]) {
        guard var fetch = neighbours[id]?.fetch, fetch.tag == run.tag else {
            return counters.rejected("unsolicited")
        }
        // A signature is checked once a chunk, and paid for by the neighbour; all below it costs
        // hashes, which are no more than opening the frame.
        let chunks = fetch.chunks.indices.filter {
            !run.items.isEmpty && fetch.chunks[$0].base == run.log
                && run.newest >= fetch.chunks[$0].from
        }
        for index in chunks where fetch.chunks[index].checksSignature(of: run) {
            guard neighbours[id]?.allowance.checks.take(at: clock.instant) ?? false else {
                return counters.rejected("overBudget")
            }
        }
        var isNew = false
        for index in chunks {
            switch fetch.chunks[index].take(run, verifier) {
            case .new: isNew = true
            case .known: break
            case .forged: return forged(id, &effects)
            }
        }
        if isNew { answered(&fetch, id) }
        go(on: fetch, isLast: run.isLast, isNew, id, &effects)
        if run.items.isEmpty { concede(run.log, id, &effects) }
    }

    mutating func take(_ piece: BodyPiece, from id: NeighbourID, _ effects: inout [Effect]) {
        guard var fetch = neighbours[id]?.fetch, fetch.tag == piece.tag else {
            return counters.rejected("unsolicited")
        }
        var isNew = false
        for index in fetch.chunks.indices {
            switch fetch.chunks[index].take(piece) {
            case .new: isNew = true
            case .known: break
            case .forged: return forged(id, &effects)
            }
        }
        if isNew { answered(&fetch, id) }
        go(on: fetch, isLast: piece.isLast, isNew, id, &effects)
    }

    /// Something of what was asked for. Frames that bring nothing new do not count: whoever sends
    /// the same again and again would never be given up.
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
        on fetch: Fetch, isLast: Bool, _ isNew: Bool, _ id: NeighbourID,
        _ effects: inout [Effect]
    ) {
        var fetch = fetch
        let complete = fetch.chunks.filter(\.isComplete)
        fetch.chunks.removeAll(where: \.isComplete)
        neighbours[id]?.fetch = fetch
        for chunk in complete { keep(chunk, from: id, &effects) }
        if fetch.chunks.isEmpty && !fetch.asksMore {
            finish(id, &effects)
        } else if isLast {
            // Some of it came, and some was lost.
            if isNew, !fetch.chunks.isEmpty { askAgain(id, &effects) }
        }
    }

    private mutating func keep(
        _ chunk: Fetch.Chunk, from id: NeighbourID, _ effects: inout [Effect]
    ) {
        counters.repair("entries", chunk.run.count)
        neighbours[id]?.ledger.settle(unopened: chunk.base)
        let extends = chunk.segment.flatMap {
            logs[$0].tail + 1 == chunk.from
                && logs[$0].tailID.link == chunk.run.first?.header.previous ? $0 : nil
        }
        if extends == nil {
            // What to ask for next depends on what the store makes of it.
            turns.close(chunk.ref)
        } else {
            turns.end(chunk.ref)
        }
        if let segment = chunk.segment { logs[segment].probe = nil }
        if chunk.isForBodies { searched(chunk, id) }
        var claim: Ledger.Item?
        if chunk.segment == nil, case .index(let index) = chunk.range.log {
            claim = Ledger.Item(index: index, seq: chunk.range.to, agrees: true)
            neighbours[id]?.ledger.settle(unknown: index)
        }
        append(
            chunk.run, source: .repair, from: id, segment: extends, live: nil, ref: chunk.ref,
            claim: claim, target: chunk.segment, &effects)
    }

    mutating func take(
        _ openings: [IndexedOpening], from id: NeighbourID, _ effects: inout [Effect]
    ) {
        guard neighbours[id]?.fetch?.asksMore ?? false, !openings.isEmpty else {
            return counters.rejected("unsolicited")
        }
        for one in openings {
            let base = LogRef(of: one.opening.log, mesh: mesh)
            logs.open(one.opening.log, ref: base)
            takeUnopened(of: base, &effects)
            let branch = one.opening.branch
            let ref = branch.map { LogRef(branchOf: base, first: $0.first) } ?? base
            // What does not stand at this place of his digest would hide what does.
            guard neighbours[id]?.ledger.isUnknown(ref, at: one.index) ?? false else { continue }
            if let branch, let known = logs.resolve(ref) {
                neighbours[id]?.ledger.raise(known, to: branch.seq)
                neighbours[id]?.ledger.settle(unknown: one.index)
            } else {
                neighbours[id]?.ledger.note(opened: one.index, one.opening)
            }
        }
        moreAnswered(openings.count, id, &effects)
    }

    /// So many of the openings and nodes of a request have come.
    mutating func moreAnswered(
        _ count: Int, _ id: NeighbourID, _ effects: inout [Effect]
    ) {
        guard var fetch = neighbours[id]?.fetch, fetch.asksMore else { return }
        fetch.awaited = max(0, fetch.awaited - count)
        fetch.hasMore = true
        fetch.heardAt = clock.instant
        neighbours[id]?.fetch = fetch
        if fetch.chunks.isEmpty && !fetch.asksMore { finish(id, &effects) }
    }
}
