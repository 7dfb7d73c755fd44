import MeshModel

/// The clear part of a frame: version 1, salt 8, counter 4 bytes; then the sealed part and its tag.
package struct FrameHeader: Hashable, Sendable {
    package static let version: UInt8 = 1
    package static let length = 13
    package static let tagLength = 16

    /// Fresh randomness of the sender's session: its rotating name on the air.
    package let salt: UInt64
    /// 1, 2, 3 for each frame sealed under the salt.
    package let counter: UInt32

    package init(salt: UInt64, counter: UInt32) {
        self.salt = salt
        self.counter = counter
    }

    /// The 13 bytes, also the associated data of the seal.
    package var bytes: [UInt8] {
        var writer = ByteWriter(capacity: Self.length)
        writer.byte(Self.version)
        writer.integer(salt, 8)
        writer.uint32(counter)
        return writer.bytes
    }

    /// Reads the header of a whole datagram, whose length must leave room for the tag.
    package static func read(_ datagram: [UInt8]) throws(WireError) -> FrameHeader {
        guard datagram.count >= length + tagLength else {
            throw WireError(.truncated, at: datagram.count, field: "frame")
        }
        guard datagram.count <= WireLimits.datagram else {
            throw WireError(.tooLarge, at: WireLimits.datagram, field: "frame")
        }
        var reader = ByteReader(datagram)
        guard try reader.byte("version") == version else {
            throw WireError(.version, at: 0, field: "version")
        }
        let salt = try reader.integer(8, "salt")
        let counter = try reader.uint32("counter")
        guard counter > 0 else { throw WireError(.invalid, at: 9, field: "counter") }
        return FrameHeader(salt: salt, counter: counter)
    }
}

/// One thing a frame says. A frame carries one or more.
package enum Message: Hashable, Sendable {
    case hello(Hello)
    case entry(LiveEntry)
    case digest(Digest)
    case request(Request)
    case run(Run)
    case piece(BodyPiece)
    case openings([IndexedOpening])
    case eager(EagerChange)
    /// A kind of a later version: skipped and counted.
    case unknown(kind: UInt8)

    package var kind: UInt8 {
        switch self {
        case .hello: 1
        case .entry: 2
        case .digest: 3
        case .request: 4
        case .run: 5
        case .piece: 6
        case .openings: 7
        case .eager: 8
        case .unknown(let kind): kind
        }
    }

    package var name: String { Self.name(ofKind: kind) }

    package static func name(ofKind kind: UInt8) -> String {
        let names = [
            "hello", "entry", "digest", "request", "run", "piece", "openings", "eager",
        ]
        return kind >= 1 && Int(kind) <= names.count ? names[Int(kind) - 1] : "unknown"
    }
}

/// The plain text of a frame: messages, each as kind 1, length varint, payload; a length of 0 on
/// the last means "to the end".
package enum FrameCodec {
    package static func encode(_ messages: [Message]) -> [UInt8] {
        precondition(!messages.isEmpty, "a frame without messages")
        var writer = ByteWriter(capacity: WireLimits.plain)
        for (index, message) in messages.enumerated() {
            let payload = payload(of: message)
            precondition(!payload.isEmpty, "an empty \(message.name)")
            writer.byte(message.kind)
            writer.varint(index == messages.count - 1 ? 0 : payload.count)
            writer.bytes(payload)
        }
        return writer.bytes
    }

    package static func decode(_ plain: [UInt8]) throws(WireError) -> [Message] {
        var reader = ByteReader(plain)
        var messages: [Message] = []
        repeat {
            let kind = try reader.byte("message kind")
            let start = reader.offset
            var length = try reader.count("message length", limit: WireLimits.plain)
            if length == 0 { length = reader.remaining }
            guard length > 0 else { throw WireError(.invalid, at: start, field: "message length") }
            var part = try reader.part(length, "message")
            messages.append(try decode(kind: kind, from: &part))
        } while reader.remaining > 0
        return messages
    }

    private static func payload(of message: Message) -> [UInt8] {
        var writer = ByteWriter()
        switch message {
        case .hello(let hello): HelloCodec.write(hello, to: &writer)
        case .entry(let entry): LiveEntryCodec.write(entry, to: &writer)
        case .digest(let digest): DigestCodec.write(digest, to: &writer)
        case .request(let request): RequestCodec.write(request, to: &writer)
        case .run(let run): RunCodec.write(run, to: &writer)
        case .piece(let piece): RunCodec.write(piece, to: &writer)
        case .openings(let openings): RunCodec.write(openings, to: &writer)
        case .eager(let change): EagerCodec.write(change, to: &writer)
        case .unknown: preconditionFailure("an unknown message is never sent")
        }
        return writer.bytes
    }

    private static func decode(
        kind: UInt8, from reader: inout ByteReader
    ) throws(WireError) -> Message {
        let message: Message
        switch kind {
        case 1: message = .hello(try HelloCodec.read(from: &reader))
        case 2: message = .entry(try LiveEntryCodec.read(from: &reader))
        case 3: message = .digest(try DigestCodec.read(from: &reader))
        case 4: message = .request(try RequestCodec.read(from: &reader))
        case 5: message = .run(try RunCodec.readRun(from: &reader))
        case 6: message = .piece(try RunCodec.readPiece(from: &reader))
        case 7: message = .openings(try RunCodec.readOpenings(from: &reader))
        case 8: message = .eager(try EagerCodec.read(from: &reader))
        default: return .unknown(kind: kind)
        }
        try reader.finish("message")
        return message
    }
}
