import ArgumentParser
import MeshModel
import MeshWAMP

/// `meshctl clock ROOM`: the vector clocks side by side.
struct Clock: MeshCommand {
    static let configuration = CommandConfiguration(
        commandName: "clock", abstract: "Show the vector clocks of a room side by side.",
        discussion: """
            One row for each log: the clock of its newest entry whose causes are all here. \
            The column a is how much of log a that author had read; . is nothing.
            """)

    static let example = "meshctl clock ops"

    @Argument(help: "The room, such as ops or '#ops'.")
    var room: String

    @OptionGroup var watch: WatchOption
    @OptionGroup var options: ConnectionOptions

    func run(at desk: Desk) async throws {
        let room = try RoomArgument.parse(room)
        try await watch.run(at: desk) {
            let rows = try await desk.fetchRows(
                "meshctl.clock", ["room": .string(room.description)])
            try desk.renderer.rows(rows, Self.table(of: rows))
        }
    }

    /// Logs up to which the clocks stand side by side: 16 columns of 4 fit a terminal.
    private static let matrixLimit = 16

    private static func table(of rows: [JSONObject]) -> Table {
        let logs = rows.compactMap { $0["log"]?.string }
        let letters = logs.indices.map(letter)
        let byLog = Dictionary(zip(logs, letters)) { first, _ in first }
        var columns = [
            Column("LOG") { Cell($0["log"]?.string.flatMap { byLog[$0] } ?? "") },
            .nick, Column("AUTHOR") { Cell($0.fingerprint(of: "author")) },
            Column("EPOCH") { Cell($0.shortID("epoch")) },
            Column("HEAD", "head", .right), Column("COMPLETE", "complete", .right),
        ]
        if logs.count <= matrixLimit {
            columns += zip(logs, letters).map { log, letter in
                Column(letter, .right) { row in
                    Cell(row["clock"]?.object?[log]?.uint64.map(String.init) ?? ".")
                }
            }
        } else {
            columns.append(
                Column("CLOCK") { Cell("covers \($0["clock"]?.object?.count ?? 0) logs") })
        }
        return Table(columns: columns, empty: "nothing of this room is held here")
    }

    /// a, b, … z, aa, ab, …
    private static func letter(_ index: Int) -> String {
        let last = String(UnicodeScalar(UInt8(97 + index % 26)))
        return index < 26 ? last : letter(index / 26 - 1) + last
    }
}
