import MeshGossip
import MeshLog
import MeshModel

/// When which checker looks.
extension Simulation {
    /// Once every two virtual seconds, and twice a second while settling.
    func sample() {
        checkNow()
        if phase == .settling, hasSettled {
            evidence.statistics.settledAt = now
            phase = .over
            return
        }
        let end = Instant.zero + .seconds(scenario.seconds + scenario.settle)
        if now >= end {
            phase = .over
            return
        }
        let pause = phase == .settling ? Duration.milliseconds(500) : .seconds(2)
        queue.add(.sample, at: now + pause)
    }

    /// A third of the peers, in turn, while they talk; all of them while they settle.
    private var looked: [Int] {
        guard phase != .settling else { return live }
        let round = Int(now.nanoseconds / 2_000_000_000)
        return live.filter { ($0 + round) % 3 == 0 }
    }

    private func checkNow() {
        var logs: [ShownLog] = []
        for node in looked {
            let shown = ShownLog.all(
                of: peers[node].disk.tables, node: node, truth: evidence.truth)
            evidence.findings.add(
                DeliveryChecker.checkKept(
                    holding(node, shown), truth: evidence.truth, at: now))
            evidence.findings.add(
                BoundsChecker.check(usage(of: node), bounds: scenario.bounds, at: now))
            logs += shown
        }
        evidence.findings.add(EqualLogsChecker.check(logs, at: now))
        guard let witness = looked.randomElement(using: &generator) else { return }
        for log in logs where log.node == witness { checkLog(log) }
        checkClocks(of: witness)
    }

    private func checkLog(_ log: ShownLog) {
        evidence.findings.add(OrderChecker.check(log, truth: evidence.truth, at: now))
        evidence.findings.add(ForgeryChecker.check(log, truth: evidence.truth, at: now))
    }

    private func checkClocks(of node: Int) {
        evidence.findings.add(
            ClockChecker.check(
                peers[node].disk.tables, node: node, truth: evidence.truth, at: now))
    }

    private func holding(_ node: Int, _ logs: [ShownLog]) -> Holding {
        var held = EntrySet()
        for log in logs { held.formUnion(log.held) }
        let record = peers[node].record
        return Holding(
            node: node, accepted: record.accepted, everHeld: record.everHeld, held: held)
    }

    private func usage(of node: Int) -> Usage {
        let counters = peers[node].engine?.counters ?? Counters()
        let sizes = peers[node].engine?.tableSizes
        return Usage(
            node: node, neighbours: sizes?.neighbours ?? 0, missing: sizes?.unknown ?? 0,
            counters: counters.sent.count + counters.received.count + counters.rejected.count
                + counters.flood.count + counters.repair.count,
            sent: air.radio.tally.sent[node], heard: air.radio.tally.heard[node])
    }

    /// All connected peers hold what any of them does, and no user waits for an answer.
    private var hasSettled: Bool {
        let holdings = live.map { node in
            let record = peers[node].record
            return Holding(
                node: node, accepted: record.accepted, everHeld: record.everHeld,
                held: record.held)
        }
        let wanted = DeliveryChecker.wanted(holdings, truth: evidence.truth)
        return holdings.allSatisfy { wanted.isSubset(of: $0.held) }
            && live.allSatisfy { peers[$0].record.drafts.isEmpty && hasTexts($0, of: wanted) }
    }

    private func hasTexts(_ node: Int, of wanted: EntrySet) -> Bool {
        peers[node].disk.tables.rows.allSatisfy { row in
            row.entry.body != nil
                || !(evidence.truth.number(of: row.entry.id).map(wanted.contains) ?? false)
        }
    }

    /// Everything, of everybody.
    func checkEnd() {
        var logs: [ShownLog] = []
        var holdings: [Holding] = []
        for node in live {
            let shown = ShownLog.all(
                of: peers[node].disk.tables, node: node, truth: evidence.truth)
            holdings.append(holding(node, shown))
            logs += shown
            for log in shown { checkLog(log) }
            checkClocks(of: node)
            checkAnswers(of: node)
            evidence.findings.add(
                BoundsChecker.checkAirtime(usage(of: node), bounds: scenario.bounds, at: now))
        }
        evidence.findings.add(EqualLogsChecker.check(logs, at: now))
        evidence.findings.add(EqualLogsChecker.checkCommon(logs, at: now))
        evidence.findings.add(
            DeliveryChecker.checkSpread(holdings, truth: evidence.truth, at: now))
        let wanted = DeliveryChecker.wanted(holdings, truth: evidence.truth)
        evidence.findings.add(
            DeliveryChecker.checkTexts(logs, wanted: wanted, truth: evidence.truth, at: now))
        evidence.statistics.close(
            radio: air.radio.tally, honest: live,
            buckets: evidence.arrivals.buckets(truth: evidence.truth, honest: live), at: now)
    }

    private func checkAnswers(of node: Int) {
        let waiting = peers[node].record.drafts.keys.sorted()
        guard let first = waiting.first else { return }
        evidence.findings.add(
            Finding(
                .delivery, at: now, node: node,
                "node \(node) never answered \(waiting.count) drafts, the first ticket \(first)"))
    }
}
