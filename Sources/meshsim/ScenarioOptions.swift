import ArgumentParser
import MeshSimulation

/// What is simulated: a preset, and what differs from it.
struct ScenarioOptions: ParsableArguments {
    @Option(help: "The seed; everything follows from it.")
    var seed: UInt64?

    @Option(help: "One of: \(Scenario.names.joined(separator: ", ")).")
    var scenario = "random"

    @Option(help: "Honest peers.")
    var peers: Int?

    @Option(help: "Virtual seconds before the settling.")
    var seconds: Int?

    @Option(help: "Share of frames lost, 0 to 0.9.")
    var loss: Double?

    @Option(help: "One of: \(Topology.names.joined(separator: ", ")).")
    var topology: String?

    func scenario(seed: UInt64) throws -> Scenario {
        guard var made = Scenario.named(scenario, seed: seed) else {
            throw ValidationError(
                "There is no scenario '\(scenario)'. Known: "
                    + Scenario.names.joined(separator: ", ")
            )
        }
        if let peers {
            guard (2...1000).contains(peers) else {
                throw ValidationError("--peers takes 2 to 1000.")
            }
            made.peers = peers
        }
        if let seconds {
            guard (2...86_400).contains(seconds) else {
                throw ValidationError("--seconds takes 2 to 86400.")
            }
            made.seconds = seconds
        }
        if let loss {
            guard (0...0.9).contains(loss) else {
                throw ValidationError("--loss takes 0 to 0.9.")
            }
            made.radio.loss = made.radio.loss.with(mean: loss)
        }
        if let topology {
            guard let known = Topology(name: topology) else {
                throw ValidationError(
                    "There is no topology '\(topology)'. Known: "
                        + Topology.names.joined(separator: ", ")
                )
            }
            made.topology = known
        }
        return made
    }

    /// The flags but for the seed.
    var flags: [String] {
        var flags = scenario == "random" ? [] : ["--scenario", scenario]
        if let peers { flags += ["--peers", String(peers)] }
        if let seconds { flags += ["--seconds", String(seconds)] }
        if let loss { flags += ["--loss", String(loss)] }
        if let topology { flags += ["--topology", topology] }
        return flags
    }

    /// What a person types to see a run again.
    func replay(of scenario: Scenario) -> String {
        (["tools/meshsim", "--seed", String(scenario.seed)] + flags).joined(separator: " ")
    }
}
