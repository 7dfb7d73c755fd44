import MeshGossip
import MeshIdentity
import MeshLog
import MeshModel
import MeshWire

/// What the shell does for an engine, done by the simulation.
extension Simulation {
    func run(_ effect: Effect, of node: Int) {
        switch effect {
        case .sendFrame(let bytes, _, let to): send(bytes, from: node, to: to)
        case .setTimer(let timer, let at): setTimer(timer, at: at, of: node)
        case .append(let request): append(request, at: node)
        case .read(let query):
            evidence.hash.add(4)
            let delay = Duration.microseconds(Int.random(in: 100...1000, using: &generator))
            queue.add(
                .read(node: node, boot: peers[node].boot, query), at: now + delay)
        case .answerDraft(let ticket, let result): answered(ticket, result, at: node)
        case .report(let report):
            evidence.hash.add(6)
            evidence.tell("reports \(Self.text(of: report))", at: now, node: node)
        }
    }

    private static func text(of report: Report) -> String {
        switch report {
        case .neighbourFound(_, let peer, _): "neighbour found: \(peer)"
        case .neighbourLost(_, let peer, _): "neighbour lost: \(peer)"
        case .forkFound(let log): "fork found: \(log.author) in \(log.room)"
        case .logClosed(let log): "log closed: \(log.author) in \(log.room)"
        case .epochOpened(let epoch): "epoch opened: \(epoch)"
        }
    }

    private func setTimer(_ timer: Timer, at instant: Instant, of node: Int) {
        let due = max(now, peers[node].simulated(instant))
        evidence.hash.add(1)
        evidence.hash.add(UInt64(bitPattern: due.nanoseconds))
        queue.add(.timer(node: node, boot: peers[node].boot, timer), at: due)
    }

    // MARK: - Frames

    private func send(_ bytes: [UInt8], from node: Int, to address: Address?) {
        evidence.hash.add(2)
        evidence.hash.add(bytes)
        let target = address.map(Self.node(at:))
        guard bytes.count <= WireLimits.datagram, let note = reader.note(bytes) else {
            let finding = Finding(
                .bounds, at: now, node: node,
                "node \(node) sent \(bytes.count) bytes that are no frame of this mesh")
            evidence.findings.add(finding)
            return
        }
        evidence.statistics.sent(note, bytes: bytes.count)
        evidence.findings.add(
            NumberingChecker.checkSent(
                note.live, by: node, held: peers[node].record.held, truth: evidence.truth, at: now))
        if evidence.story != nil { tellSent(note, from: node, to: target) }
        guard target != .some(nil) else { return }
        transmit(
            RadioFrame(bytes: bytes, from: node, to: target.flatMap { $0 }, note: note))
    }

    func transmit(_ frame: RadioFrame) {
        guard let first = air.radio.send(frame, at: now) else { return }
        queue.add(.attempt(node: frame.from), at: first)
    }

    private func tellSent(_ note: FrameNote, from node: Int, to target: Int??) {
        let numbers = (note.live + note.served).compactMap(evidence.truth.number(of:))
        guard !numbers.isEmpty else { return }
        let whom = target.flatMap { $0 }.map { "node \($0)" } ?? "all"
        let what = note.live.isEmpty ? "served" : "sent live"
        evidence.tell("\(what) to \(whom)", at: now, node: node, entries: numbers)
    }

    func attempt(by node: Int) {
        switch air.radio.attempt(by: node, at: now, among: air.listeners[node]) {
        case .idle: return
        case .wait(let until): queue.add(.attempt(node: node), at: until)
        case .began(let end): queue.add(.transmitted(node: node), at: end)
        }
    }

    func transmitted(by node: Int) {
        let finished = air.radio.finish(by: node, at: now)
        let frame = finished.frame
        let datagram = Datagram(
            link: Self.link, from: Self.address(of: node), isMulticast: frame.to == nil,
            bytes: frame.bytes)
        for reception in finished.receptions {
            queue.add(.received(node: reception.node, datagram), at: reception.at)
        }
        // The own echo, as a multicast socket with loop on hears it.
        if frame.to == nil { queue.add(.received(node: node, datagram), at: now) }
        if evidence.story != nil, let note = frame.note {
            tellHeard(note, from: node, by: finished.receptions.map(\.node))
        }
        if let next = finished.next { queue.add(.attempt(node: node), at: next) }
    }

    private func tellHeard(_ note: FrameNote, from node: Int, by hearers: [Int]) {
        let numbers = (note.live + note.served).compactMap(evidence.truth.number(of:))
        guard !numbers.isEmpty else { return }
        evidence.tell(
            "was heard by nodes \(hearers)", at: now, node: node, entries: numbers)
    }

    func received(_ datagram: Datagram, at node: Int) {
        if hostile?.node == node {
            hostile?.heard(datagram)
        } else if peers[node].frozenUntil <= now {
            tell(.datagramReceived(datagram), to: node, code: 4)
        }
    }

