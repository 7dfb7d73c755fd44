import ArgumentParser
import MeshWAMP

/// `meshctl rooms`: what is held of each log, what is known to exist, who lacks what.
struct Holdings: MeshCommand {
    static let configuration = CommandConfiguration(
        commandName: "rooms",
        abstract: "Show per room and author what is held here and who lacks what.")

    static let example = "meshctl rooms"

    @OptionGroup var watch: WatchOption
    @OptionGroup var options: ConnectionOptions

    func run(at desk: Desk) async throws {
        try await watch.run(at: desk) {
            try desk.renderer.rows(try await desk.fetchRows("meshctl.rooms"), Self.table)
        }
    }

    private static let table = Table(
        columns: [
            Column("ROOM", "room"), .nick,
            Column("AUTHOR") { Cell($0.fingerprint(of: "author")) },
            Column("EPOCH") { Cell($0.shortID("epoch")) },
            Column("HELD", "held", .right), Column("KNOWN", "known", .right),
            Column("MISSING", .right) { row in
                Cell(row.cell("missing").text, row["missing"]?.int == 0 ? .plain : .warning)
            },
            Column("STATE", cell: Self.state), Column("LACKED BY", cell: Self.lacking),
        ], empty: "nothing is held yet")

    private static func state(_ row: JSONObject) -> Cell {
        if row["closed"]?.bool == true { return Cell("closed", .bad) }
        return row["forked"]?.bool == true ? Cell("forked", .warning) : .unknown
    }

    private static func lacking(_ row: JSONObject) -> Cell {
        let items = (row["lacking"]?.array ?? []).compactMap(\.object)
        return Cell(
            items.map { item in
                let who = item.nick.isEmpty ? String(item.fingerprint().prefix(9)) : item.nick
                return "\(who) \(item.cell("lacks").text)"
            }.joined(separator: ", "))
    }
}
