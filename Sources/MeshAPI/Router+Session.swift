import MeshWAMP

// Joining and leaving.
extension Router {
    /// What a client that has not joined may say: HELLO, or ABORT.
    mutating func open(_ id: ConnectionID, _ message: WAMPMessage) -> [RouterEffect] {
        switch message {
        case .hello(let realm, let details): return join(id, realm, details)
        case .abort: return drop(id) + [.close(id)]
        default: return violate(id, "\(message.kind.name) came before HELLO")
        }
    }

    private mutating func join(
        _ id: ConnectionID, _ realm: String, _ details: JSONObject
    ) -> [RouterEffect] {
        guard WAMPURI.isValid(realm) else {
            return abort(id, WAMPURI.invalidURI, "the realm is no valid name")
        }
        guard realm == WAMPURI.realm else {
            return abort(
                id, WAMPURI.noSuchRealm, "there is no realm \(realm), only \(WAMPURI.realm)")
        }
        let known: Set<String> = ["publisher", "subscriber", "caller", "callee"]
        guard let roles = details["roles"]?.object, roles.keys.contains(where: known.contains)
        else { return violate(id, "HELLO announces no role of a client") }
        let features = roles["callee"]?.object?["features"]?.object
        dealer.join(id, takesInterrupts: features?["call_canceling"]?.bool ?? false)
        let session = newID()
        sessions[id] = .joined(session)
        return [.send(id, .welcome(session: session, details: Self.welcome))]
    }

    /// Roles and the features of the advanced profile that are served.
    private static let welcome: JSONObject = [
        "agent": "Starling",
        "realm": .string(WAMPURI.realm),
        "authid": "owner", "authrole": "owner", "authmethod": "anonymous",
        "roles": [
            "broker": [
                "features": ["publisher_exclusion": true, "pattern_based_subscription": true]
            ],
            "dealer": ["features": ["call_canceling": true]],
        ],
    ]

    /// What a client that has joined may say.
    mutating func serve(_ id: ConnectionID, _ message: WAMPMessage) -> [RouterEffect] {
        switch message {
        case .goodbye:
            let answer = WAMPMessage.goodbye(details: [:], reason: WAMPURI.goodbyeAndOut)
            return drop(id) + [.send(id, answer), .close(id)]
        case .abort: return drop(id) + [.close(id)]
        case .subscribe(let request, let options, let topic):
            return subscribe(id, request, options, topic)
        case .unsubscribe(let request, let subscription):
            return unsubscribe(id, request, subscription)
        case .publish(let request, let options, let topic, let payload):
            return publish(id, request, options, topic, payload)
        case .register(let request, let options, let procedure):
            return register(id, request, options, procedure)
        case .unregister(let request, let registration):
            return unregister(id, request, registration)
        case .call(let request, _, let procedure, let payload):
            return call(Dealer.Call(caller: id, request: request), procedure, payload)
        case .cancel(let request, _):
            return cancel(Dealer.Call(caller: id, request: request))
        case .yield(let request, _, let payload): return yield(id, request, payload)
        case .error(of: .invocation, let request, _, let uri, let payload):
            return fail(id, request, uri, payload)
        default:
            return violate(id, "\(message.kind.name) is not for a client to send in a session")
        }
    }

    /// ERROR for a request of `id`.
    func refuse(
        _ id: ConnectionID, _ kind: WAMPMessage.Kind, _ request: WAMPID, _ error: CallError
    ) -> [RouterEffect] {
        [.send(id, .error(of: kind, request: request, error))]
    }

    func invalidURI(_ what: String) -> CallError {
        CallError(
            uri: WAMPURI.invalidURI, message: "the \(what) is no valid name",
            try: "use parts of letters, digits and _ with single dots between them")
    }

    func limitReached(_ limit: Int, _ what: String) -> CallError {
        CallError(
            code: "limit_reached", message: "a session may have \(limit) \(what) at a time",
            try: "end some first, or open another session")
    }
}
