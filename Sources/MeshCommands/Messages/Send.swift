import ArgumentParser
import MeshModel
import MeshWAMP

/// `starling send ROOM [TEXT]`.
struct Send: MeshCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Say something in a room.",
        discussion: """
            Prints one line for each message, starting with its id, once it is safe on disk here. \
            Without TEXT, or with -, each line of the standard input is a message; empty lines \
            are skipped. A text has at most \(ModelLimits.body) bytes of UTF-8.
            """)

    static let example = """
        starling send ops "camp reached"
        tail -f sensor.log | starling send telemetry -
        """

    @Argument(help: "The room, such as ops or '#ops'.")
    var room: String

    @Argument(help: "The message; - or nothing reads lines from the standard input.")
    var text: String?

    @Flag(help: "Ahead of everything else on the air (not built yet).")
    var urgent = false

    @Option(
        help: ArgumentHelp(
            "Until so many, or this one, are proven to have it (not built yet).",
            valueName: "n-or-peer"))
    var wait: String?

    @Option(help: ArgumentHelp("Seconds to wait, with --wait.", valueName: "s"))
    var timeout: Double?

    @OptionGroup var options: ConnectionOptions

    func run(at desk: Desk) async throws {
        guard !urgent else {
            throw CommandFailure.notBuilt("send --urgent", try: "send it without --urgent")
        }
        guard wait == nil, timeout == nil else {
            throw CommandFailure.notBuilt(
                "send --wait", try: "send it, then look with: starling seen ID")
        }
        let room = try RoomArgument.parse(room)
        if let text, text != "-" {
            let checked = try MessageText.check(Array(text.utf8))
            return try await send(checked, to: room, try await desk.connect(), desk.renderer)
        }
        try await sendLines(to: room, desk)
    }

    /// One after the other, so that they keep their order.
    private func sendLines(to room: RoomID, _ desk: Desk) async throws {
        let session = try await desk.connect()
        var lines = InputLines(desk.surroundings.input)
        var sent = 0
        while let line = try lines.next() {
            guard !line.isEmpty else { continue }
            let text = try MessageText.check(line, place: "line \(lines.number)")
            try await send(text, to: room, session, desk.renderer)
            sent += 1
        }
        guard sent > 0 else {
            throw CommandFailure(
                "empty", "the standard input has nothing to send",
                try: "give the text as an argument, or pipe it in")
        }
    }

    private func send(
        _ text: String, to room: RoomID, _ session: PeerSession, _ renderer: Renderer
    ) async throws {
        let fields = try await session.call(
            "starling.send", ["room": .string(room.description), "text": .string(text)]
        ).fields
        if renderer.isJSON { return try renderer.json([fields]) }
        try renderer.text("\(fields.cell("id").text)  \(room)\n")
    }
}
