package import MeshModel
import MeshWAMP

/// The WAMP router as a value: broker and dealer of the one realm, basic profile.
///
/// The contract: hand in one event, run all effects in order, then hand in the next; an event that
/// running an effect causes waits until all are run. The router knows no transport, no clock and no
/// task. Nothing a client sends traps: what violates the protocol ends that session with ABORT,
/// what is merely refused gets an ERROR, and what may cross on the wire (a YIELD for a cancelled
/// call) is dropped in silence, as the standard allows.
package struct Router {
    enum Session {
        /// Connected; the next message must be HELLO.
        case connected
        case joined(WAMPID)
    }

    /// Every connection that is not closing. At most `APILimits.connections`, which the transport
    /// enforces in its handshake.
    var sessions: [ConnectionID: Session] = [:]
    var broker = Broker()
    var dealer = Dealer()
    let limits: APILimits
    private var generator: SeededGenerator
    private var isStopped = false

    /// - Parameter generator: draws the ids that the standard wants random: of sessions and
    ///   publications.
    package init(limits: APILimits = APILimits(), generator: SeededGenerator) {
        self.limits = limits
        self.generator = generator
    }

    package mutating func handle(_ event: RouterEvent) -> [RouterEffect] {
        switch event {
        case .connected(let id): connect(id)
        case .received(let id, let message): receive(message, from: id)
        case .violated(let id, let violation): violate(id, violation.description)
        case .disconnected(let id): drop(id)
        case .fellBehind(let id):
            cutOff(id, WAMPURI.tooSlow, "read faster, or subscribe to less: too much waited here")
        case .joinTimedOut(let id): timeOut(id)
        case .tooLarge(let id, let message): replace(message, for: id)
        case .localCallFinished(let id, let result): finish(id, result)
        case .published(let topic, let payload):
            broker.events(on: topic, publication: newID(), payload, excluded: nil)
        case .eventsLost(let count): loseEvents(count)
        case .stopped: stop()
        }
    }

    /// Whether anybody has subscribed to anything.
    package var hasListeners: Bool { broker.hasListeners }

    /// Drawn evenly from 1...2^53.
    mutating func newID() -> WAMPID { .random(in: 1...WAMPLimits.id, using: &generator) }

    /// Ends a session; nothing is sent to it but what the caller adds.
    mutating func drop(_ id: ConnectionID) -> [RouterEffect] {
        guard sessions.removeValue(forKey: id) != nil else { return [] }
        broker.leave(id)
        return dealer.leave(id)
    }

    /// Ends a session with ABORT after what was sent before it.
    mutating func abort(_ id: ConnectionID, _ reason: String, _ message: String) -> [RouterEffect] {
        guard sessions[id] != nil else { return [] }
        return drop(id) + [.send(id, .abort(reason, message)), .close(id)]
    }

    mutating func violate(_ id: ConnectionID, _ message: String) -> [RouterEffect] {
        abort(id, WAMPURI.protocolViolation, message)
    }

    /// Ends a session with ABORT instead of what still waits for it.
    private mutating func cutOff(
        _ id: ConnectionID, _ reason: String, _ message: String
    ) -> [RouterEffect] {
        guard sessions[id] != nil else { return [] }
        return drop(id) + [.cutOff(id, .abort(reason, message))]
    }

    private mutating func connect(_ id: ConnectionID) -> [RouterEffect] {
        guard !isStopped else {
            return [.send(id, .abort(WAMPURI.systemShutdown, "the peer stops")), .close(id)]
        }
        sessions[id] = .connected
        return []
    }

    private mutating func receive(_ message: WAMPMessage, from id: ConnectionID) -> [RouterEffect] {
        switch sessions[id] {
        case nil: []
        case .connected?: open(id, message)
        case .joined?: serve(id, message)
        }
    }

    private mutating func timeOut(_ id: ConnectionID) -> [RouterEffect] {
        guard case .connected = sessions[id] else { return [] }
        return abort(
            id, WAMPURI.joinTimeout, "no HELLO came within \(limits.joinSeconds) seconds")
    }

    private mutating func finish(
        _ id: LocalCallID, _ result: Result<CallResult, CallError>
    ) -> [RouterEffect] {
        guard let call = dealer.answer(id) else { return [] }
        switch result {
        case .success(let value):
            let payload = Payload(arguments: value.arguments, keywords: value.keywords)
            return [.send(call.caller, .result(request: call.request, details: [:], payload))]
        case .failure(let error):
            return [.send(call.caller, .error(of: .call, request: call.request, error))]
        }
    }

    /// Tells the caller that a result or an invocation was too large; an event is left out, which
    /// the standard allows; any other message ends the session, for it would wait for ever.
    private mutating func replace(
        _ message: WAMPMessage, for id: ConnectionID
    ) -> [RouterEffect] {
        guard sessions[id] != nil else { return [] }
        switch message {
        case .event: return []
        case .result(let request, _, _):
            let error = CallError(
                code: "too_large", message: "the result is larger than this client accepts",
                try: "ask for less at a time, for a log with n and after")
            return [.send(id, .error(of: .call, request: request, error))]
        case .invocation(let request, _, _, _):
            guard let call = dealer.answer(id, request) else { return [] }
            let error = CallError(
                code: "too_large", message: "the arguments are larger than the callee accepts",
                try: "send less at a time")
            return [.send(call.caller, .error(of: .call, request: call.request, error))]
        default:
            return cutOff(id, WAMPURI.tooLarge, "an answer is larger than this client accepts")
        }
    }

    private mutating func loseEvents(_ count: Int) -> [RouterEffect] {
        var effects: [RouterEffect] = []
        for id in sessions.keys.sorted() where broker.listensToPeer(id) {
            effects += cutOff(
                id, WAMPURI.eventsLost,
                "\(count) events came too fast; join again and read what is missing")
        }
        return effects
    }

    private mutating func stop() -> [RouterEffect] {
        isStopped = true
        var effects: [RouterEffect] = []
        for id in sessions.keys.sorted() {
            let session = sessions[id]
            effects += drop(id).filter { effect in
                if case .send = effect { false } else { true }
            }
            let details: JSONObject = ["message": "the peer stops"]
            if case .joined = session {
                let reason = WAMPURI.systemShutdown
                effects.append(.send(id, .goodbye(details: details, reason: reason)))
            }
            effects.append(.close(id))
        }
        return effects
    }
}
