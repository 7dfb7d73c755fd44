import Foundation
import GRDB
import MeshLog
import MeshModel

extension SQLiteTables {
    // MARK: - Bodies that are to come

    func addLacking(_ segment: SegmentID, _ seq: Seq) throws {
        try db.cachedStatement(sql: "INSERT OR IGNORE INTO lacking (segment, seq) VALUES (?, ?)")
            .execute(arguments: [Int64(segment.index), Int64(seq)])
    }

    func fill(
        _ segment: SegmentID, _ seq: Seq, with body: [UInt8]
    ) throws -> MeshLog.Row? {
        try db.cachedStatement(sql: "DELETE FROM lacking WHERE segment = ? AND seq = ?")
            .execute(arguments: [Int64(segment.index), Int64(seq)])
        guard db.changesCount > 0 else { return nil }
        // What is only in memory yet is written first: no second way to change a body.
        try flushRows()
        recent.removeAll()
        try db.cachedStatement(
            sql: "UPDATE row SET body = ? WHERE segment = ? AND seq = ? AND loose = 0"
        ).execute(arguments: [Data(body), Int64(segment.index), Int64(seq)])
        let place = try self.segment(segment)
        totals.add(Int64(body.count), of: place.log.author)
        let cursor = try GRDB.Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT \(RowColumns.row) FROM row
                    WHERE segment = ? AND seq = ? AND loose = 0
                    """),
            arguments: [Int64(segment.index), Int64(seq)])
        return try cursor.next().map {
            try RowColumns.row(Columns(row: $0), log: place.log, base: place.base)
        }
    }

    func lacking(_ segment: SegmentID) throws -> ClosedRange<Seq>? {
        let cursor = try GRDB.Row.fetchCursor(
            db.cachedStatement(sql: "SELECT min(seq), max(seq) FROM lacking WHERE segment = ?"),
            arguments: [Int64(segment.index)])
        guard let row = try cursor.next() else { return nil }
        let columns = Columns(row: row)
        guard columns.optionalInt(0) != nil else { return nil }
        let (low, high) = (try columns.uint32(0), try columns.uint32(1))
        return low...high
    }

    func moveLacking(from segment: SegmentID, startingAt seq: Seq, to other: SegmentID) throws {
        try db.cachedStatement(sql: "UPDATE lacking SET segment = ? WHERE segment = ? AND seq >= ?")
            .execute(arguments: [Int64(other.index), Int64(segment.index), Int64(seq)])
    }

    // MARK: - Forgetting

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
