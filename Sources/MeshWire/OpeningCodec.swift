package import MeshModel

/// What a log reference stands for: the log, and for a branch of a fork its first entry.
package struct Opening: Hashable, Sendable {
    package let log: LogID
    /// Nil for the log itself.
    package let branch: EntryID?

    package init(log: LogID, branch: EntryID? = nil) {
        self.log = log
        self.branch = branch
    }
}

package enum OpeningCodec {
    package static func write(_ opening: Opening, to writer: inout ByteWriter) {
        writer.byte(opening.branch == nil ? 0 : 1)
        write(opening.log, to: &writer)
        if let branch = opening.branch { writer.bytes32(branch.raw) }
    }

    package static func read(from reader: inout ByteReader) throws(WireError) -> Opening {
        let start = reader.offset
        let form = try reader.byte("opening form")
        guard form <= 1 else { throw WireError(.invalid, at: start, field: "opening form") }
        let log = try readLog(from: &reader)
        let branch = form == 1 ? EntryID(try reader.bytes32("branch")) : nil
        return Opening(log: log, branch: branch)
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
