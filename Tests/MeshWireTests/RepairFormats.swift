import MeshModel
import MeshWire

extension Format {
    static let digest = Format(
        "digest",
        about: "What the sender holds, log by log (message 3).",
        fields: [
            "digest form", "digest items", "log key", "head seq", "head hash", "path length",
            "path", "digest child", "bucket items", "log index",
        ],
        codec: Codec<Digest>(
            reading: { reader throws(WireError) in try DigestCodec.read(from: &reader) },
            writing: { DigestCodec.write($0, to: &$1) },
            describe: { .of($0) },
            draw: { $0.digest() }),
        accept: [
            ("two logs, whole", .whole(items(2))),
            ("nothing held", .whole([])),
            ("a log whose start is missing", .whole([.init(key: 1, seq: 0, head: 2)])),
            ("110 logs, whole", .whole(items(110))),
            ("the root of the tree", .node(path: [], children: (0..<32).map { UInt32($0) })),
            (
                "the deepest node",
                .node(path: (20..<32).map { $0 }, children: .init(repeating: .max, count: 32))
            ),
            ("a bucket", .bucket(path: [0, 31], items: indexed(2))),
            ("an empty bucket", .bucket(path: [5], items: [])),
            ("a bucket of 85", .bucket(path: [], items: indexed(85))),
            (
                "numbers at their limits",
                .bucket(
                    path: [],
                    items: [
                        .init(
                            index: WireLimits.logs,
                            item: .init(key: .max, seq: ModelLimits.seq, head: .max))
                    ])
            ),
        ],
        reject: [
            Reject("form 3", [3], WireError(.invalid, at: 0, field: "digest form")),
            Reject("111 items", [0, 111], WireError(.tooLarge, at: 1, field: "digest items")),
            Reject(
                "a padded count of items", [0, 0x80, 0],
                WireError(.nonCanonical, at: 1, field: "digest items")),
            Reject(
                "a padded head", [0, 1, 1, 2, 3, 4, 0x80, 0],
                WireError(.nonCanonical, at: 6, field: "head seq")),
            Reject(
                "a head of seq 2^32 - 1", [0, 1, 1, 2, 3, 4] + MeshWireTests.varint(0xFFFF_FFFF),
                WireError(.tooLarge, at: 6, field: "head seq")),
            Reject("a path of 13", [1, 13], WireError(.tooLarge, at: 1, field: "path length")),
            Reject(
                "a step of 32", [1, 2, 0, 32], WireError(.invalid, at: 2, field: "path")),
            Reject(
                "86 items in a bucket", [2, 0, 86],
                WireError(.tooLarge, at: 2, field: "bucket items")),
            Reject(
                "an index beyond 2^20", [2, 0, 1] + MeshWireTests.varint(1 << 20 + 1),
                WireError(.tooLarge, at: 3, field: "log index")),
        ])

    private static func items(_ count: Int) -> [Digest.Item] {
        (0..<count).map {
            .init(key: 0x1000 + UInt32($0), seq: 1 + Seq($0 * 99), head: 0x2000 + UInt32($0))
        }
    }

    private static func indexed(_ count: Int) -> [Digest.IndexedItem] {
        items(count).enumerated().map { .init(index: $0 * 200, item: $1) }
    }

    static let request = Format(
        "request",
        about: "What the sender lacks and asks one neighbour for (message 4).",
        fields: [
            "echo salt", "echo counter", "tag", "ranges", "range log", "range reference",
            "range from", "range length", "openings", "opening index", "opening references",
            "opening reference", "nodes", "path length", "path",
        ],
        codec: Codec<Request>(
            reading: { reader throws(WireError) in try RequestCodec.read(from: &reader) },
            writing: { RequestCodec.write($0, to: &$1) },
            describe: { .of($0) },
            draw: { $0.request() }),
        accept: [
            ("one entry by index", sampleRequest(ranges: [.init(log: .index(0), from: 5, to: 5)])),
            (
                "everything, by index and by reference",
                Request(
                    echo: Sample.echo, tag: 0xBEEF,
                    ranges: [
                        .init(log: .index(300), from: 1, to: 64),
                        .init(log: .ref(Sample.ref), from: 65, to: 1000, isProved: true),
                    ],
                    openings: [0, 1], openingRefs: [Sample.ref], nodes: [[], [1, 2, 3]])
            ),
            ("nothing", sampleRequest(ranges: [])),
            (
                "every number at its limit",
                Request(
                    echo: Echo(salt: .max, counter: .max), tag: .max,
                    ranges: [
                        .init(
                            log: .index(WireLimits.logs), from: 1, to: ModelLimits.seq,
                            isProved: true),
                        .init(log: .ref(LogRef(.max)), from: ModelLimits.seq, to: ModelLimits.seq),
                    ],
                    openings: [WireLimits.logs], nodes: [.init(repeating: 31, count: 12)])
            ),
            (
                "64 ranges",
                sampleRequest(ranges: (0..<64).map { .init(log: .index($0), from: 1, to: 2) })
            ),
        ],
        reject: requestRejects)

