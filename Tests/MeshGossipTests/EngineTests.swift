import MeshGossip
import MeshIdentity
import MeshLog
import MeshModel
import MeshWire
import Testing

@Suite("Engines in one cell")
struct EngineTests {
    @Test("Two peers find and confirm each other")
    func finding() throws {
        var cell = try Cell(2)
        try cell.run(.seconds(2))
        #expect(cell.peers.allSatisfy { $0.engine.neighbourViews.map(\.isConfirmed) == [true] })
    }

    @Test("A line said on one peer is shown on all, at once")
    func flooding() throws {
        var cell = try Cell(5)
        try cell.run(.seconds(2))
        _ = try cell.say("hello", as: 0)
        try cell.run(.milliseconds(100))
        for index in 0..<5 { #expect(cell.texts(index) == ["hello"]) }
    }

    @Test("A 60-byte message with one cite takes at most 150 bytes more than its text")
    func payload() throws {
        var cell = try Cell(5)
        try cell.run(.seconds(2))
        _ = try cell.say("a first line, to be cited", as: 1)
        try cell.run(.seconds(1))
        cell.peers[0].largest = 0
        _ = try cell.say(String(repeating: "x", count: 60), as: 0)
        try cell.run(.milliseconds(20))
        let row = try #require(cell.peers[0].tables.rows.last)
        #expect(row.entry.header.cites.count == 1)
        // The first entry of a log also carries its opening; the second does not.
        _ = try cell.say("a second line, to be cited", as: 1)
        try cell.run(.seconds(1))
        cell.peers[0].largest = 0
        _ = try cell.say(String(repeating: "y", count: 60), as: 0)
        try cell.run(.milliseconds(20))
        let second = try #require(cell.peers[0].tables.rows.last)
        #expect(second.entry.header.cites.count == 1)
        #expect(cell.peers[0].largest > 60)
        #expect(cell.peers[0].largest <= 60 + 150)
    }

    @Test("What a neighbour says tells how far his wall clock is off")
    func clockOffset() throws {
        var cell = try Cell(2)
        cell.wallAhead = { $0 == 1 ? 3_600_000 : 0 }
        try cell.run(.seconds(2))
        #expect(cell.peers[0].engine.neighbourViews.map(\.clockOffset) == [nil])
        _ = try cell.say("what time is it?", as: 0)
        _ = try cell.say("an hour later than you think", as: 1)
        try cell.run(.seconds(1))
        let offsets = try cell.peers.map {
            try #require($0.engine.neighbourViews.first?.clockOffset)
        }
        #expect((3_599_900...3_600_000).contains(offsets[0]))
        #expect((-3_600_100...(-3_600_000)).contains(offsets[1]))
    }

    @Test("A frame sealed by somebody else under a neighbour's salt does not stop his repair")
    func spoofedCounter() throws {
        var cell = try Cell(2)
        try cell.run(.seconds(2))
        cell.hears = { _, _ in false }
        _ = try cell.say("while apart", as: 1)
        try cell.run(.seconds(2))
        // Peer 1's salt, 400 counters ahead of him, in a frame that says nothing.
        let sent = try #require(cell.lastFrame(of: 1))
        let header = try FrameHeader.read(sent)
        var sealer = FrameSealer(mesh: Cell.key, salt: header.salt)
        var forged = sealer.seal([])
        while sealer.counter < header.counter + 400 { forged = sealer.seal([]) }
        cell.receive(forged, from: 1, at: 0)
        try cell.run(.seconds(1))
        cell.hears = { _, _ in true }
        try cell.run(.seconds(15))
        #expect(cell.texts(0) == ["while apart"])
    }

    @Test("A line of peers relays to its end")
    func relaying() throws {
        var cell = try Cell(6)
        cell.hears = { abs($0 - $1) == 1 }
        try cell.run(.seconds(5))
        _ = try cell.say("along", as: 0)
        try cell.run(.seconds(1))
        for index in 0..<6 { #expect(cell.texts(index) == ["along"]) }
    }

    @Test("After a partition both sides have everything, in the same order")
    func healing() throws {
        var cell = try Cell(4)
        try cell.run(.seconds(2))
        cell.hears = { ($0 < 2) == ($1 < 2) }
        for round in 0..<100 {
            _ = try cell.say("left \(round)", as: 0)
            _ = try cell.say("right \(round)", as: 3)
            try cell.run(.milliseconds(50))
        }
        cell.hears = { _, _ in true }
        try cell.run(.seconds(20))
        #expect(cell.log(0).count == 200)
        for index in 1..<4 { #expect(cell.log(index) == cell.log(0)) }
        #expect(cell.peers.allSatisfy { $0.tables.rows.allSatisfy(\.isComplete) })
    }

    @Test("A newcomer fetches a long history")
    func catchingUp() throws {
        var cell = try Cell(1)
        for line in 0..<1000 {
            _ = try cell.say("line \(line)", as: 0)
        }
        try cell.run(.seconds(2))
        try cell.add(1, seed: 1)
        try cell.run(.seconds(10))
        #expect(cell.log(1).count == 1000)
        #expect(cell.log(1) == cell.log(0))
    }

    @Test("A long sync keeps one timer for each neighbour")
    func timers() throws {
        var cell = try Cell(1)
        for number in 0..<900 { _ = try cell.say("line \(number)", as: 0) }
        try cell.run(.seconds(5))
        try cell.add(1, seed: 1)
        try cell.run(.seconds(20))
        #expect(cell.log(1).count == 900)
        #expect(cell.peers[1].answerTimers.most == 1)
    }

    @Test("A link with round trips of 800 ms brings logs that were not known")
    func slowLink() throws {
        var cell = try Cell(1)
        for number in 0..<100 { _ = try cell.say("line \(number)", as: 0) }
        try cell.run(.seconds(5))
        cell.latency = .milliseconds(400)
        try cell.add(1, seed: 1)
        try cell.run(.seconds(40))
        #expect(cell.log(1).count == 100)
    }

    @Test("Bodies that fit no frame arrive whole")
    func largeBodies() throws {
        var cell = try Cell(3)
        try cell.run(.seconds(2))
        let long = String(repeating: "x", count: ModelLimits.body)
        for _ in 0..<20 { _ = try cell.say(long, as: 1) }
        try cell.run(.seconds(10))
        #expect(cell.texts(0) == Array(repeating: long, count: 20))
        #expect(cell.log(0) == cell.log(2))
    }

    @Test("More than 110 logs are compared by hash tree")
    func hashTree() throws {
        var cell = try Cell(1)
        for room in 0..<300 { _ = try cell.say("in \(room)", as: 0, in: "room-\(room)") }
        try cell.run(.seconds(2))
        try cell.add(1, seed: 1)
        try cell.run(.seconds(30))
        #expect(cell.log(1).count == 300)
        #expect(cell.log(1) == cell.log(0))
    }

    @Test(
        "A hub tells the one leaf that lacks something, however many others agree with the hub",
        arguments: UInt64(1)...4)
    func hub(seed: UInt64) throws {
        var cell = try Cell(25, seed: seed)
        cell.hears = { $0 == 0 || $1 == 0 }
        try cell.run(.seconds(15))
        cell.hears = { ($0 == 0 || $1 == 0) && $1 != 1 }
        _ = try cell.say("hello", as: 0)
        try cell.run(.seconds(4))
        #expect(cell.texts(1).isEmpty && cell.texts(2) == ["hello"])
        cell.hears = { $0 == 0 || $1 == 0 }
        // A leaf's hello comes every 6 s at most, the hub's every 18 s at least.
        try cell.run(.seconds(7))
        #expect(cell.texts(1) == ["hello"])
    }

    @Test("Two machines with one key are both served by who hears both")
    func twoMachines() throws {
        var cell = try Cell(2)
        try cell.add(2, seed: 9, keyOf: 1)
        cell.hears = { Set([$0, $1]) != [1, 2] }
        try cell.run(.seconds(30))
        for round in 0..<4 {
            _ = try cell.say("line \(round)", as: 0)
            // Between two periodic hellos of either.
            try cell.run(.milliseconds(1_500))
            #expect(cell.texts(1).count == round + 1)
            #expect(cell.texts(2).count == round + 1)
        }
    }

    @Test("Who moved to another address and is silent at the old one is one neighbour again")
    func moved() throws {
        var cell = try Cell(2)
        try cell.run(.seconds(10))
        cell.peers[1].isUp = false
        try cell.add(2, seed: 9, keyOf: 1)
        try cell.run(.seconds(60))
        #expect(cell.peers[0].engine.neighbourViews.map(\.address) == [Address([2])])
        let lost = cell.peers[0].reports.filter {
            if case .neighbourLost = $0 { true } else { false }
        }
        #expect(lost.isEmpty)
    }

    @Test("The same key and epoch written to twice forks, and no line is lost")
    func forking() throws {
        var cell = try Cell(3)
        try cell.run(.seconds(1))
        for line in 0..<70 { _ = try cell.say("before \(line)", as: 0) }
        try cell.run(.seconds(6))
        // Peer 3 is a copy of peer 0: same store, same epoch.
        let copy = MemoryTables()
        var archive = try Archive(tables: copy, mesh: Cell.mesh)
        for row in cell.peers[0].tables.rows {
            guard let verified = cell.verifier.verify(row.entry, of: row.log) else { continue }
            _ = try archive.append([verified], by: .own, at: row.receivedAt)
        }
        cell.hears = { ($0 == 3) == ($1 == 3) }
        try cell.add(3, seed: 9, tables: copy, epoch: cell.peers[0].engine.epoch, keyOf: 0)
        for line in 0..<5 {
            _ = try cell.say("original \(line)", as: 0)
            _ = try cell.say("copy \(line)", as: 3)
        }
        try cell.run(.seconds(5))
        cell.hears = { _, _ in true }
        try cell.run(.seconds(60))
        #expect(cell.log(0).count == 80)
        for index in 1..<4 { #expect(cell.log(index) == cell.log(0), "peer \(index)") }
        for index in 0..<4 { #expect(cell.peers[index].tables.segments().count >= 3) }
        _ = try cell.say("after", as: 0)
        _ = try cell.say("after too", as: 3)
        try cell.run(.seconds(30))
        #expect(cell.log(0).count == 82)
        for index in 1..<4 { #expect(cell.log(index) == cell.log(0), "peer \(index)") }
    }
}
