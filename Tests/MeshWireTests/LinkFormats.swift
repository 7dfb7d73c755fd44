import MeshModel
import MeshWire

extension Format {
    static let hello = Format(
        "hello",
        about: "Who is here, whom he hears, and how well (message 1).",
        fields: [
            "hello flags", "port", "multicast sent", "logs", "peer", "introduction signature",
            "neighbours", "echo salt", "echo counter", "loss",
        ],
        codec: Codec<Hello>(
            reading: { reader throws(WireError) in try HelloCodec.read(from: &reader) },
            writing: { HelloCodec.write($0, to: &$1) },
            describe: { .of($0) },
            draw: { $0.hello() }),
        accept: [
            ("the least", sampleHello()),
            ("introduced, with two neighbours", sampleHello(introduced: true, neighbours: 2)),
            ("a list of nobody", sampleHello(neighbours: 0)),
            ("64 neighbours", sampleHello(neighbours: 64)),
            ("asks for a reply", sampleHello(wantsReply: true)),
            ("is full", sampleHello(isFull: true)),
            (
                "every number at its limit",
                Hello(
                    wantsReply: true, isFull: true, port: .max, multicastSent: .max,
                    logs: WireLimits.logs, introduction: nil,
                    neighbours: [
                        .init(echo: Echo(salt: .max, counter: .max), loss: 100),
                        .init(echo: Sample.echo, loss: 255),
                    ])
            ),
        ],
        reject: [
            Reject("an unknown flag", [16], WireError(.invalid, at: 0, field: "hello flags")),
            Reject(
                "2^32 multicasts", [0, 0, 0] + MeshWireTests.varint(1 << 32),
                WireError(.tooLarge, at: 3, field: "multicast sent")),
            Reject(
                "a padded count of multicasts", [0, 0, 0, 0x81, 0],
                WireError(.nonCanonical, at: 3, field: "multicast sent")),
            Reject(
                "2^20 + 1 logs", [0, 0, 0, 0] + MeshWireTests.varint(1 << 20 + 1),
                WireError(.tooLarge, at: 4, field: "logs")),
            Reject(
                "a padded count of logs", [0, 0, 0, 0, 0x80, 0],
                WireError(.nonCanonical, at: 4, field: "logs")),
            Reject(
                "65 neighbours", [2, 0, 0, 0, 0, 65],
                WireError(.tooLarge, at: 5, field: "neighbours")),
            Reject(
                "a loss of 101 percent", [2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 101],
                WireError(.invalid, at: 14, field: "loss")),
            Reject(
                "a loss of 254 percent", [2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 254],
                WireError(.invalid, at: 14, field: "loss")),
        ])

    private static func sampleHello(
        introduced: Bool = false, wantsReply: Bool = false, isFull: Bool = false,
        neighbours: Int? = nil
    ) -> Hello {
        Hello(
            wantsReply: wantsReply, isFull: isFull, port: 7476, multicastSent: 300, logs: 12,
            introduction: introduced
                ? .init(peer: PeerID(Sample.key), signature: Sample.signature) : nil,
            neighbours: neighbours.map { count in
                (0..<count).map { place in
                    let echo = Echo(salt: 0xAA00_0000 + UInt32(place), counter: UInt32(place))
                    return .init(echo: echo, loss: UInt8(place))
                }
            })
    }

