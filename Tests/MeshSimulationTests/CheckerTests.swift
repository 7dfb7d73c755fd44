import MeshIdentity
import MeshLog
import MeshModel
import Testing

@testable import MeshSimulation

/// Two authors in one room: a1, b1 (after a1), a2 (after both).
private struct Tale {
    let mesh = MeshID(name: "simulation")
    var truth = Truth()
    var entries: [VerifiedEntry] = []

    init() throws {
        let a = try #require(PeerKey(seed: Array(repeating: 1, count: 32)))
        let b = try #require(PeerKey(seed: Array(repeating: 2, count: 32)))
        let room = try RoomID.open("room")
        let first = entry(by: a, in: room, seq: 1, after: nil, cites: [])
        let second = entry(by: b, in: room, seq: 1, after: nil, cites: [first])
        let third = entry(by: a, in: room, seq: 2, after: first, cites: [second])
        entries = [first, second, third]
        for (number, entry) in entries.enumerated() {
            truth.recordHonest(
                entry, by: number == 1 ? 1 : 0, at: .zero, holding: EntrySet(0..<number))
        }
    }

    func entry(
        by key: PeerKey, in room: RoomID, seq: Seq, after last: VerifiedEntry?,
        cites: [VerifiedEntry], text: String = "text"
    ) -> VerifiedEntry {
        let log = LogID(author: key.peer, epoch: 1, room: room)
        let header = EntryHeader(
            log: LogRef(of: log, mesh: mesh), seq: seq, previous: last?.id.link ?? .none,
            at: WallTime(milliseconds: 1000), push: 0,
            cites: cites.map { Cite(log: $0.header.log, seq: $0.header.seq, tag: $0.id.tag) },
            more: false, kind: .text, bodyLength: UInt32(text.utf8.count),
            bodyHash: Hashing.sha256(Array(text.utf8)))
        return key.sign(header: header, body: Array(text.utf8), log: log, mesh: mesh)
    }

    /// What a peer shows who was given these entries in this order.
    func tables(_ order: [Int]) throws -> MemoryTables {
        let tables = MemoryTables()
        var archive = try Archive(tables: tables, mesh: mesh)
        for number in order {
            _ = try archive.append(
                [entries[number]], by: .flood, at: WallTime(milliseconds: 5000))
        }
        return tables
    }

    func log(_ order: [Int], node: Int = 0) throws -> ShownLog {
        try #require(ShownLog.all(of: try tables(order), node: node, truth: truth).first)
    }
}

@Suite struct CheckerTests {
    private let tale: Tale
    init() throws { tale = try Tale() }

    @Test("equal sets in another order of arrival are one log")
    func equalLogs() throws {
        let logs = [try tale.log([0, 1, 2]), try tale.log([2, 1, 0], node: 1)]
        #expect(EqualLogsChecker.check(logs, at: .zero).isEmpty)
        #expect(EqualLogsChecker.checkCommon(logs, at: .zero).isEmpty)
    }

    @Test("two lines swapped are found, with equal and with different sets")
    func unequalLogs() throws {
        var wrong = try tale.log([0, 1, 2], node: 1)
        wrong.lines.swapAt(0, 1)
        let right = try tale.log([0, 1, 2])
        #expect(EqualLogsChecker.check([right, wrong], at: .zero).map(\.check) == [.equalLogs])
        #expect(EqualLogsChecker.checkCommon([try tale.log([0, 1]), wrong], at: .zero).count == 1)
    }

    @Test("a line before its cause is found")
    func order() throws {
        var log = try tale.log([0, 1, 2])
        #expect(OrderChecker.check(log, truth: tale.truth, at: .zero).isEmpty)
        log.lines.swapAt(1, 2)
        let findings = OrderChecker.check(log, truth: tale.truth, at: .zero)
        #expect(findings.map(\.entries) == [[1, 2]])
    }

    @Test("the clocks of a real archive are the true past, whatever came first")
    func clocks() throws {
        for order in [[0, 1, 2], [2, 1, 0], [1, 2], [0, 2], [2]] {
            let findings = ClockChecker.check(
                try tale.tables(order), node: 0, truth: tale.truth, at: .zero)
            #expect(findings.isEmpty, "\(findings)")
        }
    }

