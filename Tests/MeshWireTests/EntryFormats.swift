import MeshModel
import MeshWire

extension Format {
    static let varint = Format(
        "varint",
        about: "Unsigned LEB128 in its shortest form. value is decimal, 0 to 2^64 - 1.",
        fields: ["varint"],
        codec: Codec<UInt64>(
            reading: { reader throws(WireError) in try reader.varint("varint") },
            writing: { $1.varint($0) },
            describe: { .decimal($0) },
            draw: { $0.next() >> ($0.next() % 64) }),
        accept: [
            ("zero", 0), ("one", 1), ("the last in one byte", 127), ("the first in two bytes", 128),
            ("300", 300), ("the last in two bytes", 16383), ("the first in three bytes", 16384),
            ("2^32 - 1", 1 << 32 - 1), ("2^53", 1 << 53), ("2^63", 1 << 63), ("2^64 - 1", .max),
        ],
        reject: [
            Reject("nothing", [], WireError(.truncated, at: 0, field: "varint")),
            Reject(
                "zero in two bytes", [0x80, 0], WireError(.nonCanonical, at: 0, field: "varint")),
            Reject(
                "one in three bytes", [0x81, 0x80, 0],
                WireError(.nonCanonical, at: 0, field: "varint")),
            Reject(
                "2^64", .init(repeating: 0x80, count: 9) + [2],
                WireError(.tooLarge, at: 0, field: "varint")),
            Reject(
                "eleven bytes", .init(repeating: 0x80, count: 10) + [1],
                WireError(.tooLarge, at: 0, field: "varint")),
        ])

    static let header = Format(
        "header",
        about: "The canonical header of an entry: what is hashed and signed.",
        fields: [
            "log", "seq", "previous", "at", "push", "cites", "cite log", "cite seq", "cite tag",
            "kind", "body length", "body hash",
        ],
        codec: Codec<EntryHeader>(
            read: { bytes throws(WireError) in try EntryCodec.header(canonical: bytes) },
            write: { EntryCodec.canonical($0) },
            describe: { .of($0) },
            draw: { $0.header() }),
        accept: [
            ("the first entry of a log", Sample.header()),
            ("two cites", Sample.header(seq: 2, push: 300, cites: Sample.cites(2, seq: 500))),
            (
                "cites of one log, and of one seq that forked",
                Sample.header(
                    seq: 3,
                    cites: [
                        Cite(log: LogRef(9), seq: 1, tag: 1),
                        Cite(log: LogRef(9), seq: 1, tag: 2),
                        Cite(log: LogRef(9), seq: 2, tag: 0),
                    ])
            ),
            ("64 cites and no more", Sample.header(seq: 4, cites: Sample.cites(64))),
            ("64 cites and more", Sample.header(seq: 4, cites: Sample.cites(64), more: true)),
            (
                "the most bytes that cites can take",
                Sample.header(seq: 5, cites: Sample.cites(64, seq: 1 << 28 - 1))
            ),
            (
                "every number at its limit",
                Sample.header(
                    seq: ModelLimits.seq, at: ModelLimits.wallTime, push: .max,
                    kind: EntryKind(rawValue: 255), bodyLength: UInt32(ModelLimits.body))
            ),
            ("a clock at 1970 and an empty body", Sample.header(at: 0, bodyLength: 0)),
            (
                "an unknown kind",
                Sample.header(kind: EntryKind(rawValue: 0), bodyLength: 1)
            ),
        ],
        reject: headerRejects)

    /// Offsets: log 0, seq 8, previous 9, at 25, push 31, cites 32, kind 33, body length 34.
    private static var headerRejects: [Reject] {
        let first = EntryCodec.canonical(Sample.header())
        let second = EntryCodec.canonical(Sample.header(seq: 2, cites: Sample.cites(2)))
        return [
            Reject(
                "seq 0", first.with([0], at: 8), WireError(.invalid, at: 8, field: "seq")),
            Reject(
                "seq 2^32 - 1", first.with(MeshWireTests.varint(0xFFFF_FFFF), at: 8, inPlaceOf: 1),
                WireError(.tooLarge, at: 8, field: "seq")),
            Reject(
                "a padded seq", first.with([0x81, 0], at: 8, inPlaceOf: 1),
                WireError(.nonCanonical, at: 8, field: "seq")),
            Reject(
                "a first entry with a previous", first.with([1], at: 24),
                WireError(.invalid, at: 9, field: "previous")),
            Reject(
                "a second entry without a previous",
                second.with(.init(repeating: 0, count: 16), at: 9),
                WireError(.invalid, at: 9, field: "previous")),
            Reject(
                "a padded push", first.with([0x80, 0], at: 31, inPlaceOf: 1),
                WireError(.nonCanonical, at: 31, field: "push")),
            Reject(
                "a push of 2^64",
                first.with(.init(repeating: 0x80, count: 9) + [2], at: 31, inPlaceOf: 1),
                WireError(.tooLarge, at: 31, field: "push")),
            Reject(
                "65 cites", first.with([65], at: 32), WireError(.tooLarge, at: 32, field: "cites")),
            Reject(
                "more after fewer than 64 cites", second.with([0x82], at: 32),
                WireError(.nonCanonical, at: 32, field: "cites")),
            Reject(
                "cites in the wrong order", second.with([9], at: 40),
                WireError(.nonCanonical, at: 46, field: "cites")),
            Reject(
                "the same cite twice", second.with(Array(second[33..<46]), at: 46),
                WireError(.nonCanonical, at: 46, field: "cites")),
            Reject(
                "a cite of seq 0", second.with([0], at: 41),
                WireError(.invalid, at: 41, field: "cite seq")),
            Reject(
                "cites of more than 1024 bytes",
                EntryCodec.canonical(
                    Sample.header(
                        seq: 2,
                        cites: Sample.cites(63, seq: 1 << 28 - 1) + [
                            Cite(log: LogRef(64), seq: 1 << 28, tag: 0)
                        ])),
                WireError(.tooLarge, at: 32, field: "cites")),
            Reject(
                "a cite of its own log",
                EntryCodec.canonical(
                    Sample.header(seq: 2, cites: [Cite(log: Sample.ref, seq: 1, tag: 0)])),
                WireError(.invalid, at: 32, field: "cites")),
            Reject(
                "a body of 4097 bytes",
                first.with(MeshWireTests.varint(4097), at: 34, inPlaceOf: 1),
                WireError(.tooLarge, at: 34, field: "body length")),
        ]
    }

