import MeshModel

/// Clocks of the entries that became complete last: what follows cites them, and its clock is
/// theirs joined. A cache only: what is not here is read from the tables.
struct RecentClocks {
    /// 262,144 components of 8 bytes, 2 MB: of a room of a thousand logs the last 260 entries, of
    /// one with a single log the last 20,000.
    static let components = 1 << 18
    /// What a clock takes beside its components, in components: 96 bytes for the head of its array
    /// and its places in the tables. Without it a room of one log would keep 28 MB.
    private static let overhead = 12

    private var byArrival: [UInt64: VectorClock<SegmentID>] = [:]
    /// Of the generation before: half of the room is given up at once, which costs nothing to keep
    /// in order.
    private var older: [UInt64: VectorClock<SegmentID>] = [:]
    private var count = 0

    subscript(arrival: UInt64) -> VectorClock<SegmentID>? {
        byArrival[arrival] ?? older[arrival]
    }

    mutating func keep(_ clock: VectorClock<SegmentID>, of arrival: UInt64) {
        let size = clock.components.count + Self.overhead
        count += size
        if count > Self.components / 2 {
            older = byArrival
            byArrival = [:]
            count = size
        }
        byArrival[arrival] = clock
    }

    /// What stood in `trunk` from `seq` on stands in `branch` now.
    mutating func split(_ trunk: SegmentID, at seq: Seq, into branch: SegmentID) {
        byArrival = byArrival.mapValues { $0.split(trunk, at: seq, into: branch) }
        older = older.mapValues { $0.split(trunk, at: seq, into: branch) }
    }
}

extension VectorClock<SegmentID> {
    fileprivate func split(
        _ trunk: SegmentID, at seq: Seq, into branch: SegmentID
    ) -> VectorClock {
        let covered = self[trunk]
        guard covered >= seq else { return self }
        return VectorClock(
            components.filter { $0.key != trunk } + [
                Component(key: trunk, seq: seq - 1), Component(key: branch, seq: covered),
            ])
    }
}
