import Foundation
import GRDB
import MeshLog
import MeshModel

extension SQLiteTables {
    func addWait(on cause: Cite, row: UInt64, of author: PeerID) throws {
        try db.cachedStatement(
            sql: "INSERT OR IGNORE INTO wait (log, seq, tag, row) VALUES (?, ?, ?, ?)"
        ).execute(arguments: Self.key(cause) + [Stored.sorting(row)])
        guard db.changesCount > 0 else { return }
        totals.waits += 1
        totals.add(Int64(StoredBytes.wait), of: author)
        recent.countWait(row, 1)
    }

    func removeWait(on cause: Cite, row: UInt64, of author: PeerID) throws {
        try db.cachedStatement(
            sql: "DELETE FROM wait WHERE log = ? AND seq = ? AND tag = ? AND row = ?"
        ).execute(arguments: Self.key(cause) + [Stored.sorting(row)])
        guard db.changesCount > 0 else { return }
        totals.waits -= 1
        totals.add(-Int64(StoredBytes.wait), of: author)
        recent.countWait(row, -1)
    }

    func waits(on cause: Cite) throws -> [UInt64] {
        if role == .writer, totals.waits == 0 { return [] }
        return try Int64.fetchAll(
            db.cachedStatement(
                sql: "SELECT row FROM wait WHERE log = ? AND seq = ? AND tag = ? ORDER BY row"),
            arguments: Self.key(cause)
        ).map { UInt64(max(0, $0)) }
    }

    func hasWaits(row: UInt64) throws -> Bool {
        if role == .writer, totals.waits == 0 { return false }
        if let known = recent.hasWaits(row) { return known }
        return try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM wait WHERE row = ?)"),
            arguments: [Stored.sorting(row)]) ?? false
    }

    private static func key(_ cause: Cite) -> StatementArguments {
        [Stored.bits(cause.log.raw), Int64(cause.seq), Int64(cause.tag)]
    }

    // MARK: - Clocks

    func clock(_ segment: SegmentID, _ seq: Seq) throws -> VectorClock<SegmentID>? {
        let cursor = try GRDB.Row.fetchCursor(
            db.cachedStatement(sql: "SELECT components FROM clock WHERE segment = ? AND seq = ?"),
            arguments: [Int64(segment.index), Int64(seq)])
        return try cursor.next().map { try Stored.clock(try Columns(row: $0).bytes(0)) }
    }

    func setClock(_ segment: SegmentID, _ seq: Seq, _ clock: VectorClock<SegmentID>) throws {
        try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO clock (segment, seq, components) VALUES (?, ?, ?)"
        ).execute(arguments: [Int64(segment.index), Int64(seq), Stored.data(clock)])
        let bytes = StoredBytes.clock + UInt64(Stored.data(clock).count)
        totals.add(Int64(bytes), of: try self.segment(segment).log.author)
    }

    func moveClocks(from segment: SegmentID, startingAt seq: Seq, to other: SegmentID) throws {
        try db.cachedStatement(sql: "UPDATE clock SET segment = ? WHERE segment = ? AND seq >= ?")
            .execute(arguments: [Int64(other.index), Int64(segment.index), Int64(seq)])
    }

    func lastKey(in room: RoomID) throws -> OrderKey? {
        try flushRows()
        return try rows(in: room, before: nil, limit: 1).first?.key
    }
}