    @Test("a clock that covers too much, or too little of a complete line, is found")
    func wrongClocks() {
        func check(_ clock: [Int], of number: Int, complete: Bool, held: [Int]) -> Int {
            ClockChecker.check(
                clock: EntrySet(clock), of: number, isComplete: complete, held: EntrySet(held),
                node: 0, truth: tale.truth, at: .zero
            ).count
        }
        #expect(check([0, 1, 2], of: 2, complete: true, held: [0, 1, 2]) == 0)
        #expect(check([0, 2], of: 2, complete: true, held: [0, 1, 2]) == 1)
        #expect(check([0, 1, 2], of: 1, complete: true, held: [0, 1, 2]) == 1)
        #expect(check([2], of: 2, complete: false, held: [0, 2]) == 0)
        #expect(check([2], of: 2, complete: false, held: [0, 1, 2]) == 1)
        #expect(check([0, 2], of: 2, complete: true, held: [0, 2]) == 1)
    }

    @Test("a row that is gone is found; one that is there is not")
    func kept() {
        var holding = Holding(
            node: 0, accepted: EntrySet([0, 2]), everHeld: EntrySet([0, 1, 2]),
            held: EntrySet([0, 1, 2]))
        #expect(DeliveryChecker.checkKept(holding, truth: tale.truth, at: .zero).isEmpty)
        holding.held.remove(2)
        #expect(
            DeliveryChecker.checkKept(holding, truth: tale.truth, at: .zero).map(\.entries) == [[2]]
        )
    }

    @Test("an entry that one peer holds and another lacks in the end is found")
    func spread() {
        func holding(_ node: Int, _ held: [Int]) -> Holding {
            Holding(
                node: node, accepted: EntrySet(), everHeld: EntrySet(held), held: EntrySet(held))
        }
        let all = [holding(0, [0, 1, 2]), holding(1, [0, 1, 2])]
        #expect(DeliveryChecker.checkSpread(all, truth: tale.truth, at: .zero).isEmpty)
        let some = [holding(0, [0, 1, 2]), holding(1, [0, 2])]
        #expect(
            DeliveryChecker.checkSpread(some, truth: tale.truth, at: .zero).map(\.node) == [1])
    }

    @Test("an entry that nobody wrote, and one that was changed, are found")
    func forgery() throws {
        let log = try tale.log([0, 1, 2])
        #expect(ForgeryChecker.check(log, truth: tale.truth, at: .zero).isEmpty)
        #expect(ForgeryChecker.check(log, truth: Truth(), at: .zero).isEmpty == false)
        var changed = log
        let line = changed.lines[0]
        changed.lines[0] = ShownLog.Line(
            number: line.number, id: line.id, log: line.log, header: line.header,
            body: Array("else".utf8), time: line.time, isComplete: true, isLoose: false,
            arrival: line.arrival)
        #expect(ForgeryChecker.check(changed, truth: tale.truth, at: .zero).count == 1)
    }

    @Test("tables and airtime beyond their bounds are found")
    func bounds() {
        func usage(_ neighbours: Int, _ sent: Int64) -> Usage {
            Usage(
                node: 0, neighbours: neighbours, missing: 0, counters: 0, sent: sent, heard: 0)
        }
        let end = Instant.zero + .seconds(60)
        let bounds = Bounds()
        #expect(BoundsChecker.check(usage(10, 0), bounds: bounds, at: end).isEmpty)
        #expect(BoundsChecker.check(usage(10_000, 0), bounds: bounds, at: end).count == 1)
        #expect(BoundsChecker.checkAirtime(usage(0, 1_000), bounds: bounds, at: end).isEmpty)
        let storm = usage(0, 30_000_000_000)
        #expect(BoundsChecker.checkAirtime(storm, bounds: bounds, at: end).count == 1)
    }

    @Test("a place used twice is found, unless the key was made to run twice")
    func numbering() throws {
        var tale = self.tale
        let key = try #require(PeerKey(seed: Array(repeating: 1, count: 32)))
        let other = tale.entry(
            by: key, in: tale.entries[0].log.room, seq: 2, after: tale.entries[0], cites: [],
            text: "other")
        let number = tale.truth.recordHonest(other, by: 0, at: .zero, holding: EntrySet([0]))
        #expect(tale.truth.becameDurable(2, at: .zero) == nil)
        let twin = tale.truth.becameDurable(number, at: .zero)
        #expect(twin == tale.entries[2].id)
        func check(_ mayFork: Bool) -> Int {
            NumberingChecker.check(
                number, other: twin, mayFork: mayFork, truth: tale.truth, at: .zero
            ).count
        }
        #expect(check(false) == 1)
        #expect(check(true) == 0)
    }

    @Test("an own entry that leaves before it is durable is found; a foreign one may")
    func sentEarly() {
        func check(_ node: Int, held: [Int]) -> Int {
            NumberingChecker.checkSent(
                [tale.entries[0].id], by: node, held: EntrySet(held), truth: tale.truth, at: .zero
            ).count
        }
        #expect(check(0, held: []) == 1)
        #expect(check(0, held: [0]) == 0)
        #expect(check(1, held: []) == 0)
    }
}
