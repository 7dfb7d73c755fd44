import ArgumentParser
import MeshWAMP

/// `starling id`: who this peer is.
struct ID: MeshCommand {
    static let configuration = CommandConfiguration(
        commandName: "id", abstract: "Show this peer: its key, fingerprint, nickname and mesh.",
        usage: "starling id [--home <dir>] [--socket <path>] [--json] [<subcommand>]",
        subcommands: [IDBackup.self, IDRestore.self])

    static let example = """
        starling id
        starling id --json
        """

    @OptionGroup var options: ConnectionOptions

    func run(at desk: Desk) async throws {
        let fields = try await desk.fetch("starling.id").fields
        try desk.renderer.fields(
            fields,
            [
                CardLine("fingerprint", Cell(fields.fingerprint(), .heading)),
                CardLine("nick", Cell(fields.nick, .name)),
                CardLine("mesh", fields.cell("mesh")),
                CardLine("peer", fields.cell("peer")),
            ])
    }
}
