import Crypto
import MeshModel
import MeshWire
import Testing

@testable import MeshIdentity

/// Every test runs with the plain and with the memoised verifier, which must agree.
@Suite("Signatures")
struct SignatureTests {
    private let fixture: Fixture

    init() throws { fixture = try Fixture() }

    /// What both verifiers say, asked twice.
    private func verify(_ entry: Entry, of log: LogID, mesh: MeshID? = nil) -> VerifiedEntry? {
        let mesh = mesh ?? fixture.mesh
        let plain = Verifier(mesh: mesh).verify(entry, of: log)
        let memoised = Verifier.memoised(mesh: mesh)
        #expect(memoised.verify(entry, of: log) == plain)
        #expect(memoised.verify(entry, of: log) == plain)
        return plain
    }

    @Test("What an author signs is verified, and is the same entry")
    func accepts() {
        let made = fixture.entry("hello")
        #expect(verify(made.entry, of: fixture.log) == made)
    }

    @Test("An entry without a signature proves nothing")
    func unsigned() {
        var entry = fixture.entry("hello").entry
        entry.signature = nil
        #expect(verify(entry, of: fixture.log) == nil)
    }

    @Test("Every flipped bit of the signature is found")
    func signatureBits() {
        let entry = fixture.entry("hello").entry
        let bytes = entry.signature?.bytes ?? []
        let verifier = Verifier(mesh: fixture.mesh)
        for bit in 0..<512 {
            var bad = entry
            bad.signature = Signature(bytes.flipping(bit: bit))
            #expect(verifier.verify(bad, of: fixture.log) == nil, "bit \(bit)")
        }
    }

    @Test("Every flipped bit of the header is found")
    func headerBits() {
        let entry = fixture.entry("hello", after: fixture.entry("before")).entry
        let canonical = EntryCodec.canonical(entry.header)
        let verifier = Verifier(mesh: fixture.mesh)
        for bit in 0..<canonical.count * 8 {
            guard let header = try? EntryCodec.header(canonical: canonical.flipping(bit: bit))
            else { continue }
            let bad = fixture.altered(entry) { $0 = header }
            #expect(verifier.verify(bad, of: fixture.log) == nil, "bit \(bit)")
        }
    }

    @Test("An entry cannot be replayed into another mesh, room, epoch or author")
    func replay() throws {
        let entry = fixture.entry("hello").entry
        let log = fixture.log
        let others = [
            LogID(author: log.author, epoch: log.epoch, room: try .open("medic")),
            LogID(author: log.author, epoch: log.epoch, room: .profile),
            LogID(author: log.author, epoch: log.epoch + 1, room: log.room),
            LogID(author: fixture.bob.peer, epoch: log.epoch, room: log.room),
        ]
        for other in others {
            #expect(verify(entry, of: other) == nil, "\(other.room)")
            let moved = fixture.altered(entry) { $0.log = LogRef(of: other, mesh: fixture.mesh) }
            #expect(verify(moved, of: other) == nil, "\(other.room)")
        }
        let mesh = MeshID(name: "other")
        #expect(verify(entry, of: log, mesh: mesh) == nil)
        let moved = fixture.altered(entry) { $0.log = LogRef(of: log, mesh: mesh) }
        #expect(verify(moved, of: log, mesh: mesh) == nil)
    }

    @Test("A key of small order signs nothing, though the curve would let it")
    func smallOrder() throws {
        let neutral = [1] + [UInt8](repeating: 0, count: 31)
        let author = try #require(PeerID(neutral))
        let log = LogID(author: author, epoch: 1, room: fixture.room)
        let header = fixture.header(body: [], log: log)
        let forged = Entry(
            header: header, id: EntryID(Hashing.sha256(EntryCodec.canonical(header))), body: [],
            signature: Signature(neutral + [UInt8](repeating: 0, count: 32)))
        #expect(verify(forged, of: log) == nil)
        let key = try Curve25519.Signing.PublicKey(rawRepresentation: neutral)
        let message = SignedMessage.entry(
            canonical: EntryCodec.canonical(header), log: log, mesh: fixture.mesh)
        #expect(key.isValidSignature(forged.signature?.bytes ?? [], for: message))
    }

