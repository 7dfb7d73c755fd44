package import NIOCore

/// The frames of WAMP's RawSocket transport (advanced profile, section "RawSocket Transport").
package enum RawSocket {
    package static let magic: UInt8 = 0x7F
    /// The serialiser JSON, the only one spoken here.
    package static let json: UInt8 = 1
    /// Octets of a handshake and of a frame's prefix.
    package static let prefixLength = 4

    /// Why a router refuses a handshake; the upper nibble of its second octet.
    package enum Refusal: UInt8, Error, Sendable, CaseIterable {
        case serializerUnsupported = 1
        case lengthUnacceptable = 2
        case reservedBits = 3
        case tooManyConnections = 4

        /// The four octets of the reply.
        package var reply: [UInt8] { [RawSocket.magic, rawValue << 4, 0, 0] }
    }

    /// What a frame holds.
    package enum FrameKind: UInt8, Sendable {
        case message = 0
        case ping = 1
        case pong = 2
    }

    /// The four octets that ask for (client) or grant (router) JSON, and state the largest message
    /// their sender accepts.
    package static let handshake: [UInt8] = [
        magic, UInt8(WAMPLimits.messageExponent) << 4 | json, 0, 0,
    ]

    /// A frame: the prefix of four octets and the payload.
    ///
    /// - Precondition: the payload is shorter than 2^24 octets.
    package static func frame(
        _ kind: FrameKind, _ payload: some Collection<UInt8>
    ) -> ByteBuffer {
        precondition(payload.count < 1 << 24, "a frame of \(payload.count) octets")
        var buffer = ByteBuffer()
        buffer.reserveCapacity(prefixLength + payload.count)
        buffer.writeInteger(UInt32(kind.rawValue) << 24 | UInt32(payload.count))
        buffer.writeBytes(payload)
        return buffer
    }
}

/// One side of a RawSocket connection as a value: octets in, events out. Reads may be cut and
/// joined anywhere. Holds at most one frame that is not complete, so at most `WAMPLimits.message`
/// octets and what one read brings.
///
/// After `.failed` and `.refused` the connection is over and everything further is ignored.
package struct RawSocketStream {
    package enum Role: Sendable {
        case client
        case router
    }

    package enum Event: Equatable, Sendable {
        /// The handshake is done. The other side accepts messages of up to `limit` octets; a router
        /// must now send `RawSocket.handshake`.
        case opened(limit: Int)
        /// A serialised message.
        case message([UInt8])
        /// A PING to answer with a PONG of the same octets.
        case ping([UInt8])
        /// The answer to a PING; nothing follows from it.
        case pong([UInt8])
        /// To a router: the client asked for what is not offered; reply and close. To a client: the
        /// router refused.
        case refused(RawSocket.Refusal)
        /// The other side does not speak RawSocket: close. Text for people.
        case failed(String)
    }

    private enum State {
        case shaking
        case open
        case over
    }

    private let role: Role
    private var state = State.shaking
    private var pending = ByteBuffer()

    package init(role: Role) { self.role = role }

    /// Takes what was read and returns what it completes, in order.
    package mutating func received(_ bytes: ByteBuffer) -> [Event] {
        guard state != .over else { return [] }
        if pending.readableBytes == 0 {
            pending = bytes
        } else {
            pending.writeImmutableBuffer(bytes)
        }
        var events: [Event] = []
        while let event = next() { events.append(event) }
        pending.discardReadBytes()
        return events
    }

    private mutating func next() -> Event? {
        switch state {
        case .shaking: shake()
        case .open: frame()
        case .over: nil
        }
    }

    private mutating func end(_ event: Event) -> Event {
        state = .over
        pending.clear()
        return event
    }

    private mutating func shake() -> Event? {
        guard let octets = pending.readBytes(length: RawSocket.prefixLength) else {
            // The first octet tells at once that a client speaks something else.
            guard let first = pending.readableBytesView.first, first != RawSocket.magic else {
                return nil
            }
            return end(.failed("the first octet is \(first), not 127: this is no RawSocket"))
        }
        guard octets[0] == RawSocket.magic else {
            return end(.failed("the first octet is \(octets[0]), not 127: this is no RawSocket"))
        }
        let (upper, lower) = (octets[1] >> 4, octets[1] & 0xF)
        if role == .client, lower == 0 {
            guard let refusal = RawSocket.Refusal(rawValue: upper) else {
                return end(.failed("the router refused with the unknown error \(upper)"))
            }
            return end(.refused(refusal))
        }
        guard octets[2] == 0, octets[3] == 0 else { return end(.refused(.reservedBits)) }
        guard lower == RawSocket.json else { return end(.refused(.serializerUnsupported)) }
        state = .open
        return .opened(limit: 1 << (Int(upper) + 9))
    }

    private mutating func frame() -> Event? {
        guard
            let prefix = pending.getInteger(at: pending.readerIndex, as: UInt32.self)
        else { return nil }
        guard let kind = RawSocket.FrameKind(rawValue: UInt8(prefix >> 24)) else {
            return end(.failed("a frame of the unknown kind \(prefix >> 24)"))
        }
        let length = Int(prefix & 0xFF_FFFF)
        guard length <= WAMPLimits.message else {
            return end(
                .failed("a frame of \(length) octets; at most \(WAMPLimits.message) are accepted"))
        }
        guard pending.readableBytes >= RawSocket.prefixLength + length else { return nil }
        pending.moveReaderIndex(forwardBy: RawSocket.prefixLength)
        let payload = pending.readBytes(length: length) ?? []
        switch kind {
        case .message: return .message(payload)
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        }
    }
}
