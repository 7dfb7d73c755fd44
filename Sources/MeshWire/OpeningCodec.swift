package import MeshModel

/// What a log reference stands for: the log, and for a branch of a fork its first entry.
package struct Opening: Hashable, Sendable {
    /// Where a branch leaves its trunk.
    package struct Branch: Hashable, Sendable {
        package let seq: Seq
        package let first: EntryID

        package init(seq: Seq, first: EntryID) {
            self.seq = seq
            self.first = first
        }
    }

    package let log: LogID
    /// Nil for the log itself.
    package let branch: Branch?

    package init(log: LogID, branch: Branch? = nil) {
        self.log = log
        self.branch = branch
    }
}

package enum OpeningCodec {
    package static func write(_ opening: Opening, to writer: inout ByteWriter) {
        writer.byte(opening.branch == nil ? 0 : 1)
        write(opening.log, to: &writer)
        if let branch = opening.branch {
            writer.varint(UInt64(branch.seq))
            writer.bytes32(branch.first.raw)
        }
    }

    package static func read(from reader: inout ByteReader) throws(WireError) -> Opening {
        let start = reader.offset
        let form = try reader.byte("opening form")
        guard form <= 1 else { throw WireError(.invalid, at: start, field: "opening form") }
        let log = try readLog(from: &reader)
        guard form == 1 else { return Opening(log: log) }
        let seq = try reader.seq("branch seq")
        let first = EntryID(try reader.bytes32("branch"))
        return Opening(log: log, branch: Opening.Branch(seq: seq, first: first))
    }

    /// Author, epoch, room: also the form in which a log's identity is hashed and signed.
    package static func write(_ log: LogID, to writer: inout ByteWriter) {
        writer.bytes32(log.author.raw)
        writer.integer(log.epoch, 8)
        writer.byte(log.room.kind.rawValue)
        writer.byte(UInt8(log.room.name.utf8.count))
        writer.bytes(log.room.name.utf8)
    }

    package static func readLog(from reader: inout ByteReader) throws(WireError) -> LogID {
        let author = PeerID(try reader.bytes32("author"))
        let epoch = try reader.integer(8, "epoch")
        return LogID(author: author, epoch: epoch, room: try readRoom(from: &reader))
    }

    private static func readRoom(from reader: inout ByteReader) throws(WireError) -> RoomID {
        let start = reader.offset
        let kind = try reader.byte("room kind")
        let length = Int(try reader.byte("room name length"))
        guard length <= ModelLimits.roomName else {
            throw WireError(.tooLarge, at: start + 1, field: "room name length")
        }
        let name = try reader.bytes(length, "room name")
        switch RoomID.Kind(rawValue: kind) {
        case .profile:
            guard length == 0 else { throw WireError(.invalid, at: start, field: "room name") }
            return .profile
        case .open:
            do {
                return try RoomID.open(String(decoding: name, as: UTF8.self))
            } catch {
                throw WireError(.invalid, at: start, field: "room name")
            }
        case nil: throw WireError(.invalid, at: start, field: "room kind")
        }
    }
}
