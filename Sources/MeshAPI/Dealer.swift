package import MeshWAMP

/// Who offers what, and which calls are under way. Its bounds are the sessions times
/// `APILimits.registrations` and `APILimits.calls`.
package struct Dealer {
    /// A call as its caller numbered it.
    package struct Call: Hashable, Sendable {
        package let caller: ConnectionID
        package let request: WAMPID
    }

    /// An invocation as the router numbered it for its callee.
    private struct Invocation: Hashable {
        let callee: ConnectionID
        let request: WAMPID
    }

    private enum Target: Hashable {
        case client(Invocation)
        case local(LocalCallID)
    }

    package struct Registration: Sendable {
        package let id: WAMPID
        package let procedure: String
        package let callee: ConnectionID
    }

    private var registrations: [String: Registration] = [:]
    private var procedures: [WAMPID: String] = [:]
    /// The registrations of each session.
    private var held: [ConnectionID: [WAMPID]] = [:]
    /// Calls without an answer; `invocations` and `localCalls` are the same seen from the other
    /// end.
    private var targets: [Call: Target] = [:]
    private var invocations: [Invocation: Call] = [:]
    private var localCalls: [LocalCallID: Call] = [:]
    /// Requests numbered so far for each callee: 1, 2, 3 as the standard asks.
    private var lastInvocation: [ConnectionID: WAMPID] = [:]
    /// Callees that announced that they take INTERRUPT.
    private var interruptible: Set<ConnectionID> = []
    private var lastID: WAMPID = 0
    private var lastLocalCall: UInt64 = 0

    package init() {}

    /// Takes note of what a callee can do.
    package mutating func join(_ connection: ConnectionID, takesInterrupts: Bool) {
        if takesInterrupts { interruptible.insert(connection) }
    }

    package func registrationCount(of connection: ConnectionID) -> Int {
        held[connection]?.count ?? 0
    }

    package func callCount(of connection: ConnectionID) -> Int {
        targets.keys.count { $0.caller == connection }
    }

    package func isUnderWay(_ call: Call) -> Bool { targets[call] != nil }

    /// The new registration's id, nil where the procedure is taken.
    package mutating func register(_ connection: ConnectionID, _ procedure: String) -> WAMPID? {
        guard registrations[procedure] == nil else { return nil }
        lastID += 1
        registrations[procedure] = Registration(
            id: lastID, procedure: procedure, callee: connection)
        procedures[lastID] = procedure
        held[connection, default: []].append(lastID)
        return lastID
    }

    /// False where the session has no such registration.
    package mutating func unregister(_ connection: ConnectionID, _ id: WAMPID) -> Bool {
        guard let place = held[connection]?.firstIndex(of: id) else { return false }
        held[connection]?.remove(at: place)
        forget(id)
        return true
    }

    private mutating func forget(_ id: WAMPID) {
        guard let procedure = procedures.removeValue(forKey: id) else { return }
        registrations[procedure] = nil
    }

    /// Hands a call to the peer itself.
    package mutating func startLocal(
        _ call: Call, _ procedure: String, _ payload: Payload
    ) -> RouterEffect {
        lastLocalCall += 1
        let id = LocalCallID(lastLocalCall)
        localCalls[id] = call
        targets[call] = .local(id)
        return .startCall(id, procedure: procedure, payload)
    }

    /// Hands a call to the client that registered the procedure; nil where none did.
    package mutating func invoke(
        _ call: Call, _ procedure: String, _ payload: Payload
    ) -> RouterEffect? {
        guard let registration = registrations[procedure] else { return nil }
        let request = lastInvocation[registration.callee, default: 0] + 1
        lastInvocation[registration.callee] = request
        let invocation = Invocation(callee: registration.callee, request: request)
        invocations[invocation] = call
        targets[call] = .client(invocation)
        return .send(
            registration.callee,
            .invocation(
                request: request, registration: registration.id, details: [:], payload))
    }

    /// The call that a callee answers, which is then done; nil where it was cancelled meanwhile.
    package mutating func answer(_ callee: ConnectionID, _ request: WAMPID) -> Call? {
        let call = invocations.removeValue(forKey: Invocation(callee: callee, request: request))
        if let call { targets[call] = nil }
        return call
    }

    /// The call that the peer itself answers; nil where it was cancelled meanwhile.
    package mutating func answer(_ id: LocalCallID) -> Call? {
        let call = localCalls.removeValue(forKey: id)
        if let call { targets[call] = nil }
        return call
    }

    /// Forgets a call and tells who works on it, where that is possible.
    package mutating func cancel(_ call: Call) -> [RouterEffect] {
        switch targets.removeValue(forKey: call) {
        case .local(let id)?:
            localCalls[id] = nil
            return [.cancelCall(id)]
        case .client(let invocation)?:
            invocations[invocation] = nil
            guard interruptible.contains(invocation.callee) else { return [] }
            let options: JSONObject = ["mode": "killnowait"]
            return [
                .send(
                    invocation.callee, .interrupt(request: invocation.request, options: options))
            ]
        case nil: return []
        }
    }

    /// Forgets all of a session: its calls are cancelled, and callers who wait for it are told.
    package mutating func leave(_ connection: ConnectionID) -> [RouterEffect] {
        for id in held.removeValue(forKey: connection) ?? [] { forget(id) }
        lastInvocation[connection] = nil
        interruptible.remove(connection)
        var effects: [RouterEffect] = []
        let own = targets.keys.filter { $0.caller == connection }
        for call in own.sorted(by: { $0.request < $1.request }) { effects += cancel(call) }
        let asked = invocations.filter { $0.key.callee == connection }
        for (invocation, call) in asked.sorted(by: { $0.key.request < $1.key.request }) {
            invocations[invocation] = nil
            targets[call] = nil
            effects.append(.send(call.caller, Self.calleeLeft(call.request)))
        }
        return effects
    }

    private static func calleeLeft(_ request: WAMPID) -> WAMPMessage {
        .error(
            of: .call, request: request,
            CallError(
                uri: WAMPURI.canceled, message: "the program that offers the procedure left",
                try: "call again once it is back"))
    }
}
