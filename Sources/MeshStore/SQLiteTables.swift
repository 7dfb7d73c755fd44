import Foundation
import GRDB
import MeshLog
import MeshModel

/// The archive's tables on SQLite: the same answers as `MemoryTables`.
///
/// A writer has all segments in memory, gathers new rows and writes them, the segments, the rooms
/// and the totals at the end of each transaction (`flush`); after a rollback it stands where it
/// stood before (`rollBack`). A reader looks up what it needs in one snapshot. Lives on its
/// connection's queue.
final class SQLiteTables: ArchiveTables {
    enum Role { case reader, writer }

    let db: Database
    let role: Role
    var cache = SegmentCache()
    var recent = RecentRows()
    var totals = Totals()
    /// Reader: bases of which every segment is in the cache; at most the logs met.
    private var wholeBases: Set<LogRef> = []
    /// Writer: loose rows of each log that has any.
    var looseCounts: [LogRef: Int] = [:]

    /// Sums that are kept with the rows, and what they were when the transaction began.
    struct Totals {
        /// By rows, clocks and waits, each of which counts for its author.
        var used: UInt64 = 0
        var lastArrival: UInt64 = 0
        var waits = 0
        /// Bytes added since the transaction began, by author.
        var added: [PeerID: Int64] = [:]

        mutating func add(_ bytes: Int64, of author: PeerID) {
            added[author, default: 0] += bytes
            used = UInt64(max(0, Int64(used) + bytes))
        }
    }

    private var before: (totals: Totals, loose: [LogRef: Int]) = (Totals(), [:])

    /// One snapshot of a reader's connection.
    init(reading db: Database) {
        self.db = db
        role = .reader
    }

    /// - Throws: `StoreError.damaged` when a segment is not what was written; what SQLite says.
    init(writing db: Database) throws {
        self.db = db
        role = .writer
        try loadAll()
        before = (totals, looseCounts)
    }

    // MARK: - Transactions

    /// Writes what was gathered. The transaction may go on.
    func flush() throws {
        try flushRows()
        for (room, _) in cache.changedRooms { try write(room) }
        let statement = try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO segment (\(SegmentColumns.names))
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        for id in cache.changed.keys.sorted() {
            let segment = try segment(id)
            try statement.execute(
                arguments: SegmentColumns.arguments(
                    segment, room: cache.rooms[segment.log.room]?.number ?? 0))
        }
        try writeTotals()
    }

    /// New rows only, before a query that ranges over rows.
    func flushRows() throws {
        guard !recent.unwritten.isEmpty else { return }
        let statement = try db.cachedStatement(sql: RowColumns.insert)
        for row in recent.unwritten {
            try statement.execute(
                arguments: RowColumns.arguments(
                    row, room: cache.rooms[row.log.room]?.number ?? 0))
        }
        recent.wereWritten()
    }

