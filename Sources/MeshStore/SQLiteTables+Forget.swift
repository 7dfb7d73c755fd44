import GRDB
import MeshLog
import MeshModel

extension SQLiteTables {
    /// What one step of forgetting did.
    struct Dropped {
        var bodies = 0
        var bytes: UInt64 = 0
        /// The last arrival looked at; nil when nothing is left.
        var last: UInt64?
    }

    /// Bodies dropped in one transaction: a writer waits at most for 4096 small changes.
    static let forgetStep = 4096

    /// Drops the bodies of entries of a room that arrived after `arrival` and stand before `time`
    /// in the merged log (nil: all); headers stay.
    func dropBodies(
        in room: RoomID, before time: WallTime?, after arrival: UInt64
    ) throws -> Dropped {
        guard let number = cache.rooms[room]?.number else { return Dropped() }
        let cursor = try GRDB.Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT arrival, segment, length(body) FROM row
                    WHERE arrival > ? AND +room = ? AND time < ? AND body IS NOT NULL
                    ORDER BY arrival LIMIT ?
                    """),
            arguments: [
                Stored.sorting(arrival), number,
                time.map { Stored.sorting($0.milliseconds) } ?? .max, Self.forgetStep,
            ])
        var found: [(arrival: Int64, segment: SegmentID, bytes: Int64)] = []
        while let row = try cursor.next() {
            let columns = Columns(row: row)
            found.append(
                (
                    try columns.int(0), SegmentID(Int(try columns.uint32(1))),
                    try columns.int(2)
                ))
        }
        var dropped = Dropped()
        let update = try db.cachedStatement(sql: "UPDATE row SET body = NULL WHERE arrival = ?")
        for row in found {
            try update.execute(arguments: [row.arrival])
            totals.add(-row.bytes, of: try segment(row.segment).log.author)
            dropped.bytes += UInt64(row.bytes)
        }
        dropped.bodies = found.count
        if found.count == Self.forgetStep { dropped.last = found.last.map { UInt64($0.arrival) } }
        return dropped
    }
}
