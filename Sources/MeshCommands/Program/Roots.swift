import ArgumentParser
import MeshModel

/// `starling`.
struct StarlingRoot: Exemplified {
    static let configuration = CommandConfiguration(
        commandName: "starling",
        abstract: "Chat without a network but yourselves: say, read, see who has it.",
        version: "starling \(Version.text)",
        groupedSubcommands: [
            CommandGroup(
                name: "Chat", subcommands: [Send.self, Log.self, Seen.self]),
            CommandGroup(
                name: "Rooms and People",
                subcommands: [
                    Rooms.self, Join.self, Leave.self, Peers.self, ID.self, Nick.self,
                ]),
            CommandGroup(
                name: "Not Built Yet",
                subcommands: [
                    Chat.self, DirectMessage.self, Forget.self, Verify.self, Block.self,
                    Unblock.self, PrivateRoom.self, Web.self, Wipe.self, Export.self, Check.self,
                ]),
        ])

    static let example = """
        starling send ops "camp reached"
        starling log ops -n 20
        """
}

/// `meshctl`.
struct MeshctlRoot: Exemplified {
    static let configuration = CommandConfiguration(
        commandName: "meshctl",
        abstract: "What this peer knows of the mesh, and why. Reads, never writes.",
        version: "meshctl \(Version.text)",
        groupedSubcommands: [
            CommandGroup(
                name: "Mesh",
                subcommands: [
                    Status.self, Links.self, Neighbours.self, Stats.self, Wait.self,
                ]),
            CommandGroup(name: "Log", subcommands: [Holdings.self, Clock.self]),
            CommandGroup(
                name: "Not Built Yet",
                subcommands: [
                    Topology.self, Sync.self, Ping.self, Trace.self, Events.self, Doctor.self,
                    Capture.self, Decode.self, Roster.self, BugReport.self,
                ]),
        ])

    static let example = """
        meshctl status
        meshctl wait --peers 2 --timeout 30
        """
}
