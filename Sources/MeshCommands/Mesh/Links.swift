import ArgumentParser
import MeshWAMP

/// `meshctl links`: interfaces.
struct Links: MeshCommand {
    static let configuration = CommandConfiguration(
        commandName: "links", abstract: "List the interfaces and whether multicast works there.")

    static let example = "meshctl links"

    @OptionGroup var watch: WatchOption
    @OptionGroup var options: ConnectionOptions

    func run(at desk: Desk) async throws {
        try await watch.run(at: desk) {
            try desk.renderer.rows(try await desk.fetchRows("meshctl.links"), Self.table)
        }
    }

    private static let table = Table(
        columns: [
            Column("INTERFACE", "interface"), Column("KIND", "kind"),
            Column("STATE") { row in
                let state = row.cell("state").text
                return Cell(state, state == "up" ? .good : .bad)
            },
            Column("MULTICAST", "multicast"),
            Column("SENT", .right) { Self.bytes($0, "bytes_sent") },
            Column("RECEIVED", .right) { Self.bytes($0, "bytes_received") },
            Column("AIRTIME", .right) { $0.cell("airtime_share", unit: "%") },
            Column("ADDRESSES") { row in
                let texts = (row["addresses"]?.array ?? []).compactMap(\.string)
                let addresses = texts.map(CleanText.line).joined(separator: " ")
                return addresses.isEmpty ? row.cell("reason") : Cell(addresses)
            },
        ], empty: "no interfaces; starlingd --interface IF names one")

    private static func bytes(_ row: JSONObject, _ field: String) -> Cell {
        row[field]?.uint64.map { Cell(ByteCount.text($0)) } ?? .unknown
    }
}
