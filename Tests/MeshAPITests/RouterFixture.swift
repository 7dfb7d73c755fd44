import MeshAPI
import MeshModel
import MeshWAMP
import Testing

/// A router and what its clients received, without sockets.
struct RouterFixture {
    var router: Router
    private var lastConnection: UInt64 = 0

    init(limits: APILimits = APILimits(), seed: UInt64 = 1) {
        router = Router(limits: limits, generator: SeededGenerator(seed: seed))
    }

    /// A connection that has not joined.
    mutating func connect() -> ConnectionID {
        lastConnection += 1
        let id = ConnectionID(lastConnection)
        #expect(router.handle(.connected(id)).isEmpty)
        return id
    }

    static let hello = WAMPMessage.hello(
        realm: "starling",
        details: ["roles": ["publisher": [:], "subscriber": [:], "caller": [:], "callee": [:]]])

    /// A connection that has joined.
    mutating func join(_ hello: WAMPMessage = RouterFixture.hello) -> ConnectionID {
        let id = connect()
        guard case .send(id, .welcome)? = send(id, hello).first else {
            Issue.record("no WELCOME")
            return id
        }
        return id
    }

    mutating func send(_ id: ConnectionID, _ message: WAMPMessage) -> [RouterEffect] {
        router.handle(.received(id, message))
    }

    mutating func subscribe(_ id: ConnectionID, _ topic: String, _ options: JSONObject = [:])
        -> WAMPID
    {
        for case .send(id, .subscribed(_, let subscription)) in send(
            id, .subscribe(request: 1, options: options, topic: topic))
        { return subscription }
        Issue.record("not subscribed to \(topic)")
        return 0
    }

    mutating func register(_ id: ConnectionID, _ procedure: String) -> WAMPID {
        for case .send(id, .registered(_, let registration)) in send(
            id, .register(request: 1, options: [:], procedure: procedure))
        { return registration }
        Issue.record("not registered: \(procedure)")
        return 0
    }

    mutating func call(
        _ id: ConnectionID, _ request: WAMPID, _ procedure: String
    ) -> [RouterEffect] {
        send(id, .call(request: request, options: [:], procedure: procedure, Payload()))
    }
}

/// The URI of the ERROR that is the only effect, with the request it answers.
func onlyError(_ effects: [RouterEffect]) -> String? {
    guard effects.count == 1, case .send(_, .error(_, _, _, let uri, _)) = effects[0] else {
        return nil
    }
    return uri
}

/// The reason of the ABORT that ends the connection, nil where the effects are others.
func abortReason(_ effects: [RouterEffect]) -> String? {
    guard effects.count >= 2,
        case .send(let id, .abort(_, let reason)) = effects[effects.count - 2],
        effects.last == .close(id)
    else { return nil }
    return reason
}
