import MeshGossip
import MeshLog
import MeshModel

/// When which checker looks.
extension Simulation {
    /// Once every two virtual seconds, and twice a second while settling.
    func sample() {
        checkNow()
        if phase == .settling, hasSettled {
            ledger.statistics.settledAt = now
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

    private func checkNow() {
        var logs: [ShownLog] = []
        for node in live {
            let shown = ShownLog.all(
                of: peers[node].disk.tables, node: node, truth: ledger.truth)
            ledger.findings.add(
                DeliveryChecker.checkKept(
                    holding(node, shown), truth: ledger.truth, at: now))
            ledger.findings.add(
                BoundsChecker.check(usage(of: node), bounds: scenario.bounds, at: now))
            logs += shown
        }
        ledger.findings.add(EqualLogsChecker.check(logs, at: now))
        guard let witness = live.randomElement(using: &generator) else { return }
        for log in logs where log.node == witness { checkLog(log) }
        checkClocks(of: witness)
    }

    private func checkLog(_ log: ShownLog) {
        ledger.findings.add(OrderChecker.check(log, truth: ledger.truth, at: now))
        ledger.findings.add(ForgeryChecker.check(log, truth: ledger.truth, at: now))
    }

    private func checkClocks(of node: Int) {
        ledger.findings.add(
            ClockChecker.check(
                peers[node].disk.tables, node: node, truth: ledger.truth, at: now))
    }

    private func holding(_ node: Int, _ logs: [ShownLog]) -> Holding {
        var held = EntrySet()
        for log in logs { held.formUnion(log.held) }
        let record = peers[node].record
        return Holding(
            node: node, accepted: record.accepted, everHeld: record.everHeld, held: held)
    }

    private func usage(of node: Int) -> Usage {
        let engine = peers[node].engine
        let counters = engine?.counters ?? Counters()
        let sizes = engine?.tableSizes
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
        let wanted = DeliveryChecker.wanted(holdings, truth: ledger.truth)
        return holdings.allSatisfy { wanted.isSubset(of: $0.held) }
            && live.allSatisfy { peers[$0].record.drafts.isEmpty && hasTexts($0, of: wanted) }
    }

    private func hasTexts(_ node: Int, of wanted: EntrySet) -> Bool {
        peers[node].disk.tables.rows.allSatisfy { row in
            row.entry.body != nil
                || !(ledger.truth.number(of: row.entry.id).map(wanted.contains) ?? false)
        }
    }

    /// Everything, of everybody.
    func checkEnd() {
        var logs: [ShownLog] = []
        var holdings: [Holding] = []
        for node in live {
            let shown = ShownLog.all(
                of: peers[node].disk.tables, node: node, truth: ledger.truth)
            holdings.append(holding(node, shown))
            logs += shown
            for log in shown { checkLog(log) }
            checkClocks(of: node)
            checkAnswers(of: node)
            ledger.findings.add(
                BoundsChecker.checkAirtime(usage(of: node), bounds: scenario.bounds, at: now))
        }
        ledger.findings.add(EqualLogsChecker.check(logs, at: now))
        ledger.findings.add(EqualLogsChecker.checkCommon(logs, at: now))
        ledger.findings.add(
            DeliveryChecker.checkSpread(holdings, truth: ledger.truth, at: now))
        let wanted = DeliveryChecker.wanted(holdings, truth: ledger.truth)
        ledger.findings.add(
            DeliveryChecker.checkTexts(logs, wanted: wanted, truth: ledger.truth, at: now))
        ledger.statistics.close(
            radio: air.radio.tally, honest: live,
            buckets: ledger.arrivals.buckets(truth: ledger.truth, honest: live), at: now)
    }

    private func checkAnswers(of node: Int) {
        let waiting = peers[node].record.drafts.keys.sorted()
        guard let first = waiting.first else { return }
        ledger.findings.add(
            Finding(
                .delivery, at: now, node: node,
                "node \(node) never answered \(waiting.count) drafts, the first ticket \(first)"))
    }
}
