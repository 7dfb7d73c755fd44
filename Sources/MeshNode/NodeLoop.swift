internal import DequeModule
import Logging
import MeshGossip
import MeshLog
import MeshModel

/// The loop: wait for one input, hand it in, run all effects in order, next.
///
/// Appends are collected while a transaction is being committed and form the next one. At the end,
/// it goes on until nothing is waiting to become durable.
struct NodeLoop<Core: EventHandler> {
    private let node: Node<Core>
    private var core: Core
    private var timers = Timers()
    /// Requests for the next transaction. Bounded by the engine's own limits on what it lets wait.
    private var appends: Deque<AppendRequest> = []
    private var isCommitting = false
    private var reads = Reads()
    private var suspended: Duration

    init(node: Node<Core>, core: Core) {
        self.node = node
        self.core = core
        suspended = node.time.suspended()
    }

    mutating func run(in group: inout DiscardingTaskGroup) async {
        while true {
            await node.inbox.wait()
            let batch = node.inbox.take()
            noticeResume()
            for event in batch.events { handle(event) }
            for datagram in batch.datagrams { handle(.datagramReceived(datagram)) }
            fireTimers()
            for inspection in node.takeInspections() { inspection(core) }
            start(in: &group)
            if batch.isClosed && !isCommitting { return }
        }
    }

    // MARK: - Inputs

    private mutating func handle(_ event: Event) {
        for event in settle(event) {
            fireTimers()
            run(core.handle(event, at: node.time.now()))
        }
    }

    private mutating func fireTimers() {
        while let timer = timers.popDue(at: node.time.now().instant) {
            run(core.handle(.timerFired(timer), at: node.time.now()))
        }
    }

    private mutating func noticeResume() {
        let now = node.time.suspended()
        defer { suspended = now }
        guard now - suspended > NodeLimits.resume else { return }
        node.logger.notice("the machine was suspended for \(now - suspended)")
        run(core.handle(.machineResumed, at: node.time.now()))
    }

    /// What an event means to the node itself.
    /// - Returns: what the engine is told now: the event, but for reads that wait for their turn.
    private mutating func settle(_ event: Event) -> [Event] {
        switch event {
        case .appendsStored(let done, let level):
            isCommitting = false
            let rows = done.flatMap(\.appended.lines)
            node.count {
                $0.level = level
                $0.transactions += 1
                $0.entriesStored += rows.count
            }
            node.rows.send(rows + done.flatMap(\.appended.filled))
        case .appendsFailed(let tokens, let reason, let segments):
            isCommitting = false
            node.count { $0.transactionsFailed += 1 }
            node.logger.error("the store could not write: \(reason)")
            // What was to follow builds on it.
            let dropped = tokens + appends.map(\.token)
            appends.removeAll()
            return [.appendsFailed(tokens: dropped, reason: reason, segments: segments)]
        case .runRead(let read):
            node.count { $0.reads += 1 }
            return reads.finish(read).map(Event.runRead)
        default: break
        }
        return [event]
    }

    // MARK: - Effects

    private mutating func run(_ effects: [Effect]) {
        for effect in effects {
            switch effect {
            case .sendFrame(let frame, let link, let address):
                node.links.send(frame, on: link, to: address)
            case .setTimer(let timer, let deadline): timers.set(timer, at: deadline)
            case .append(let request): appends.append(request)
            case .read(let query): reads.add(query)
            case .answerDraft(let ticket, let answer): node.answer(ticket, answer)
            case .report(let report):
                node.logger.info("\(report.text)")
                node.reports.send([report])
            }
        }
    }

    // MARK: - Work beside the loop

    private mutating func start(in group: inout DiscardingTaskGroup) {
        startCommit(in: &group)
        startReads(in: &group)
        guard let deadline = timers.armed(at: node.time.now().instant) else { return }
        group.addTask { [time = node.time, inbox = node.inbox] in
            await time.sleep(until: deadline)
            inbox.wake()
        }
    }

    private mutating func startCommit(in group: inout DiscardingTaskGroup) {
        guard !isCommitting, !appends.isEmpty else { return }
        var requests: [AppendRequest] = []
        var entries = 0
        while entries < NodeLimits.commit, let request = appends.popFirst() {
            requests.append(request)
            entries += max(1, request.run.count)
        }
        isCommitting = true
        group.addTask { [log = node.log, inbox = node.inbox] in
            switch await log.commit(requests) {
            case .stored(let done, let level): inbox.put(.appendsStored(done, level: level))
            case .failed(let reason, let segments):
                inbox.put(
                    .appendsFailed(
                        tokens: requests.map(\.token), reason: reason, segments: segments))
            }
        }
    }

    private mutating func startReads(in group: inout DiscardingTaskGroup) {
        while let query = reads.begin() {
            group.addTask { [log = node.log, inbox = node.inbox] in
                inbox.put(.runRead(await log.chunk(query)))
            }
        }
    }
}

extension Report {
    /// For the daemon's log.
    fileprivate var text: String {
        switch self {
        case .neighbourFound(_, let peer, _): "neighbour found: \(peer.fingerprint.text)"
        case .neighbourLost(_, let peer, _): "neighbour lost: \(peer.fingerprint.text)"
        case .forkFound(let log): "fork found: \(Self.text(of: log))"
        case .logClosed(let log): "log closed, it has too many branches: \(Self.text(of: log))"
        case .epochOpened(let epoch): "epoch opened: \(BranchID.text(ofEpoch: epoch))"
        }
    }

    private static func text(of log: LogID) -> String {
        "two entries at one place by \(log.author.fingerprint.text) in \(log.room)"
    }
}
