package import MeshModel

/// What a run may cost at most; wider than any real run, narrow enough that a leak or a storm
/// shows.
package struct Bounds: Hashable, Sendable {
    /// Neighbours in one table: twice the nodes of the run and room for hostile salts.
    package var neighbours = 512
    /// Logs that neighbours named and nobody opened yet.
    package var missing = 4096
    /// Kinds and reasons in the counters: named by code, never by what a frame says.
    package var counters = 256
    /// Share of time that one honest peer may transmit over the whole run.
    package var ownAirtime = 0.10
    /// Share of time that all honest peers of one cell may transmit over the whole run.
    package var cellAirtime = 0.60

    package init() {}
}

/// What one honest peer used, as far as it can be seen from outside the engine.
package struct Usage: Hashable, Sendable {
    package let node: Int
    package let neighbours: Int
    package let missing: Int
    package let counters: Int
    /// Nanoseconds transmitted so far, and heard of others.
    package let sent: Int64
    package let heard: Int64

    package init(
        node: Int, neighbours: Int, missing: Int, counters: Int, sent: Int64, heard: Int64
    ) {
        self.node = node
        self.neighbours = neighbours
        self.missing = missing
        self.counters = counters
        self.sent = sent
        self.heard = heard
    }
}

/// Everything is bounded: tables and air.
package enum BoundsChecker {
    package static func check(
        _ usage: Usage, bounds: Bounds, at now: Instant
    ) -> [Finding] {
        let limits = [
            ("neighbours", usage.neighbours, bounds.neighbours),
            ("unknown logs", usage.missing, bounds.missing),
            ("counters", usage.counters, bounds.counters),
        ]
        return limits.compactMap { name, value, limit in
            value <= limit
                ? nil
                : Finding(
                    .bounds, at: now, node: usage.node,
                    "node \(usage.node) keeps \(value) \(name), the bound is \(limit)")
        }
    }

    /// Over a whole run of at least ten seconds.
    package static func checkAirtime(
        _ usage: Usage, bounds: Bounds, at now: Instant
    ) -> [Finding] {
        guard now.nanoseconds >= 10_000_000_000 else { return [] }
        let shares = [
            ("transmitted", usage.sent, bounds.ownAirtime),
            ("had a cell that was busy", usage.sent + usage.heard, bounds.cellAirtime),
        ]
        return shares.compactMap { name, nanoseconds, limit in
            let share = Double(nanoseconds) / Double(now.nanoseconds)
            return share <= limit
                ? nil
                : Finding(
                    .bounds, at: now, node: usage.node,
                    "node \(usage.node) \(name) \(Int(share * 1000)) ‰ of the time, the bound is "
                        + "\(Int(limit * 1000)) ‰")
        }
    }
}

/// No place of an honest log is used twice, and an author's own entry is durable before it is sent.
package enum NumberingChecker {
    /// `other` is what already stood at the entry's place.
    package static func check(
        _ number: Int, other: EntryID?, mayFork: Bool, truth: Truth, at now: Instant
    ) -> [Finding] {
        guard let other, !mayFork else { return [] }
        return [
            Finding(
                .numbering, at: now, node: truth[number].node,
                entries: [number] + (truth.number(of: other).map { [$0] } ?? []),
                "node \(truth[number].node) wrote \(truth.label(number)) where \(other) stood")
        ]
    }

    /// A frame leaves `node` with `live` entries while it holds `held`.
    package static func checkSent(
        _ live: [EntryID], by node: Int, held: EntrySet, truth: Truth, at now: Instant
    ) -> [Finding] {
        live.compactMap { id in
            guard let number = truth.number(of: id), truth[number].node == node,
                !held.contains(number)
            else { return nil }
            return Finding(
                .delivery, at: now, node: node, entries: [number],
                "node \(node) sent its own \(truth.label(number)) before it was durable")
        }
    }
}