    private static func sampleRequest(ranges: [Request.Range]) -> Request {
        Request(echo: Sample.echo, tag: 1, ranges: ranges)
    }

    /// Offsets: echo 0, tag 8, ranges 10.
    private static var requestRejects: [Reject] {
        func refuse(_ name: String, _ tail: [UInt8], _ error: WireError) -> Reject {
            Reject(name, .init(repeating: 1, count: 10) + tail, error)
        }
        let far = MeshWireTests.varint(1 << 20 + 2)
        return [
            refuse("65 ranges", [65], WireError(.tooLarge, at: 10, field: "ranges")),
            refuse(
                "a range of an index beyond 2^20", [1] + far,
                WireError(.tooLarge, at: 11, field: "range log")),
            refuse(
                "a range from 0", [1, 1, 0], WireError(.invalid, at: 12, field: "range from")),
            refuse(
                "a range past the last seq", [1, 1, 2] + MeshWireTests.varint(0xFFFF_FFFD << 1),
                WireError(.invalid, at: 13, field: "range length")),
            refuse(
                "a range longer than a log", [1, 1, 1] + MeshWireTests.varint(0xFFFF_FFFF << 1),
                WireError(.tooLarge, at: 13, field: "range length")),
            refuse("65 openings", [0, 65], WireError(.tooLarge, at: 11, field: "openings")),
            refuse(
                "an opening of an index beyond 2^20", [0, 1] + far,
                WireError(.tooLarge, at: 12, field: "opening index")),
            refuse(
                "65 opening references", [0, 0, 65],
                WireError(.tooLarge, at: 12, field: "opening references")),
            refuse("65 nodes", [0, 0, 0, 65], WireError(.tooLarge, at: 13, field: "nodes")),
            refuse(
                "a node of 13 steps", [0, 0, 0, 1, 13],
                WireError(.tooLarge, at: 14, field: "path length")),
            refuse(
                "a node with a step of 32", [0, 0, 0, 1, 1, 32],
                WireError(.invalid, at: 15, field: "path")),
        ]
    }

    static let run = Format(
        "run",
        about: "A stretch of one log, newest first (message 5). log and seq of each entry follow "
            + "from the run.",
        fields: [
            "tag", "last", "log", "chunk end", "newest", "items", "item flags", "previous", "at",
            "push",
            "cites", "cite log", "cite seq", "cite tag", "kind", "body length", "body",
            "body hash", "signature",
        ],
        codec: Codec<Run>(
            reading: { reader throws(WireError) in try RunCodec.readRun(from: &reader) },
            writing: { RunCodec.write($0, to: &$1) },
            describe: { .of($0) },
            draw: { $0.run() }),
        accept: [
            (
                "a whole chunk",
                sampleRun(
                    end: 2,
                    [
                        .init(
                            entry: UnhashedEntry(
                                header: Sample.header(
                                    seq: 2, cites: Sample.cites(1), bodyLength: 2, hash: .zero),
                                body: [1, 2]),
                            signature: Sample.signature, isForgotten: false),
                        .init(entry: Sample.entry("one"), signature: nil, isForgotten: false),
                    ])
            ),
            (
                "one whose body follows in pieces",
                sampleRun(
                    end: 3,
                    [
                        .init(
                            entry: Sample.announced(seq: 3), signature: Sample.signature,
                            isForgotten: false)
                    ])
            ),
            (
                "the rest of a chunk, its first body forgotten",
                Run(
                    tag: 9, isLast: false, log: Sample.ref, chunkEnd: 64, newest: 2,
                    items: [
                        .init(
                            entry: Sample.announced(seq: 2, length: 4), signature: nil,
                            isForgotten: true),
                        .init(entry: Sample.entry(""), signature: nil, isForgotten: false),
                    ])
            ),
            ("nothing held of what was asked for", .nothing(for: 9, of: Sample.ref)),
        ],
        reject: runRejects)

    private static func sampleRun(end: Seq, _ items: [Run.Item]) -> Run {
        Run(tag: 9, isLast: true, log: Sample.ref, chunkEnd: end, newest: end, items: items)
    }

