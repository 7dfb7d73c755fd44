import MeshGossip
import MeshIdentity
import MeshLog
import MeshModel
import Testing

/// Bodies that whoever served an entry had forgotten come from others.
@Suite("Entries that came without their body")
struct BodyTests {
    /// Peer 0 has written 100 lines, of which peer 1 holds the headers only.
    private func cell() throws -> Cell {
        var cell = try Cell(1)
        for line in 0..<100 { _ = try cell.say("line \(line)", as: 0) }
        try cell.run(.seconds(2))
        let bare = MemoryTables()
        var archive = try Archive(tables: bare, mesh: Cell.mesh)
        for row in cell.peers[0].tables.rows {
            var entry = row.entry
            entry.body = nil
            let verified = try #require(cell.verifier.verify(entry, of: row.log))
            _ = try archive.append([verified], by: .repair, at: row.receivedAt)
        }
        try cell.add(1, seed: 1, tables: bare)
        return cell
    }

    private func texts(_ cell: Cell, _ index: Int) -> Int {
        cell.peers[index].tables.rows.count { $0.entry.body != nil }
    }

    @Test("A courier without bodies passes headers on, and whoever has the bodies fills them in")
    func filled() throws {
        var cell = try cell()
        cell.hears = { ($0 == 0) == ($1 == 0) }
        try cell.add(2, seed: 1)
        try cell.run(.seconds(30))
        #expect(cell.log(2) == cell.log(0))
        #expect(texts(cell, 2) == 0)
        #expect(cell.peers[2].tables.segments()[0].lacking == 1...100)
        cell.hears = { _, _ in true }
        try cell.run(.seconds(60))
        #expect(cell.texts(2) == cell.texts(0))
        #expect(cell.texts(1) == cell.texts(0))
        #expect(cell.peers[2].tables.segments()[0].lacking == nil)
    }

    @Test("Bodies in the middle of what is lacking are found too")
    func middle() throws {
        var cell = try Cell(1)
        for line in 0..<400 { _ = try cell.say("line \(line)", as: 0) }
        try cell.run(.seconds(5))
        for (index, held) in [(1, 193...256), (2, 0...0)] as [(Int, ClosedRange<Seq>)] {
            let some = MemoryTables()
            var archive = try Archive(tables: some, mesh: Cell.mesh)
            for row in cell.peers[0].tables.rows {
                var entry = row.entry
                if !held.contains(entry.header.seq) { entry.body = nil }
                let verified = try #require(cell.verifier.verify(entry, of: row.log))
                _ = try archive.append([verified], by: .repair, at: row.receivedAt)
            }
            try cell.add(index, seed: 1, tables: some)
        }
        cell.hears = { $0 != 0 && $1 != 0 }
        try cell.run(.seconds(120))
        #expect(texts(cell, 2) == 64)
    }

    @Test("What nobody has is asked for once of each neighbour, not again and again")
    func nowhere() throws {
        var cell = try cell()
        cell.hears = { $0 != 0 && $1 != 0 }
        try cell.add(2, seed: 1)
        try cell.run(.seconds(30))
        let asked = cell.peers.map { $0.engine.counters.sent["request"] ?? 0 }
        try cell.run(.seconds(300))
        #expect(cell.peers.map { $0.engine.counters.sent["request"] ?? 0 } == asked)
        #expect(texts(cell, 2) == 0)
    }
}
