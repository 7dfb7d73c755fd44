import MeshIdentity
package import MeshModel

/// What one node is known to have promised and to hold.
package struct Holding: Sendable {
    package let node: Int
    /// Entries it accepted from its user since its store last was its own.
    package var accepted: EntrySet
    /// Entries it held at any time since its store last was its own.
    package var everHeld: EntrySet
    package var held: EntrySet

    package init(node: Int, accepted: EntrySet, everHeld: EntrySet, held: EntrySet) {
        self.node = node
        self.accepted = accepted
        self.everHeld = everHeld
        self.held = held
    }
}

/// Nothing is lost: what a peer accepted or showed it keeps, and in the end all hold what any of
/// them has.
package enum DeliveryChecker {
    /// At any time: nothing that was accepted or held has gone.
    package static func checkKept(
        _ holding: Holding, truth: Truth, at now: Instant
    ) -> [Finding] {
        let lost = holding.accepted.union(holding.everHeld).subtracting(holding.held)
        guard let first = lost.members.first else { return [] }
        let kind = holding.accepted.contains(first) ? "accepted from its user" : "shown before"
        return [
            Finding(
                .delivery, at: now, node: holding.node, entries: Array(lost.members.prefix(4)),
                "node \(holding.node) no longer holds \(lost.count) entries, the first "
                    + "\(truth.label(first)), \(kind)")
        ]
    }

    /// After the settling: entries of honest authors that one connected peer holds, all do. A log
    /// with more branches than are kept is a stolen key, and exempt.
    package static func checkSpread(
        _ holdings: [Holding], truth: Truth, at now: Instant
    ) -> [Finding] {
        let wanted = wanted(holdings, truth: truth)
        return holdings.compactMap { holding in
            let missing = wanted.subtracting(holding.held).members
            guard let first = missing.first else { return nil }
            let holders = holdings.filter { $0.held.contains(first) }.map(\.node)
            return Finding(
                .delivery, at: now, node: holding.node, entries: Array(missing.prefix(4)),
                "node \(holding.node) lacks \(missing.count) entries after the settling, the first "
                    + "\(truth.label(first)), held by nodes \(holders.prefix(8))")
        }
    }

    /// After the settling: whoever holds an entry that all should hold has its text, where anybody
    /// has.
    package static func checkTexts(
        _ logs: [ShownLog], wanted: EntrySet, truth: Truth, at now: Instant
    ) -> [Finding] {
        let texts = logs.map { log in
            EntrySet(log.lines.lazy.filter { $0.body != nil }.compactMap(\.number))
        }
        var anywhere = EntrySet()
        for text in texts { anywhere.formUnion(text) }
        return zip(logs, texts).compactMap { log, text in
            let missing = log.held.intersection(wanted).intersection(anywhere).subtracting(text)
            guard let first = missing.members.first else { return nil }
            return Finding(
                .delivery, at: now, node: log.node, entries: Array(missing.members.prefix(4)),
                "node \(log.node) has no text of \(missing.count) entries after the settling, the "
                    + "first \(truth.label(first)), which others have")
        }
    }

    /// What all connected peers should hold in the end.
    package static func wanted(_ holdings: [Holding], truth: Truth) -> EntrySet {
        var all = EntrySet()
        for holding in holdings { all.formUnion(holding.held) }
        var closed: [LogID: Bool] = [:]
        return EntrySet(
            all.members.filter { number in
                guard !truth[number].isHostile else { return false }
                let log = truth[number].entry.log
                let isClosed = closed[log] ?? (truth.branches(of: log) > ModelLimits.branches)
                closed[log] = isClosed
                return !isClosed
            })
    }
}