    static let link = LinkID(0)

    static func address(of node: Int) -> Address {
        Address([UInt8(truncatingIfNeeded: node >> 8), UInt8(truncatingIfNeeded: node)])
    }

    /// Nil where nobody has that address.
    static func node(at address: Address) -> Int? {
        guard address.bytes.count == 2 else { return nil }
        return Int(address.bytes[0]) << 8 | Int(address.bytes[1])
    }

    // MARK: - Disk

    private func append(_ request: AppendRequest, at node: Int) {
        evidence.hash.add(3)
        evidence.hash.add(request.run.count)
        if request.source == .own { recordOwn(request, at: node) }
        let peer = peers[node]
        peer.waiting.append(request)
        guard !peer.record.isCommitScheduled else { return }
        peer.record.isCommitScheduled = true
        let delay = Duration.microseconds(Int.random(in: 1000...5000, using: &generator))
        queue.add(.commit(node: node, boot: peer.boot), at: now + delay)
    }

    /// The truth of what was held: complete rows, and own ones of the same log that are on their
    /// way to disk.
    private func recordOwn(_ request: AppendRequest, at node: Int) {
        let peer = peers[node]
        for entry in request.run {
            let room = entry.log.room
            var held = peer.record.complete.intersection(evidence.truth.entries(in: room))
            for number in peer.pendingOwn where evidence.truth[number].entry.log == entry.log {
                held.insert(number)
                held.formUnion(evidence.truth[number].held)
            }
            let number = evidence.truth.recordHonest(entry, by: node, at: now, holding: held)
            peer.pendingOwn.append(number)
            evidence.tell(
                "wrote seq \(entry.header.seq) of \(entry.header.log) in \(room), "
                    + "\(entry.header.cites.count) cites, \(held.count) causes",
                at: now, node: node, entries: [number])
        }
    }

    func commit(at node: Int) {
        let peer = peers[node]
        peer.record.isCommitScheduled = false
        if peer.record.failsNextCommit {
            peer.record.failsNextCommit = false
            let tokens = peer.waiting.map(\.token)
            peer.waiting = []
            peer.pendingOwn = []
            let event = Event.appendsFailed(
                tokens: tokens, reason: "disk error", segments: peer.disk.tables.segments())
            tell(event, to: node, code: 5)
            return
        }
        let requests = peer.waiting
        let done = peer.commit()
        for (request, done) in zip(requests, done) {
            noteStored(request, done.appended, at: node)
        }
        scan(node)
        tell(.appendsStored(done, level: peer.disk.level), to: node, code: 6)
    }

    private func noteStored(_ request: AppendRequest, _ appended: Appended, at node: Int) {
        let numbers = request.run.compactMap { evidence.truth.number(of: $0.id) }
        evidence.hash.add(appended.lines.count)
        if request.source == .own { becameDurable(numbers, at: node) }
        evidence.tell(
            "stored (\(request.source): \(appended.outcome), \(appended.lines.count) new)",
            at: now, node: node, entries: numbers)
    }

    private func becameDurable(_ numbers: [Int], at node: Int) {
        peers[node].pendingOwn.removeAll { numbers.contains($0) }
        for number in numbers {
            let other = evidence.truth.becameDurable(number, at: now)
            let author = evidence.truth[number].entry.log.author
            evidence.findings.add(
                NumberingChecker.check(
                    number, other: other, mayFork: evidence.cloned.contains(author),
                    truth: evidence.truth, at: now))
        }
    }

    /// Takes note of rows that are new in a peer's tables.
    func scan(_ node: Int) {
        let peer = peers[node]
        for row in peer.disk.tables.rows[peer.record.rowsSeen...] {
            guard let number = evidence.truth.number(of: row.entry.id) else { continue }
            peer.record.add(number)
            evidence.arrivals.note(number, at: node, now)
        }
        peer.record.rowsSeen = peer.disk.tables.rows.count
        peer.record.complete(by: evidence.truth)
    }

    private func answered(
        _ ticket: UInt64, _ result: Result<EntryID, DraftRefusal>, at node: Int
    ) {
        evidence.hash.add(5)
        let peer = peers[node]
        guard peer.record.drafts.removeValue(forKey: ticket) != nil else {
            evidence.findings.add(
                Finding(
                    .delivery, at: now, node: node, "node \(node) answers ticket \(ticket) twice"))
            return
        }
        guard case .success(let id) = result else {
            evidence.statistics.refused += 1
            return
        }
        guard let number = evidence.truth.number(of: id), peer.record.held.contains(number) else {
            evidence.findings.add(
                Finding(
                    .delivery, at: now, node: node,
                    "node \(node) calls \(id) accepted, which is not durable"))
            return
        }
        evidence.statistics.accepted += 1
        evidence.truth.accepted(number, at: now)
        peer.record.accepted.insert(number)
        evidence.tell("told its user that it is safe", at: now, node: node, entries: [number])
    }
}
