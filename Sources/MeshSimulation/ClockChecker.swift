package import MeshLog
package import MeshModel

/// Each printed vector clock is the true past: exact where the line is complete, a lower bound
/// where it is partial or says `more`; and a line is complete exactly when its whole past is held.
package struct ClockChecker {
    private let truth: Truth
    private let node: Int
    private let now: Instant
    /// For each segment the entries of its chain rows up to each seq, from its first on.
    private var prefixes: [[EntrySet]] = []
    private var firsts: [Seq] = []
    private var findings: [Finding] = []

    package static func check(
        _ tables: MemoryTables, node: Int, truth: Truth, at now: Instant
    ) -> [Finding] {
        var checker = ClockChecker(truth: truth, node: node, now: now)
        checker.readChains(of: tables)
        var reader = ClockReader(tables: tables)
        let held = EntrySet(tables.rows.lazy.compactMap { truth.number(of: $0.entry.id) })
        for row in tables.rows {
            guard checker.findings.count < 4, let number = truth.number(of: row.entry.id)
            else { continue }
            guard let clock = try? reader.clock(of: row.arrival) else { continue }
            checker.compare(row, number, with: checker.expand(clock), held: held)
        }
        return checker.findings
    }

    /// A line of a log that is checked against a clock already expanded.
    package static func check(
        clock: EntrySet, of number: Int, isComplete: Bool, held: EntrySet, node: Int,
        truth: Truth, at now: Instant
    ) -> [Finding] {
        var checker = ClockChecker(truth: truth, node: node, now: now)
        checker.compare(number, clock, isComplete: isComplete, isLoose: false, held: held)
        return checker.findings
    }

    private init(truth: Truth, node: Int, now: Instant) {
        self.truth = truth
        self.node = node
        self.now = now
    }

    private mutating func readChains(of tables: MemoryTables) {
        for segment in tables.segments() {
            var (sets, sum): ([EntrySet], EntrySet) = ([], EntrySet())
            if segment.head >= segment.first {
                for seq in segment.first...segment.head {
                    guard let link = tables.link(segment.id, seq) else {
                        find(.delivery, [], "has no row at seq \(seq) of log \(segment.ref)")
                        break
                    }
                    if let number = truth.number(of: link.id) { sum.insert(number) }
                    sets.append(sum)
                }
            }
            prefixes.append(sets)
            firsts.append(segment.first)
        }
    }

    private func expand(_ clock: VectorClock<SegmentID>) -> EntrySet {
        var sum = EntrySet()
        for component in clock.components {
            let index = Int(component.key.index)
            let sets = prefixes[index]
            guard component.seq >= firsts[index], !sets.isEmpty else { continue }
            sum.formUnion(sets[min(Int(component.seq - firsts[index]), sets.count - 1)])
        }
        return sum
    }

    private mutating func compare(
        _ row: Row, _ number: Int, with clock: EntrySet, held: EntrySet
    ) {
        compare(number, clock, isComplete: row.isComplete, isLoose: row.isLoose, held: held)
    }

    private mutating func compare(
        _ number: Int, _ clock: EntrySet, isComplete: Bool, isLoose: Bool, held: EntrySet
    ) {
        let authored = truth[number]
        let isWhole =
            !isLoose && !authored.isBottomless && authored.past.isSubset(of: held)
        if isWhole != isComplete {
            let missing = authored.past.subtracting(held).members.map { truth.label($0) }
            find(
                .clock, [number],
                "calls \(truth.label(number)) \(isComplete ? "complete" : "partial"); "
                    + "missing of its past: \(missing.prefix(4))")
            return
        }
        var covered = clock
        covered.remove(number)
        let extra = covered.subtracting(authored.past)
        let lacking = isComplete ? authored.past.subtracting(covered) : EntrySet()
        guard !extra.isEmpty || !lacking.isEmpty else { return }
        find(
            .clock, [number] + extra.members.prefix(2) + lacking.members.prefix(2),
            "prints a clock of \(truth.label(number)) that covers \(covered.count) of "
                + "\(authored.past.count) causes, \(extra.count) that are none: "
                + "\(extra.members.prefix(2).map { truth.label($0) }), lacks "
                + "\(lacking.members.prefix(2).map { truth.label($0) })")
    }

    private mutating func find(_ check: Finding.Check, _ entries: [Int], _ text: String) {
        findings.append(
            Finding(check, at: now, node: node, entries: entries, "node \(node) \(text)"))
    }
}
