import MeshWAMP

// Procedures.
extension Router {
    mutating func register(
        _ id: ConnectionID, _ request: WAMPID, _ options: JSONObject, _ procedure: String
    ) -> [RouterEffect] {
        if let error = refusal(ofRegistering: procedure, options, by: id) {
            return refuse(id, .register, request, error)
        }
        guard let registration = dealer.register(id, procedure) else {
            let error = CallError(
                uri: WAMPURI.procedureAlreadyExists,
                message: "another program offers \(procedure)")
            return refuse(id, .register, request, error)
        }
        return [.send(id, .registered(request: request, registration: registration))]
    }

    private func refusal(
        ofRegistering procedure: String, _ options: JSONObject, by id: ConnectionID
    ) -> CallError? {
        guard WAMPURI.isValid(procedure) else { return invalidURI("procedure") }
        if let error = Namespace.refusal(of: procedure) { return error }
        guard ["exact", nil].contains(options["match"]),
            ["single", nil].contains(options["invoke"])
        else {
            return CallError(
                uri: WAMPURI.optionNotAllowed,
                message: "patterns and shared registrations are not offered",
                try: "register one procedure by its whole name")
        }
        guard dealer.registrationCount(of: id) < limits.registrations else {
            return limitReached(limits.registrations, "registrations")
        }
        return nil
    }

    mutating func unregister(
        _ id: ConnectionID, _ request: WAMPID, _ registration: WAMPID
    ) -> [RouterEffect] {
        guard dealer.unregister(id, registration) else {
            let error = CallError(
                uri: WAMPURI.noSuchRegistration,
                message: "this session has no registration \(registration)")
            return refuse(id, .unregister, request, error)
        }
        return [.send(id, .unregistered(request: request))]
    }

    mutating func call(
        _ call: Dealer.Call, _ procedure: String, _ payload: Payload
    ) -> [RouterEffect] {
        let (id, request) = (call.caller, call.request)
        guard !dealer.isUnderWay(call) else {
            return violate(id, "CALL reuses the request \(request) of a call under way")
        }
        guard WAMPURI.isValid(procedure) else {
            return refuse(id, .call, request, invalidURI("procedure"))
        }
        guard dealer.callCount(of: id) < limits.calls else {
            return refuse(id, .call, request, limitReached(limits.calls, "calls"))
        }
        if Namespace.isLocal(procedure) {
            return [dealer.startLocal(call, procedure, payload)]
        }
        guard let effect = dealer.invoke(call, procedure, payload) else {
            return refuse(id, .call, request, .noSuchProcedure(procedure))
        }
        return [effect]
    }

    /// The caller is answered at once, whatever mode it asked for; who works on the call is told
    /// where that is possible. A CANCEL that crosses the answer is dropped.
    mutating func cancel(_ call: Dealer.Call) -> [RouterEffect] {
        guard dealer.isUnderWay(call) else { return [] }
        let error = CallError(uri: WAMPURI.canceled, message: "the caller cancelled the call")
        return dealer.cancel(call) + refuse(call.caller, .call, call.request, error)
    }

    mutating func yield(
        _ id: ConnectionID, _ request: WAMPID, _ payload: Payload
    ) -> [RouterEffect] {
        guard let call = dealer.answer(id, request) else { return [] }
        return [.send(call.caller, .result(request: call.request, details: [:], payload))]
    }

    /// A callee's ERROR goes to the caller as it is, if its name is one.
    mutating func fail(
        _ id: ConnectionID, _ request: WAMPID, _ uri: String, _ payload: Payload
    ) -> [RouterEffect] {
        guard let call = dealer.answer(id, request) else { return [] }
        guard WAMPURI.isValid(uri) else {
            return refuse(
                call.caller, .call, call.request,
                CallError(
                    uri: WAMPURI.invalidURI, message: "the callee failed with an invalid name"))
        }
        let error = WAMPMessage.error(
            of: .call, request: call.request, details: [:], uri: uri, payload)
        return [.send(call.caller, error)]
    }
}
