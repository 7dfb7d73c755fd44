import ArgumentParser
import MeshWAMP

/// `meshctl stats`: counters.
struct Stats: MeshCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Show counters by frame kind: sent, relayed, suppressed, rejected and why.")

    static let example = "meshctl stats --watch 1"

    @OptionGroup var watch: WatchOption
    @OptionGroup var options: ConnectionOptions

    func run(at desk: Desk) async throws {
        try await watch.run(at: desk) {
            let fields = try await desk.fetch("meshctl.stats").fields
            try desk.renderer.fields(fields, Self.card(fields))
        }
    }

    /// Counters in groups follow the others, as `group.name`.
    private static func card(_ fields: JSONObject) -> [CardLine] {
        fields.members.flatMap { member -> [CardLine] in
            let name = CleanText.line(member.key)
            guard let group = member.value.object else {
                return [CardLine(name, fields.cell(member.key))]
            }
            return group.keys.map { key in
                CardLine("\(name).\(CleanText.line(key))", group.cell(key))
            }
        }
    }
}
