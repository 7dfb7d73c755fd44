internal import Crypto
internal import CryptoExtras
package import MeshModel
import MeshWire

/// SHA-256 over bytes.
package enum Hashing {
    package static func sha256(_ bytes: [UInt8]) -> Bytes32 {
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        hash.finalize().withUnsafeBytes { raw in
            func word(_ index: Int) -> UInt64 {
                UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
            }
            words = (word(0), word(1), word(2), word(3))
        }
        return Bytes32(words.0, words.1, words.2, words.3)
    }
}

/// A mesh as people name it. The id is a hash of the name alone, so a passphrase can change without
/// orphaning what was signed.
package struct MeshID: Hashable, Sendable {
    package let raw: Bytes32

    package init(name: String) {
        raw = Hashing.sha256(Array("starling mesh id v1".utf8) + Array(name.utf8))
    }

    package var bytes: [UInt8] { raw.bytes }
}

/// The secret that seals all frames of a mesh. Without a passphrase it follows from the name, and
/// the seal keeps meshes apart but nobody out.
package struct MeshKey: Sendable {
    let secret: SymmetricKey
    /// Nil but in simulations.
    private(set) var memo: FrameMemo?
    /// Whether a passphrase went into it.
    package let isSecret: Bool
    /// Eight base32 characters that two people can read to each other; tells passphrases apart, and
    /// gives away 40 bits of a hash behind scrypt.
    package let fingerprint: String

    /// scrypt work: 2^15 × 8 × 128 bytes = 32 MiB and about 0.1 s, once at each start.
    private static let rounds = 1 << 15

    /// Without a passphrase, anyone who knows the name can read.
    package init(name: String) {
        let hash = Hashing.sha256(Array("starling open mesh key v1".utf8) + Array(name.utf8))
        self.init(secret: hash.bytes, isSecret: false)
    }

    /// - Throws: what BoringSSL says when scrypt cannot have its memory.
    package init(name: String, passphrase: [UInt8]) throws {
        let key = try KDF.Scrypt.deriveKey(
            from: passphrase, salt: MeshID(name: name).bytes, outputByteCount: 32,
            rounds: Self.rounds, blockSize: 8, parallelism: 1)
        self.init(secret: key.withUnsafeBytes { Array($0) }, isSecret: true)
    }

    private init(secret bytes: [UInt8], isSecret: Bool) {
        secret = SymmetricKey(data: bytes)
        self.isSecret = isSecret
        let print = Hashing.sha256(Array("starling passphrase fingerprint v1".utf8) + bytes)
        let symbols = Base32.groups(of: print.bytes, count: 8).map { Base32.alphabet[Int($0)] }
        let text = String(decoding: symbols, as: UTF8.self)
        fingerprint = "\(text.prefix(4))-\(text.suffix(4))"
    }

    /// The same key; what was sealed, opened and hashed with it is remembered, so that the hundreds
    /// of peers of a simulation do it once.
    package var memoised: MeshKey {
        var copy = self
        copy.memo = FrameMemo()
        return copy
    }

    /// The key of all frames under one salt (HKDF-SHA256, RFC 5869).
    func session(salt: UInt64) -> SymmetricKey {
        var writer = ByteWriter(capacity: 8)
        writer.integer(salt, 8)
        return HKDF<SHA256>.deriveKey(
            inputKeyMaterial: secret, salt: writer.bytes, info: Array("starling frame v1".utf8),
            outputByteCount: 32)
    }
}