    @Test("Keys of small order and keys with two names are no keys")
    func keyRules() {
        for key in KeyRules.smallOrder {
            #expect(!KeyRules.isAcceptable(key))
            #expect(!KeyRules.isAcceptable(key.flipping(bit: 255)))
        }
        #expect(KeyRules.smallOrder.count == 5)
        for low in UInt8(0xED)...0xFF {
            let key = [low] + [UInt8](repeating: 0xFF, count: 30) + [0x7F]
            #expect(!KeyRules.isAcceptable(key))
            #expect(!KeyRules.isAcceptable(key.flipping(bit: 255)))
        }
        #expect(KeyRules.isAcceptable([0xEB] + [UInt8](repeating: 0xFF, count: 30) + [0x7F]))
        #expect(!KeyRules.isAcceptable([UInt8](repeating: 9, count: 31)))
        #expect(KeyRules.isAcceptable(fixture.alice.peer.bytes))
    }

    @Test("A run is proven from its end by the hashes")
    func chain() {
        let first = fixture.entry("one")
        let second = fixture.entry("two", after: first)
        let third = fixture.entry("three", after: second)
        let verifier = Verifier(mesh: fixture.mesh)
        var unsigned = first.entry
        unsigned.signature = nil
        #expect(verifier.verify(second.entry, before: third) == second)
        #expect(verifier.verify(unsigned, before: second)?.id == first.id)
        #expect(verifier.verify(first.entry, before: third) == nil)
        #expect(verifier.verify(third.entry, before: second) == nil)
        #expect(verifier.verify(second.entry, before: second) == nil)
        let altered = fixture.altered(first.entry) { $0.at = WallTime(milliseconds: 1001) }
        #expect(verifier.verify(altered, before: second) == nil)
    }

    @Test("A successor proves only the seq before its own, in its own log")
    func chainPlace() {
        let first = fixture.entry("one")
        let body: [UInt8] = [1]
        let verifier = Verifier(mesh: fixture.mesh)
        let skipping = fixture.alice.sign(
            header: fixture.header(seq: 3, previous: first.id.link, body: body), body: body,
            log: fixture.log, mesh: fixture.mesh)
        #expect(verifier.verify(first.entry, before: skipping) == nil)
        let other = LogID(author: fixture.alice.peer, epoch: 43, room: fixture.room)
        let elsewhere = fixture.alice.sign(
            header: fixture.header(seq: 2, previous: first.id.link, body: body, log: other),
            body: body, log: other, mesh: fixture.mesh)
        #expect(verifier.verify(first.entry, before: elsewhere) == nil)
    }

    @Test("Only the body that the header commits to can be attached")
    func bodies() {
        let made = fixture.entry("hello")
        #expect(made.attaching(body: Array("hello".utf8)) == made)
        #expect(made.attaching(body: Array("hellO".utf8)) == nil)
        #expect(made.attaching(body: Array("hello!".utf8)) == nil)
        #expect(made.attaching(body: []) == nil)
    }

    @Test("A decoded entry gets the hash of its body and its id")
    func hashing() {
        let made = fixture.entry("hello").entry
        var bare = made.header
        bare.bodyHash = .zero
        let unhashed = UnhashedEntry(header: bare, body: made.body)
        #expect(Entry(hashing: unhashed, signature: made.signature) == made)
        let announced = Entry(
            hashing: UnhashedEntry(header: made.header, body: nil), signature: made.signature)
        #expect(announced.id == made.id)
    }

    @Test("An introduction holds for its salt, mesh and peer alone")
    func introductions() {
        let made = fixture.alice.introduce(salt: 7, mesh: fixture.mesh)
        for verifier in [Verifier(mesh: fixture.mesh), .memoised(mesh: fixture.mesh)] {
            #expect(verifier.verify(made, salt: 7))
            #expect(!verifier.verify(made, salt: 8))
            let posing = Hello.Introduction(peer: fixture.bob.peer, signature: made.signature)
            #expect(!verifier.verify(posing, salt: 7))
        }
        #expect(!Verifier(mesh: MeshID(name: "other")).verify(made, salt: 7))
    }

    @Test("A key is its seed, and a wrong count of bytes is none")
    func seeds() {
        #expect(PeerKey(seed: fixture.alice.seed)?.peer == fixture.alice.peer)
        #expect(PeerKey(seed: [UInt8](repeating: 1, count: 31)) == nil)
        #expect(PeerKey(seed: []) == nil)
        #expect(PeerKey.generate().peer != PeerKey.generate().peer)
    }

    @Test("Logs, their branches and digest hashes have names of their own")
    func references() throws {
        let log = fixture.log
        let ref = LogRef(of: log, mesh: fixture.mesh)
        let branch = LogRef(branchOf: ref, first: fixture.entry("one").id)
        #expect(
            Set([
                ref, branch, LogRef(of: log, mesh: MeshID(name: "other")),
                LogRef(branchOf: ref, first: fixture.entry("two").id),
            ]).count == 4)
        #expect(SaltedHash(salt: 1).key(of: ref) != SaltedHash(salt: 2).key(of: ref))
    }
}
