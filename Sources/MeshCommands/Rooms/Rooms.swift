import ArgumentParser
import MeshModel
import MeshWAMP

/// `starling rooms`: the rooms known here.
struct Rooms: MeshCommand {
    static let configuration = CommandConfiguration(
        commandName: "rooms", abstract: "List the rooms known here, joined or not.")

    static let example = "starling rooms"

    @OptionGroup var options: ConnectionOptions

    func run(at desk: Desk) async throws {
        let rows = try await desk.fetchRows("starling.rooms")
        try desk.renderer.rows(rows, Self.table(now: desk.now))
    }

    private static func table(now: WallTime) -> Table {
        Table(
            columns: [
                Column("ROOM", "room"), Column("JOINED", "joined"),
                Column("ENTRIES", "entries", .right), Column("AUTHORS", "authors", .right),
                Column("MISSING", "missing", .right),
                Column("LAST") { $0.age("last_at", now: now) },
            ], empty: "no rooms yet; starling send ROOM TEXT makes one")
    }
}
