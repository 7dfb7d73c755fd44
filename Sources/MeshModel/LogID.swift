/// One author's entries in one room, in one epoch.
package struct LogID: Hashable, Comparable, Sendable {
    package let author: PeerID
    /// 64 random bits, drawn at the first write after a start that cannot prove it continues the
    /// last one (docs/spec/gossip.md, "Epochs").
    package let epoch: UInt64
    package let room: RoomID

    package init(author: PeerID, epoch: UInt64, room: RoomID) {
        self.author = author
        self.epoch = epoch
        self.room = room
    }

    package static func < (a: LogID, b: LogID) -> Bool {
        if a.author != b.author { return a.author < b.author }
        if a.epoch != b.epoch { return a.epoch < b.epoch }
        return a.room < b.room
    }
}

/// The first 8 bytes of the hash of a log's identity: an index, never an identity. What is signed
/// is the full `LogID`.
package struct LogRef: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let raw: UInt64

    @inlinable package init(_ raw: UInt64) { self.raw = raw }

    package static func < (a: LogRef, b: LogRef) -> Bool { a.raw < b.raw }

    package var description: String {
        Hex.encode((0..<8).map { UInt8(truncatingIfNeeded: raw >> UInt64(56 - 8 * $0)) })
    }
}

/// The place of an entry in its log: 1, 2, 3 without gaps. 0 stands for "before the first".
public typealias Seq = UInt32
