import ArgumentParser
import MeshModel
import MeshWAMP

/// `starling nick NAME`: claims a nickname.
struct Nick: MeshCommand {
    static let configuration = CommandConfiguration(
        commandName: "nick",
        abstract: "Claim a nickname; it is signed and travels to all.")

    static let example = "starling nick \"drone 2\""

    @Argument(help: "1 to \(ModelLimits.nick) bytes, no hidden characters; not unique.")
    var name: String

    @OptionGroup var options: ConnectionOptions

    func run(at desk: Desk) async throws {
        do { try Nickname.check(name) } catch {
            throw CommandFailure(
                "bad_nick", "this is no nickname: \(error)",
                try: "1 to \(ModelLimits.nick) bytes, no hidden characters, no space at the ends",
                exit: .usage)
        }
        let fields = try await desk.fetch("starling.nick", ["name": .string(name)]).fields
        if desk.renderer.isJSON { return try desk.renderer.json([fields]) }
        try desk.renderer.text("you are \(fields.nick)\n")
    }
}
