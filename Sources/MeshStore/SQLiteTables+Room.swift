import Foundation
import GRDB
import MeshLog
import MeshModel

// Pages by the index on (room, time); the rest of the order sorts within one millisecond.
extension SQLiteTables: RoomTables {
    func rooms() throws -> [RoomSummary] {
        if role == .reader { try loadRooms("", []) }
        return try cache.rooms.values.filter { $0.entries > 0 }.map { kept in
            let authors = try Int.fetchOne(
                db.cachedStatement(
                    sql: "SELECT count(DISTINCT author) FROM segment WHERE room = ?"),
                arguments: [kept.number])
            let last = try rows(in: kept.room, before: nil, limit: 1).first
            return RoomSummary(
                room: kept.room, entries: kept.entries, authors: authors ?? 0,
                lastAt: last?.entry.header.at ?? WallTime(milliseconds: 0))
        }.sorted { $0.room < $1.room }
    }

    func segments(in room: RoomID) throws -> [Segment] {
        guard let number = try number(of: room) else { return [] }
        return try fetchSegments("room = ? ORDER BY id", [number])
    }

    private func number(of room: RoomID) throws -> Int64? {
        if cache.rooms[room] == nil, role == .reader { try loadRooms("", []) }
        return cache.rooms[room]?.number
    }

    private static let key = "row.time, segment.author, segment.epoch, row.seq, row.id"
    private static let keyDescending = key.split(separator: ",").map { "\($0) DESC" }
        .joined(separator: ",")

    func rows(in room: RoomID, after key: OrderKey?, limit: Int) throws -> [MeshLog.Row] {
        guard let number = try number(of: room) else { return [] }
        let order = Self.key
        guard let key else {
            return try fetchRows("row.room = ? ORDER BY \(order) LIMIT ?", [number, limit])
        }
        return try fetchRows(
            """
            row.room = ? AND row.time >= ? AND (\(order)) > (?, ?, ?, ?, ?)
            ORDER BY \(order) LIMIT ?
            """, [number, Stored.sorting(key.time)] + Self.arguments(key) + [limit])
    }

    func rows(in room: RoomID, before key: OrderKey?, limit: Int) throws -> [MeshLog.Row] {
        guard let number = try number(of: room) else { return [] }
        let order = Self.keyDescending
        guard let key else {
            return try fetchRows("row.room = ? ORDER BY \(order) LIMIT ?", [number, limit])
        }
        return try fetchRows(
            """
            row.room = ? AND row.time <= ? AND (\(Self.key)) < (?, ?, ?, ?, ?)
            ORDER BY \(order) LIMIT ?
            """, [number, Stored.sorting(key.time)] + Self.arguments(key) + [limit])
    }

    private static func arguments(_ key: OrderKey) -> StatementArguments {
        [
            Stored.sorting(key.time), Stored.data(key.author.raw), Stored.data(key.epoch),
            Int64(key.seq), Stored.data(key.id.raw),
        ]
    }

    func oddRows(
        in room: RoomID, receivedSince time: WallTime, limit: Int
    ) throws -> [MeshLog.Row] {
        guard let number = try number(of: room) else { return [] }
        return try fetchRows(
            "row.room = ? AND row.odd = 1 AND row.receivedAt >= ? ORDER BY \(Self.key) LIMIT ?",
            [number, Stored.sorting(time.milliseconds), limit])
    }

    func held(id: EntryID) throws -> MeshLog.Row? {
        try fetchRows("row.idHead = ?", [Stored.bits(id.raw.words.0)]).first { $0.entry.id == id }
    }

    func ids(from low: EntryID, to high: EntryID, limit: Int) throws -> [EntryID] {
        // Both ends share their first bits, so the signed heads are in the same order.
        let cursor = try GRDB.Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT id FROM row WHERE idHead BETWEEN ? AND ? AND id BETWEEN ? AND ?
                    ORDER BY idHead, id LIMIT ?
                    """),
            arguments: [
                Stored.bits(low.raw.words.0), Stored.bits(high.raw.words.0),
                Stored.data(low.raw), Stored.data(high.raw), limit,
            ])
        var found: [EntryID] = []
        while let row = try cursor.next() {
            found.append(EntryID(try Columns(row: row).bytes32(0)))
        }
        return found
    }

    func looseLinks(ofBase base: LogRef) throws -> [RowLink] {
        guard let root = try segments(ofBase: base).first else { return [] }
        try flushRows()
        return try fetchLinks(
            "segment = ? AND loose = 1 ORDER BY seq, arrival", [Int64(root.id.index)])
    }

    func waiters(on log: LogRef, above seq: Seq, limit: Int) throws -> [Waiter] {
        let cursor = try GRDB.Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT seq, row FROM wait WHERE log = ? AND seq > ?
                    ORDER BY seq, row LIMIT ?
                    """),
            arguments: [Stored.bits(log.raw), Int64(seq), limit])
        var found: [Waiter] = []
        while let row = try cursor.next() {
            let columns = Columns(row: row)
            found.append(Waiter(seq: try columns.uint32(0), arrival: try columns.uint(1)))
        }
        return found
    }

    func nickRow(of author: PeerID) throws -> MeshLog.Row? {
        guard let number = try number(of: .profile) else { return nil }
        let order = Self.keyDescending
        return try fetchRows(
            "segment.room = ? AND segment.author = ? AND row.kind = 16 ORDER BY \(order) LIMIT 1",
            [number, Stored.data(author.raw)], from: "segment CROSS JOIN row"
        ).first
    }

    func fetchRows(
        _ condition: String, _ arguments: StatementArguments,
        from tables: String = "row CROSS JOIN segment"
    ) throws -> [MeshLog.Row] {
        try flushRows()
        let cursor = try GRDB.Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT \(RowColumns.qualifiedRow) FROM \(tables) ON segment.id = row.segment
                    WHERE \(condition)
                    """),
            arguments: arguments)
        var found: [MeshLog.Row] = []
        while let row = try cursor.next() {
            let columns = Columns(row: row)
            let home = try segment(SegmentID(Int(try columns.uint32(1))))
            found.append(try RowColumns.row(columns, log: home.log, base: home.base))
        }
        return found
    }
}
