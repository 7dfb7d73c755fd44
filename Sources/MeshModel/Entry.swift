/// SHA-256 of an entry's canonical header.
package struct EntryID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let raw: Bytes32

    package init(_ raw: Bytes32) { self.raw = raw }

    /// The first 4 bytes, as cites carry them.
    package var tag: UInt32 { UInt32(truncatingIfNeeded: raw.words.0 >> 32) }
    /// The first 16 bytes, as the next entry of the log carries them.
    package var link: HashLink { HashLink(high: raw.words.0, low: raw.words.1) }
    package var hex: String { Hex.encode(raw.bytes) }
    package var description: String { String(hex.prefix(12)) }

    package static func < (a: EntryID, b: EntryID) -> Bool { a.raw < b.raw }
}

/// The first 16 bytes of the previous header's hash. All zero in the first entry of a log.
package struct HashLink: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package static let none = HashLink(high: 0, low: 0)

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// Points at one entry that the author held: the log, the place in it, and 4 bytes of the entry's
/// id, which tell the branches of a fork apart.
package struct Cite: Hashable, Comparable, Sendable {
    package let log: LogRef
    package let seq: Seq
    package let tag: UInt32

    package init(log: LogRef, seq: Seq, tag: UInt32) {
        self.log = log
        self.seq = seq
        self.tag = tag
    }

    package static func < (a: Cite, b: Cite) -> Bool {
        (a.log.raw, a.seq, a.tag) < (b.log.raw, b.seq, b.tag)
    }
}

/// What an entry says. Unknown kinds are carried, ordered and shown as such: a peer never drops
/// what it does not understand.
package struct EntryKind: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// UTF-8 text of a person.
    package static let text = EntryKind(rawValue: 1)
    /// In a profile: the nickname, UTF-8.
    package static let nick = EntryKind(rawValue: 16)
    /// In a profile: a room joined; the body is its name.
    package static let join = EntryKind(rawValue: 17)
    /// In a profile: a room left; the body is its name.
    package static let leave = EntryKind(rawValue: 18)

    package var name: String {
        switch self {
        case .text: "text"
        case .nick: "nick"
        case .join: "join"
        case .leave: "leave"
        default: "kind-\(rawValue)"
        }
    }
}

/// Wall time as an author's clock claimed it: milliseconds since 1970, 48 bits. Evidence, not
/// truth.
package struct WallTime: Hashable, Comparable, Sendable {
    package let milliseconds: UInt64

    /// Clamped to `ModelLimits.wallTime`.
    package init(milliseconds: UInt64) {
        self.milliseconds = min(milliseconds, ModelLimits.wallTime)
    }

    package static func < (a: WallTime, b: WallTime) -> Bool { a.milliseconds < b.milliseconds }
}

/// Everything of an entry that is hashed and signed.
package struct EntryHeader: Hashable, Sendable {
    package var log: LogRef
    package var seq: Seq
    package var previous: HashLink
    package var at: WallTime
    /// Milliseconds that the author adds so that `at + push` exceeds everything he shows.
    package var push: UInt64
    /// Heads that no held entry cites yet; strictly ascending, at most `ModelLimits.cites`.
    package var cites: [Cite]
    /// More heads were held than cites fit: the clock is a lower bound.
    package var more: Bool
    package var kind: EntryKind
    package var bodyLength: UInt32
    package var bodyHash: Bytes32

    package init(
        log: LogRef, seq: Seq, previous: HashLink, at: WallTime, push: UInt64, cites: [Cite],
        more: Bool, kind: EntryKind, bodyLength: UInt32, bodyHash: Bytes32
    ) {
        self.log = log
        self.seq = seq
        self.previous = previous
        self.at = at
        self.push = push
        self.cites = cites
        self.more = more
        self.kind = kind
        self.bodyLength = bodyLength
        self.bodyHash = bodyHash
    }

    /// `at + push`, at most `ModelLimits.claimedTime`.
    package var claimedTime: UInt64 {
        let (sum, overflow) = at.milliseconds.addingReportingOverflow(push)
        return overflow ? ModelLimits.claimedTime : min(sum, ModelLimits.claimedTime)
    }
}

/// A signature of Ed25519: 64 bytes.
package struct Signature: Hashable, Sendable {
    package let bytes: [UInt8]

    package init?(_ bytes: [UInt8]) {
        guard bytes.count == 64 else { return nil }
        self.bytes = bytes
    }
}

/// A header with its body, as it is kept and carried. Says nothing about trust: see
/// `VerifiedEntry`.
package struct Entry: Hashable, Sendable {
    package let header: EntryHeader
    package let id: EntryID
    /// Nil once forgotten.
    package var body: [UInt8]?
    /// Kept at checkpoints and heads; nil where the successor's hash is the proof.
    package var signature: Signature?

    package init(header: EntryHeader, id: EntryID, body: [UInt8]?, signature: Signature?) {
        self.header = header
        self.id = id
        self.body = body
        self.signature = signature
    }
}
