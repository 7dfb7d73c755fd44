import MeshWAMP

/// The client's side of a WAMP session as a value: messages in, what they mean out. It knows which
/// requests wait for an answer; who waits, the connection knows.
struct ClientSession {
    /// What a request asked for, and so which answers it may get.
    private enum Request {
        case call
        case subscribe
        case unsubscribe
    }

    private enum State {
        case joining
        case joined
        case over
    }

    /// What a message means.
    enum Outcome: Hashable, Sendable {
        case joined
        case returned(WAMPID, CallResult)
        case subscribed(WAMPID, subscription: WAMPID)
        case unsubscribed(WAMPID)
        case failed(WAMPID, CallError)
        case event(subscription: WAMPID, APIEvent)
        /// The session is over; `reply` is the last message to send.
        case ended(reason: String, reply: WAMPMessage?)
        /// An event for a subscription that just ended.
        case nothing
    }

    private var state = State.joining
    private var requests: [WAMPID: Request] = [:]
    private var topics: [WAMPID: String] = [:]
    private var subscribing: [WAMPID: String] = [:]
    private var lastRequest: WAMPID = 0

    /// The first message of a session.
    static let hello = WAMPMessage.hello(
        realm: WAMPURI.realm,
        details: [
            "agent": "Starling",
            "roles": ["caller": ["features": ["call_canceling": true]], "subscriber": [:]],
        ])

    /// The number of requests without an answer.
    var waitingCount: Int { requests.count }

    mutating func call(
        _ procedure: String, _ arguments: [JSON], _ keywords: JSONObject
    ) -> (WAMPID, WAMPMessage) {
        let id = number(.call)
        let payload = Payload(arguments: arguments, keywords: keywords)
        return (id, .call(request: id, options: [:], procedure: procedure, payload))
    }

    mutating func subscribe(_ topic: String, _ match: TopicMatch) -> (WAMPID, WAMPMessage) {
        let id = number(.subscribe)
        subscribing[id] = topic
        let options: JSONObject = match == .exact ? [:] : ["match": .string(match.rawValue)]
        return (id, .subscribe(request: id, options: options, topic: topic))
    }

    mutating func unsubscribe(_ subscription: WAMPID) -> WAMPMessage {
        topics[subscription] = nil
        return .unsubscribe(request: number(.unsubscribe), subscription: subscription)
    }

    /// CANCEL for a call that still waits.
    func cancel(_ request: WAMPID) -> WAMPMessage? {
        requests[request] == .call ? .cancel(request: request, options: ["mode": "skip"]) : nil
    }

    private mutating func number(_ request: Request) -> WAMPID {
        lastRequest += 1
        requests[lastRequest] = request
        return lastRequest
    }

    mutating func received(_ message: WAMPMessage) -> Outcome {
        switch (state, message) {
        case (.over, _): return .nothing
        case (_, .abort(let details, let reason)):
            return end(details["message"]?.string ?? reason, reply: nil)
        case (.joining, .welcome):
            state = .joined
            return .joined
        case (.joined, .goodbye(let details, let reason)):
            let reply = WAMPMessage.goodbye(details: [:], reason: WAMPURI.goodbyeAndOut)
            return end(details["message"]?.string ?? reason, reply: reply)
        case (.joined, .event(let subscription, _, let details, let payload)):
            return event(subscription, details, payload)
        case (.joined, .result(let id, _, let payload)) where take(id, .call):
            let result = CallResult(arguments: payload.arguments, keywords: payload.keywords)
            return .returned(id, result)
        case (.joined, .subscribed(let id, let subscription)) where take(id, .subscribe):
            topics[subscription] = subscribing.removeValue(forKey: id)
            return .subscribed(id, subscription: subscription)
        case (.joined, .unsubscribed(let id)) where take(id, .unsubscribe):
            return .unsubscribed(id)
        case (.joined, .error(of: _, let id, _, let uri, let payload)) where take(id, nil):
            subscribing[id] = nil
            return .failed(id, CallError(uri: uri, payload: payload))
        default: return violate("\(message.kind.name) came out of turn")
        }
    }

    /// Ends the session for something that is no message.
    mutating func violate(_ reason: String) -> Outcome {
        end(
            "the peer broke the protocol: \(reason)",
            reply: .abort(WAMPURI.protocolViolation, reason))
    }

    private mutating func end(_ reason: String, reply: WAMPMessage?) -> Outcome {
        state = .over
        return .ended(reason: reason, reply: reply)
    }

    /// Whether the request waits for this kind of answer (nil: any); it then waits no more.
    private mutating func take(_ id: WAMPID, _ request: Request?) -> Bool {
        guard let waiting = requests[id], request == nil || request == waiting else { return false }
        requests[id] = nil
        return true
    }

    private func event(
        _ subscription: WAMPID, _ details: JSONObject, _ payload: Payload
    ) -> Outcome {
        guard let topic = topics[subscription] else { return .nothing }
        return .event(
            subscription: subscription,
            APIEvent(
                topic: details["topic"]?.string ?? topic, arguments: payload.arguments,
                keywords: payload.keywords))
    }
}