    static let eager = Format(
        "eager",
        about: "Prune or graft: which origins to send by unicast along this link (message 8).",
        fields: ["echo salt", "echo counter", "eager", "origins", "origin"],
        codec: Codec<EagerChange>(
            reading: { reader throws(WireError) in try EagerCodec.read(from: &reader) },
            writing: { EagerCodec.write($0, to: &$1) },
            describe: { .of($0) },
            draw: { $0.eager() }),
        accept: [
            ("a prune of two", EagerChange(echo: Sample.echo, isEager: false, origins: [1, .max])),
            ("a graft of nobody", EagerChange(echo: Sample.echo, isEager: true, origins: [])),
            (
                "64 origins",
                EagerChange(echo: Sample.echo, isEager: true, origins: (0..<64).map { $0 })
            ),
        ],
        reject: [
            Reject(
                "neither prune nor graft", .init(repeating: 0, count: 8) + [2],
                WireError(.invalid, at: 8, field: "eager")),
            Reject(
                "65 origins", .init(repeating: 0, count: 9) + [65],
                WireError(.tooLarge, at: 9, field: "origins")),
            Reject(
                "a padded count", .init(repeating: 0, count: 9) + [0x80, 0],
                WireError(.nonCanonical, at: 9, field: "origins")),
        ])

    static let plain = Format(
        "plain",
        about: "The plain text of a frame. value lists the kind of each message and its bytes.",
        fields: ["message kind", "message length", "message"],
        hasEnd: false,
        codec: Codec<[Message]>(
            read: { bytes throws(WireError) in try FrameCodec.decode(bytes) },
            write: { FrameCodec.encode($0) },
            describe: { .array($0.map(describe)) },
            draw: { generator in [.eager(generator.eager()), .piece(generator.piece())] }),
        accept: [
            ("one message", [.eager(sampleChange)]),
            (
                "a hello with a whole digest",
                [.hello(sampleHello()), .digest(.whole([]))]
            ),
            (
                "every kind",
                [
                    .hello(sampleHello()),
                    .entry(
                        LiveEntry(
                            hops: 0, opening: nil, entry: Sample.entry("hi"),
                            signature: Sample.signature)),
                    .digest(.whole([])), .request(Request(echo: Sample.echo, tag: 1)),
                    .run(
                        Run(
                            tag: 1, isLast: false, log: Sample.ref, chunkEnd: 2, newest: 2,
                            items: [
                                .init(
                                    entry: Sample.entry("hi", seq: 2),
                                    signature: Sample.signature, isForgotten: false)
                            ])),
                    .openings([]), .eager(sampleChange),
                    .piece(
                        BodyPiece(
                            tag: 1, isLast: true, log: Sample.ref, seq: 2, offset: 0, bytes: [1])),
                ]
            ),
        ],
        reject: [
            Reject("nothing", [], WireError(.truncated, at: 0, field: "message kind")),
            Reject("a kind alone", [8], WireError(.truncated, at: 1, field: "message length")),
            Reject(
                "an empty message", [8, 0], WireError(.invalid, at: 1, field: "message length")),
            Reject(
                "an empty message of an unknown kind", [200, 0],
                WireError(.invalid, at: 1, field: "message length")),
            Reject(
                "longer than a frame", [8] + MeshWireTests.varint(1204),
                WireError(.tooLarge, at: 1, field: "message length")),
            Reject(
                "a padded length", [8, 0x81, 0, 0],
                WireError(.nonCanonical, at: 1, field: "message length")),
            Reject(
                "longer than what is left", [200, 3, 0, 0],
                WireError(.truncated, at: 2, field: "message")),
            Reject(
                "a message with a byte too many", [3, 3, 0, 0, 0],
                WireError(.trailing, at: 4, field: "message")),
            Reject(
                "a field that ends with its message, not with the frame",
                [3, 1, 0, 200, 0, 1], WireError(.truncated, at: 3, field: "digest items")),
            Reject(
                "a good message and then a bad one", [200, 1, 0, 3, 0, 9],
                WireError(.invalid, at: 5, field: "digest form")),
        ])

    private static let sampleChange = EagerChange(echo: Sample.echo, isEager: true, origins: [1])

    private static func describe(_ message: Message) -> JSON {
        guard case .unknown = message else {
            return [
                "kind": .number(message.kind),
                "payload": .hex(FrameCodec.encode([message]).dropFirst(2)),
            ]
        }
        return ["kind": .number(message.kind), "payload": nil]
    }
}
