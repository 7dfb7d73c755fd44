package import MeshLog
package import MeshModel
import MeshWire

/// What people may see of the engine. Reads only.
extension Engine {
    /// The epoch of this peer's writing; nil before the first write after an unproven start.
    package var epoch: UInt64? { writer.epoch }

    /// Direct neighbours in the order in which they were found.
    package var neighbourViews: [NeighbourView] {
        let all = neighbours.all { one in
            one.isConfirmed
                || !neighbours.doubles(of: one.id).contains(where: neighbours.isConfirmed)
        }
        return all.compactMap { neighbours[$0] }.map { neighbour in
            NeighbourView(
                id: neighbour.id, peer: neighbour.peer, link: neighbour.link,
                address: neighbour.address, isConfirmed: neighbour.isConfirmed,
                lastHeard: neighbour.lastHeard, lossIn: neighbour.reception.loss,
                lossOut: neighbour.lossOut, roundTrip: neighbour.roundTrip,
                clockOffset: neighbour.clockOffset,
                inSync: neighbour.ledger.inSync && behind(neighbour) == 0,
                behind: behind(neighbour), hears: neighbour.degree, isFull: neighbour.isFull)
        }
    }

    private func behind(_ neighbour: Neighbour) -> Int {
        var count = neighbour.ledger.unknown.values.reduce(0) { $0 + Int($1.seq) }
        for (id, item) in neighbour.ledger.held {
            let segment = logs[id].segment
            if !segment.isSplit, item.seq > segment.head { count += Int(item.seq - segment.head) }
        }
        return count
    }

    /// What each confirmed neighbour is known to hold of a segment, by his last digest and what he
    /// sent.
    package func reported(of segment: SegmentID) -> [(peer: PeerID, seq: Seq)] {
        neighbours.confirmed().compactMap { neighbours[$0] }.compactMap { neighbour in
            neighbour.ledger[segment].map { (neighbour.peer, $0.seq) }
        }
    }

    /// The highest seq heard of for each log of which not all is held, in the order of segments.
    package var missing: [(log: LogID, held: Seq, known: Seq)] {
        var known: [SegmentID: Seq] = [:]
        for neighbour in neighbours.confirmed().compactMap({ neighbours[$0] }) {
            for (id, item) in neighbour.ledger.held { known[id] = max(item.seq, known[id] ?? 0) }
        }
        return logs.ids.compactMap(logs.id(at:)).compactMap { id in
            let segment = logs[id].segment
            guard let known = known[id], known > segment.head, !segment.isSplit else { return nil }
            return (segment.log, segment.head, known)
        }
    }

    /// Addresses from which frames of another mesh or passphrase, or noise, came in the last
    /// minute.
    package var strangers: Int { sightings.strangers(at: clock.instant) }

    /// When a peer that was a neighbour was heard last; nil for one that never was, or is now.
    package func lastHeard(_ peer: PeerID) -> Instant? { sightings.lastHeard(peer) }

    /// Sizes of the engine's own tables, for the bounds of docs/spec/gossip.md.
    package var tableSizes: TableSizes {
        TableSizes(
            neighbours: neighbours.count, segments: logs.count, appends: appends.count,
            reads: reads.count, unopened: unopened.count, unknown: neighbours.unknownLogs)
    }
}

package struct TableSizes: Hashable, Sendable {
    package let neighbours: Int
    package let segments: Int
    package let appends: Int
    package let reads: Int
    package let unopened: Int
    /// Logs in the digests of all neighbours that are not known here.
    package let unknown: Int
}

/// A neighbour as `meshctl neighbours` shows him.
package struct NeighbourView: Sendable {
    package let id: NeighbourID
    package let peer: PeerID
    package let link: LinkID
    package let address: Address
    package let isConfirmed: Bool
    package let lastHeard: Instant
    /// Percent; nil where unknown.
    package let lossIn: Int?
    package let lossOut: Int?
    package let roundTrip: Duration?
    /// Milliseconds that his wall clock is ahead of this peer's; nil until he has said something.
    package let clockOffset: Int64?
    package let inSync: Bool
    /// Entries that he holds and this peer does not.
    package let behind: Int
    /// How many neighbours he listed.
    package let hears: Int
    /// His store takes nothing foreign.
    package let isFull: Bool
}
