import MeshModel

/// Who talks how much.
package struct Workload: Hashable, Sendable {
    /// Drafts of all peers together in a second.
    package var draftsPerSecond = 2.0
    package var rooms = 2
    /// Bytes of a text; one in twenty is ten times as long.
    package var text = 1...120

    package init() {}
}

/// Everything that a run follows from. Two equal scenarios with equal seeds are one story.
package struct Scenario: Hashable, Sendable {
    package var name: String
    package var seed: UInt64
    package var peers = 30
    /// Virtual seconds before the settling.
    package var seconds = 60
    package var topology = Topology.disk(degree: 8)
    package var radio = RadioSetup()
    package var workload = Workload()
    package var faults = FaultMix()
    package var hasHostile = false
    /// Share of the peers whose wall clock is wrong.
    package var wrongClocks = 0.0
    package var bounds = Bounds()
    /// Virtual seconds after which the settling is given up.
    package var settle = 60

    package init(name: String, seed: UInt64) {
        self.name = name
        self.seed = seed
    }

    /// Nodes beyond the peers: the hostile one first, then copies and clones.
    package var guests: Int { (hasHostile ? 1 : 0) + faults.guests }
    package var firstGuest: Int { peers + (hasHostile ? 1 : 0) }
    package var nodes: Int { peers + guests }

    /// What a person types to see this run again.
    package var replay: String { "tools/meshsim --scenario \(name) --seed \(seed)" }

    package static let names = [
        "random", "line", "ring", "star", "grid", "clique", "disk", "bridge", "hundred", "forks",
        "clones", "rollback", "clocks", "hostile", "canary",
    ]

    /// The scenario of that name; nil where there is none.
    package static func named(_ name: String, seed: UInt64) -> Scenario? {
        if name == "random" { return random(seed: seed) }
        var scenario = Scenario(name: name, seed: seed)
        scenario.radio.loss = .independent(0.05)
        if let topology = Topology(name: name) {
            scenario.topology = topology
            scenario.peers = topology == .clique ? 12 : 16
            return scenario
        }
        switch name {
        case "hundred": scenario.makeHundred()
        case "forks", "clones": scenario.makeDoubles(clones: name == "clones" ? 1 : 3)
        case "rollback": scenario.makeRollBacks()
        case "clocks":
            scenario.wrongClocks = 0.7
            scenario.faults.clockJumps = 10
        case "hostile": scenario.hasHostile = true
        case "canary":
            scenario.peers = 6
            scenario.seconds = 20
            scenario.topology = .clique
            scenario.faults.droppedRows = 3
        default: return nil
        }
        return scenario
    }

    private mutating func makeHundred() {
        peers = 100
        topology = .disk(degree: 10)
        workload.draftsPerSecond = 3
        faults.partitions = 1
    }

    private mutating func makeDoubles(clones: Int) {
        peers = 12
        faults.clones = clones
        faults.partitions = 1
        workload.draftsPerSecond = 3
    }

    private mutating func makeRollBacks() {
        peers = 12
        faults.rollBacks = 6
        faults.losses = 2
        faults.crashes = 4
        faults.copies = 2
    }

    /// Thirty peers, a minute, 30 % loss, partitions, churn, odd clocks and one hostile peer.
    package static func random(seed: UInt64) -> Scenario {
        var generator = SeededGenerator(seed: seed ^ 0x5CE0_A210)
        var scenario = Scenario(name: "random", seed: seed)
        func count(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
        let topologies: [Topology] = [
            .disk(degree: 8), .disk(degree: 5), .disk(degree: 12), .line, .ring, .star, .grid,
            .clique, .bridge,
        ]
        scenario.topology = topologies[count(0...topologies.count - 1)]
        let losses: [LossModel] = [
            .independent(0.3), .bursty(mean: 0.3, burst: 8), .asymmetric(mean: 0.3),
        ]
        scenario.radio.loss = losses[count(0...losses.count - 1)]
        scenario.radio.duplication = 0.01
        scenario.radio.reordering = 0.02
        scenario.faults.partitions = count(1...3)
        scenario.faults.moves = count(0...20)
        scenario.faults.crashes = count(1...6)
        scenario.faults.losses = count(0...1)
        scenario.faults.rollBacks = count(0...2)
        scenario.faults.copies = count(0...1)
        scenario.faults.clones = count(0...1)
        scenario.faults.clockJumps = count(0...4)
        scenario.faults.diskFailures = count(0...3)
        scenario.faults.freezes = count(0...2)
        scenario.faults.suggestions = count(0...6)
        scenario.wrongClocks = 0.3
        scenario.hasHostile = true
        scenario.workload.rooms = count(1...3)
        return scenario
    }
}
