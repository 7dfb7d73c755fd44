internal import Crypto
package import MeshModel
package import MeshWire

/// The private half of a peer: an Ed25519 key (RFC 8032). Never leaves this type but for the store
/// and a backup that the user asks for.
package struct PeerKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey
    package let peer: PeerID

    /// A key from 32 bytes of seed; nil for any other count.
    package init?(seed: [UInt8]) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed),
            let peer = PeerID(key.publicKey.rawRepresentation)
        else { return nil }
        self.key = key
        self.peer = peer
    }

    /// A fresh key from the system's randomness.
    package static func generate() -> PeerKey {
        // style: random: a key is drawn once in a peer's life, by the shell, outside the protocol
        let key = Curve25519.Signing.PrivateKey()
        guard let made = PeerKey(seed: Array(key.rawRepresentation)) else {
            preconditionFailure("a generated Ed25519 key has 32 bytes")
        }
        return made
    }

    /// The 32 bytes that `init(seed:)` takes.
    package var seed: [UInt8] { Array(key.rawRepresentation) }

    func sign(_ message: [UInt8]) -> Signature {
        // Signing fails only when BoringSSL cannot allocate; there is nothing to go on with then.
        guard let bytes = try? key.signature(for: message), let signature = Signature(Array(bytes))
        else { preconditionFailure("Ed25519 could not sign \(message.count) bytes") }
        return signature
    }

    /// Signs an entry of this peer's own log and so makes it trusted.
    /// - Precondition: the header is of a log of this peer, and states the body's hash and length.
    package func sign(
        header: EntryHeader, body: [UInt8], log: LogID, mesh: MeshID
    ) -> VerifiedEntry {
        precondition(log.author == peer, "signing for \(log.author) as \(peer)")
        precondition(header.bodyLength == body.count, "body of \(body.count) bytes")
        let canonical = EntryCodec.canonical(header)
        let signature = sign(SignedMessage.entry(canonical: canonical, log: log, mesh: mesh))
        let entry = Entry(
            header: header, id: EntryID(Hashing.sha256(canonical)), body: body, signature: signature
        )
        return VerifiedEntry(log: log, entry: entry)
    }

    /// Says who a session salt stands for.
    package func introduce(salt: UInt64, mesh: MeshID) -> Hello.Introduction {
        Hello.Introduction(
            peer: peer, signature: sign(SignedMessage.introduction(salt: salt, mesh: mesh)))
    }
}

/// The exact bytes under each signature: a domain prefix of its own, the mesh, and the full
/// identity, so that nothing can be replayed into another mesh, room, log or meaning.
enum SignedMessage {
    static func entry(canonical: [UInt8], log: LogID, mesh: MeshID) -> [UInt8] {
        var writer = ByteWriter(capacity: 160 + canonical.count)
        writer.bytes("starling entry v1".utf8)
        writer.bytes32(mesh.raw)
        OpeningCodec.write(log, to: &writer)
        writer.bytes(canonical)
        return writer.bytes
    }

    static func introduction(salt: UInt64, mesh: MeshID) -> [UInt8] {
        var writer = ByteWriter(capacity: 80)
        writer.bytes("starling introduction v1".utf8)
        writer.bytes32(mesh.raw)
        writer.integer(salt, 8)
        return writer.bytes
    }
}

extension LogRef {
    /// The index of a log in a mesh: the first 8 bytes of the hash of its identity.
    package init(of log: LogID, mesh: MeshID) {
        var writer = ByteWriter(capacity: 160)
        writer.bytes("starling log v1".utf8)
        writer.bytes32(mesh.raw)
        OpeningCodec.write(log, to: &writer)
        self.init(Hashing.sha256(writer.bytes).words.0)
    }

    /// The index of a branch of a forked log, named by the branch's first entry.
    package init(branchOf base: LogRef, first: EntryID) {
        var writer = ByteWriter(capacity: 64)
        writer.bytes("starling branch v1".utf8)
        writer.integer(base.raw, 8)
        writer.bytes32(first.raw)
        self.init(Hashing.sha256(writer.bytes).words.0)
    }
}
