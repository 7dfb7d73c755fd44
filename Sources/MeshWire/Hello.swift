package import MeshModel

/// Proof of having heard someone lately: the front of his salt and the highest counter heard under
/// it.
package struct Echo: Hashable, Sendable {
    /// The first 4 bytes of the salt.
    package let salt: UInt32
    package let counter: UInt32

    package init(salt: UInt32, counter: UInt32) {
        self.salt = salt
        self.counter = counter
    }

    package static func tag(ofSalt salt: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: salt >> 32)
    }
}

/// Who is here, whom he hears, and how well. Sent to all on a link, never suppressed.
package struct Hello: Hashable, Sendable {
    /// Who the salt stands for, signed. In the first hellos under a salt, and whenever someone new
    /// is heard.
    package struct Introduction: Hashable, Sendable {
        package let peer: PeerID
        /// Over the domain, the mesh id and the salt (docs/spec/wire.md, "Introduction").
        package let signature: Signature

        package init(peer: PeerID, signature: Signature) {
            self.peer = peer
            self.signature = signature
        }
    }

    package struct Neighbour: Hashable, Sendable {
        package let echo: Echo
        /// Share of his multicast frames that were lost on the way here, in percent; 255 is
        /// unknown.
        package let loss: UInt8

        package init(echo: Echo, loss: UInt8) {
            self.echo = echo
            self.loss = loss
        }
    }

    /// Asks for a hello in return: the sender knows of someone here, but is not confirmed by him.
    package var wantsReply: Bool
    /// The store takes no foreign entries.
    package var isFull: Bool
    /// The port that this peer sends from and is reached at by unicast.
    package var port: UInt16
    /// Multicast frames sent on this link under this salt, this one included.
    package var multicastSent: UInt32
    /// Logs held, which is the number of digest items.
    package var logs: Int
    package var introduction: Introduction?
    /// Nil when the list does not travel with this hello.
    package var neighbours: [Neighbour]?

    package init(
        wantsReply: Bool, isFull: Bool, port: UInt16, multicastSent: UInt32, logs: Int,
        introduction: Introduction?, neighbours: [Neighbour]?
    ) {
        self.wantsReply = wantsReply
        self.isFull = isFull
        self.port = port
        self.multicastSent = multicastSent
        self.logs = logs
        self.introduction = introduction
        self.neighbours = neighbours
    }
}

package enum HelloCodec {
    private static let introduces: UInt8 = 1
    private static let lists: UInt8 = 2
    private static let wantsReply: UInt8 = 4
    private static let isFull: UInt8 = 8
    private static let known: UInt8 = 15

    package static func write(_ hello: Hello, to writer: inout ByteWriter) {
        var flags: UInt8 = 0
        if hello.introduction != nil { flags |= introduces }
        if hello.neighbours != nil { flags |= lists }
        if hello.wantsReply { flags |= wantsReply }
        if hello.isFull { flags |= isFull }
        writer.byte(flags)
        writer.integer(UInt64(hello.port), 2)
        writer.varint(UInt64(hello.multicastSent))
        writer.varint(hello.logs)
        if let introduction = hello.introduction {
            writer.bytes32(introduction.peer.raw)
            writer.bytes(introduction.signature.bytes)
        }
        if let neighbours = hello.neighbours {
            precondition(
                neighbours.count <= WireLimits.neighbourItems, "\(neighbours.count) neighbours")
            writer.varint(neighbours.count)
            for neighbour in neighbours {
                write(neighbour.echo, to: &writer)
                writer.byte(neighbour.loss)
            }
        }
    }

    package static func read(from reader: inout ByteReader) throws(WireError) -> Hello {
        let start = reader.offset
        let flags = try reader.byte("hello flags")
        guard flags & ~known == 0 else {
            throw WireError(.invalid, at: start, field: "hello flags")
        }
        let port = UInt16(truncatingIfNeeded: try reader.integer(2, "port"))
        let sent = UInt32(try reader.varint("multicast sent", limit: UInt64(UInt32.max)))
        let logs = try reader.count("logs", limit: WireLimits.logs)
        return Hello(
            wantsReply: flags & wantsReply != 0, isFull: flags & isFull != 0, port: port,
            multicastSent: sent, logs: logs,
            introduction: flags & introduces == 0 ? nil : try readIntroduction(from: &reader),
            neighbours: flags & lists == 0 ? nil : try readNeighbours(from: &reader))
    }

    package static func write(_ echo: Echo, to writer: inout ByteWriter) {
        writer.uint32(echo.salt)
        writer.uint32(echo.counter)
    }

    package static func readEcho(from reader: inout ByteReader) throws(WireError) -> Echo {
        Echo(salt: try reader.uint32("echo salt"), counter: try reader.uint32("echo counter"))
    }

    private static func readIntroduction(
        from reader: inout ByteReader
    ) throws(WireError) -> Hello.Introduction {
        let peer = PeerID(try reader.bytes32("peer"))
        let start = reader.offset
        guard let signature = Signature(try reader.bytes(64, "introduction signature")) else {
            throw WireError(.invalid, at: start, field: "introduction signature")
        }
        return Hello.Introduction(peer: peer, signature: signature)
    }

    private static func readNeighbours(
        from reader: inout ByteReader
    ) throws(WireError) -> [Hello.Neighbour] {
        let count = try reader.count("neighbours", limit: WireLimits.neighbourItems)
        var neighbours: [Hello.Neighbour] = []
        neighbours.reserveCapacity(count)
        for _ in 0..<count {
            let echo = try readEcho(from: &reader)
            let start = reader.offset
            let loss = try reader.byte("loss")
            guard loss <= 100 || loss == 255 else {
                throw WireError(.invalid, at: start, field: "loss")
            }
            neighbours.append(Hello.Neighbour(echo: echo, loss: loss))
        }
        return neighbours
    }
}
