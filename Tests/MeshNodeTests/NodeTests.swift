import Logging
import MeshGossip
import MeshIdentity
import MeshLog
import MeshModel
import MeshNode
import Testing

/// A node with a script for an engine, and everything around it in the test's hands.
private struct Bench {
    let links: FakeLinks
    let log = FakeLog()
    let time = FakeTime()
    let seen = Waiting<Event>()
    let node: Node<ScriptedCore>

    init(links: FakeLinks = FakeLinks(), script: @escaping @Sendable (Event) -> [Effect]) {
        self.links = links
        node = Node(
            core: ScriptedCore(script: script, seen: seen), links: links, log: log, time: time,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Runs the node around `body`.
    func run(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await node.run() }
            try await body()
            node.stop()
            try await group.waitForAll()
        }
    }
}

private func request(_ token: UInt64) -> AppendRequest {
    AppendRequest(
        token: token, run: [], source: .own, receivedAt: WallTime(milliseconds: 0))
}

private func id(_ byte: UInt64) -> EntryID { EntryID(Bytes32(byte, 0, 0, 0)) }

private func datagram(_ bytes: [UInt8]) -> Datagram {
    Datagram(link: LinkID(1), from: Address([1]), isMulticast: true, bytes: bytes)
}

private func row(_ arrival: UInt64) -> Row {
    let header = EntryHeader(
        log: LogRef(1), seq: 1, previous: .none, at: WallTime(milliseconds: 0), push: 0, cites: [],
        more: false, kind: .text, bodyLength: 0, bodyHash: .zero)
    return Row(
        arrival: arrival, segment: SegmentID(0),
        log: LogID(author: PeerID(.zero), epoch: 1, room: .profile),
        entry: Entry(header: header, id: id(arrival), body: [], signature: nil), time: 0,
        isComplete: true, isLoose: false, receivedAt: WallTime(milliseconds: 0), merged: false)
}

@Suite struct NodeTests {
    @Test("Requests that come while a transaction is under way share the next one")
    func groupCommit() async throws {
        let bench = Bench { event in
            guard case .datagramReceived(let datagram) = event else { return [] }
            return datagram.bytes.map { .append(request(UInt64($0))) }
        }
        try await bench.run {
            bench.node.inbox.offer([datagram([1])])
            #expect(await bench.log.asked.next() == [1])
            bench.node.inbox.offer([datagram([2]), datagram([3, 4])])
            for _ in 0..<3 { _ = await bench.seen.next() }
            bench.log.verdicts.put(.stored([]))
            #expect(await bench.log.asked.next() == [2, 3, 4])
            bench.log.verdicts.put(.stored([]))
        }
    }

    @Test("A transaction that failed is told with its tokens, and the next one is tried")
    func failingStore() async throws {
        let bench = Bench { event in
            guard case .datagramReceived = event else { return [] }
            return [.append(request(5))]
        }
        try await bench.run {
            bench.node.inbox.offer([datagram([1])])
            _ = await bench.seen.next()
            #expect(await bench.log.asked.next() == [5])
            bench.log.verdicts.put(.failed("the disk is full"))
            guard case .appendsFailed(let tokens, let reason, _) = await bench.seen.next() else {
                Issue.record("not told")
                return
            }
            #expect(tokens == [5])
            #expect(reason == "the disk is full")
            bench.node.inbox.offer([datagram([1])])
            #expect(await bench.log.asked.next() == [5])
            bench.log.verdicts.put(.stored([]))
        }
        #expect(bench.node.counts.transactionsFailed == 1)
        #expect(bench.node.counts.transactions == 1)
    }

    @Test("A timer comes back at its time and not before, the earliest first")
    func timers() async throws {
        let bench = Bench { event in
            guard case .datagramReceived = event else { return [] }
            return [
                .setTimer(.tidy, at: Instant(nanoseconds: 200)),
                .setTimer(.recover, at: Instant(nanoseconds: 100)),
            ]
        }
        try await bench.run {
            bench.node.inbox.offer([datagram([])])
            _ = await bench.seen.next()
            #expect(await bench.time.sleeping.next() == Instant(nanoseconds: 100))
            bench.time.advance(to: Instant(nanoseconds: 100))
            guard case .timerFired(.recover) = await bench.seen.next() else {
                Issue.record("the first timer did not come first")
                return
            }
            #expect(await bench.time.sleeping.next() == Instant(nanoseconds: 200))
            bench.time.advance(to: Instant(nanoseconds: 200))
            guard case .timerFired(.tidy) = await bench.seen.next() else {
                Issue.record("the second timer did not come")
                return
            }
        }
    }

    @Test("Effects run in the order in which the engine gave them")
    func order() async throws {
        let bench = Bench { event in
            guard case .datagramReceived = event else { return [] }
            return (0..<5).map { .sendFrame([$0], on: LinkID(1), to: nil) }
        }
        try await bench.run {
            bench.node.inbox.offer([datagram([])])
            for byte in UInt8(0)..<5 { #expect(await bench.links.sent.next() == [byte]) }
        }
    }

    @Test("A draft is answered with what the engine says of it")
    func draft() async throws {
        let bench = Bench { event in
            guard case .draftSubmitted(let draft) = event else { return [] }
            let isLong = draft.body.count > 2
            return [
                .answerDraft(
                    ticket: draft.ticket,
                    isLong ? .failure(.tooLong(bytes: 3, limit: 2)) : .success(id(9)))
            ]
        }
        try await bench.run {
            #expect(await bench.node.submit(.text, [1], in: .profile) == .success(id(9)))
            #expect(
                await bench.node.submit(.text, [1, 2, 3], in: .profile)
                    == .failure(.tooLong(bytes: 3, limit: 2)))
        }
    }

