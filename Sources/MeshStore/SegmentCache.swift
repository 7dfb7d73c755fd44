import MeshLog
import MeshModel

/// Segments and rooms in memory: all of them for the writer, those met for a reader. About 250
/// bytes a log; a reader's lives as long as one reading.
struct SegmentCache {
    /// A room as the tables number it.
    struct Room {
        let number: Int64
        let room: RoomID
        var entries: Int
        var lastTime: UInt64
    }

    private(set) var byID: [SegmentID: Segment] = [:]
    private(set) var byBase: [LogRef: [SegmentID]] = [:]
    private(set) var rooms: [RoomID: Room] = [:]
    private var roomsByNumber: [Int64: RoomID] = [:]
    /// As they were when the transaction began; nil for those that are new since. What is here is
    /// written back at its end.
    private(set) var changed: [SegmentID: Segment?] = [:]
    private(set) var changedRooms: [RoomID: Room?] = [:]

    subscript(id: SegmentID) -> Segment? { byID[id] }

    func room(number: Int64) -> RoomID? { roomsByNumber[number] }

    /// Adds what a table holds.
    mutating func load(_ segment: Segment) {
        guard byID.updateValue(segment, forKey: segment.id) == nil else { return }
        byBase[segment.base, default: []].append(segment.id)
    }

    mutating func load(_ room: Room) {
        rooms[room.room] = room
        roomsByNumber[room.number] = room.room
    }

    mutating func insert(_ segment: Segment) {
        changed.updateValue(nil, forKey: segment.id)
        load(segment)
    }

    mutating func update(_ segment: Segment) {
        if changed[segment.id] == nil { changed[segment.id] = .some(byID[segment.id]) }
        byID[segment.id] = segment
    }

    /// Counts a row, or the new time of one.
    mutating func note(_ time: UInt64, in room: RoomID, added: Int) {
        let old = rooms[room]
        if changedRooms[room] == nil { changedRooms.updateValue(old, forKey: room) }
        var new = old ?? Room(number: nextRoom, room: room, entries: 0, lastTime: 0)
        new.entries += added
        new.lastTime = max(new.lastTime, time)
        load(new)
    }

    /// The number of a room, given out at its first segment.
    mutating func number(of room: RoomID) -> Int64 {
        if rooms[room] == nil { note(0, in: room, added: 0) }
        return rooms[room]?.number ?? 0
    }

    private var nextRoom: Int64 { Int64(rooms.count) + 1 }

    mutating func committed() {
        changed = [:]
        changedRooms = [:]
    }

    mutating func rollBack() {
        for (id, before) in changed {
            if let before {
                byID[id] = before
            } else if let new = byID.removeValue(forKey: id) {
                byBase[new.base]?.removeAll { $0 == id }
            }
        }
        for (room, before) in changedRooms {
            if let before {
                rooms[room] = before
            } else if let new = rooms.removeValue(forKey: room) {
                roomsByNumber[new.number] = nil
            }
        }
        committed()
    }
}