    /// Offsets: tag 0, last 2, log 3, chunk end 11, newest 12, items 13, first item 14.
    private static var runRejects: [Reject] {
        func refuse(_ name: String, _ tail: [UInt8], _ error: WireError) -> Reject {
            Reject(name, .init(repeating: 1, count: 11) + tail, error)
        }
        let link: [UInt8] = .init(repeating: 7, count: 16)
        let none: [UInt8] = .init(repeating: 0, count: 16)
        return [
            Reject("last 2", [1, 1, 2], WireError(.invalid, at: 2, field: "last")),
            refuse("a chunk that ends at 0", [0], WireError(.invalid, at: 11, field: "chunk end")),
            refuse("a newest of 0", [4, 4], WireError(.invalid, at: 12, field: "newest")),
            refuse(
                "a newest below 0", [4] + MeshWireTests.varint(0xFFFF_FFFF),
                WireError(.tooLarge, at: 12, field: "newest")),
            Reject(
                "no items before the last answer",
                [1, 1, 0] + .init(repeating: 1, count: 8) + [4, 0, 0],
                WireError(.invalid, at: 13, field: "items")),
            refuse("more items than seqs", [4, 0, 5], WireError(.invalid, at: 13, field: "items")),
            refuse("65 items", [100, 0, 65], WireError(.tooLarge, at: 13, field: "items")),
            refuse(
                "an unknown flag", [4, 0, 1, 8], WireError(.invalid, at: 14, field: "item flags")),
            refuse(
                "a body that is there and forgotten", [4, 0, 1, 5],
                WireError(.invalid, at: 14, field: "item flags")),
            refuse(
                "seq 1 with a previous", [1, 0, 1, 1] + link,
                WireError(.invalid, at: 15, field: "previous")),
            refuse(
                "seq 4 without a previous", [4, 0, 1, 1] + none,
                WireError(.invalid, at: 15, field: "previous")),
            refuse(
                "65 cites", [1, 0, 1, 1] + none + [0, 0, 0, 0, 0, 0, 0, 65],
                WireError(.tooLarge, at: 38, field: "cites")),
            refuse(
                "a body of 4097 bytes",
                [1, 0, 1, 1] + none + [0, 0, 0, 0, 0, 0, 0, 0, 1] + MeshWireTests.varint(4097),
                WireError(.tooLarge, at: 40, field: "body length")),
        ]
    }

    static let piece = Format(
        "piece",
        about: "Part of a body that does not fit into a run (message 6).",
        fields: ["tag", "last", "log", "piece seq", "piece offset"],
        hasEnd: false,
        codec: Codec<BodyPiece>(
            reading: { reader throws(WireError) in try RunCodec.readPiece(from: &reader) },
            writing: { RunCodec.write($0, to: &$1) },
            describe: { .of($0) },
            draw: { $0.piece() }),
        accept: [
            (
                "the first piece",
                BodyPiece(
                    tag: 9, isLast: false, log: Sample.ref, seq: 3, offset: 0, bytes: [1, 2, 3])
            ),
            (
                "the last byte",
                BodyPiece(
                    tag: .max, isLast: true, log: LogRef(.max), seq: ModelLimits.seq, offset: 4095,
                    bytes: [0])
            ),
        ],
        reject: pieceRejects)

    /// Offsets: tag 0, last 2, log 3, seq 11, offset 12.
    private static var pieceRejects: [Reject] {
        func refuse(_ name: String, _ tail: [UInt8], _ error: WireError) -> Reject {
            Reject(name, .init(repeating: 1, count: 11) + tail, error)
        }
        return [
            Reject("last 2", [1, 1, 2], WireError(.invalid, at: 2, field: "last")),
            refuse("seq 0", [0], WireError(.invalid, at: 11, field: "piece seq")),
            refuse("no bytes", [3, 0], WireError(.invalid, at: 12, field: "piece")),
            refuse(
                "past the longest body", [3] + MeshWireTests.varint(4095) + [1, 2],
                WireError(.invalid, at: 12, field: "piece")),
            refuse(
                "an offset of 4097", [3] + MeshWireTests.varint(4097) + [1],
                WireError(.tooLarge, at: 12, field: "piece offset")),
        ]
    }

    static let openings = Format(
        "openings",
        about: "Whose logs these are, each with its place in the sender's digest (message 7).",
        fields: [
            "openings", "log index", "opening form", "author", "epoch", "room kind",
            "room name length", "room name", "branch seq", "branch",
        ],
        codec: Codec<[IndexedOpening]>(
            reading: { reader throws(WireError) in try RunCodec.readOpenings(from: &reader) },
            writing: { RunCodec.write($0, to: &$1) },
            describe: { .of($0) },
            draw: { $0.openings() }),
        accept: [
            (
                "a log and a branch",
                [
                    .init(index: 0, opening: Opening(log: Sample.log)),
                    .init(
                        index: WireLimits.logs,
                        opening: Opening(log: Sample.log, branch: Sample.branch)),
                ]
            ),
            ("none", []),
            (
                "16 profiles",
                (0..<16).map { .init(index: $0, opening: Opening(log: Sample.profile)) }
            ),
        ],
        reject: [
            Reject("17 openings", [17], WireError(.tooLarge, at: 0, field: "openings")),
            Reject(
                "an index beyond 2^20", [1] + MeshWireTests.varint(1 << 20 + 1),
                WireError(.tooLarge, at: 1, field: "log index")),
            Reject("form 2", [1, 0, 2], WireError(.invalid, at: 2, field: "opening form")),
            Reject(
                "a branch from seq 0", [1, 0, 1] + Sample.key.bytes + bigEndian(1, 8) + [0, 0, 0],
                WireError(.invalid, at: 45, field: "branch seq")),
        ])

    /// Every format, in the order of the specification.
    static let all = [
        varint, header, opening, plain, hello, entry, digest, request, run, piece, openings, eager,
    ]
}
