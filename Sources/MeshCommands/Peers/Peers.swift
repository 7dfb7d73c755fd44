import ArgumentParser
import MeshModel
import MeshWAMP

/// `starling peers`: people.
struct Peers: MeshCommand {
    static let configuration = CommandConfiguration(
        commandName: "peers",
        abstract: "List everybody who ever wrote here or is heard now.")

    static let example = "starling peers"

    @OptionGroup var options: ConnectionOptions

    func run(at desk: Desk) async throws {
        let rows = try await desk.fetchRows("starling.peers")
        try desk.renderer.rows(rows, Self.table(now: desk.now))
    }

    private static func table(now: WallTime) -> Table {
        Table(
            columns: [
                .nick, .fingerprint, Column("VERIFIED", "verified"),
                Column("REACHABLE", "reachable"), Column("HOPS", "hops", .right),
                Column("LAST HEARD") { row in
                    row["self"]?.bool == true
                        ? Cell("this peer", .faint) : row.age("last_heard_at", now: now)
                },
            ], empty: "nobody yet; meshctl status says what is heard")
    }
}
