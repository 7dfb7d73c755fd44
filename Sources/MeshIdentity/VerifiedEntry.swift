internal import Crypto
package import MeshModel
package import MeshWire
internal import Synchronization

/// An entry whose author is proven. Made only in this module: by signing, by checking a signature,
/// or by the hash that a verified successor carries. The engine takes no other.
package struct VerifiedEntry: Hashable, Sendable {
    package let log: LogID
    package let entry: Entry

    init(log: LogID, entry: Entry) {
        self.log = log
        self.entry = entry
    }

    package var id: EntryID { entry.id }
    package var header: EntryHeader { entry.header }

    /// The same entry with its body; nil unless the body is the one that the header commits to.
    package func attaching(body: [UInt8]) -> VerifiedEntry? {
        guard body.count == Int(header.bodyLength), Hashing.sha256(body) == header.bodyHash
        else { return nil }
        var whole = entry
        whole.body = body
        return VerifiedEntry(log: log, entry: whole)
    }
}

extension Entry {
    /// Computes the hashes of a decoded entry. Proves nothing yet.
    package init(hashing unhashed: UnhashedEntry, signature: Signature?) {
        var header = unhashed.header
        if let body = unhashed.body { header.bodyHash = Hashing.sha256(body) }
        self.init(
            header: header, id: EntryID(Hashing.sha256(EntryCodec.canonical(header))),
            body: unhashed.body, signature: signature)
    }
}

/// Decides whether bytes are what an author signed.
package struct Verifier: Sendable {
    private let mesh: MeshID
    private let memo: Memo?

    package init(mesh: MeshID) {
        self.mesh = mesh
        memo = nil
    }

    private init(mesh: MeshID, memo: Memo) {
        self.mesh = mesh
        self.memo = memo
    }

    /// Remembers answers, so that the hundreds of peers of a simulation share one check of a
    /// signature.
    package static func memoised(mesh: MeshID) -> Verifier { Verifier(mesh: mesh, memo: Memo()) }

    /// By signature. Nil when it does not hold, when the key is of small order or not canonical, or
    /// when the header names another log.
    package func verify(_ entry: Entry, of log: LogID) -> VerifiedEntry? {
        guard let signature = entry.signature, entry.header.log == LogRef(of: log, mesh: mesh)
        else { return nil }
        let message = SignedMessage.entry(
            canonical: EntryCodec.canonical(entry.header), log: log, mesh: mesh)
        guard isValid(signature, of: message, by: log.author) else { return nil }
        return VerifiedEntry(log: log, entry: entry)
    }

    /// By hash: `entry` is the one that `successor` names as the previous of its log.
    package func verify(
        _ entry: Entry, before successor: VerifiedEntry
    ) -> VerifiedEntry? {
        guard entry.id.link == successor.header.previous,
            entry.header.seq + 1 == successor.header.seq,
            entry.header.log == successor.header.log
        else { return nil }
        return VerifiedEntry(log: successor.log, entry: entry)
    }

    /// Who a salt stands for. False when the signature does not hold.
    package func verify(_ introduction: Hello.Introduction, salt: UInt64) -> Bool {
        isValid(
            introduction.signature, of: SignedMessage.introduction(salt: salt, mesh: mesh),
            by: introduction.peer)
    }

    private func isValid(_ signature: Signature, of message: [UInt8], by peer: PeerID) -> Bool {
        guard let memo else { return Self.check(signature, of: message, by: peer) }
        return memo.answer(Memo.Question(peer: peer, signature: signature, message: message)) {
            Self.check(signature, of: message, by: peer)
        }
    }

    /// BoringSSL rejects a non-canonical S and R; keys of small order and non-canonical keys are
    /// rejected here, since they verify for several messages or have two names.
    private static func check(_ signature: Signature, of message: [UInt8], by peer: PeerID) -> Bool
    {
        let bytes = peer.bytes
        guard KeyRules.isAcceptable(bytes),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
        else { return false }
        return key.isValidSignature(signature.bytes, for: message)
    }

    /// Answers kept at most: 65,536 × about 500 bytes, 32 MB; then it starts afresh.
    private final class Memo: Sendable {
        struct Question: Hashable {
            let peer: PeerID
            let signature: Signature
            let message: [UInt8]

            /// A signature is as good as random, so a part of it tells questions apart.
            func hash(into hasher: inout Hasher) {
                for byte in signature.bytes.prefix(8) { hasher.combine(byte) }
            }
        }

        private let answers = Mutex<[Question: Bool]>([:])

        func answer(_ question: Question, otherwise check: () -> Bool) -> Bool {
            if let known = answers.withLock({ $0[question] }) { return known }
            let answer = check()
            answers.withLock { answers in
                if answers.count >= 65_536 { answers.removeAll() }
                answers[question] = answer
            }
            return answer
        }
    }
}

/// Which 32 bytes may be a key (RFC 8032 section 5.1.3; the small-order points of the curve).
enum KeyRules {
    /// y of the points of order 1, 2, 4 and 8, little-endian as on the wire, without the sign bit.
    static let smallOrder: [[UInt8]] = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ].compactMap { Hex.decode($0) }

    static func isAcceptable(_ key: [UInt8]) -> Bool {
        guard key.count == 32 else { return false }
        var y = key
        y[31] &= 0x7F
        return isBelowPrime(y) && !smallOrder.contains(y)
    }

    /// Whether a little-endian y without its sign bit is below 2^255 - 19.
    private static func isBelowPrime(_ y: [UInt8]) -> Bool {
        guard y[31] == 0x7F, y[1..<31].allSatisfy({ $0 == 0xFF }) else { return true }
        return y[0] < 0xED
    }
}
