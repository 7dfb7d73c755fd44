import ArgumentParser

// Commands of `meshctl` to come. Each moves to the folder of its noun once it is built.

/// `meshctl topology [--dot or --svg FILE]`.
struct Topology: PlannedCommand {
    static let name = "meshctl topology"
    static let configuration: CommandConfiguration = describe(
        "meshctl topology [--dot or --svg FILE]",
        "Every peer and directed link heard of in the mesh.")
    static let instead = "meshctl neighbours shows the direct ones"
    static let example = "meshctl topology --dot"
    @OptionGroup var planned: PlannedOptions
}

/// `meshctl sync`.
struct Sync: PlannedCommand {
    static let name = "meshctl sync"
    static let configuration: CommandConfiguration = describe(
        "meshctl sync", "Repairs under way and done.")
    static let instead = "meshctl rooms shows who lacks what"
    static let example = "meshctl sync"
    @OptionGroup var planned: PlannedOptions
}

/// `meshctl ping PEER [-c N]`.
struct Ping: PlannedCommand {
    static let name = "meshctl ping"
    static let configuration: CommandConfiguration = describe(
        "meshctl ping PEER [-c N]", "Round trips over the mesh with hops.")
    static let instead = "meshctl neighbours shows the round trip to direct ones"
    static let example = "meshctl ping drone-2 -c 5"
    @OptionGroup var planned: PlannedOptions
}

/// `meshctl trace ID`.
struct Trace: PlannedCommand {
    static let name = "meshctl trace"
    static let configuration: CommandConfiguration = describe(
        "meshctl trace ID", "The way one entry took, hop by hop.")
    static let instead = "starling seen ID shows who has it"
    static let example = "meshctl trace 3fa94c10"
    @OptionGroup var planned: PlannedOptions
}

/// `meshctl events [--follow]`.
struct Events: PlannedCommand {
    static let name = "meshctl events"
    static let configuration: CommandConfiguration = describe(
        "meshctl events [--follow]", "The timeline of links, partitions, merges and forks.")
    static let instead = "meshctl status --watch"
    static let example = "meshctl events --follow"
    @OptionGroup var planned: PlannedOptions
}

/// `meshctl doctor`.
struct Doctor: PlannedCommand {
    static let name = "meshctl doctor"
    static let configuration: CommandConfiguration = describe(
        "meshctl doctor",
        "Check interface, multicast, firewall, clock and more; exit 2 on a failure.")
    static let instead = "meshctl status and meshctl links"
    static let example = "meshctl doctor"
    @OptionGroup var planned: PlannedOptions
}

/// `meshctl capture [-i IF] [-w FILE]`.
struct Capture: PlannedCommand {
    static let name = "meshctl capture"
    static let configuration: CommandConfiguration = describe(
        "meshctl capture [-i IF] [-w FILE]", "Frames seen, decoded, or written as pcap.")
    static let instead = "meshctl stats counts them; tcpdump -i IF udp port 7475 shows them sealed"
    static let example = "meshctl capture -w frames.pcap"
    @OptionGroup var planned: PlannedOptions
}

/// `meshctl decode FILE`.
struct Decode: PlannedCommand {
    static let name = "meshctl decode"
    static let configuration: CommandConfiguration = describe(
        "meshctl decode FILE", "Decode captured frames.")
    static let instead = "tcpdump -r FILE shows them sealed"
    static let example = "meshctl decode frames.pcap"
    @OptionGroup var planned: PlannedOptions
}

/// `meshctl roster`.
struct Roster: PlannedCommand {
    static let name = "meshctl roster"
    static let configuration: CommandConfiguration = describe(
        "meshctl roster", "Members, roles, expiry and revocations.")
    static let instead = "starling peers lists everybody"
    static let example = "meshctl roster"
    @OptionGroup var planned: PlannedOptions
}

/// `meshctl bugreport FILE`.
struct BugReport: PlannedCommand {
    static let name = "meshctl bugreport"
    static let configuration: CommandConfiguration = describe(
        "meshctl bugreport FILE", "Everything above in one file, without texts or keys.")
    static let instead = "meshctl status --json; meshctl links --json; meshctl stats --json"
    static let example = "meshctl bugreport report.txt"
    @OptionGroup var planned: PlannedOptions
}
