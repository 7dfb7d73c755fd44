import Foundation
import MeshModel
import MeshSimulation

/// One run, for people and for programs.
struct RunReport {
    private let result: RunResult
    private let replay: String
    private var statistics: Statistics { result.statistics }

    /// Lines of a story before its middle is left out.
    private static let storyLines = 400

    init(_ result: RunResult, replay: String) {
        self.result = result
        self.replay = replay
    }

    func lines(explain: Bool) -> [String] {
        var lines = summary + latency + cost
        if explain { lines += story }
        for finding in result.findings {
            let at = Story.seconds(finding.at)
            lines.append("FAILED  \(finding.check.rawValue) at \(at): \(finding.text)")
        }
        if !result.passed {
            let counts = result.evidence.findings.counts.sorted {
                $0.key.rawValue < $1.key.rawValue
            }
            let text = counts.map { "\($0.key.rawValue) \($0.value)" }.joined(separator: ", ")
            lines += ["failed    \(text)", "replay    \(replay)"]
        }
        return lines
    }

    private var summary: [String] {
        let scenario = result.scenario
        let settled = statistics.settledAt.map { Story.seconds($0) } ?? "never"
        return [
            "scenario  \(scenario.name), seed \(scenario.seed): \(scenario.peers) peers"
                + " (+\(scenario.guests)), \(scenario.topology.name), loss \(scenario.radio.loss)",
            "trace     \(String(result.hash, radix: 16)), \(statistics.events) events",
            "drafts    \(statistics.drafts), accepted \(statistics.accepted), refused "
                + "\(statistics.refused); crashes \(statistics.crashes)",
            "settled   at \(settled) s (talk ended at \(scenario.seconds) s)",
        ]
    }

    private var latency: [String] {
        ["delivery  from   accepted   within 1 s   at all   median    90 %     last"]
            + statistics.buckets.map { bucket in
                String(
                    format: "          %3d s   %8d   %8.1f %%   %5.1f %%   %5d ms %5d ms %5d ms",
                    bucket.fromSecond, bucket.accepted, bucket.withinSecond * 100,
                    bucket.delivered * 100, bucket.median, bucket.ninth, bucket.last)
            }
    }

    private var cost: [String] {
        let radio = statistics.radio
        let kinds = statistics.kinds.sorted { $0.key < $1.key }
            .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return [
            "frames    \(statistics.frames), \(statistics.bytes) bytes: \(kinds)",
            "radio     \(radio.multicasts) multicasts, \(radio.unicasts) unicast attempts, "
                + "\(radio.received) received, \(radio.lost) lost, \(radio.collisions) collisions, "
                + "\(radio.abandoned) given up, \(radio.dropped) dropped at full queues; "
                + "hostile \(statistics.hostileFrames)",
            String(
                format: "airtime   mean %.2f %%, most %.2f %%, busiest cell %.2f %%",
                statistics.meanShare * 100, statistics.largestShare * 100,
                statistics.busiestCell * 100),
        ]
    }

    private var story: [String] {
        guard let story = result.evidence.story else { return [] }
        var entries = Set(result.findings.flatMap(\.entries))
        if entries.isEmpty { entries = Set(result.evidence.truth.entries.map(\.number)) }
        let names = entries.sorted().prefix(20).map {
            "          \(result.evidence.truth.label($0))"
        }
        return ["story     of \(entries.count) entries"] + names
            + story.timeline(of: entries, limit: Self.storyLines)
    }

    /// One line.
    var json: String {
        let fields: [String: Any] = [
            "scenario": result.scenario.name, "seed": result.scenario.seed,
            "trace": String(result.hash, radix: 16), "passed": result.passed,
            "events": statistics.events, "drafts": statistics.drafts,
            "accepted": statistics.accepted, "refused": statistics.refused,
            "frames": statistics.frames, "bytes": statistics.bytes, "kinds": statistics.kinds,
            "settled_ms": statistics.settledAt.map { $0.nanoseconds / 1_000_000 } as Any,
            "airtime_mean": statistics.meanShare, "airtime_most": statistics.largestShare,
            "airtime_cell": statistics.busiestCell, "replay": replay,
            "delivery": statistics.buckets.map { bucket in
                [
                    "from_s": bucket.fromSecond, "accepted": bucket.accepted,
                    "within_1s": bucket.withinSecond, "delivered": bucket.delivered,
                    "median_ms": bucket.median, "p90_ms": bucket.ninth, "last_ms": bucket.last,
                ] as [String: Any]
            },
            "findings": result.findings.map { finding in
                [
                    "check": finding.check.rawValue, "at_ms": finding.at.nanoseconds / 1_000_000,
                    "text": finding.text,
                ] as [String: Any]
            },
        ]
        let cleaned = fields.filter { !($0.value is NSNull) && "\($0.value)" != "nil" }
        guard
            let data = try? JSONSerialization.data(withJSONObject: cleaned, options: [.sortedKeys])
        else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}
