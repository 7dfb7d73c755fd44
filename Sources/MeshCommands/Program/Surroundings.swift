package import MeshModel

/// All that a command sees of the process it runs in, so that a test can be its surroundings.
package struct Surroundings: Sendable {
    /// The arguments after the program's name, as bytes: nobody has checked them.
    package var arguments: [[UInt8]]
    package var environment: [String: String]
    package var output: any OutputPort
    package var input: any InputPort
    /// Wall time, for ages and for `--since 10m`.
    package var now: @Sendable () -> WallTime
    package var zone: TimeZone
    /// Waits between two looks of `--watch`.
    package var pause: @Sendable (Duration) async throws -> Void

    package init(
        arguments: [[UInt8]], environment: [String: String], output: any OutputPort,
        input: any InputPort, now: @escaping @Sendable () -> WallTime, zone: TimeZone,
        pause: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.arguments = arguments
        self.environment = environment
        self.output = output
        self.input = input
        self.now = now
        self.zone = zone
        self.pause = pause
    }
}

/// Where a command writes.
package protocol OutputPort: Sendable {
    /// Standard output is a terminal.
    var isTerminal: Bool { get }
    /// Columns that help is wrapped to.
    var columns: Int { get }
    /// Data. Returns when all of it is written.
    func write(_ text: String) throws(OutputClosed)
    /// Talk: to standard error; what cannot be written is lost.
    func say(_ text: String)
}

/// The output takes nothing more. That its reader went away, as `head` does when it has enough, is
/// no failure.
package struct OutputClosed: Error {
    /// What the system said where it is one, such as a full disk.
    package let reason: String?

    package init(reason: String? = nil) { self.reason = reason }
}

/// Where a command reads what is to be sent.
package protocol InputPort: Sendable {
    /// The next bytes, waiting for them; empty at the end.
    func read() throws(CommandFailure) -> [UInt8]
}
