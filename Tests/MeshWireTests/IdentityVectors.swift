import Crypto
import Foundation
import MeshModel
import MeshWire

@testable import MeshIdentity

/// The vectors of everything that needs a hash, a seal or a signature.
enum IdentityVectors {
    static let mesh = MeshID(name: "open")
    static let key: PeerKey = {
        guard let key = PeerKey(seed: .init(repeating: 7, count: 32)) else {
            preconditionFailure("32 bytes are a seed")
        }
        return key
    }()
    static let log = LogID(author: key.peer, epoch: 0x1111_2222_3333_4444, room: Sample.room("ops"))

    static func all() throws -> [VectorFile] {
        [
            try meshes(), logs(), entrySignatures(), introductions(), try frames(), digestHashes(),
            fingerprints(), keys(), rooms(), nicks(),
        ]
    }

    private static func secret(_ key: SymmetricKey) -> [UInt8] { key.withUnsafeBytes { Array($0) } }

    private static func meshes() throws -> VectorFile {
        let cases: [(String, String?)] = [
            ("open", nil), ("rescue-7", nil), ("Bergwacht Süd", nil), ("", nil),
            ("open", "correct horse battery staple"), ("rescue-7", "Straße 9"),
        ]
        return VectorFile(
            name: "mesh",
            about: "Mesh id, mesh key and its fingerprint, from a name and a "
                + "passphrase (both hashed as UTF-8).",
            accept: try cases.map { name, phrase in
                let key =
                    try phrase.map { try MeshKey(name: name, passphrase: Array($0.utf8)) }
                    ?? MeshKey(name: name)
                return [
                    "name": .string(name), "passphrase": phrase.map { .string($0) } ?? .null,
                    "mesh_id": .hex(MeshID(name: name).bytes), "key": .hex(secret(key.secret)),
                    "fingerprint": .string(key.fingerprint),
                ]
            },
            reject: [])
    }

    private static func logs() -> VectorFile {
        let logs = [log, Sample.log, Sample.profile]
        return VectorFile(
            name: "log",
            about: "The reference of a log, and of a branch of it named by its first "
                + "entry.",
            accept: logs.map { log in
                let ref = LogRef(of: log, mesh: mesh)
                let branch = LogRef(branchOf: ref, first: EntryID(Sample.hash))
                return [
                    "mesh_id": .hex(mesh.bytes), "log": .of(log), "ref": .hex(ref.raw),
                    "branch_first": .hex(Sample.hash.bytes), "branch_ref": .hex(branch.raw),
                ]
            },
            reject: [])
    }

    /// An entry of `log` with a text, signed.
    static func signed(_ text: String, seq: Seq = 1, log: LogID = log) -> VerifiedEntry {
        let body = Array(text.utf8)
        var header = Sample.header(
            seq: seq, bodyLength: UInt32(body.count), hash: Hashing.sha256(body))
        header.log = LogRef(of: log, mesh: mesh)
        return key.sign(header: header, body: body, log: log, mesh: mesh)
    }

    private static func entrySignatures() -> VectorFile {
        let entry = signed("hello")
        let header = EntryCodec.canonical(entry.header)
        let message = SignedMessage.entry(canonical: header, log: log, mesh: mesh)
        let good = entry.entry.signature?.bytes ?? []
        let otherRoom = LogID(author: log.author, epoch: log.epoch, room: Sample.room("medic"))
        func refuse(
            _ name: String, signature: [UInt8]? = nil, log: LogID = log,
            mesh: MeshID = mesh, header: [UInt8] = header
        ) -> JSON {
            [
                "name": .string(name), "mesh_id": .hex(mesh.bytes), "log": .of(log),
                "header": .hex(header), "signature": .hex(signature ?? good),
            ]
        }
        let rejects = [
            refuse("another mesh", mesh: MeshID(name: "other")),
            refuse("another room", log: otherRoom),
            refuse("a flipped bit of the header", header: header.with([header[30] ^ 1], at: 30)),
            refuse("a flipped bit of R", signature: good.with([good[0] ^ 1], at: 0)),
            refuse("a flipped bit of S", signature: good.with([good[32] ^ 1], at: 32)),
            refuse("S + L, which is S again", signature: withOrderAdded(good)),
            smallOrderForgery(header: header),
        ]
        return VectorFile(
            name: "signature", about: "The signature of an entry over its canonical header.",
            accept: [
                [
                    "seed": .hex(key.seed), "mesh_id": .hex(mesh.bytes), "log": .of(log),
                    "header": .hex(header), "id": .hex(entry.id.raw.bytes),
                    "message": .hex(message), "signature": .hex(good),
                ]
            ],
            reject: rejects)
    }

    /// The group's order L (RFC 8032, section 5.1), little-endian.
    private static let order =
        Hex.decode(
            "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010") ?? []

