import ArgumentParser

/// `--watch [S]`, which every table takes.
struct WatchOption: ParsableArguments {
    /// Shortest wait between two looks: a look costs the peer some work.
    private static let shortest = 0.1
    private static let longest = 86_400.0

    @Option(
        defaultAsFlag: 2,
        help: ArgumentHelp("Look again every so many seconds, until Ctrl-C.", valueName: "s"))
    var watch: Double?

    /// Runs `look` once, or again and again.
    func run(at desk: Desk, _ look: () async throws -> Void) async throws {
        guard let watch else { return try await look() }
        guard (Self.shortest...Self.longest).contains(watch) else {
            throw CommandFailure.usage(
                "--watch \(watch) is no interval",
                try: "give seconds from \(Self.shortest) to \(Int(Self.longest))")
        }
        while true {
            if !desk.renderer.isJSON, desk.surroundings.output.isTerminal {
                try desk.renderer.text("\u{1B}[H\u{1B}[2J")
            }
            try await look()
            try await desk.surroundings.pause(.milliseconds(Int64(watch * 1000)))
        }
    }
}