    @Test("Several drafts come to the engine in their order, and each gets its own answer")
    func severalDrafts() async throws {
        let bench = Bench { event in
            guard case .draftSubmitted(let draft) = event else { return [] }
            // The last one is answered for all, backwards.
            guard draft.body == [3] else { return [] }
            return (0..<3).map {
                .answerDraft(
                    ticket: draft.ticket - $0,
                    $0 == 1 ? .failure(.full) : .success(id(draft.ticket - $0)))
            }
        }
        try await bench.run {
            let answers = await bench.node.submit(.text, all: [[1], [2], [3]], in: .profile)
            #expect(answers == [.success(id(1)), .failure(.full), .success(id(3))])
        }
    }

    @Test("Drafts of which not all can wait are refused together")
    func tooManyDrafts() async throws {
        let bench = Bench { event in
            guard case .draftSubmitted(let draft) = event else { return [] }
            return [.answerDraft(ticket: draft.ticket, .success(id(draft.ticket)))]
        }
        try await bench.run {
            let fits = Array(repeating: [UInt8(1)], count: NodeLimits.drafts)
            let all = await bench.node.submit(.text, all: fits, in: .profile)
            #expect(all == (1...UInt64(NodeLimits.drafts)).map { .success(id($0)) })
            let refused = await bench.node.submit(.text, all: fits + [[2]], in: .profile)
            #expect(refused == Array(repeating: .failure(.busy), count: NodeLimits.drafts + 1))
        }
    }

    @Test("Stopping commits what was accepted, then answers everybody who waits")
    func stop() async throws {
        let bench = Bench { event in
            switch event {
            case .draftSubmitted(let draft): [.append(request(draft.ticket))]
            case .appendsStored(let done, _):
                done.map { .answerDraft(ticket: $0.token, .success(id($0.token))) }
            default: []
            }
        }
        try await withThrowingTaskGroup { group in
            group.addTask { try await bench.node.run() }
            async let first = bench.node.submit(.text, [], in: .profile)
            _ = await bench.log.asked.next()
            bench.node.stop()
            bench.log.verdicts.put(.stored([]))
            #expect(await first == .success(id(1)))
            try await group.waitForAll()
        }
        #expect(
            await bench.node.submit(.text, [], in: .profile)
                == .failure(.failed("the peer is stopping")))
        await #expect(throws: NodeStopped.self) { try await bench.node.inspect { _ in 1 } }
    }

    @Test("Cancelling ends the node too, with the last transaction committed")
    func cancel() async throws {
        let bench = Bench { event in
            guard case .datagramReceived = event else { return [] }
            return [.append(request(1))]
        }
        try await withThrowingTaskGroup { group in
            group.addTask { try await bench.node.run() }
            bench.node.inbox.offer([datagram([])])
            _ = await bench.log.asked.next()
            group.cancelAll()
            bench.log.verdicts.put(.failed("cancelled"))
            try await group.waitForAll()
        }
        #expect(bench.node.counts.transactionsFailed == 1)
    }

    @Test("What the links cannot work without ends the node and is thrown")
    func linksFail() async throws {
        struct Taken: Error {}
        let bench = Bench(links: FakeLinks(failing: Taken())) { _ in [] }
        await #expect(throws: Taken.self) { try await bench.node.run() }
    }

    @Test("Everybody who listens gets the rows as they become durable, until the end")
    func rows() async throws {
        let bench = Bench { event in
            guard case .datagramReceived = event else { return [] }
            return [.append(request(1))]
        }
        let listeners = [bench.node.rows.listen(), bench.node.rows.listen()]
        try await bench.run {
            bench.node.inbox.offer([datagram([])])
            _ = await bench.log.asked.next()
            bench.log.verdicts.put(.stored([row(1), row(2)]))
        }
        for listener in listeners {
            var arrivals: [UInt64] = []
            while let rows = try await listener.next() { arrivals += rows.map(\.arrival) }
            #expect(arrivals == [1, 2])
        }
    }

    @Test("A jump of the boot clock is told to the engine before anything else")
    func resumed() async throws {
        let bench = Bench { _ in [] }
        try await bench.run {
            bench.node.inbox.offer([datagram([])])
            _ = await bench.seen.next()
            bench.time.suspend(for: .seconds(60))
            bench.node.inbox.offer([datagram([])])
            guard case .machineResumed = await bench.seen.next() else {
                Issue.record("not told")
                return
            }
        }
    }

    @Test("Looking at the engine happens between two events")
    func inspect() async throws {
        let bench = Bench { _ in [] }
        try await bench.run {
            let number = try await bench.node.inspect { $0.number }
            #expect(number == 7)
        }
    }
}