    private func write(_ room: RoomID) throws {
        guard let kept = cache.rooms[room] else { return }
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO room (id, kind, name, entries, lastTime)
                VALUES (?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            kept.number, Int64(room.kind.rawValue), room.name, kept.entries,
            Stored.sorting(kept.lastTime),
        ])
    }

    private func writeTotals() throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO author (peer, bytes) VALUES (?, ?)
                ON CONFLICT (peer) DO UPDATE SET bytes = bytes + excluded.bytes
                """)
        for (author, bytes) in totals.added where bytes != 0 {
            try statement.execute(arguments: [Stored.data(author.raw), bytes])
        }
        totals.added = [:]
        try db.cachedStatement(sql: "UPDATE store SET usedBytes = ?")
            .execute(arguments: [Stored.sorting(totals.used)])
    }

    /// The transaction is durable.
    func committed() {
        cache.committed()
        before = (totals, looseCounts)
    }

    /// The transaction left no trace.
    func rollBack() {
        cache.rollBack()
        recent.removeAll()
        (totals, looseCounts) = before
    }

    // MARK: - Segments

    func segment(_ id: SegmentID) throws -> Segment {
        if let known = cache[id] { return known }
        guard role == .reader,
            let found = try fetchSegments("id = ?", [Int64(id.index)]).first
        else { throw StoreError.damagedRow("log number \(id.index) is missing") }
        return found
    }

    func segments(ofBase base: LogRef) throws -> [Segment] {
        if role == .writer { return (cache.byBase[base] ?? []).compactMap { cache[$0] } }
        if wholeBases.contains(base) {
            return (cache.byBase[base] ?? []).sorted().compactMap { cache[$0] }
        }
        let found = try fetchSegments("base = ? ORDER BY id", [Stored.bits(base.raw)])
        wholeBases.insert(base)
        return found
    }

    func segments() throws -> [Segment] {
        if role == .writer { return cache.byID.values.sorted { $0.id < $1.id } }
        return try fetchSegments("1 ORDER BY id", [])
    }

    func segmentCount() throws -> Int {
        if role == .writer { return cache.byID.count }
        return try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM segment")) ?? 0
    }

    func insert(_ segment: Segment) {
        _ = cache.number(of: segment.log.room)
        cache.insert(segment)
    }

    func update(_ segment: Segment) { cache.update(segment) }

    func fetchSegments(_ condition: String, _ arguments: StatementArguments) throws -> [Segment] {
        let statement = try db.cachedStatement(
            sql: "SELECT \(SegmentColumns.names) FROM segment WHERE \(condition)")
        var found: [Segment] = []
        let cursor = try GRDB.Row.fetchCursor(statement, arguments: arguments)
        while let row = try cursor.next() {
            let segment = try SegmentColumns.segment(Columns(row: row), room: room(number:))
            cache.load(segment)
            found.append(segment)
        }
        return found
    }

    private func room(number: Int64) throws -> RoomID {
        if let known = cache.room(number: number) { return known }
        try loadRooms("WHERE id = ?", [number])
        guard let found = cache.room(number: number) else {
            throw StoreError.damagedRow("room number \(number) is missing")
        }
        return found
    }

    func loadRooms(_ condition: String, _ arguments: StatementArguments) throws {
        let cursor = try GRDB.Row.fetchCursor(
            db.cachedStatement(
                sql: "SELECT id, kind, name, entries, lastTime FROM room \(condition)"),
            arguments: arguments)
        while let row = try cursor.next() {
            let columns = Columns(row: row)
            cache.load(
                SegmentCache.Room(
                    number: try columns.int(0), room: try roomID(columns),
                    entries: Int(try columns.uint(3)), lastTime: try columns.uint(4)))
        }
    }

    private func roomID(_ columns: Columns) throws -> RoomID {
        let name = columns.row[2] as String? ?? ""
        switch try columns.int(1) {
        case Int64(RoomID.Kind.profile.rawValue): return .profile
        case Int64(RoomID.Kind.open.rawValue):
            if let room = try? RoomID.open(name) { return room }
        default: break
        }
        throw columns.damage(1, "no room")
    }

    /// Parents and children that are there and lead to an end: who follows them relies on it.
    private func checkFamilies(_ segments: [Segment]) throws {
        for next in [\Segment.parent, \Segment.formerly] {
            for start in segments {
                var (place, steps) = (start[keyPath: next], 0)
                while let id = place {
                    guard steps < segments.count, Int(id.index) < segments.count else {
                        throw StoreError.damagedRow(
                            "log number \(start.id.index) is a branch of none, or of itself")
                    }
                    place = segments[Int(id.index)][keyPath: next]
                    steps += 1
                }
            }
        }
    }

    private func loadAll() throws {
        try loadRooms("", [])
        let segments = try fetchSegments("1 ORDER BY id", [])
        for (index, segment) in segments.enumerated() where Int(segment.id.index) != index {
            throw StoreError.damagedRow("log number \(index) is missing")
        }
        try checkFamilies(segments)
        totals.used = UInt64(
            try Int64.fetchOne(db, sql: "SELECT usedBytes FROM store").map { max(0, $0) } ?? 0)
        totals.lastArrival = UInt64(
            try Int64.fetchOne(db, sql: "SELECT max(arrival) FROM row").map { max(0, $0) } ?? 0)
        totals.waits = try Int.fetchOne(db, sql: "SELECT count(*) FROM wait") ?? 0
        let cursor = try GRDB.Row.fetchCursor(
            db, sql: "SELECT segment, count(*) FROM row WHERE loose = 1 GROUP BY segment")
        while let row = try cursor.next() {
            let columns = Columns(row: row)
            let base = try segment(SegmentID(Int(try columns.uint32(0)))).base
            looseCounts[base, default: 0] += Int(try columns.int(1))
        }
    }
}