    static let opening = Format(
        "opening",
        about: "What a log reference stands for.",
        fields: [
            "opening form", "author", "epoch", "room kind", "room name length", "room name",
            "branch seq", "branch",
        ],
        codec: Codec<Opening>(
            reading: { reader throws(WireError) in try OpeningCodec.read(from: &reader) },
            writing: { OpeningCodec.write($0, to: &$1) },
            describe: { .of($0) },
            draw: { $0.opening() }),
        accept: [
            ("a log of an open room", Opening(log: Sample.log)),
            ("a branch", Opening(log: Sample.log, branch: Sample.branch)),
            (
                "a branch from the last seq",
                Opening(
                    log: Sample.log, branch: .init(seq: ModelLimits.seq, first: EntryID(.zero)))
            ),
            ("a profile", Opening(log: Sample.profile)),
            ("a room name of one byte", opening(room: "7")),
            ("every character a room name may have", opening(room: "a0.b_c-")),
            ("a room name of 48 bytes", opening(room: String(repeating: "r", count: 48))),
        ],
        reject: openingRejects)

    private static func opening(room: String) -> Opening {
        Opening(log: LogID(author: PeerID(Sample.key), epoch: .max, room: Sample.room(room)))
    }

    /// Offsets: form 0, author 1, epoch 33, room kind 41, name length 42, name 43.
    private static var openingRejects: [Reject] {
        let bytes = [0] + Sample.key.bytes + bigEndian(1, 8)
        func refuse(_ name: String, _ room: [UInt8], _ error: WireError) -> Reject {
            Reject(name, bytes + room, error)
        }
        let badName = WireError(.invalid, at: 41, field: "room name")
        return [
            Reject("form 2", [2], WireError(.invalid, at: 0, field: "opening form")),
            Reject(
                "a branch from seq 0", [1] + bytes.dropFirst() + [0, 0, 0],
                WireError(.invalid, at: 43, field: "branch seq")),
            refuse("room kind 2", [2, 0], WireError(.invalid, at: 41, field: "room kind")),
            refuse("an open room without a name", [1, 0], badName),
            refuse("a profile with a name", [0, 1, 0x61], badName),
            refuse("a capital letter", [1, 1, 0x41], badName),
            refuse("a hyphen in front", [1, 2, 0x2D, 0x61], badName),
            refuse("a space", [1, 3, 0x61, 0x20, 0x61], badName),
            refuse("a slash", [1, 3, 0x61, 0x2F, 0x61], badName),
            refuse("an umlaut", [1, 2, 0xC3, 0xA4], badName),
            refuse("a byte that is not UTF-8", [1, 1, 0xFF], badName),
            refuse("a zero byte", [1, 2, 0x61, 0], badName),
            refuse(
                "a name of 49 bytes", [1, 49] + .init(repeating: 0x61, count: 49),
                WireError(.tooLarge, at: 42, field: "room name length")),
        ]
    }

    static let entry = Format(
        "entry",
        about: "A live entry (message 2). body_hash is null where the body stands in its place.",
        fields: [
            "entry flags", "hops", "author", "epoch", "room kind", "room name length", "room name",
            "log", "seq", "previous", "at", "push", "cites", "cite log", "cite seq", "cite tag",
            "kind", "body length", "body", "body hash", "signature",
        ],
        codec: Codec<LiveEntry>(
            reading: { reader throws(WireError) in try LiveEntryCodec.read(from: &reader) },
            writing: { LiveEntryCodec.write($0, to: &$1) },
            describe: { .of($0) },
            draw: { $0.live() }),
        accept: [
            ("a text with its opening", live(opening: Sample.log, Sample.entry("hello"))),
            ("a text that came far", live(hops: 255, Sample.entry("still here", seq: 2))),
            ("an empty body in place", live(Sample.entry("", seq: 2))),
            ("announced by its header", live(Sample.announced(seq: 2))),
            (
                "two cites",
                live(
                    UnhashedEntry(
                        header: Sample.header(
                            seq: 9, cites: Sample.cites(2), bodyLength: 1, hash: .zero),
                        body: [0x21]))
            ),
        ],
        reject: [
            Reject("an unknown flag", [4], WireError(.invalid, at: 0, field: "entry flags")),
            Reject("every flag", [255], WireError(.invalid, at: 0, field: "entry flags")),
            Reject(
                "a body longer than what is left",
                [1, 0] + EntryCodec.canonical(Sample.header()).prefix(34) + [100] + [1, 2, 3],
                WireError(.truncated, at: 37, field: "body")),
        ])

    private static func live(
        hops: UInt8 = 0, opening: LogID? = nil, _ entry: UnhashedEntry
    ) -> LiveEntry {
        LiveEntry(hops: hops, opening: opening, entry: entry, signature: Sample.signature)
    }
}
