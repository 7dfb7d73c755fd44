import MeshModel
import MeshWAMP
import NIOCore

/// A transport's end of one connection. Called on the router's event loop only.
protocol Connection: AnyObject {
    /// False once it is closing or its queue was found full: what it would be sent is not even
    /// serialised.
    var takesMessages: Bool { get }
    /// Puts a serialised message into the queue; `flush` writes it.
    func send(_ message: [UInt8]) -> SendResult
    /// Drops the queue for this last message, then closes.
    func cutOff(_ message: [UInt8])
    /// Closes once the queue is written.
    func close()
    /// Writes as much of the queue as the socket takes.
    func flush()
}

/// What became of a message handed to a connection.
enum SendResult {
    case queued
    /// It is larger than the client accepts.
    case tooLarge
    /// The queue is at its limit.
    case full
}

/// The one owner of the router: runs its effects, on one event loop, where every connection lives.
///
/// Events that come while effects are run wait for their turn, as the router's contract asks.
final class RouterLoop {
    private let eventLoop: any EventLoop
    private let procedures: any LocalProcedures
    private let limits: APILimits
    private let inbox: EventInbox
    private var router: Router
    /// Until the transport is gone: those that are closing included.
    private var connections: [ConnectionID: any Connection] = [:]
    /// Connections with something new in their queue.
    private var touched: Set<ConnectionID> = []
    /// Until the procedure returned, cancelled or not. Tasks of their own rather than of a group: a
    /// client cancels one of them by its number, a group could only cancel all. `stop` awaits them.
    private var calls: [LocalCallID: Task<Void, Never>] = [:]
    /// At most what one event's effects cause: one for each connection.
    private var waiting = CircularBuffer<RouterEvent>()
    private var isHandling = false
    private var lastConnection: UInt64 = 0
    private var emptied: EventLoopPromise<Void>?

    init(
        eventLoop: any EventLoop, procedures: any LocalProcedures, limits: APILimits,
        inbox: EventInbox, generator: SeededGenerator
    ) {
        self.eventLoop = eventLoop
        self.procedures = procedures
        self.limits = limits
        self.inbox = inbox
        router = Router(limits: limits, generator: generator)
    }

    /// The new connection's id, nil where there are `APILimits.connections` already.
    func accept(_ connection: any Connection) -> ConnectionID? {
        guard connections.count < limits.connections else { return nil }
        lastConnection += 1
        let id = ConnectionID(lastConnection)
        connections[id] = connection
        return id
    }

    /// Forgets a connection whose transport is gone.
    func closed(_ id: ConnectionID) {
        connections[id] = nil
        handle(.disconnected(id))
        if connections.isEmpty { emptied?.succeed() }
    }

    func handle(_ event: RouterEvent) {
        waiting.append(event)
        guard !isHandling else { return }
        isHandling = true
        while let next = waiting.popFirst() {
            for effect in router.handle(next) { run(effect) }
        }
        isHandling = false
        // Before the client learns that it is subscribed.
        inbox.hasListeners = router.hasListeners
        flush()
    }

    /// Hands the router what the daemon published since the last time.
    func takeInbox() {
        let (events, lost) = inbox.takeAll()
        for event in events { handle(.published(topic: event.topic, event.payload)) }
        if lost > 0 { handle(.eventsLost(lost)) }
    }

    /// Ends all sessions; the future succeeds when all connections are closed.
    func stop() -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        emptied = promise
        handle(.stopped)
        if connections.isEmpty { promise.succeed() }
        return promise.futureResult
    }

    /// The procedures that have not returned yet.
    var callsUnderWay: [Task<Void, Never>] { Array(calls.values) }

    private func flush() {
        for id in touched { connections[id]?.flush() }
        touched.removeAll(keepingCapacity: true)
    }

    private func run(_ effect: RouterEffect) {
        switch effect {
        case .send(let id, let message): send(message, to: id)
        case .close(let id): connections[id]?.close()
        case .cutOff(let id, let message): connections[id]?.cutOff(message.encoded)
        case .startCall(let id, let procedure, let payload): start(id, procedure, payload)
        case .cancelCall(let id): calls[id]?.cancel()
        }
    }

    private func send(_ message: WAMPMessage, to id: ConnectionID) {
        guard let connection = connections[id], connection.takesMessages else { return }
        touched.insert(id)
        switch connection.send(message.encoded) {
        case .queued: break
        case .tooLarge: waiting.append(.tooLarge(id, message))
        case .full: waiting.append(.fellBehind(id))
        }
    }

    private func start(_ id: LocalCallID, _ procedure: String, _ payload: Payload) {
        guard calls.count < limits.localCalls else {
            let error = CallError(
                code: "limit_reached",
                message: "the peer works on \(limits.localCalls) calls already",
                try: "try again in a moment")
            waiting.append(.localCallFinished(id, .failure(error)))
            return
        }
        let box = NIOLoopBound(self, eventLoop: eventLoop)
        calls[id] = Task { [procedures, eventLoop] in
            let result = await procedures.call(
                procedure, arguments: payload.arguments, keywords: payload.keywords)
            eventLoop.execute { box.value.finish(id, result) }
        }
    }

    private func finish(_ id: LocalCallID, _ result: Result<CallResult, CallError>) {
        calls[id] = nil
        handle(.localCallFinished(id, result))
    }
}
