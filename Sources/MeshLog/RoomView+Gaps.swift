import MeshModel

// What is known to be missing. A gap is shown only where an entry of the same log is held above it,
// or where two authors cite it: one author alone could make up as many as he likes.
extension RoomView {
    /// The gaps of a room whose first proof is one of `rows`, ascending by log and seq.
    mutating func gaps(in room: RoomID, provedAmong rows: [Row]) throws -> [GapLine] {
        var suspects: Set<LogRef> = []
        for row in rows where !row.isComplete {
            if row.isLoose { suspects.insert(row.entry.header.log) }
            for cite in row.entry.header.cites where try tables.resolve(cite, in: room) == nil {
                suspects.insert(cite.log)
            }
        }
        guard !suspects.isEmpty, let first = rows.map(\.key).min() else { return [] }
        let ids = Set(rows.map(\.entry.id))
        var found: [GapLine] = []
        for log in suspects.sorted() {
            found += try gaps(of: log, in: room, from: first).filter { ids.contains($0.before) }
        }
        return found
    }

    private mutating func gaps(
        of log: LogRef, in room: RoomID, from first: OrderKey
    ) throws -> [GapLine] {
        let segments = try tables.segments(ofBase: log)
        if let root = segments.first, root.log.room != room { return [] }
        let head = segments.map(\.head).max() ?? 0
        let loose = try tables.looseLinks(ofBase: log).map {
            Proof(link: $0, log: try tables.segment($0.segment).log, seq: $0.seq)
        }
        guard
            let cites = try proofs(
                citing: log, above: head, in: room, from: loose.isEmpty ? first : nil)
        else { return [] }
        var found: [GapLine] = []
        for gap in Missing(head: head, loose: loose, cites: cites).gaps {
            found.append(
                GapLine(
                    room: room, log: log, author: segments.first?.log.author,
                    epoch: segments.first?.log.epoch,
                    nick: try segments.first.flatMap { try nick(of: $0.log.author) },
                    from: gap.from, to: gap.to, reason: gap.reason, before: gap.before))
        }
        return found
    }

    /// The rows of the room that cite `log` above `seq`; nil as soon as one of them stands before
    /// `first`, since the gap was then shown there.
    private func proofs(
        citing log: LogRef, above seq: Seq, in room: RoomID, from first: OrderKey?
    ) throws -> [Proof]? {
        var found: [Proof] = []
        for waiter in try tables.waiters(on: log, above: seq, limit: RoomLimits.waiters) {
            guard let link = try tables.link(arrival: waiter.arrival) else { continue }
            let proof = Proof(
                link: link, log: try tables.segment(link.segment).log, seq: waiter.seq)
            guard proof.log.room == room else { continue }
            if let first, proof.key < first { return nil }
            found.append(proof)
        }
        return found
    }
}

/// A held row that shows an entry of another place to exist.
private struct Proof {
    let link: RowLink
    let log: LogID
    /// Of a loose row its own; else of the entry that it cites.
    let seq: Seq

    var key: OrderKey {
        OrderKey(
            time: link.time, author: log.author, epoch: log.epoch, seq: link.seq, id: link.id)
    }
}

/// The missing stretches of one log.
private struct Missing {
    let head: Seq
    let loose: [Proof]
    let cites: [Proof]

    typealias Gap = (from: Seq, to: Seq, reason: GapLine.Reason, before: EntryID)

    var gaps: [Gap] {
        let held = Set(loose.map(\.seq))
        let citedTop = secondAuthorsTop
        let top = max(held.max().map { $0 - 1 } ?? 0, citedTop)
        var found: [Gap] = []
        for proof in loose where proof.seq <= head + 1 && !held.contains(proof.seq - 1) {
            found.append((proof.seq - 1, proof.seq - 1, .branch, proof.link.id))
        }
        // Between the loose rows, of which there are at most `Archive.looseLimit`.
        var from = head + 1
        for stop in held.filter({ $0 > head }).sorted() + [top + 1] where from <= top {
            if from < stop, let gap = gap(from, stop - 1, isCited: from <= citedTop) {
                found.append(gap)
            }
            if stop > top { break }
            from = max(from, stop + 1)
        }
        return found
    }

    private func gap(_ from: Seq, _ to: Seq, isCited: Bool) -> Gap? {
        let above = loose.filter { $0.seq > to }
        let proofs = above + (isCited ? cites.filter { $0.seq >= from } : [])
        guard let first = proofs.min(by: { $0.key < $1.key }) else { return nil }
        return (from, to, above.isEmpty ? .cited : .above, first.link.id)
    }

    /// The highest seq that two authors vouch for: who cites a seq vouches for all below it.
    private var secondAuthorsTop: Seq {
        var tops: [PeerID: Seq] = [:]
        for proof in cites {
            tops[proof.log.author] = max(tops[proof.log.author] ?? 0, proof.seq)
        }
        let sorted = tops.values.sorted(by: >)
        return sorted.count > 1 ? sorted[1] : 0
    }
}
