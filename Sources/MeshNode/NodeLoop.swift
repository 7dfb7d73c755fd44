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
    private var reads: Deque<RunQuery> = []
    private var readsUnderWay = 0
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
        settle(event)
        fireTimers()
        run(core.handle(event, at: node.time.now()))
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
    private mutating func settle(_ event: Event) {
        switch event {
        case .appendsStored(let done, let level):
            isCommitting = false
            let rows = done.flatMap(\.appended.lines)
            node.count {
                $0.level = level
                $0.transactions += 1
                $0.entriesStored += rows.count
            }
            node.rows.send(rows)
        case .appendsFailed(_, let reason, _):
            isCommitting = false
            node.count { $0.transactionsFailed += 1 }
            node.logger.error("the store could not write: \(reason)")
        case .runRead:
            readsUnderWay -= 1
            node.count { $0.reads += 1 }
        default: break
        }
    }

    // MARK: - Effects

    private mutating func run(_ effects: [Effect]) {
        for effect in effects {
            switch effect {
            case .sendFrame(let frame, let link, let address):
                node.links.send(frame, on: link, to: address)
            case .setTimer(let timer, let deadline): timers.set(timer, at: deadline)
            case .append(let request): appends.append(request)
            case .read(let query): reads.append(query)
            case .answerDraft(let ticket, let answer): node.answer(ticket, answer)
            case .report(let report):
                node.logger.info("\(report)")
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
        while readsUnderWay < NodeLimits.reads, let query = reads.popFirst() {
            readsUnderWay += 1
            group.addTask { [log = node.log, inbox = node.inbox] in
                inbox.put(.runRead(await log.chunk(query)))
            }
        }
    }
}
