import MeshModel

/// One run, over.
package struct RunResult {
    package let scenario: Scenario
    package let evidence: Evidence

    package var passed: Bool { evidence.findings.isEmpty }
    package var hash: UInt64 { evidence.hash.value }
    package var statistics: Statistics { evidence.statistics }
    package var findings: [Finding] { evidence.findings.all }

    /// Runs a scenario twice; if the traces differ, that is a finding too.
    package static func checked(_ scenario: Scenario, tellsStory: Bool = false) -> RunResult {
        let first = Simulation(scenario, tellsStory: tellsStory).run()
        let second = Simulation(scenario).run()
        guard first.hash != second.hash else { return first }
        var evidence = first.evidence
        evidence.findings.add(
            Finding(
                .determinism, at: first.statistics.endedAt,
                "two runs of one seed made the traces \(first.hash) and \(second.hash)"))
        return RunResult(scenario: scenario, evidence: evidence)
    }
}
