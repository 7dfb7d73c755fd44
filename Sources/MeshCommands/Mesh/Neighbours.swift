import ArgumentParser
import MeshModel
import MeshWAMP

/// `meshctl neighbours`: who is heard directly.
struct Neighbours: MeshCommand {
    static let configuration = CommandConfiguration(
        commandName: "neighbours", abstract: "List the direct neighbours.",
        discussion: "Loss is in percent of multicast frames: in is theirs lost here, out is ours "
            + "lost there.",
        aliases: ["neighbors"])

    static let example = "meshctl neighbours --watch"

    @OptionGroup var watch: WatchOption
    @OptionGroup var options: ConnectionOptions

    func run(at desk: Desk) async throws {
        try await watch.run(at: desk) {
            let rows = try await desk.fetchRows("meshctl.neighbours")
            try desk.renderer.rows(rows, Self.table(now: desk.now))
        }
    }

    private static func table(now: WallTime) -> Table {
        Table(
            columns: [
                .nick, .fingerprint, Column("INTERFACE", "interface"),
                Column("ADDRESS", "address"), Column("FOUND BY", "found_by"),
                Column("LOSS IN", .right) { $0.cell("loss_in", unit: "%") },
                Column("LOSS OUT", .right) { $0.cell("loss_out", unit: "%") },
                Column("RTT", .right) { $0.cell("rtt_ms", unit: "ms") },
                Column("HEARD") { $0.age("last_heard_at", now: now) },
                Column("SYNC", cell: Self.sync),
                Column("SIGNAL", .right) { $0.cell("signal_dbm", unit: "dBm") },
                Column("CLOCK", .right) { $0.cell("clock_offset_ms", unit: "ms") },
            ], empty: "no neighbours; meshctl status says what to do")
    }

    private static func sync(_ row: JSONObject) -> Cell {
        if row["confirmed"]?.bool == false { return Cell("one-way", .warning) }
        if row["in_sync"]?.bool == true { return Cell("yes", .good) }
        return Cell("\(row.cell("behind_entries").text) behind", .warning)
    }
}
