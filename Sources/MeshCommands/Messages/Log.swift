import ArgumentParser
import MeshClient
import MeshModel
import MeshWAMP

/// `starling log ROOM`: the merged room log.
struct Log: MeshCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Show the merged log of a room: the same on every peer.",
        discussion: """
            A mark after the time says something about a line:
              +  it arrived late, when lines below it had already been shown
              ~  something that its author had read is still missing here
              !  its author's log is forked: two machines write with one key
              ?  its author's clock was implausible
            "-- 3 messages from drone-2 have not arrived yet --" stands where they will be. \
            name~k7qf: several authors use this name; k7qf begins the fingerprint. \
            Times are local; the order does not depend on them.
            """)

    static let example = """
        starling log ops -n 20 --follow
        starling log --all --since 2h --json
        """

    @Argument(help: "The room, such as ops or '#ops'.")
    var room: String?

    @Flag(help: "All rooms, merged.")
    var all = false

    @Option(name: .customShort("n"), help: ArgumentHelp("Only the last so many.", valueName: "n"))
    var count: Int?

    @Option(
        help: ArgumentHelp(
            "From this time on: RFC 3339, or how long ago, such as 10m, 2h, 3d.", valueName: "t"))
    var since: String?

    @Option(help: ArgumentHelp("Only what stands after this entry.", valueName: "id"))
    var after: String?

    @Flag(
        name: [.long, .customShort("f")],
        help: "Go on with new lines as they come; without -n, --since or --after only those.")
    var follow = false

    @Flag(help: "Show the vector clock of each line.")
    var clock = false

    @Flag(help: "Show short ids, for seen and --after.")
    var ids = false

    @OptionGroup var options: ConnectionOptions

    func run(at desk: Desk) async throws {
        let query = try keywords(at: desk)
        let session = try await desk.connect()
        // Subscribed before the page is read: nothing falls between them.
        let events = follow ? try await session.subscribe(topic, match: topicMatch) : nil
        var printer = LogPrinter(
            desk.renderer, showsRoom: all, showsIDs: ids, showsClocks: clock)
        if !desk.renderer.isJSON {
            // A name is shared or not whoever is on show; without the list the lines must do.
            printer.meet(people: (try? await session.call("starling.peers"))?.objects ?? [])
        }
        if !follow || count != nil || since != nil || after != nil {
            if try await !showPages(query, session, &printer) { sayNothing(at: desk) }
        }
        guard let events else { return }
        for try await event in events { try printer.event(event.keywords) }
    }

    private func keywords(at desk: Desk) throws(CommandFailure) -> JSONObject {
        guard (room != nil) != all else {
            throw .usage(
                room == nil ? "which room?" : "give a room or --all, not both",
                try: "starling log ROOM, or starling log --all")
        }
        var keywords = JSONObject()
        if let room {
            guard !room.hasPrefix("@") else {
                throw .notBuilt("log @PEER", try: "private messages will come with starling dm")
            }
            keywords["room"] = .string(try RoomArgument.parse(room).description)
        } else {
            keywords["all"] = true
        }
        if let count {
            guard count >= 0 else { throw .usage("-n is negative", try: "give a number from 0") }
            keywords["n"] = JSON(count)
        }
        if let since {
            guard let time = SinceArgument.parse(since, now: desk.now) else {
                throw .usage(
                    "--since \(since) is no time",
                    try: "a time such as 2026-07-01T12:00:00Z, or how long ago: 10m, 2h, 3d")
            }
            keywords["since"] = .string(Timestamp.text(time))
        }
        if let after { keywords["after"] = .string(after) }
        if clock { keywords["clock"] = true }
        return keywords
    }

    private var topic: String {
        let name = room.flatMap { try? RoomArgument.parse($0).name } ?? ""
        return "starling.room.\(name)"
    }

    private var topicMatch: TopicMatch { all ? .prefix : .exact }

    /// An empty screen does not tell a quiet room from a name mistyped.
    private func sayNothing(at desk: Desk) {
        guard count != 0, since == nil, after == nil else { return }
        let room = room.flatMap { try? RoomArgument.parse($0).description }
        desk.renderer.note(
            room.map { "nothing has been said in \($0), as far as this peer knows" }
                ?? "nothing has been said here yet")
    }

    /// The peer cuts a long answer; the last entry of each part is where the next begins. False
    /// when there was nothing to show.
    private func showPages(
        _ query: JSONObject, _ session: PeerSession, _ printer: inout LogPrinter
    ) async throws -> Bool {
        var query = query
        var hasShown = false
        while true {
            let result = try await session.call("starling.log", query)
            let rows = result.objects
            try printer.page(rows)
            hasShown = hasShown || !rows.isEmpty
            guard result.keywords["more"]?.bool == true,
                let last = rows.last(where: { $0["id"] != nil })?["id"]
            else { return hasShown }
            query["n"] = nil
            query["after"] = last
        }
    }
}
