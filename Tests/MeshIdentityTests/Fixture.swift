import MeshModel
import MeshWire

@testable import MeshIdentity

/// Two peers in a mesh, with what they sign.
struct Fixture: Sendable {
    let mesh = MeshID(name: "open")
    let alice: PeerKey
    let bob: PeerKey
    let room: RoomID

    init() throws {
        func key(_ byte: UInt8) throws -> PeerKey {
            guard let key = PeerKey(seed: .init(repeating: byte, count: 32)) else {
                throw Missing()
            }
            return key
        }
        alice = try key(1)
        bob = try key(2)
        room = try .open("ops")
    }

    struct Missing: Error {}

    var log: LogID { LogID(author: alice.peer, epoch: 42, room: room) }

    func header(
        seq: Seq = 1, previous: HashLink = .none, body: [UInt8], log: LogID? = nil
    ) -> EntryHeader {
        EntryHeader(
            log: LogRef(of: log ?? self.log, mesh: mesh), seq: seq, previous: previous,
            at: WallTime(milliseconds: 1000), push: 0, cites: [], more: false, kind: .text,
            bodyLength: UInt32(body.count), bodyHash: Hashing.sha256(body))
    }

    /// The entry after `previous`, signed by Alice.
    func entry(_ text: String, after previous: VerifiedEntry? = nil) -> VerifiedEntry {
        let body = Array(text.utf8)
        let header = header(
            seq: (previous?.header.seq ?? 0) + 1, previous: previous?.id.link ?? .none, body: body)
        return alice.sign(header: header, body: body, log: log, mesh: mesh)
    }

    /// The same entry with another header; its id follows, its signature stays.
    func altered(_ entry: Entry, _ change: (inout EntryHeader) -> Void) -> Entry {
        var header = entry.header
        change(&header)
        return Entry(
            header: header, id: EntryID(Hashing.sha256(EntryCodec.canonical(header))),
            body: entry.body, signature: entry.signature)
    }
}

extension Array<UInt8> {
    func flipping(bit: Int) -> [UInt8] {
        var bytes = self
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        return bytes
    }
}
