import MeshModel
import Testing

@testable import MeshSimulation

@Suite struct ScenarioTests {
    private func small(_ name: String, seed: UInt64) throws -> Scenario {
        var scenario = try #require(Scenario.named(name, seed: seed))
        scenario.peers = min(scenario.peers, 10)
        scenario.seconds = min(scenario.seconds, 20)
        return scenario
    }

    @Test(
        "every preset passes its checks",
        arguments: Scenario.names.filter { $0 != "canary" && $0 != "hundred" })
    func presets(name: String) throws {
        let scenario = try small(name, seed: 11)
        let result = RunResult.checked(scenario)
        #expect(result.passed, "\(result.findings.map(\.text)) replay: \(scenario.replay)")
        #expect(result.statistics.accepted > 0)
    }

    @Test("the canary is reported: a store that forgets an accepted row", arguments: [1, 2, 3])
    func canary(seed: UInt64) throws {
        let scenario = try #require(Scenario.named("canary", seed: seed))
        let result = Simulation(scenario, tellsStory: true).run()
        #expect(!result.passed)
        #expect(result.findings.contains { $0.check == .delivery && !$0.entries.isEmpty })
        let story = try #require(result.evidence.story)
        let entries = Set(result.findings.flatMap(\.entries))
        let timeline = story.timeline(of: entries, limit: 10_000)
        #expect(timeline.contains { $0.contains("told its user that it is safe") })
        #expect(timeline.contains { $0.contains("its store forgets the row") })
    }

    @Test("the same seed makes the same trace, told or not, and another seed another")
    func traces() throws {
        let scenario = try small("random", seed: 5)
        let hash = Simulation(scenario).run().hash
        #expect(Simulation(scenario, tellsStory: true).run().hash == hash)
        #expect(Simulation(try small("random", seed: 6)).run().hash != hash)
    }

    @Test("an unknown name is none")
    func unknown() { #expect(Scenario.named("nonsense", seed: 1) == nil) }

    @Test("a schedule has what the mix asks for, between a tenth and nine tenths of the run")
    func schedule() {
        var mix = FaultMix()
        mix.crashes = 3
        mix.clones = 2
        mix.partitions = 1
        var generator = SeededGenerator(seed: 7)
        let faults = mix.schedule(
            peers: 5, nodes: 7, firstGuest: 5, seconds: 100, generator: &generator)
        #expect(faults.count == 3 + 2 + 2)
        let clones = faults.compactMap { fault in
            if case .clone(_, let guest) = fault.fault { return guest }
            return nil as Int?
        }
        #expect(clones == [5, 6])
        for fault in faults where fault.fault != .heal {
            #expect((10...90).contains(fault.at.nanoseconds / 1_000_000_000))
        }
    }

    @Test("wall clocks run, drift little, and jump")
    func wallClocks() {
        var generator = SeededGenerator(seed: 8)
        var clock = WallClock(.unset, generator: &generator)
        let hour = Instant.zero + .seconds(3600)
        let start = clock.time(at: .zero).milliseconds
        #expect(start <= 60_000)
        #expect(abs(Int64(clock.time(at: hour).milliseconds) - Int64(start) - 3_600_000) < 1000)
        clock.jump(by: .seconds(-100_000))
        #expect(clock.time(at: hour).milliseconds == 0)
    }
}
