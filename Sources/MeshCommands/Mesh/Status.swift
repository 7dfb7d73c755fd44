import ArgumentParser
import MeshModel
import MeshWAMP

/// `meshctl status`: a verdict, then one screen.
struct Status: MeshCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say whether this peer is connected, and what to do next.")

    static let example = """
        meshctl status
        meshctl status --watch 5
        """

    @OptionGroup var watch: WatchOption
    @OptionGroup var options: ConnectionOptions

    func run(at desk: Desk) async throws {
        try await watch.run(at: desk) {
            let fields = try await desk.fetch("meshctl.status").fields
            if desk.renderer.isJSON { return try desk.renderer.json([fields]) }
            try desk.renderer.text(Self.screen(fields, desk.renderer.style))
        }
    }

    private static func screen(_ fields: JSONObject, _ style: Style) -> String {
        let verdict = fields.cell("verdict").text
        let role: Style.Role =
            switch verdict {
            case "connected": .good
            case "blocked": .bad
            default: .warning
            }
        let warnings = (fields["warnings"]?.array ?? []).compactMap(\.string)
        return style.paint(verdict, role) + ": " + fields.cell("next").text + "\n\n"
            + CardLine.text(card(fields), style)
            + (warnings.isEmpty ? "" : "\n")
            + warnings.map { style.paint("warning", .warning) + ": \(CleanText.line($0))\n" }
            .joined()
    }

    private static func card(_ fields: JSONObject) -> [CardLine] {
        let secret = fields["passphrase"]?.string.map(CleanText.line)
        return [
            CardLine("peer", "\(fields.nick.isEmpty ? "-" : fields.nick)  \(fields.fingerprint())"),
            CardLine(
                "mesh",
                fields.cell("mesh").text
                    + (secret.map { "  passphrase \($0)" } ?? "  no passphrase")),
            CardLine("uptime", Age.text(seconds: fields["uptime_s"]?.int ?? 0)),
            CardLine(
                "links", "\(fields.cell("links_up").text) of \(fields.cell("links").text) up"),
            CardLine("neighbours", fields.cell("neighbours")),
            CardLine(
                "rooms", "\(fields.cell("rooms").text), \(fields.cell("entries").text) entries"),
            CardLine("in sync", sync(fields)),
            CardLine("store", store(fields)),
            CardLine("airtime", fields.cell("airtime_share", unit: "%")),
            CardLine("socket", fields.cell("socket")),
        ]
    }

    private static func sync(_ fields: JSONObject) -> Cell {
        guard let inSync = fields["in_sync"]?.bool else { return Cell("with nobody", .warning) }
        guard !inSync else { return Cell("yes", .good) }
        return Cell(
            "no: \(fields.cell("missing_entries").text) entries missing here, a neighbour lacks "
                + "\(fields.cell("behind_entries").text)", .warning)
    }

    private static func store(_ fields: JSONObject) -> String {
        let used = fields["store_used_bytes"]?.uint64 ?? 0
        let limit = fields["store_limit_bytes"]?.uint64 ?? 0
        return "\(ByteCount.text(used)) of \(ByteCount.text(limit))"
    }
}

/// Sizes as people read them.
enum ByteCount {
    /// `512 B`, `1.5 MB`: powers of 1000.
    static func text(_ bytes: UInt64) -> String {
        let units = ["kB", "MB", "GB", "TB"]
        guard bytes >= 1000 else { return "\(bytes) B" }
        var value = Double(bytes)
        var unit = ""
        for next in units where value >= 1000 {
            value /= 1000
            unit = next
        }
        return "\(JSONObject.text((value * 10).rounded() / 10)) \(unit)"
    }
}
