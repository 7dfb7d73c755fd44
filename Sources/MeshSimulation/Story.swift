package import MeshModel

/// What happened to whom, kept only when a run is to be explained.
package struct Story: Sendable {
    package struct Happening: Sendable {
        package let at: Instant
        package let node: Int
        /// Entries concerned; empty for what concerns all.
        package let entries: [Int]
        package let text: String
    }

    package private(set) var happenings: [Happening] = []
    /// About 100 bytes each: 200 MB at most.
    private static let limit = 2_000_000

    package init() {}

    package mutating func add(
        _ text: @autoclosure () -> String, at now: Instant, node: Int, entries: [Int] = []
    ) {
        guard happenings.count < Self.limit else { return }
        happenings.append(Happening(at: now, node: node, entries: entries, text: text()))
    }

    /// The timeline of some entries and of all faults; at most `limit` lines, the earliest and the
    /// latest.
    package func timeline(of entries: Set<Int>, limit: Int) -> [String] {
        let chosen = happenings.filter { happening in
            happening.entries.isEmpty || happening.entries.contains(where: entries.contains)
        }
        let lines = chosen.map { happening in
            let mine = happening.entries.filter(entries.contains)
            let what = mine.isEmpty ? "" : mine.map { "#\($0)" }.joined(separator: " ") + " "
            let who = happening.node < 0 ? "all    " : "node \(Self.pad(happening.node, 2))"
            return "\(Self.seconds(happening.at))  \(who)  \(what)\(happening.text)"
        }
        guard lines.count > limit else { return lines }
        return lines.prefix(limit / 2) + ["… \(lines.count - limit) lines left out …"]
            + lines.suffix(limit / 2)
    }

    /// Seconds with six digits.
    package static func seconds(_ instant: Instant) -> String {
        let micros = instant.nanoseconds / 1000
        let fraction = String(micros % 1_000_000)
        let zeros = String(repeating: "0", count: 6 - fraction.utf8.count)
        return pad(Int(micros / 1_000_000), 3) + "." + zeros + fraction
    }

    private static func pad(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: " ", count: max(0, width - text.utf8.count)) + text
    }
}
