import MeshGossip
import Testing

@testable import MeshNode

@Suite struct InboxTests {
    private func datagrams(_ count: Int) -> [Datagram] {
        (0..<count).map { _ in
            Datagram(link: LinkID(1), from: Address([]), isMulticast: true, bytes: [])
        }
    }

    @Test("Datagrams beyond the limit are dropped and counted")
    func full() {
        let inbox = Inbox()
        inbox.offer(datagrams(NodeLimits.datagrams + 3))
        #expect(inbox.dropped == 3)
    }

    @Test("Events are kept while datagrams are dropped, and come first")
    func eventsFirst() {
        let inbox = Inbox()
        inbox.offer(datagrams(NodeLimits.datagrams + 1))
        inbox.put(.machineResumed)
        let batch = inbox.take()
        #expect(batch.events.count == 1)
        #expect(batch.datagrams.count == NodeLimits.batch)
    }

    @Test("What is left after a look wakes the consumer again")
    func leftover() async {
        let inbox = Inbox()
        inbox.offer(datagrams(NodeLimits.batch + 1))
        await inbox.wait()
        #expect(inbox.take().datagrams.count == NodeLimits.batch)
        await inbox.wait()
        #expect(inbox.take().datagrams.count == 1)
    }

    @Test("A closed inbox takes no more datagrams and hands out its events")
    func closed() {
        let inbox = Inbox()
        inbox.put(.machineResumed)
        inbox.close()
        inbox.offer(datagrams(1))
        let batch = inbox.take()
        #expect(batch.isClosed)
        #expect(batch.events.count == 1)
        #expect(batch.datagrams.isEmpty)
    }
}

@Suite struct BroadcastTests {
    @Test("A listener that takes nothing is cut off, the others go on")
    func slow() async throws {
        let source = Broadcast<Int>()
        let slow = source.listen()
        source.send(Array(0..<NodeLimits.backlog))
        let quick = source.listen()
        source.send([-1])
        await #expect(throws: SlowListener.self) { try await slow.next() }
        let heard = try await quick.next()
        #expect(heard == [-1])
        source.finish()
        let end = try await quick.next()
        #expect(end == nil)
    }

    @Test("What was sent before the end is still handed out")
    func end() async throws {
        let source = Broadcast<Int>()
        let listener = source.listen()
        source.send([1, 2])
        source.finish()
        let heard = try await listener.next()
        #expect(heard == [1, 2])
        let end = try await listener.next()
        #expect(end == nil)
    }

    @Test("Listening after the end ends at once")
    func late() async throws {
        let source = Broadcast<Int>()
        source.finish()
        let end = try await source.listen().next()
        #expect(end == nil)
    }

    @Test("A cancelled listener ends")
    func cancelled() async throws {
        let source = Broadcast<Int>()
        let task = Task { try await source.listen().next() }
        task.cancel()
        let end = try await task.value
        #expect(end == nil)
    }
}
