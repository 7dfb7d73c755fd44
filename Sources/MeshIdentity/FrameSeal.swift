internal import Crypto
package import MeshModel
package import MeshWire
import Synchronization

/// Seals frames under one session salt (ChaCha20-Poly1305, RFC 8439). The salt is fresh at each
/// start and the counter never repeats under it, so no nonce does.
package struct FrameSealer: Sendable {
    package let salt: UInt64
    /// Of the last frame sealed; 0 before the first.
    package private(set) var counter: UInt32 = 0
    private let key: SymmetricKey
    private let memo: FrameMemo?

    package init(mesh: MeshKey, salt: UInt64) {
        self.salt = salt
        key = mesh.session(salt: salt)
        memo = mesh.memo
    }

    /// Whether the counter is used up: 2^32 frames; take a new salt before that.
    package var isSpent: Bool { counter == .max }

    /// The datagram for a plain text of at most `WireLimits.plain` bytes.
    /// - Precondition: not spent.
    package mutating func seal(_ plain: [UInt8]) -> [UInt8] {
        precondition(!isSpent, "2^32 frames under one salt")
        precondition(plain.count <= WireLimits.plain, "a frame of \(plain.count) bytes")
        counter += 1
        let header = FrameHeader(salt: salt, counter: counter)
        guard let nonce = try? FrameNonce.make(counter),
            let box = try? ChaChaPoly.seal(
                plain, using: key, nonce: nonce, authenticating: header.bytes)
        else { preconditionFailure("ChaCha20-Poly1305 could not seal \(plain.count) bytes") }
        var frame = header.bytes
        frame.reserveCapacity(frame.count + plain.count + FrameHeader.tagLength)
        frame += box.ciphertext
        frame += box.tag
        memo?.note(frame, header, plain: plain)
        return frame
    }
}

/// Opens the frames of one salt.
package struct FrameOpener: Sendable {
    private let key: SymmetricKey
    private let memo: FrameMemo?

    package init(mesh: MeshKey, salt: UInt64) {
        key = mesh.session(salt: salt)
        memo = mesh.memo
    }

    /// The plain text; nil when the frame is of another mesh, of another passphrase or damaged.
    package func open(_ datagram: [UInt8], header: FrameHeader) -> [UInt8]? {
        guard let memo else { return unsealed(datagram, header: header) }
        return memo.plain(of: datagram, header) { unsealed(datagram, header: header) }
    }

    private func unsealed(_ datagram: [UInt8], header: FrameHeader) -> [UInt8]? {
        let sealed = datagram[FrameHeader.length..<datagram.count - FrameHeader.tagLength]
        guard let nonce = try? FrameNonce.make(header.counter),
            let box = try? ChaChaPoly.SealedBox(
                nonce: nonce, ciphertext: sealed,
                tag: datagram.suffix(FrameHeader.tagLength)),
            let plain = try? ChaChaPoly.open(box, using: key, authenticating: header.bytes)
        else { return nil }
        return Array(plain)
    }
}

private enum FrameNonce {
    /// Eight zero bytes and the counter, big-endian.
    static func make(_ counter: UInt32) throws -> ChaChaPoly.Nonce {
        var writer = ByteWriter(capacity: 12)
        writer.integer(0, 8)
        writer.uint32(counter)
        return try ChaChaPoly.Nonce(data: writer.bytes)
    }
}

/// Hashes under a session salt, of which 4 bytes travel in digests: nobody can prepare collisions
/// for a salt that he does not know yet.
package struct SaltedHash: Sendable {
    private let salt: UInt64
    private let prefix: [UInt8]
    private let memo: FrameMemo?

    package init(salt: UInt64) { self.init(salt: salt, memo: nil) }

    /// The same; remembers answers where the key does.
    package init(salt: UInt64, mesh: MeshKey) { self.init(salt: salt, memo: mesh.memo) }

    private init(salt: UInt64, memo: FrameMemo?) {
        self.salt = salt
        self.memo = memo
        var writer = ByteWriter(capacity: 32)
        writer.bytes("starling digest v1".utf8)
        writer.integer(salt, 8)
        prefix = writer.bytes
    }

    package func tag(of bytes: [UInt8]) -> UInt32 { tag(ofWhole: prefix + bytes) }

    private func tag(ofWhole bytes: [UInt8]) -> UInt32 {
        UInt32(truncatingIfNeeded: Hashing.sha256(bytes).words.0 >> 32)
    }

    /// Room for the prefix and the longest of what is hashed for each log.
    private func writer() -> ByteWriter {
        var writer = ByteWriter(capacity: 80)
        writer.bytes(prefix)
        return writer
    }

    /// The name of a log in a digest.
    package func key(of log: LogRef) -> UInt32 {
        remembered(FrameMemo.Hashed(salt: salt, log: log, seq: nil, id: .zero)) {
            var writer = writer()
            writer.integer(log.raw, 8)
            return tag(ofWhole: writer.bytes)
        }
    }

    /// The head of a log in a digest.
    package func head(of log: LogRef, seq: Seq, id: EntryID) -> UInt32 {
        remembered(FrameMemo.Hashed(salt: salt, log: log, seq: seq, id: id.raw)) {
            var writer = writer()
            writer.integer(log.raw, 8)
            writer.uint32(seq)
            writer.bytes32(id.raw)
            return tag(ofWhole: writer.bytes)
        }
    }

    private func remembered(_ hashed: FrameMemo.Hashed, otherwise hash: () -> UInt32) -> UInt32 {
        guard let memo else { return hash() }
        return memo.hash(of: hashed, otherwise: hash)
    }
}
