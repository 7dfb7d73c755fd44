import MeshAPI
import MeshModel
import MeshWAMP
import NIOCore
import Testing

/// Damaged and random input: nothing traps, and what is accepted is what was written.
@Suite("Malformed input") struct MalformedInputTests {
    @Test("a damaged message is refused or reads as a message", arguments: 0..<40 as Range<UInt64>)
    func damagesMessages(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for (text, _) in MessageCodecTests.vectors {
            for _ in 0..<20 {
                var bytes = Array(text.utf8)
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let place = Int.random(in: 0..<bytes.count, using: &generator)
                    switch Int.random(in: 0..<3, using: &generator) {
                    case 0: bytes[place] = .random(in: 0...255, using: &generator)
                    case 1: bytes.insert(.random(in: 0x20...0x7E, using: &generator), at: place)
                    default: if bytes.count > 1 { bytes.remove(at: place) }
                    }
                }
                guard let message = try? WAMPMessage.decode(bytes) else { continue }
                #expect(try WAMPMessage.decode(message.encoded) == message)
            }
        }
    }

    @Test("random octets never trap a stream", arguments: 0..<40 as Range<UInt64>)
    func feedsStreams(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for role in [RawSocketStream.Role.client, .router] {
            var stream = RawSocketStream(role: role)
            if Bool.random(using: &generator) {
                _ = stream.received(ByteBuffer(bytes: RawSocket.handshake))
            }
            for _ in 0..<50 {
                let count = Int.random(in: 0..<40, using: &generator)
                let bytes = (0..<count).map { _ in
                    UInt8.random(in: 0...(.random(using: &generator) ? 2 : 255), using: &generator)
                }
                _ = stream.received(ByteBuffer(bytes: bytes))
            }
        }
    }

    @Test(
        "random messages in any order leave a router that forgets all who left",
        arguments: 0..<40 as Range<UInt64>)
    func shufflesMessages(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var fixture = RouterFixture(seed: seed)
        var open: [ConnectionID] = []
        for _ in 0..<600 {
            if open.count < 6 { open.append(fixture.join()) }
            guard let id = open.randomElement(using: &generator) else { continue }
            let effects = fixture.send(id, Self.message(using: &generator))
            for case .close(let closed) in effects { open.removeAll { $0 == closed } }
            for case .send(let receiver, _) in effects where receiver != id {
                #expect(open.contains(receiver))
            }
        }
        for id in open { _ = fixture.router.handle(.disconnected(id)) }
        for topic in ["a", "b.c"] {
            #expect(fixture.router.handle(.published(topic: topic, Payload())).isEmpty)
        }
        let last = fixture.join()
        #expect(onlyError(fixture.call(last, 1, "a")) == WAMPURI.noSuchProcedure)
    }

    private static func message(using generator: inout SeededGenerator) -> WAMPMessage {
        let id = WAMPID.random(in: 1...12, using: &generator)
        let name =
            ["a", "b.c", "starling.x", "mesh.x", "", "a..b"].randomElement(using: &generator)
            ?? "a"
        switch Int.random(in: 0..<24, using: &generator) {
        case 0..<4: return .subscribe(request: id, options: [:], topic: name)
        case 4..<6: return .unsubscribe(request: id, subscription: id)
        case 6..<9:
            return .publish(
                request: id, options: ["acknowledge": true, "exclude_me": false], topic: name,
                Payload())
        case 9..<13: return .register(request: id, options: [:], procedure: name)
        case 13..<15: return .unregister(request: id, registration: id)
        case 15..<19: return .call(request: id, options: [:], procedure: name, Payload())
        case 19: return .cancel(request: id, options: [:])
        case 20..<22: return .yield(request: id, options: [:], Payload())
        case 22:
            return .error(of: .invocation, request: id, details: [:], uri: name, Payload())
        default:
            return MessageCodecTests.vectors.randomElement(using: &generator)?.1
                ?? .unsubscribed(request: 1)
        }
    }
}
