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
            are skipped. A text has at most \(ModelLimits.body) bytes of UTF-8; a longer line ends \
            the command there, and it says which. A text that looks like a flag goes last, after --.
            """)

    static let example = """
        starling send ops "camp reached"
        tail -f sensor.log | starling send telemetry -
        starling send ops -- -v
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

    /// As many lines at a time as have come, in one call each, so that they share a commit and keep
    /// their order. No call follows one in which a line was refused.
    private func sendLines(to room: RoomID, _ desk: Desk) async throws {
        let session = try await desk.connect()
        var lines = InputLines(desk.surroundings.input)
        var sent = 0
        // Who only looked at the first ids wants the rest sent all the same.
        var closed: OutputClosed?
        while true {
            let (batch, fault) = Batch.gather(from: &lines)
            if !batch.lines.isEmpty {
                sent += try await send(batch, after: sent, to: room, session, desk, &closed)
            }
            if let fault { throw fault.after(sent) }
            if batch.isLast { break }
        }
        if let reason = closed?.reason { throw CommandFailure.output(reason).after(sent) }
        guard sent > 0 else {
            throw CommandFailure(
                "empty", "the standard input has nothing to send",
                try: "give the text as an argument, or pipe it in")
        }
    }

    /// Returns how many were sent: all.
    private func send(
        _ batch: Batch, after sent: Int, to room: RoomID, _ session: PeerSession, _ desk: Desk,
        _ closed: inout OutputClosed?
    ) async throws -> Int {
        let answers: [JSONObject]
        do { answers = try await Self.call(batch, room, session, desk) } catch {
            throw error.at(line: batch.lines[0].number).after(sent)
        }
        let kept = answers.filter { $0["id"] != nil }
        if closed == nil {
            do { try show(kept, room, desk.renderer) } catch { closed = error }
        }
        for (line, answer) in zip(batch.lines, answers) where answer["id"] == nil {
            let error = CommandFailure(CallError(fields: answer))
            throw error.at(line: line.number).after(sent + kept.count)
        }
        guard answers.count == batch.lines.count else {
            throw CommandFailure(
                "protocol", "the peer answered \(answers.count) of \(batch.lines.count) lines",
                try: "see whether starling and starlingd are of one version")
        }
        return kept.count
    }

    /// Time between two attempts while the peer has more than enough to write.
    private static let pause: Duration = .milliseconds(50)
    /// A minute of attempts: a disk that is busy for longer is broken.
    private static let attempts = 1200

    private static func call(
        _ batch: Batch, _ room: RoomID, _ session: PeerSession, _ desk: Desk
    ) async throws(CommandFailure) -> [JSONObject] {
        let keywords: JSONObject = [
            "room": .string(room.description),
            "texts": .array(batch.lines.map { .string($0.text) }),
        ]
        for _ in 1..<attempts {
            do { return try await session.call("starling.send", keywords).objects } catch {
                guard error.code == "busy" else { throw error }
            }
            // Cancelled means that the program ends, and so does the next call.
            try? await desk.surroundings.pause(pause)
        }
        return try await session.call("starling.send", keywords).objects
    }

    private func send(
        _ text: String, to room: RoomID, _ session: PeerSession, _ renderer: Renderer
    ) async throws {
        let fields = try await session.call(
            "starling.send", ["room": .string(room.description), "text": .string(text)]
        ).fields
        try show([fields], room, renderer)
    }

    private func show(
        _ sent: [JSONObject], _ room: RoomID, _ renderer: Renderer
    ) throws(OutputClosed) {
        if renderer.isJSON { return try renderer.json(sent) }
        try renderer.text(sent.map { "\($0.cell("id").text)  \(room)\n" }.joined())
    }
}

/// Lines that go out together.
private struct Batch {
    var lines: [(number: Int, text: String)] = []
    /// The input has ended.
    var isLast = false

    /// Bytes after which a batch takes no more lines. Escaped as JSON they stay below
    /// `WAMPLimits.message`.
    private static let bytes = 128 << 10

    /// Waits for a line, and adds those that came with it; beside it the reason where the line
    /// after them is none.
    static func gather(from lines: inout InputLines) -> (Batch, CommandFailure?) {
        var batch = Batch()
        var bytes = 0
        do {
            repeat {
                guard let line = try lines.next() else {
                    batch.isLast = true
                    break
                }
                guard !line.isEmpty else { continue }
                let text = try MessageText.check(line, place: "line \(lines.number)")
                batch.lines.append((lines.number, text))
                bytes += line.count
            } while lines.hasNext && batch.lines.count < ModelLimits.texts && bytes < Self.bytes
            return (batch, nil)
        } catch {
            return (batch, error)
        }
    }
}

extension CommandFailure {
    fileprivate func at(line: Int) -> CommandFailure {
        // Whoever does not answer any more may have written them.
        let what =
            code == "disconnected"
            ? "lines from \(line) on may not have been sent" : "line \(line) was not sent"
        return CommandFailure(code, "\(what): \(message)", try: remedy, exit: exit)
    }

    /// With what is done already, so that nobody sends it twice.
    fileprivate func after(_ sent: Int) -> CommandFailure {
        let done =
            switch sent {
            case 0: "nothing was sent"
            case 1: "1 line was sent"
            default: "\(sent) lines were sent"
            }
        return CommandFailure(code, "\(message); \(done)", try: remedy, exit: exit)
    }
}
