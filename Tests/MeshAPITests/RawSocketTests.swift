import MeshModel
import MeshWAMP
import NIOCore
import Testing

@Suite("RawSocket") struct RawSocketTests {
    static let opened = RawSocketStream.Event.opened(limit: WAMPLimits.message)

    /// A stream after its handshake.
    static func open() -> RawSocketStream {
        var stream = RawSocketStream(role: .router)
        #expect(stream.received(ByteBuffer(bytes: RawSocket.handshake)) == [opened])
        return stream
    }

    @Test("the handshake asks for JSON and messages of 1 MiB")
    func shakes() {
        #expect(RawSocket.handshake == [0x7F, 0xB1, 0, 0])
        #expect(WAMPLimits.message == 1 << 20)
    }

    @Test("a client's limit is 2^9 to 2^24 octets")
    func readsLimits() {
        for exponent in 0..<16 {
            var stream = RawSocketStream(role: .router)
            let octets: [UInt8] = [0x7F, UInt8(exponent << 4 | 1), 0, 0]
            #expect(
                stream.received(ByteBuffer(bytes: octets)) == [.opened(limit: 1 << (exponent + 9))])
        }
    }

    @Test(
        "what is not offered is refused with the standard's error",
        arguments: [
            ([0x7F, 0xF0, 0, 0], RawSocket.Refusal.serializerUnsupported),
            ([0x7F, 0xF2, 0, 0], .serializerUnsupported),
            ([0x7F, 0xF3, 0, 0], .serializerUnsupported),
            ([0x7F, 0xF1, 1, 0], .reservedBits), ([0x7F, 0xF1, 0, 1], .reservedBits),
        ] as [([UInt8], RawSocket.Refusal)])
    func refuses(octets: [UInt8], refusal: RawSocket.Refusal) {
        var stream = RawSocketStream(role: .router)
        #expect(stream.received(ByteBuffer(bytes: octets)) == [.refused(refusal)])
        #expect(stream.received(ByteBuffer(bytes: RawSocket.handshake)).isEmpty)
        #expect(refusal.reply == [0x7F, refusal.rawValue << 4, 0, 0])
    }

    @Test("a client learns why the router refused", arguments: RawSocket.Refusal.allCases)
    func readsRefusals(refusal: RawSocket.Refusal) {
        var stream = RawSocketStream(role: .client)
        #expect(stream.received(ByteBuffer(bytes: refusal.reply)) == [.refused(refusal)])
    }

    @Test("another first octet fails at once")
    func failsOtherProtocols() {
        for text in ["G", "GET / HTTP/1.1\r\n\r\n"] {
            var stream = RawSocketStream(role: .router)
            guard case .failed? = stream.received(ByteBuffer(string: text)).first else {
                Issue.record("not refused: \(text)")
                continue
            }
        }
    }

    @Test("frames are the same however the reads are cut", arguments: 0..<20 as Range<UInt64>)
    func joinsReads(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var octets = RawSocket.handshake
        var expected: [RawSocketStream.Event] = [Self.opened]
        for number in 0..<50 {
            let payload = [UInt8](
                repeating: UInt8(number), count: Int.random(in: 0...600, using: &generator))
            switch Int.random(in: 0..<3, using: &generator) {
            case 0:
                octets += RawSocket.frame(.message, payload).readableBytesView
                expected.append(.message(payload))
            case 1:
                octets += RawSocket.frame(.ping, payload).readableBytesView
                expected.append(.ping(payload))
            default:
                octets += RawSocket.frame(.pong, payload).readableBytesView
                expected.append(.pong(payload))
            }
        }
        var stream = RawSocketStream(role: .router)
        var events: [RawSocketStream.Event] = []
        var rest = octets[...]
        while !rest.isEmpty {
            let part = rest.prefix(Int.random(in: 1...900, using: &generator))
            events += stream.received(ByteBuffer(bytes: part))
            rest = rest.dropFirst(part.count)
        }
        #expect(events == expected)
    }

    @Test("a frame of the largest size is taken, a larger one fails before it is read")
    func boundsFrames() {
        var stream = Self.open()
        let largest = [UInt8](repeating: 0x20, count: WAMPLimits.message)
        #expect(stream.received(RawSocket.frame(.message, largest)) == [.message(largest)])
        let length = UInt32(WAMPLimits.message + 1)
        guard case .failed? = stream.received(ByteBuffer(integer: length)).first else {
            Issue.record("not refused")
            return
        }
    }

    @Test("reserved kinds and bits of a frame fail", arguments: [3, 7, 8, 0x10, 0xF0] as [UInt8])
    func rejectsKinds(kind: UInt8) {
        var stream = Self.open()
        guard case .failed? = stream.received(ByteBuffer(bytes: [kind, 0, 0, 0])).first else {
            Issue.record("not refused")
            return
        }
        #expect(stream.received(RawSocket.frame(.ping, [])).isEmpty)
    }
}
