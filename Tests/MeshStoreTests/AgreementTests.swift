import GRDB
import MeshIdentity
import MeshLog
import MeshModel
import Testing

@testable import MeshStore

/// The tables on SQLite give the answers of `MemoryTables`, the reference.
@Suite struct AgreementTests {
    @Test(
        "Random histories leave the same rows, segments and clocks in memory and on disk",
        arguments: UInt64(1)...12)
    func agree(seed: UInt64) throws {
        var history = History(
            seed: seed, entries: 220, forks: seed % 3 == 0 ? 0.3 : seed % 3 == 1 ? 0 : 0.05)
        var generator = SeededGenerator(seed: seed)
        let memory = MemoryTables()
        var reference = try Archive(tables: memory, mesh: history.mesh)
        let queue = try Self.database()
        let runs = history.runs()
        try queue.writeWithoutTransaction { db in
            let tables = try SQLiteTables(writing: db)
            var archive = try Archive(tables: tables, mesh: history.mesh)
            var now: UInt64 = 1_700_000_000_000
            var next = 0
            while next < runs.count {
                let batch = runs[
                    next..<min(next + Int.random(in: 1...20, using: &generator), runs.count)]
                if generator.chance(0.2) {
                    try Self.rolledBack(batch, WallTime(milliseconds: now), tables, db)
                }
                try db.inTransaction {
                    for run in batch {
                        now += generator.next() % 20_000
                        let source: Source =
                            [.own, .flood, .repair].randomElement(using: &generator) ?? .own
                        let at = WallTime(milliseconds: now)
                        let wanted = try reference.append(run, by: source, at: at)
                        let got = try archive.append(run, by: source, at: at)
                        #expect(got.outcome == wanted.outcome)
                        #expect(got.lines == wanted.lines)
                        #expect(got.segments == wanted.segments)
                        #expect(got.split == wanted.split)
                    }
                    try tables.flush()
                    return .commit
                }
                tables.committed()
                next = batch.endIndex
            }
        }
        try queue.read { try Self.compare(SQLiteTables(reading: $0), memory) }
        try queue.writeWithoutTransaction {
            let reopened = try SQLiteTables(writing: $0)
            #expect(try reopened.segments() == memory.segments())
            try Self.compareTotals(reopened, memory)
        }
    }

    static func database() throws -> DatabaseQueue {
        let queue = try DatabaseQueue()
        try Schema.migrator.migrate(queue)
        try queue.write {
            try StoreRow.create($0, mesh: "history", peer: PeerID(.zero), limitBytes: 1)
        }
        return queue
    }

    /// A transaction that is undone leaves what was there.
    static func rolledBack(
        _ batch: ArraySlice<[VerifiedEntry]>, _ now: WallTime, _ tables: SQLiteTables,
        _ db: Database
    ) throws {
        let before = try tables.segments()
        let used = tables.totals.used
        var copy = try Archive(tables: tables, mesh: MeshID(name: "history"))
        try db.inTransaction {
            for run in batch { _ = try copy.append(run, by: .flood, at: now) }
            try tables.flush()
            return .rollback
        }
        tables.rollBack()
        #expect(try tables.segments() == before)
        #expect(tables.totals.used == used)
    }

    static func compare(_ tables: SQLiteTables, _ memory: MemoryTables) throws {
        #expect(try tables.segments() == memory.segments())
        #expect(try tables.lastArrival() == memory.lastArrival())
        for row in memory.rows {
            #expect(try tables.held(id: row.entry.id) == row)
            #expect(try tables.link(arrival: row.arrival) == memory.link(arrival: row.arrival))
            #expect(try tables.hasWaits(row: row.arrival) == memory.hasWaits(row: row.arrival))
        }
        var (ours, theirs) = (ClockReader(tables: tables), ClockReader(tables: memory))
        for row in memory.rows {
            let wanted = try theirs.clock(of: row.arrival)
            #expect(try ours.clock(of: row.arrival) == wanted)
            #expect(try tables.clock(row.segment, row.seq) == memory.clock(row.segment, row.seq))
        }
        for segment in memory.segments() {
            let wanted = memory.entries(segment.id, from: 1, to: 999)
            #expect(try tables.entries(segment.id, from: 1, to: 999) == wanted)
            let links = memory.links(segment.id, from: segment.first, to: 999, limit: 7)
            #expect(try tables.links(segment.id, from: 1, to: 999, limit: 7) == links)
            #expect(
                try tables.looseLinks(ofBase: segment.base)
                    == memory.looseLinks(ofBase: segment.base))
            #expect(
                try tables.waiters(on: segment.base, above: 2, limit: 5)
                    == memory.waiters(on: segment.base, above: 2, limit: 5))
        }
        try comparePages(tables, memory)
    }

    static func comparePages(_ tables: SQLiteTables, _ memory: MemoryTables) throws {
        #expect(try tables.rooms() == memory.rooms())
        let times = memory.rows.map(\.receivedAt)
        for room in memory.rooms().map(\.room) {
            #expect(try tables.lastKey(in: room) == memory.lastKey(in: room))
            for last in [nil, 7] {
                for since in [nil, times.randomElement()] {
                    for after in [nil, memory.rows.randomElement()?.entry.id] {
                        let query = PageQuery(
                            room: room, last: last, since: since, after: after, clocks: .always)
                        var (ours, theirs) = (RoomView(tables: tables), RoomView(tables: memory))
                        #expect(try ours.page(query) == theirs.page(query))
                    }
                }
            }
            var (ours, theirs) = (RoomView(tables: tables), RoomView(tables: memory))
            #expect(try ours.logClocks(in: room) == theirs.logClocks(in: room))
        }
        for row in memory.rows.prefix(10) {
            var (ours, theirs) = (RoomView(tables: tables), RoomView(tables: memory))
            #expect(try ours.seen(row.entry.id) == theirs.seen(row.entry.id))
            #expect(try ours.nick(of: row.log.author) == theirs.nick(of: row.log.author))
            #expect(try ours.find(String(row.entry.id.hex.prefix(12))) == row.entry.id)
        }
    }

    static func compareTotals(_ tables: SQLiteTables, _ memory: MemoryTables) throws {
        let rows = memory.rows.map { StoredBytes.of($0.entry) }.reduce(0, +)
        let clocks = try Int64.fetchOne(
            tables.db, sql: "SELECT sum(? + length(components)) FROM clock",
            arguments: [Int64(StoredBytes.clock)])
        let waits = try Int64.fetchOne(tables.db, sql: "SELECT count(*) FROM wait") ?? 0
        #expect(
            tables.totals.used
                == rows + UInt64(clocks ?? 0) + StoredBytes.wait * UInt64(waits))
        for room in memory.rooms() {
            let rows = memory.rows.filter { $0.log.room == room.room }
            #expect(tables.cache.rooms[room.room]?.lastTime == rows.map(\.time).max())
        }
    }
}
