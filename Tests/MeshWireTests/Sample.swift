import MeshModel
import MeshWire

/// Plain values that the hand-picked cases share; their bytes are easy to find in a hex dump.
enum Sample {
    static let ref = LogRef(0x0102_0304_0506_0708)
    static let key = Bytes32(
        0xa0a1_a2a3_a4a5_a6a7, 0xa8a9_aaab_acad_aeaf, 0xb0b1_b2b3_b4b5_b6b7, 0xb8b9_babb_bcbd_bebf)
    static let hash = Bytes32(
        0xc0c1_c2c3_c4c5_c6c7, 0xc8c9_cacb_cccd_cecf, 0xd0d1_d2d3_d4d5_d6d7, 0xd8d9_dadb_dcdd_dedf)
    static let link = HashLink(high: 0xe0e1_e2e3_e4e5_e6e7, low: 0xe8e9_eaeb_eced_eeef)
    static let signatureBytes = (0..<64).map { UInt8($0) }
    static let echo = Echo(salt: 0x5a5b_5c5d, counter: 7)
    static let log = LogID(author: PeerID(key), epoch: 0x1111_2222_3333_4444, room: room("ops"))
    static let branch = Opening.Branch(seq: 5, first: EntryID(hash))
    static let profile = LogID(author: PeerID(key), epoch: 1, room: .profile)

    static let signature: Signature = {
        guard let signature = Signature(signatureBytes) else {
            preconditionFailure("64 bytes are a signature")
        }
        return signature
    }()

    static func room(_ name: String) -> RoomID {
        guard let room = try? RoomID.open(name) else {
            preconditionFailure("\(name) is a room name")
        }
        return room
    }

    static func cites(_ count: Int, seq: Seq = 1) -> [Cite] {
        (0..<count).map { Cite(log: LogRef(UInt64($0)), seq: seq, tag: 0x7777_0000 + UInt32($0)) }
    }

    static func header(
        seq: Seq = 1, at: UInt64 = 1_700_000_000_000, push: UInt64 = 0, cites: [Cite] = [],
        more: Bool = false, kind: EntryKind = .text, bodyLength: UInt32 = 5, hash: Bytes32 = hash
    ) -> EntryHeader {
        EntryHeader(
            log: ref, seq: seq, previous: seq == 1 ? .none : link, at: WallTime(milliseconds: at),
            push: push, cites: cites, more: more, kind: kind, bodyLength: bodyLength,
            bodyHash: hash)
    }

    /// With the body in place, as the air carries it.
    static func entry(_ text: String, seq: Seq = 1) -> UnhashedEntry {
        let header = header(seq: seq, bodyLength: UInt32(text.utf8.count), hash: .zero)
        return UnhashedEntry(header: header, body: Array(text.utf8))
    }

    /// With the hash in the body's place.
    static func announced(seq: Seq = 1, length: UInt32 = 3000) -> UnhashedEntry {
        UnhashedEntry(header: header(seq: seq, bodyLength: length), body: nil)
    }
}

extension Array<UInt8> {
    /// A copy with `count` bytes at `offset` replaced by others.
    func with(_ bytes: [UInt8], at offset: Int, inPlaceOf count: Int? = nil) -> [UInt8] {
        Array(self[..<offset]) + bytes + self[(offset + (count ?? bytes.count))...]
    }
}

/// The shortest varint of a value.
func varint(_ value: UInt64) -> [UInt8] {
    var writer = ByteWriter()
    writer.varint(value)
    return writer.bytes
}
