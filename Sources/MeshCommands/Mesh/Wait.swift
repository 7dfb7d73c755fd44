import ArgumentParser
import MeshWAMP

/// `meshctl wait`: returns as soon as something holds.
struct Wait: MeshCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until something holds; exit 2 if it does not in time.",
        discussion: "With several conditions all of them must hold at once.")

    static let example = """
        meshctl wait --peers 2 --timeout 30
        meshctl wait --entry 3fa94c10 --timeout 10
        """

    @Option(help: ArgumentHelp("At least so many neighbours.", valueName: "n"))
    var peers: Int?

    @Flag(help: "Neighbours are there, and by their last digests nothing is missing.")
    var inSync = false

    @Option(help: ArgumentHelp("This entry is held here.", valueName: "id"))
    var entry: String?

    @Option(help: ArgumentHelp("Give up after so many seconds.", valueName: "s"))
    var timeout: Double?

    @OptionGroup var options: ConnectionOptions

    func run(at desk: Desk) async throws {
        let fields = try await desk.fetch("meshctl.wait", try keywords()).fields
        if desk.renderer.isJSON { return try desk.renderer.json([fields]) }
        let waited = fields["waited_ms"]?.double.map { "\(JSONObject.text($0 / 1000)) s" } ?? "-"
        let count = fields.cell("neighbours").text
        try desk.renderer.text(
            "\(count) \(count == "1" ? "neighbour" : "neighbours") after \(waited)\n")
    }

    private func keywords() throws(CommandFailure) -> JSONObject {
        guard peers != nil || inSync || entry != nil else {
            throw .usage("what to wait for?", try: "give --peers N, --in-sync or --entry ID")
        }
        guard peers ?? 0 >= 0, timeout ?? 0 >= 0, timeout?.isFinite != false else {
            throw .usage("--peers or --timeout is negative, or no number", try: "give one from 0")
        }
        var keywords = JSONObject()
        if let peers { keywords["peers"] = JSON(peers) }
        if inSync { keywords["in_sync"] = true }
        if let entry { keywords["entry"] = .string(entry) }
        if let timeout { keywords["timeout"] = .number(timeout) }
        return keywords
    }
}
