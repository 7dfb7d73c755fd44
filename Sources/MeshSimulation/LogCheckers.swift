import MeshIdentity
package import MeshModel

/// Same set, same log: peers that hold the same entries of a room print the same lines in the same
/// order.
package enum EqualLogsChecker {
    package static func check(_ logs: [ShownLog], at now: Instant) -> [Finding] {
        var first: [Key: ShownLog] = [:]
        var findings: [Finding] = []
        for log in logs {
            let strangers = Set(log.lines.lazy.filter { $0.number == nil }.map(\.id))
            let key = Key(room: log.room, held: log.held, strangers: strangers)
            guard let other = first[key] else {
                first[key] = log
                continue
            }
            if let finding = compare(other, log, now) { findings.append(finding) }
        }
        return findings
    }

    private struct Key: Hashable {
        let room: RoomID
        let held: EntrySet
        /// Entries that nobody wrote.
        let strangers: Set<EntryID>
    }

    private static func compare(_ a: ShownLog, _ b: ShownLog, _ now: Instant) -> Finding? {
        for (index, (x, y)) in zip(a.lines, b.lines).enumerated() {
            guard let difference = difference(x, y) else { continue }
            return Finding(
                .equalLogs, at: now, node: b.node, entries: [x.number, y.number].compactMap { $0 },
                "nodes \(a.node) and \(b.node) hold the same \(a.lines.count) entries of "
                    + "\(a.room), but line \(index) differs in \(difference): "
                    + "\(text(of: x)) and \(text(of: y))")
        }
        return nil
    }

    private static func text(of line: ShownLog.Line) -> String {
        let state = line.isComplete ? "complete" : line.isLoose ? "loose" : "partial"
        return "#\(line.number ?? -1) (\(state), time \(line.time), claims "
            + "\(line.header.claimedTime), log \(line.header.log) seq \(line.header.seq), "
            + "\(line.header.cites.count) cites)"
    }

    private static func difference(_ x: ShownLog.Line, _ y: ShownLog.Line) -> String? {
        if x.id != y.id { return "id" }
        if x.log != y.log { return "author, epoch or room" }
        if x.header != y.header { return "seq, at, kind, cites or another field of the header" }
        // One of them may still lack a body: delivery is another checker's.
        if let a = x.body, let b = y.body, a != b { return "text" }
        if x.time != y.time { return "time" }
        if x.isComplete != y.isComplete { return "completeness" }
        return nil
    }

    /// Of two peers with different sets: the entries that both hold complete stand in the same
    /// order.
    package static func checkCommon(_ logs: [ShownLog], at now: Instant) -> [Finding] {
        var findings: [Finding] = []
        let rooms = Dictionary(grouping: logs, by: \.room)
        for room in rooms.keys.sorted() {
            guard let group = rooms[room], let first = group.first else { continue }
            for other in group.dropFirst() {
                let (a, b) = (complete(first), complete(other))
                let (inA, inB) = (Set(a), Set(b))
                let (x, y) = (a.filter(inB.contains), b.filter(inA.contains))
                guard let index = zip(x, y).enumerated().first(where: { $1.0 != $1.1 })?.offset
                else { continue }
                findings.append(
                    Finding(
                        .equalLogs, at: now, node: other.node,
                        "nodes \(first.node) and \(other.node) show what both hold complete of "
                            + "\(room) in different order: \(x[index]) and \(y[index])"))
            }
        }
        return findings
    }

    private static func complete(_ log: ShownLog) -> [EntryID] {
        log.lines.filter(\.isComplete).map(\.id)
    }
}

/// The order extends happened-before: no line stands before one that caused it.
package enum OrderChecker {
    package static func check(_ log: ShownLog, truth: Truth, at now: Instant) -> [Finding] {
        let held = log.held
        var seen = EntrySet()
        for line in log.lines {
            guard let number = line.number else { continue }
            defer { seen.insert(number) }
            // A hostile time at the end of its range leaves an incomplete line nothing to climb on.
            if !line.isComplete && line.header.claimedTime >= ModelLimits.claimedTime { continue }
            if truth[number].isHostile && !line.isComplete { continue }
            let below = truth[number].past.intersection(held).subtracting(seen)
            guard let cause = below.members.first else { continue }
            return [
                Finding(
                    .order, at: now, node: log.node, entries: [cause, number],
                    "node \(log.node) shows \(truth.label(number)) before its cause "
                        + truth.label(cause))
            ]
        }
        return []
    }
}

/// Nothing forged: every line is an entry that somebody really wrote, unchanged.
package enum ForgeryChecker {
    package static func check(_ log: ShownLog, truth: Truth, at now: Instant) -> [Finding] {
        log.lines.compactMap { line in
            guard let number = line.number, truth.knows(number) else {
                return Finding(
                    .forgery, at: now, node: log.node,
                    "node \(log.node) shows \(line.id) by \(line.log.author), which nobody wrote")
            }
            let entry = truth[number].entry
            let isGenuine =
                entry.log == line.log && entry.header == line.header
                && (line.body == nil || line.body == entry.entry.body)
            return isGenuine
                ? nil
                : Finding(
                    .forgery, at: now, node: log.node, entries: [number],
                    "node \(log.node) shows \(truth.label(number)) changed")
        }
    }
}
