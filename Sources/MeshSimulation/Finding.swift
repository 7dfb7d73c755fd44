package import MeshModel

/// Something that must never be, with the values that show it.
package struct Finding: Hashable, Sendable {
    /// Which promise is broken (docs/simulation.md, "What the checkers know").
    package enum Check: String, Sendable, CaseIterable {
        case equalLogs = "equal-logs"
        case order
        case clock
        case delivery
        case forgery
        case bounds
        case numbering
        case determinism
    }

    package let check: Check
    package let at: Instant
    /// Where it was seen.
    package let node: Int?
    /// Numbers in the truth of the entries concerned.
    package let entries: [Int]
    package let text: String

    package init(
        _ check: Check, at instant: Instant, node: Int? = nil, entries: [Int] = [], _ text: String
    ) {
        self.check = check
        self.at = instant
        self.node = node
        self.entries = entries
        self.text = text
    }
}

/// Findings of one run; of each check and node the first few, since the rest follows from them.
package struct Findings: Sendable {
    package private(set) var all: [Finding] = []
    /// How often each check failed, also beyond what is kept.
    package private(set) var counts: [Finding.Check: Int] = [:]
    private static let keptPerCheck = 8

    package init() {}

    package mutating func add(_ finding: Finding) {
        counts[finding.check, default: 0] += 1
        if counts[finding.check, default: 0] <= Self.keptPerCheck { all.append(finding) }
    }

    package mutating func add(_ findings: [Finding]) {
        for finding in findings { add(finding) }
    }

    package var isEmpty: Bool { all.isEmpty }
}
