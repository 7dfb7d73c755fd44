import MeshGossip
import MeshIdentity
import MeshLog
import MeshModel
import Testing

/// Room for it: what a peer takes as its store fills (docs/spec/gossip.md, section 8).
@Suite("A store that fills")
struct QuotaTests {
    /// 100 rows of 300 bytes and 100 of text.
    private static let limit: UInt64 = 40_000
    private static let text = String(repeating: "x", count: 100)

    /// Peer 0 has room for everything, peer 1 for 100 entries, and has joined #ops.
    private func cell() throws -> Cell {
        var cell = try Cell(1)
        try cell.add(1, seed: 1, limit: Self.limit, joined: [try RoomID.open("ops")])
        try cell.run(.seconds(2))
        return cell
    }

    private func say(
        _ count: Int, as index: Int, in room: String = "ops", _ cell: inout Cell
    ) throws -> [UInt64] {
        try (0..<count).map { _ in
            let ticket = try cell.say(Self.text, as: index, in: room)
            try cell.run(.milliseconds(100))
            return ticket
        }
    }

    private func held(_ cell: Cell, _ index: Int, in room: String? = nil) -> Int {
        cell.peers[index].tables.rows.count { room == nil || $0.log.room.description == room }
    }

    @Test("From half on, one author gets a sixteenth")
    func share() throws {
        var cell = try cell()
        try cell.add(2, seed: 1)
        try cell.run(.seconds(2))
        _ = try say(60, as: 1, &cell)
        _ = try say(3, as: 2, &cell)
        #expect(held(cell, 1) == 63)
        _ = try say(40, as: 0, &cell)
        try cell.run(.seconds(60))
        // 40,000 / 16 are 2,500 bytes: the seventh entry of about 420 reaches it.
        let ofZero = cell.peers[1].tables.rows.count { $0.log.author == cell.author(0) }
        #expect((5...7).contains(ofZero))
        _ = try say(1, as: 2, &cell)
        try cell.run(.seconds(60))
        #expect(cell.peers[1].tables.rows.count { $0.log.author == cell.author(2) } == 4)
    }

    @Test("From 80 % on, rooms that were not joined are no longer taken, joined ones are")
    func joinedOnly() throws {
        var cell = try cell()
        for author in 2..<8 { try cell.add(author, seed: 1) }
        try cell.run(.seconds(5))
        _ = try say(82, as: 1, &cell)
        for author in 2..<8 { _ = try say(1, as: author, in: "other", &cell) }
        _ = try say(1, as: 2, &cell)
        try cell.run(.seconds(60))
        #expect(held(cell, 1, in: "#other") == 0)
        #expect(held(cell, 1, in: "#ops") == 83)
        #expect(held(cell, 0, in: "#other") == 6)
        #expect(cell.peers[1].engine.counters.rejected["noRoom"] ?? 0 > 0)
    }

    @Test(
        "Hundreds of logs that are not wanted do not hide the one that is",
        arguments: [UInt64(1), 2])
    func crowd(seed: UInt64) throws {
        let tables = MemoryTables()
        var archive = try Archive(tables: tables, mesh: Cell.mesh)
        for (count, room) in [(300, "other"), (1, "ops")] {
            for _ in 0..<count {
                _ = try archive.append(
                    [try Self.first(in: room)], by: .repair, at: WallTime(milliseconds: 1))
            }
        }
        var cell = try Cell(0)
        try cell.add(0, seed: seed, tables: tables)
        try cell.add(1, seed: seed, limit: Self.limit, joined: [try RoomID.open("ops")])
        cell.hears = { _, _ in false }
        _ = try say(82, as: 1, &cell)
        cell.hears = { _, _ in true }
        try cell.run(.seconds(60))
        #expect(held(cell, 1, in: "#ops") == 83)
        #expect(held(cell, 1, in: "#other") == 0)
    }

    private static func first(in room: String) throws -> VerifiedEntry {
        let key = PeerKey.generate()
        let log = LogID(author: key.peer, epoch: 1, room: try RoomID.open(room))
        let header = EntryHeader(
            log: LogRef(of: log, mesh: Cell.mesh), seq: 1, previous: .none,
            at: WallTime(milliseconds: 1_700_000_000_000), push: 0, cites: [], more: false,
            kind: .text, bodyLength: 1, bodyHash: Hashing.sha256([0x78]))
        return key.sign(header: header, body: [0x78], log: log, mesh: Cell.mesh)
    }

    @Test("From 90 % on nothing foreign is taken, hellos say so, and own entries still are")
    func full() throws {
        var cell = try cell()
        _ = try say(91, as: 1, &cell)
        try cell.run(.seconds(30))
        #expect(held(cell, 0) == 91)
        #expect(cell.peers[0].engine.neighbourViews.map(\.isFull) == [true])
        _ = try say(5, as: 0, &cell)
        try cell.run(.seconds(60))
        #expect(held(cell, 1) == 91)
        #expect(held(cell, 0) == 96)
        let asked = cell.peers[1].engine.counters.repair["asked"] ?? 0
        try cell.run(.seconds(120))
        #expect(cell.peers[1].engine.counters.repair["asked"] ?? 0 == asked)
        let own = try say(3, as: 1, &cell)
        for ticket in own { #expect(try cell.peers[1].answers[ticket]?.get() != nil) }
        try cell.run(.seconds(30))
        #expect(held(cell, 0) == 99)
    }

    @Test("At 100 % own entries are refused, and what is held is served on")
    func exhausted() throws {
        var cell = try cell()
        let tickets = try say(110, as: 1, &cell)
        let refused = tickets.filter { cell.peers[1].answers[$0] == .failure(.full) }
        #expect(refused == Array(tickets.suffix(10)))
        try cell.add(2, seed: 1)
        try cell.run(.seconds(30))
        #expect(held(cell, 2) == 100)
        #expect(held(cell, 1) == 100)
    }

    @Test("When there is room again, what was passed over is fetched")
    func roomAgain() throws {
        var cell = try cell()
        _ = try say(91, as: 1, &cell)
        _ = try say(5, as: 0, &cell)
        try cell.run(.seconds(30))
        #expect(held(cell, 1) == 91)
        cell.peers[1].limit = 1 << 30
        // The engine learns of the room with the next thing that is stored.
        _ = try say(1, as: 1, &cell)
        try cell.run(.seconds(60))
        #expect(held(cell, 1) == 97)
        #expect(cell.log(1) == cell.log(0))
    }
}
