import ArgumentParser
import MeshWAMP

/// `starling seen ID`: who has an entry.
struct Seen: MeshCommand {
    static let configuration = CommandConfiguration(
        commandName: "seen", abstract: "Show who has a message.",
        discussion: """
            proved: something they signed shows that they have it. reported: a neighbour said so. \
            unknown: nothing says so yet; they may have it, since reports come with the next \
            hello, up to 24 s later.
            """)

    static let example = "starling seen 3fa94c10"

    @Argument(help: "The message's id, or the first digits of it.")
    var id: String

    @OptionGroup var options: ConnectionOptions

    func run(at desk: Desk) async throws {
        let result = try await desk.fetch("starling.seen", ["id": .string(id)])
        let fields = result.fields
        desk.renderer.note(
            "\(fields.shortID())  \(fields.cell("room").text)  by "
                + "\(fields.fingerprint(of: "author"))")
        try desk.renderer.rows(result.objects, Self.table)
    }

    private static let table = Table(
        columns: [
            .nick, .fingerprint,
            Column("SEEN") { row in
                let state = row.cell("seen").text
                return Cell(state, state == "proved" ? .good : .plain)
            },
        ], empty: "nobody else is known in this room yet")
}
