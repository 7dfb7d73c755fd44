import ArgumentParser

/// A command that is named and documented, and not built yet: it says so and exits 1, whatever
/// its arguments.
protocol PlannedCommand: MeshCommand {
    /// As people type it.
    static var name: String { get }
    /// What does part of it today.
    static var instead: String { get }
    var planned: PlannedOptions { get }
}

/// The usual options, and anything else.
struct PlannedOptions: ParsableArguments {
    @OptionGroup var connection: ConnectionOptions

    @Argument(parsing: .allUnrecognized, help: .hidden)
    var rest: [String] = []
}

extension PlannedCommand {
    var options: ConnectionOptions { planned.connection }

    func run(at desk: Desk) async throws {
        throw CommandFailure.notBuilt(Self.name, try: Self.instead)
    }

    static func describe(
        _ usage: String, _ abstract: String
    ) -> CommandConfiguration {
        CommandConfiguration(
            commandName: name.split(separator: " ").last.map(String.init), abstract: abstract,
            usage: usage, discussion: "Not built yet: it says so and exits 1.")
    }
}
