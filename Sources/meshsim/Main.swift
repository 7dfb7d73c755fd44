import ArgumentParser
import Foundation
import MeshSimulation

/// Runs simulated meshes: one seed to look at, or many to find the one that fails.
@main
struct MeshSim: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meshsim",
        abstract: "Simulates a mesh of peers from a seed and checks what must always hold.",
        discussion: """
            Exit codes: 0 all checks passed, 2 one failed, 64 wrong usage.

            Examples:
              meshsim --seed 7 --explain
              meshsim --scenario hundred --seed 1
              meshsim --sweep 200 --from 1000
              meshsim --minutes 10
            """)

    @OptionGroup var choice: ScenarioOptions

    @Option(help: "Checks this many fresh seeds on all cores, each twice.")
    var sweep: Int?

    @Option(help: "The first seed of a sweep. Without it: the time, so that seeds are fresh.")
    var from: UInt64?

    @Option(help: "Sweeps for so many minutes; with --sweep at least that many seeds.")
    var minutes: Double?

    @Flag(help: "Tells the story of the entries that a check failed on, or of all.")
    var explain = false

    @Flag(help: "One JSON object for each run.")
    var json = false

    @Option(help: .hidden)
    var worker: String?

    func validate() throws {
        if let sweep, sweep < 1 { throw ValidationError("--sweep needs at least one seed.") }
        if let minutes, minutes <= 0 { throw ValidationError("--minutes must be above 0.") }
        _ = try choice.scenario(seed: 0)
    }

    func run() throws {
        if let worker {
            try SweepWorker(place: worker, choice: choice, first: from ?? 0, count: sweep)
                .run(minutes: minutes)
        } else if sweep != nil || minutes != nil {
            let first = from ?? UInt64(Date().timeIntervalSince1970 * 1000)
            let sweep = Sweep(
                choice: choice, first: first, count: sweep, minutes: minutes, isJSON: json)
            guard try sweep.run() else { throw ExitCode(2) }
        } else {
            guard try runOne() else { throw ExitCode(2) }
        }
    }

    private func runOne() throws -> Bool {
        let scenario = try choice.scenario(seed: choice.seed ?? 1)
        let start = ProcessInfo.processInfo.systemUptime
        var result = RunResult.checked(scenario, tellsStory: explain)
        let seconds = ProcessInfo.processInfo.systemUptime - start
        if !result.passed, !explain { result = RunResult.checked(scenario, tellsStory: true) }
        let report = RunReport(result, replay: choice.replay(of: scenario))
        if json {
            print(report.json)
        } else {
            report.lines(explain: explain || !result.passed).forEach { print($0) }
            print("computed  twice in \(String(format: "%.2f", seconds)) s")
        }
        return result.passed
    }
}
