import MeshIdentity
import MeshLog
import MeshModel
import MeshWire

/// The sure plane, first half: comparing what a neighbour says he holds with what is held here.
extension Engine {
    mutating func take(
        _ digest: Digest, from id: NeighbourID, isMulticast: Bool, _ effects: inout [Effect]
    ) {
        guard var ledger = neighbours.takeLedger(of: id) else { return }
        var comparison = Comparison()
        ledger.reconsider(under: quota.generation)
        switch digest {
        case .whole(let items):
            for (index, item) in items.enumerated() {
                compare(item, at: index, &ledger, &comparison)
            }
            lacking(items.count, ledger, &comparison)
        case .bucket(let path, let items):
            for one in items { compare(one.item, at: one.index, &ledger, &comparison) }
            let tree = DigestTree(of: logs, hash: ledger.hash)
            let members = tree.members(of: path).count
            comparison.theyLack = comparison.theyLack || members > comparison.known
            if !comparison.mayGiveMore {
                ledger.noteBarren(
                    path, own: tree.tag(ofNode: path), isBehind: comparison.theyLack,
                    at: clock.instant)
            }
        case .node(let path, let children):
            compare(path, children, &ledger, &comparison)
        }
        if case .bucket = digest {} else { ledger.inSync = comparison.agrees }
        comparison.mayHaveMore = !ledger.nodes.isEmpty || mayFill(from: ledger)
        neighbours.put(ledger, of: id, isBehind: comparison.theyLack)
        if comparison.agrees, digest.isRoot, isMulticast { agreed(id) }
        react(to: comparison, from: id, isWhole: digest.isRoot, &effects)
        if !digest.isRoot { moreAnswered(1, id, &effects) }
    }

    /// What one digest showed.
    private struct Comparison {
        /// Logs of the digest that are held here.
        var known = 0
        var weLack = false
        var theyLack = false
        /// Something is on its way here already.
        var isComing = false
        /// Logs whose heads contradict each other, for a closer look.
        var disputed: [SegmentID] = []

        /// There are nodes of his tree to look into, or bodies that he may have.
        var mayHaveMore = false

        /// What was compared has something that is not held here.
        var mayGiveMore: Bool { weLack || isComing || !disputed.isEmpty }
        /// For a request to him.
        var calls: Bool { weLack || !disputed.isEmpty || mayHaveMore }
        var agrees: Bool { !weLack && !theyLack && disputed.isEmpty }
    }

    private mutating func compare(
        _ item: Digest.Item, at index: Int, _ ledger: inout Ledger, _ comparison: inout Comparison
    ) {
        guard let id = ledger.segment(for: item.key, at: index, in: logs) else {
            if ledger.note(unknown: index, key: item.key, seq: item.seq) {
                comparison.weLack = true
            }
            return
        }
        comparison.known += 1
        if let last = ledger[id], last.head == item.head, last.seq == item.seq,
            item.seq == logs.head(of: id)
        {
            // He said so before, and it agreed. His numbering does not change under one salt.
            return
        }
        let log = logs[id]
        var (agrees, head) = (true, UInt32?.none)
        if item.seq == log.segment.head {
            agrees =
                item.head
                == ledger.hash.head(
                    of: log.segment.ref, seq: item.seq, id: log.segment.headID)
            if agrees { head = item.head } else { comparison.disputed.append(id) }
        } else if item.seq > log.tail, !log.segment.isClosed {
            // A trunk that ends here is not short of what stands above it there: that is in
            // branches.
            if !log.segment.isSplit { comparison.weLack = true }
        } else if item.seq < log.segment.head {
            comparison.theyLack = true
        } else if !log.segment.isClosed {
            comparison.isComing = true
        }
        ledger.note(id, Ledger.Item(index: index, seq: item.seq, agrees: agrees, head: head))
    }

    private func lacking(_ count: Int, _ ledger: Ledger, _ comparison: inout Comparison) {
        let held = logs.ids.count { logs.head(of: SegmentID($0)) > 0 }
        if held > comparison.known { comparison.theyLack = true }
    }

