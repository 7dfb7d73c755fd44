import MeshGossip
import MeshLog
import MeshModel
import MeshNode
import MeshWAMP

/// The rooms that are known here, and which of them are shown.
extension PeerProcedures {
    func rooms() async throws -> Outcome {
        let joined = try await views.joined()
        let missing = try await missing()
        var rooms: [RoomID: RoomSummary] = [:]
        for summary in try await views.rooms() where summary.room.kind == .open {
            rooms[summary.room] = summary
        }
        let names = joined.union(rooms.keys).union(missing.keys).filter { $0.kind == .open }
        return .rows(
            names.sorted().map { room in
                let summary = rooms[room]
                return .object([
                    "room": .string(room.description), "joined": .bool(joined.contains(room)),
                    "entries": JSON(summary?.entries ?? 0), "authors": JSON(summary?.authors ?? 0),
                    "last_at": summary.map { Show.time($0.lastAt) } ?? .null,
                    "missing": JSON(missing[room] ?? 0),
                ])
            })
    }

    func join(_ arguments: Arguments) async throws -> Outcome {
        try await set(try arguments.neededRoom("room"), joined: true)
    }

    func leave(_ arguments: Arguments) async throws -> Outcome {
        try await set(try arguments.neededRoom("room"), joined: false)
    }

    private func set(_ room: RoomID, joined isJoined: Bool) async throws -> Outcome {
        let wasJoined = try await views.joined().contains(room)
        if wasJoined != isJoined {
            _ = try await write(isJoined ? .join : .leave, Array(room.name.utf8), in: .profile)
            try await views.setJoined(room, isJoined)
            node.joined(try await views.joined())
        }
        return .fields(["room": .string(room.description), "joined": .bool(isJoined)])
    }

    /// Entries known to exist and not held, by room.
    func missing() async throws -> [RoomID: Int] {
        try await node.inspect { engine in
            engine.missing.reduce(into: [:]) { sums, item in
                sums[item.log.room, default: 0] += Int(item.known - item.held)
            }
        }
    }
}