    /// The same signature with S + L in the place of S: the same number modulo L.
    static func withOrderAdded(_ signature: [UInt8]) -> [UInt8] {
        var carry = 0
        let sum = (0..<32).map { index -> UInt8 in
            let digit = Int(signature[32 + index]) + Int(order[index]) + carry
            carry = digit >> 8
            return UInt8(digit & 255)
        }
        return Array(signature[..<32]) + sum
    }

    /// The neutral element as key and as R, with S = 0: holds for every message.
    private static func smallOrderForgery(header: [UInt8]) -> JSON {
        let neutral = [1] + [UInt8](repeating: 0, count: 31)
        let forged = LogID(author: PeerID(neutral) ?? key.peer, epoch: 1, room: Sample.room("ops"))
        let ref = bigEndian(LogRef(of: forged, mesh: mesh).raw, 8)
        return [
            "name": "a key of order 1, for which any message is signed",
            "mesh_id": .hex(mesh.bytes), "log": .of(forged),
            "header": .hex(header.with(ref, at: 0)),
            "signature": .hex(neutral + [UInt8](repeating: 0, count: 32)),
        ]
    }

    private static func introductions() -> VectorFile {
        let salt: UInt64 = 0x0102_0304_0506_0708
        let made = key.introduce(salt: salt, mesh: mesh)
        func vector(_ name: String, salt: UInt64, mesh: MeshID) -> JSON {
            [
                "name": .string(name), "peer": .hex(made.peer.bytes), "mesh_id": .hex(mesh.bytes),
                "salt": .hex(salt), "signature": .hex(made.signature.bytes),
            ]
        }
        return VectorFile(
            name: "introduction", about: "Who a session salt stands for, signed.",
            accept: [vector("an introduction", salt: salt, mesh: mesh)],
            reject: [
                vector("another salt", salt: salt + 1, mesh: mesh),
                vector("another mesh", salt: salt, mesh: MeshID(name: "other")),
            ])
    }

    private static func frames() throws -> VectorFile {
        let key = MeshKey(name: "open")
        let salt: UInt64 = 0x0102_0304_0506_0708
        var sealer = FrameSealer(mesh: key, salt: salt)
        let plains = [[8, 0, 1, 2, 3], [UInt8](0...255), .init(repeating: 9, count: 1203)]
        let datagrams = plains.map { sealer.seal($0) }
        let good = datagrams[0]
        func refuse(_ name: String, _ bytes: [UInt8], _ code: String, _ field: String) -> JSON {
            [
                "name": .string(name), "key": .hex(secret(key.secret)), "bytes": .hex(bytes),
                "code": .string(code), "field": .string(field),
            ]
        }
        return VectorFile(
            name: "frame",
            about: "Sealed datagrams. A reject whose code is seal has a good header "
                + "and does not open.",
            accept: zip(plains, datagrams).enumerated().map { place, pair in
                [
                    "key": .hex(secret(key.secret)), "salt": .hex(salt),
                    "counter": .number(place + 1),
                    "session_key": .hex(secret(key.session(salt: salt))),
                    "plain": .hex(pair.0), "bytes": .hex(pair.1),
                ]
            },
            reject: [
                refuse("an empty datagram", [], "truncated", "frame"),
                refuse("28 bytes", Array(good.prefix(28)), "truncated", "frame"),
                refuse("1233 bytes", datagrams[2] + [0], "tooLarge", "frame"),
                refuse("version 0", good.with([0], at: 0), "version", "version"),
                refuse("version 2", good.with([2], at: 0), "version", "version"),
                refuse("counter 0", good.with([0], at: 12), "invalid", "counter"),
                refuse("another salt", good.with([2], at: 1), "seal", "frame"),
                refuse("another counter", good.with([2], at: 12), "seal", "frame"),
                refuse(
                    "a flipped bit of what is sealed", good.with([good[13] ^ 1], at: 13), "seal",
                    "frame"),
                refuse(
                    "a flipped bit of the tag",
                    good.with([good[good.count - 1] ^ 1], at: good.count - 1), "seal", "frame"),
                refuse("a byte less", Array(good.dropLast()), "seal", "frame"),
            ])
    }

    private static func digestHashes() -> VectorFile {
        let salted = SaltedHash(salt: 0x0102_0304_0506_0708)
        return VectorFile(
            name: "digest-hash", about: "The keyed hashes of a digest item.",
            accept: [1, 300, ModelLimits.seq].map { seq in
                [
                    "salt": .hex(0x0102_0304_0506_0708 as UInt64), "log": .hex(Sample.ref.raw),
                    "seq": .number(seq), "id": .hex(Sample.hash.bytes),
                    "key": .hex(salted.key(of: Sample.ref)),
                    "head": .hex(salted.head(of: Sample.ref, seq: seq, id: EntryID(Sample.hash))),
                ]
            },
            reject: [])
    }
}
