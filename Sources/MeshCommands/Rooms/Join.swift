import ArgumentParser
import MeshModel
import MeshWAMP

/// `starling join ROOM`.
struct Join: MeshCommand {
    static let configuration = CommandConfiguration(
        commandName: "join",
        abstract: "Join a room: it is shown and notifies. Its history is carried anyway.")

    static let example = "starling join ops"

    @Argument(help: "The room, such as ops or '#ops'.")
    var room: String

    @OptionGroup var options: ConnectionOptions

    func run(at desk: Desk) async throws {
        let room = try RoomArgument.parse(room)
        let fields = try await desk.fetch(
            "starling.join", ["room": .string(room.description)]
        ).fields
        if desk.renderer.isJSON { return try desk.renderer.json([fields]) }
        try desk.renderer.text("joined \(room)\n")
    }
}
