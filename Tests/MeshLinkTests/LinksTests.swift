import Logging
import MeshGossip

import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import MeshLink
@testable import MeshNode

/// Links with nothing but a queue behind them: every event comes out in the order it was put in.
private final class Station: Sendable {
    let links: Links
    let inbox = Inbox()
    let isolation = Isolation()
    private let pending = Mutex<[Event]>([])

    init(interfaces: [String] = ["lo"], port: UInt16? = nil, peers: [StaticPeer] = []) {
        links = Links(
            .init(interfaces: interfaces, port: port, peers: peers, isolation: isolation),
            loops: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Waits for the next event for which `pick` gives a value; others are passed over.
    func next<Value>(_ pick: (Event) -> Value?) async -> Value {
        while true {
            while let event = popFirst() {
                if let value = pick(event) { return value }
            }
            await inbox.wait()
            let batch = inbox.take()
            pending.withLock { pending in
                pending += batch.events
                pending += batch.datagrams.map(Event.datagramReceived)
            }
        }
    }

    private func popFirst() -> Event? {
        pending.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    func up() async -> (LinkID, UInt16) {
        await next { event in
            if case .linkUp(let id, let info) = event { (id, info.port) } else { nil }
        }
    }

    /// The next datagram that a test sent: other tests run real peers on the same loopback, whose
    /// frames have 29 bytes and more.
    func datagramOfTest() async -> Datagram {
        await next { event in
            if case .datagramReceived(let datagram) = event, datagram.bytes.count < 29 {
                datagram
            } else {
                nil
            }
        }
    }

    /// The next datagram with this content.
    func datagram(_ bytes: [UInt8]) async -> Datagram {
        await next { event in
            if case .datagramReceived(let datagram) = event, datagram.bytes == bytes {
                datagram
            } else {
                nil
            }
        }
    }
}

/// Runs the stations around `body`.
private func run(_ stations: [Station], _ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup { group in
        for station in stations {
            group.addTask { try await station.links.run(into: station.inbox) }
        }
        try await body()
        group.cancelAll()
        while let result = await group.nextResult() {
            if case .failure(let error) = result, !(error is CancellationError) { throw error }
        }
    }
}

@Suite(.serialized) struct LinksTests {
    @Test("Multicast on lo reaches the other peers of this machine, unicast only the one meant")
    func exchange() async throws {
        let stations = [Station(), Station(), Station()]
        try await run(stations) {
            var ports: [UInt16] = []
            var ids: [LinkID] = []
            for station in stations {
                let (id, port) = await station.up()
                ids.append(id)
                ports.append(port)
            }
            #expect(Set(ports).count == 3)
            stations[0].links.send([1, 2, 3], on: ids[0], to: nil)
            let heard = await stations[1].datagram([1, 2, 3])
            #expect(heard.isMulticast)
            #expect(heard.from == Endpoint(127, 0, 0, 1, port: ports[0]).address)
            _ = await stations[2].datagram([1, 2, 3])

            stations[1].links.send([4], on: ids[1], to: heard.from)
            let answer = await stations[0].datagram([4])
            #expect(!answer.isMulticast)
            #expect(answer.from == Endpoint(127, 0, 0, 1, port: ports[1]).address)
        }
    }

    @Test("One's own echo is counted and not handed on")
    func echo() async throws {
        let (talker, other) = (Station(), Station())
        try await run([talker, other]) {
            let (id, _) = await talker.up()
            let (otherID, _) = await other.up()
            talker.links.send([1], on: id, to: nil)
            _ = await other.datagram([1])
            other.links.send([2], on: otherID, to: nil)
            // What the talker hears first is the other: its own frame came before and was dropped.
            let first = await talker.datagramOfTest()
            #expect(first.bytes == [2])
            let view = try #require(talker.links.views.first)
            #expect(view.counts.echoes == 1)
            #expect(view.counts.framesSent == 1)
            #expect(view.multicast == .works)
            #expect(view.kind == "loopback")
            #expect((view.receiveBuffer ?? 0) > 0)
        }
    }

    @Test("The lab aid keeps two peers apart in both directions and lets them meet again")
    func isolation() async throws {
        let (one, other) = (Station(), Station())
        try await run([one, other]) {
            let (id, port) = await one.up()
            let (otherID, otherPort) = await other.up()
            one.isolation.cutOff(from: [otherPort])
            other.links.send([1], on: otherID, to: nil)
            other.links.send([2], on: otherID, to: Endpoint(127, 0, 0, 1, port: port).address)
            one.links.send([3], on: id, to: Endpoint(127, 0, 0, 1, port: otherPort).address)
            one.links.send([4], on: id, to: nil)
            let first = await other.datagramOfTest()
            #expect(first.bytes == [4])
            one.isolation.cutOff(from: [])
            other.links.send([5], on: otherID, to: nil)
            // What was sent before may still be in the socket: it is the later one that must come.
            _ = await one.datagram([5])
        }
    }

    @Test("A port that was asked for and is taken ends the links with the reason")
    func portTaken() async throws {
        let first = Station()
        try await run([first]) {
            let (_, port) = await first.up()
            let second = Station(port: port)
            await #expect(throws: LinkError.portTaken(port, "127.0.0.1")) {
                try await second.links.run(into: second.inbox)
            }
        }
    }

    @Test("An interface that does not exist is reported and does not end the others")
    func missingInterface() async throws {
        let station = Station(interfaces: ["nosuch0", "lo"])
        try await run([station]) {
            _ = await station.up()
            let views = station.links.views
            #expect(views.map(\.interface) == ["nosuch0", "lo"])
            #expect(views[0].id == nil)
            #expect(views[1].id != nil)
        }
    }

    @Test("A peer that the user named is suggested on the link that leads there")
    func staticPeer() async throws {
        let station = Station(peers: [try StaticPeer("127.0.0.1:9")])
        try await run([station]) {
            let (id, _) = await station.up()
            let suggestion = await station.next { event in
                if case .neighbourSuggested(let link, let address) = event {
                    (link, address)
                } else {
                    nil
                }
            }
            #expect(suggestion.0 == id)
            #expect(suggestion.1 == Endpoint(127, 0, 0, 1, port: 9).address)
            #expect(station.links.isStatic(suggestion.1))
        }
    }
}

@Suite struct EndpointTests {
    @Test("An endpoint survives the way through the engine")
    func roundTrip() {
        let endpoint = Endpoint(10, 0, 255, 1, port: 7476)
        #expect(endpoint.address.bytes == [10, 0, 255, 1, 0x1D, 0x34])
        #expect(Endpoint(endpoint.address) == endpoint)
        #expect(endpoint.description == "10.0.255.1:7476")
    }

    @Test(
        "Only six bytes are an endpoint", arguments: [[], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6, 7]])
    func wrongLength(bytes: [UInt8]) {
        #expect(Endpoint(Address(bytes)) == nil)
    }

    @Test("HOST:PORT is taken apart at the last colon")
    func staticPeer() throws {
        let peer = try StaticPeer("drone.local:7476")
        #expect(peer.host == "drone.local")
        #expect(peer.port == 7476)
    }

    @Test(
        "Anything else is refused",
        arguments: ["drone", ":7476", "drone:", "drone:0", "drone:70000"])
    func badPeer(text: String) {
        #expect(throws: LinkError.badPeer(text)) { try StaticPeer(text) }
    }
}
