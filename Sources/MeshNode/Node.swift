package import Logging
package import MeshGossip
package import MeshLog
package import MeshModel
internal import Synchronization

/// The node has ended, or was never run.
package struct NodeStopped: Error {}

/// The one owner of the engine: everything that happens goes through its inbox, one input after the
/// other, and everybody else talks to it through this handle.
///
/// Contract: `run()` once. `submit` and `inspect` may be called from anywhere at any time; after
/// the end they answer at once that it is over.
package final class Node<Core: EventHandler>: Sendable {
    package typealias Answer = Result<EntryID, DraftRefusal>
    typealias Inspection = @Sendable (Core?) -> Void

    private struct State {
        var nextTicket: UInt64 = 0
        /// Callers of `submit`, by their first ticket.
        var submissions: [UInt64: Submission] = [:]
        /// Drafts without an answer and their caller's first ticket; at most `NodeLimits.drafts`.
        var drafts: [UInt64: UInt64] = [:]
        /// Callers of `inspect`: one for each caller that waits.
        var inspections: [Inspection] = []
        var isStopped = false
        /// Why the links ended.
        var failure: (any Error)?
    }

    let links: any LinkPort
    let log: any LogPort
    let time: any TimePort
    let logger: Logger
    package let inbox = Inbox()
    /// Rows as they became durable, in that order.
    package let rows = Broadcast<Row>()
    /// The engine's timeline.
    package let reports = Broadcast<Report>()
    private let core: Mutex<Core?>
    private let state = Mutex(State())
    private let tallies = Mutex(Tallies())

    package init(
        core: Core, links: any LinkPort, log: any LogPort, time: any TimePort, logger: Logger
    ) {
        self.core = Mutex(core)
        self.links = links
        self.log = log
        self.time = time
        self.logger = logger
    }

    /// Runs until `stop()` or cancellation. After `stop()` the last appends are committed and
    /// announced before the links close; after a cancellation they are committed.
    /// - Throws: what the links cannot work without.
    package func run() async throws {
        guard let core = core.withLock({ $0.take() }) else {
            preconditionFailure("a node runs once")
        }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.runLinks() }
            var loop = NodeLoop(node: self, core: core)
            await withTaskCancellationHandler {
                await loop.run(in: &group)
            } onCancel: {
                self.inbox.close()
            }
            group.cancelAll()
        }
        end()
        if let error = state.withLock({ $0.failure }), !(error is CancellationError) { throw error }
    }

    private func runLinks() async {
        do { try await links.run(into: inbox) } catch {
            state.withLock { $0.failure = error }
        }
        inbox.close()
    }

    /// Ends `run()` once what was accepted is durable.
    package func stop() { inbox.close() }

    // MARK: - For users

    /// Writes an entry of this peer's own: returns once it is durable, or was refused.
    package func submit(_ kind: EntryKind, _ body: [UInt8], in room: RoomID) async -> Answer {
        await submit(kind, all: [body], in: room)[0]
    }

    /// Writes entries in the order of `bodies`: returns once each is durable or was refused. Where
    /// not all of them can wait for the disk, all are refused as `busy`.
    package func submit(
        _ kind: EntryKind, all bodies: [[UInt8]], in room: RoomID
    ) async -> [Answer] {
        precondition(!bodies.isEmpty, "nothing to submit")
        return await withCheckedContinuation { continuation in
            let first = state.withLock { state -> Result<UInt64, DraftRefusal> in
                if state.isStopped { return .failure(.failed("the peer is stopping")) }
                if state.drafts.count + bodies.count > NodeLimits.drafts { return .failure(.busy) }
                let first = state.nextTicket + 1
                state.nextTicket += UInt64(bodies.count)
                for ticket in first...state.nextTicket { state.drafts[ticket] = first }
                state.submissions[first] = Submission(first, bodies.count, continuation)
                return .success(first)
            }
            switch first {
            case .success(let first):
                inbox.put(
                    zip(first..., bodies).map { ticket, body in
                        .draftSubmitted(Draft(ticket: ticket, room: room, kind: kind, body: body))
                    })
            case .failure(let refusal):
                continuation.resume(returning: bodies.map { _ in .failure(refusal) })
            }
        }
    }

    /// Looks at the engine between two events. Keep it short: nothing else happens meanwhile.
    package func inspect<Value: Sendable>(
        _ look: @escaping @Sendable (Core) -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let inspection: Inspection = { core in
                continuation.resume(
                    with: core.map { .success(look($0)) } ?? .failure(NodeStopped()))
            }
            let isStopped = state.withLock { state in
                if !state.isStopped { state.inspections.append(inspection) }
                return state.isStopped
            }
            if isStopped { inspection(nil) } else { inbox.wake() }
        }
    }

    /// Rooms that the user has joined, as they are now.
    package func joined(_ rooms: Set<RoomID>) { inbox.put(.roomsJoined(rooms)) }

    /// Counts of the node's own.
    package var counts: Tallies {
        var counts = tallies.withLock { $0 }
        counts.datagramsDropped = inbox.dropped
        return counts
    }

    // MARK: - For the loop

    func answer(_ ticket: UInt64, _ answer: Answer) {
        let answered = state.withLock { state -> Submission? in
            guard let first = state.drafts.removeValue(forKey: ticket) else { return nil }
            state.submissions[first]?.note(answer, ticket)
            guard state.submissions[first]?.isAnswered ?? false else { return nil }
            return state.submissions.removeValue(forKey: first)
        }
        answered?.resume()
    }

    func takeInspections() -> [Inspection] {
        state.withLock { state in
            let inspections = state.inspections
            state.inspections = []
            return inspections
        }
    }

    func count(_ change: (inout Tallies) -> Void) { tallies.withLock { change(&$0) } }

    private func end() {
        let (submissions, inspections) = state.withLock { state in
            state.isStopped = true
            defer {
                state.drafts = [:]
                state.submissions = [:]
                state.inspections = []
            }
            return (state.submissions, state.inspections)
        }
        for submission in submissions.values { submission.resume() }
        for inspection in inspections { inspection(nil) }
        rows.finish()
        reports.finish()
    }
}

/// One caller of `submit`, until the last of its drafts is answered.
private struct Submission {
    typealias Answer = Result<EntryID, DraftRefusal>

    private let first: UInt64
    private var answers: [Answer?]
    private var missing: Int
    private let continuation: CheckedContinuation<[Answer], Never>

    init(_ first: UInt64, _ count: Int, _ continuation: CheckedContinuation<[Answer], Never>) {
        self.first = first
        answers = Array(repeating: nil, count: count)
        missing = count
        self.continuation = continuation
    }

    var isAnswered: Bool { missing == 0 }

    mutating func note(_ answer: Answer, _ ticket: UInt64) {
        answers[Int(ticket - first)] = answer
        missing -= 1
    }

    /// Drafts without an answer were not looked at before the end.
    func resume() {
        continuation.resume(
            returning: answers.map { $0 ?? .failure(.failed("the peer is stopping")) })
    }
}

/// What the node counts since its start.
package struct Tallies: Hashable, Sendable {
    /// Datagrams that came while the inbox was full.
    package var datagramsDropped = 0
    package var transactions = 0
    package var transactionsFailed = 0
    /// Entries that became durable here.
    package var entriesStored = 0
    package var reads = 0
    /// How full the store was at the last transaction; nil before the first.
    package var level: StoreLevel?

    package init() {}
}