    private func compare(
        _ path: [UInt8], _ children: [UInt32], _ ledger: inout Ledger,
        _ comparison: inout Comparison
    ) {
        guard path.count < WireLimits.treeDepth else { return }
        let tree = DigestTree(of: logs, hash: ledger.hash)
        let own = ledger.children(of: path, in: logs)
        var equal: Set<UInt8> = []
        for (digit, pair) in zip(own, children).enumerated() {
            let child = path + [UInt8(digit)]
            if pair.0 == pair.1 {
                equal.insert(UInt8(digit))
                ledger.settle(node: child)
            } else if let lag = tree.lag(pair.1, of: child) {
                comparison.theyLack = true
                ledger.settle(node: child)
                for id in tree.members(of: child) {
                    ledger.raise(id, to: lag.contains(id) ? logs.before(id).seq : logs.head(of: id))
                }
            } else if pair.1 == 0 {
                comparison.theyLack = true
                ledger.settle(node: child)
            } else if let barren = ledger.barren(child, hash: pair.1, at: clock.instant) {
                let isBehind = barren.isBehind || barren.own != pair.0
                comparison.theyLack = comparison.theyLack || isBehind
                ledger.settle(node: child)
            } else {
                comparison.weLack = true
                comparison.theyLack = comparison.theyLack || pair.0 != 0
                ledger.note(node: child, hash: pair.1, at: clock.instant)
            }
        }
        // Below an equal hash he holds what is held here.
        for id in tree.members(of: path)
        where equal.contains(DigestTree.digit(logs.ref(of: id), path.count)) {
            ledger.raise(id, to: logs.head(of: id))
        }
    }

    private mutating func agreed(_ id: NeighbourID) {
        guard let link = neighbours.link(of: id), let salt = neighbours.salt(of: id) else { return }
        // Salts that are gone stay until the next entry: the bound is for a link where nobody
        // talks.
        if links[link]?.agreed.count ?? 0 >= GossipLimits.neighbours { links[link]?.agreed = [] }
        links[link]?.agreed.insert(Echo.tag(ofSalt: salt))
    }

    private mutating func react(
        to comparison: Comparison, from id: NeighbourID, isWhole: Bool,
        _ effects: inout [Effect]
    ) {
        guard let link = neighbours.link(of: id) else { return }
        for disputed in comparison.disputed { dispute(disputed, with: id) }
        if comparison.calls { askSoon(id, &effects) }
        // He asks once he sees this peer's digest. A flood under way may be all there is to it.
        let newest = links[link]?.newestEntryAt
        let isFresh = newest.map { $0 + GossipLimits.floodTime > clock.instant } ?? false
        if comparison.theyLack && !isFresh && isWhole {
            links[link]?.agreed = []
            hasten(
                hello: clock.instant + generator.duration(in: GossipLimits.mendDelay), on: link,
                &effects)
        }
    }

    /// Whether a neighbour may have bodies that are lacking here.
    private func mayFill(from ledger: Ledger) -> Bool {
        logs.ids.contains { place in
            let segment = SegmentID(place)
            return logs.lacking(segment).map { ledger.mayFill($0, of: segment) } ?? false
        }
    }

    /// Two heads of one log at the same height differ: somewhere below it forked.
    mutating func dispute(_ id: SegmentID, with neighbour: NeighbourID) {
        let log = logs[id]
        guard !log.segment.isSplit, !log.segment.isClosed, log.probe == nil, log.tail > 0 else {
            return
        }
        if let at = log.probedAt, at + GossipLimits.probePause > clock.instant { return }
        logs[id].probedAt = clock.instant
        logs[id].probe = Self.blockStart(of: log.tail)
        counters.repair("probes")
    }

    /// The first seq of the checkpoint block that `seq` is in.
    static func blockStart(of seq: Seq) -> Seq {
        (seq - 1) / ModelLimits.checkpoint * ModelLimits.checkpoint + 1
    }
}

extension Digest {
    /// Whether it speaks of all logs.
    var isRoot: Bool {
        switch self {
        case .whole: true
        case .node(let path, _): path.isEmpty
        case .bucket: false
        }
    }
}
