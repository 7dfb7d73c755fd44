import ArgumentParser
import MeshModel
import MeshWAMP

/// `starling leave ROOM`.
struct Leave: MeshCommand {
    static let configuration = CommandConfiguration(
        commandName: "leave",
        abstract: "Leave a room: it is hidden. Its history is still carried for others.")

    static let example = "starling leave ops"

    @Argument(help: "The room, such as ops or '#ops'.")
    var room: String

    @OptionGroup var options: ConnectionOptions

    func run(at desk: Desk) async throws {
        let room = try RoomArgument.parse(room)
        let fields = try await desk.fetch(
            "starling.leave", ["room": .string(room.description)]
        ).fields
        if desk.renderer.isJSON { return try desk.renderer.json([fields]) }
        try desk.renderer.text("left \(room); what is said there is still carried for others\n")
    }
}
