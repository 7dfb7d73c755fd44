import MeshModel

/// Clocks of the entries that became complete last: what follows cites them, and its clock is
/// theirs joined. A cache only: what is not here is read from the tables.
struct RecentClocks {
    /// 262,144 components of 8 bytes, 2 MB and as much for the table: of a room of a thousand logs
    /// the last 260 entries.
    static let components = 1 << 18

    private var byArrival: [UInt64: VectorClock<SegmentID>] = [:]
    /// Of the generation before: half of the room is given up at once, which costs nothing to keep
    /// in order.
    private var older: [UInt64: VectorClock<SegmentID>] = [:]
    private var count = 0

    subscript(arrival: UInt64) -> VectorClock<SegmentID>? {
        byArrival[arrival] ?? older[arrival]
    }

    mutating func keep(_ clock: VectorClock<SegmentID>, of arrival: UInt64) {
        count += clock.components.count
        if count > Self.components / 2 {
            older = byArrival
            byArrival = [:]
            count = clock.components.count
        }
        byArrival[arrival] = clock
    }

    /// After a split the same entries stand in other segments.
    mutating func removeAll() { self = RecentClocks() }
}
