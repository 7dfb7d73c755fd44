import MeshGossip
import MeshLog
import MeshModel
import Testing

@testable import MeshGossip

@Suite("Turns: one neighbour is asked at a time")
struct TurnsTests {
    private let log = LogRef(7)
    private let anna = NeighbourID(1)
    private let ben = NeighbourID(2)
    private let late = Instant.zero + GossipLimits.turn

    @Test("A log is open to its holder, to others only when the turn is over")
    func holding() {
        var turns = Turns()
        #expect(turns.isOpen(log, to: ben, at: .zero))
        turns.take(log, for: anna, at: .zero)
        #expect(turns.isOpen(log, to: anna, at: .zero))
        #expect(!turns.isOpen(log, to: ben, at: .zero))
        #expect(turns.isOpen(LogRef(8), to: ben, at: .zero))
        #expect(turns.isOpen(log, to: ben, at: late))
        turns.end(log)
        #expect(turns.isOpen(log, to: ben, at: .zero))
    }

    @Test("A log that is on its way to the disk is open to nobody until that is over")
    func closed() {
        var turns = Turns()
        turns.close(log)
        #expect(!turns.isOpen(log, to: anna, at: late + .seconds(3600)))
        turns.end(log)
        #expect(turns.isOpen(log, to: anna, at: .zero))
    }

    @Test("A stretch of references is taken while a turn of one of them lasts")
    func stretch() {
        var turns = Turns()
        turns.take(log, for: anna, at: .zero)
        #expect(turns.isTaken(in: LogRef(7)...LogRef(9), at: .zero))
        #expect(!turns.isTaken(in: LogRef(8)...LogRef(9), at: .zero))
        #expect(!turns.isTaken(in: LogRef(7)...LogRef(9), at: late))
    }

    @Test("Whoever goes does not leave turns behind")
    func leaving() {
        var turns = Turns()
        turns.take(log, for: anna, at: .zero)
        turns.takeScout(for: anna, at: .zero)
        turns.endAll(of: anna)
        #expect(turns.isOpen(log, to: ben, at: .zero))
        #expect(turns.isScoutOpen(to: ben, at: .zero, othersWait: false))
    }

    @Test("A scout cannot prolong its turn, and then lets others go first")
    func scout() {
        var turns = Turns()
        turns.takeScout(for: anna, at: .zero)
        turns.takeScout(for: anna, at: .zero + .seconds(1))
        #expect(!turns.isScoutOpen(to: ben, at: .zero + .seconds(1), othersWait: false))
        #expect(turns.isScoutOpen(to: ben, at: late, othersWait: false))
        #expect(!turns.isScoutOpen(to: anna, at: late, othersWait: true))
        #expect(turns.isScoutOpen(to: anna, at: late, othersWait: false))
        turns.takeScout(for: ben, at: late)
        let ended = [anna, ben].map { turns.endScout(of: $0) }
        #expect(ended == [false, true])
    }
}

@Suite("A cell in which one lacks what many hold")
struct NewcomerTests {
    /// Twelve logs held by nine, and one who comes.
    private func cell() throws -> Cell {
        var cell = try Cell(9)
        try cell.run(.seconds(5))
        for index in 0..<9 { _ = try cell.say("from \(index)", as: index) }
        for room in ["one", "two", "three"] { _ = try cell.say("apart", as: 0, in: room) }
        try cell.run(.seconds(30))
        #expect((0..<9).allSatisfy { cell.log($0).count == 12 })
        return cell
    }

    @Test("It asks for what it lacks about once, not once of each")
    func once() throws {
        var cell = try cell()
        try cell.add(9, seed: 1)
        try cell.run(.seconds(30))
        #expect(cell.log(9) == cell.log(0))
        let counters = cell.peers[9].engine.counters
        #expect(counters.repair["entries"] ?? 0 <= 15)
        #expect(counters.sent["request"] ?? 0 <= 8)
    }

    @Test("Those who open logs and never serve them cost time, not entries")
    func silence() throws {
        var cell = try cell()
        cell.reads = { $0 == 8 }
        try cell.add(9, seed: 1)
        try cell.run(.seconds(120))
        #expect(cell.log(9) == cell.log(0))
        #expect(cell.peers[9].engine.counters.repair["givenUp"] ?? 0 > 0)
    }
}
