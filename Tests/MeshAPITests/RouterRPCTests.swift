import MeshAPI
import MeshWAMP
import Testing

@Suite("Router: procedures") struct RouterRPCTests {
    private static let payload = Payload(arguments: [1], keywords: ["a": "b"])

    @Test("a call goes to the callee and its result to the caller")
    func calls() {
        var fixture = RouterFixture()
        let (callee, caller) = (fixture.join(), fixture.join())
        let registration = fixture.register(callee, "com.add")
        let call = WAMPMessage.call(
            request: 7, options: [:], procedure: "com.add", Self.payload)
        for number: WAMPID in 1...2 {
            let invocation = WAMPMessage.invocation(
                request: number, registration: registration, details: [:], Self.payload)
            #expect(fixture.send(caller, call) == [.send(callee, invocation)])
            let yield = WAMPMessage.yield(request: number, options: [:], Self.payload)
            let result = WAMPMessage.result(request: 7, details: [:], Self.payload)
            #expect(fixture.send(callee, yield) == [.send(caller, result)])
            #expect(fixture.send(callee, yield).isEmpty)
        }
    }

    @Test("an error of the callee goes to the caller as it is")
    func passesErrors() {
        var fixture = RouterFixture()
        let (callee, caller) = (fixture.join(), fixture.join())
        _ = fixture.register(callee, "com.add")
        func fail(_ uri: String) -> [RouterEffect] {
            let request: WAMPID = uri == "com.broken" ? 1 : 2
            _ = fixture.call(caller, 7, "com.add")
            return fixture.send(
                callee,
                .error(of: .invocation, request: request, details: [:], uri: uri, Self.payload))
        }
        let expected = WAMPMessage.error(
            of: .call, request: 7, details: [:], uri: "com.broken", Self.payload)
        #expect(fail("com.broken") == [.send(caller, expected)])
        #expect(onlyError(fail("no name")) == WAMPURI.invalidURI)
    }

    @Test("a procedure nobody offers, and an invalid name, are refused")
    func refusesCalls() {
        var fixture = RouterFixture()
        let id = fixture.join()
        #expect(onlyError(fixture.call(id, 1, "com.nothing")) == WAMPURI.noSuchProcedure)
        #expect(onlyError(fixture.call(id, 1, "mesh.nothing")) == WAMPURI.noSuchProcedure)
        #expect(onlyError(fixture.call(id, 1, "a..b")) == WAMPURI.invalidURI)
    }

    @Test("calls of starling. and meshctl. go to the peer, and its answers to the caller")
    func callsLocally() {
        var fixture = RouterFixture()
        let id = fixture.join()
        #expect(
            fixture.call(id, 1, "meshctl.status") == [
                .startCall(LocalCallID(1), procedure: "meshctl.status", Payload())
            ])
        #expect(
            fixture.call(id, 2, "starling.id") == [
                .startCall(LocalCallID(2), procedure: "starling.id", Payload())
            ])
        let rows = CallResult.rows([["a": 1]])
        #expect(
            fixture.router.handle(.localCallFinished(LocalCallID(2), .success(rows))) == [
                .send(
                    id,
                    .result(request: 2, details: [:], Payload(keywords: ["rows": [["a": 1]]])))
            ])
        let error = CallError(code: "locked", message: "the store is locked", try: "stop it")
        #expect(
            fixture.router.handle(.localCallFinished(LocalCallID(1), .failure(error))) == [
                .send(
                    id,
                    .error(
                        of: .call, request: 1, details: [:], uri: "starling.error.locked",
                        Payload(
                            arguments: ["the store is locked"],
                            keywords: [
                                "code": "locked", "message": "the store is locked",
                                "try": "stop it",
                            ])))
            ])
    }

    @Test(
        "registering a reserved or invalid name, or a pattern, is refused",
        arguments: [
            ("starling.x", [:], WAMPURI.notAuthorized), ("meshctl", [:], WAMPURI.notAuthorized),
            ("wamp.x", [:], WAMPURI.notAuthorized), ("mesh.x", [:], WAMPURI.notAuthorized),
            ("a..b", [:], WAMPURI.invalidURI),
            ("a.b", ["match": "prefix"], WAMPURI.optionNotAllowed),
            ("a.b", ["invoke": "random"], WAMPURI.optionNotAllowed),
        ] as [(String, JSONObject, String)])
    func refusesRegistering(procedure: String, options: JSONObject, uri: String) {
        var fixture = RouterFixture()
        let id = fixture.join()
        let message = WAMPMessage.register(request: 2, options: options, procedure: procedure)
        #expect(onlyError(fixture.send(id, message)) == uri)
    }

    @Test("a name that only begins like a reserved one is free")
    func registersSimilarNames() {
        var fixture = RouterFixture()
        let id = fixture.join()
        for name in ["starlings.x", "meshes.x", "meshctl2", "com.starling.x"] {
            #expect(fixture.register(id, name) > 0)
        }
    }

    @Test("a procedure has one callee at a time")
    func registersOnce() {
        var fixture = RouterFixture()
        let (one, two) = (fixture.join(), fixture.join())
        let registration = fixture.register(one, "a.b")
        let again = WAMPMessage.register(request: 2, options: [:], procedure: "a.b")
        #expect(onlyError(fixture.send(two, again)) == WAMPURI.procedureAlreadyExists)
        #expect(onlyError(fixture.send(one, again)) == WAMPURI.procedureAlreadyExists)
        let unregister = WAMPMessage.unregister(request: 3, registration: registration)
        #expect(onlyError(fixture.send(two, unregister)) == WAMPURI.noSuchRegistration)
        #expect(fixture.send(one, unregister) == [.send(one, .unregistered(request: 3))])
        #expect(onlyError(fixture.send(one, unregister)) == WAMPURI.noSuchRegistration)
        #expect(onlyError(fixture.call(one, 4, "a.b")) == WAMPURI.noSuchProcedure)
        #expect(fixture.register(two, "a.b") > registration)
    }

    @Test("a caller that leaves cancels its calls, and their results go nowhere")
    func cancelsOnLeaving() {
        var fixture = RouterFixture()
        let callee = fixture.join(
            .hello(
                realm: "starling",
                details: ["roles": ["callee": ["features": ["call_canceling": true]]]]))
        let caller = fixture.join()
        _ = fixture.register(callee, "a.b")
        _ = fixture.call(caller, 1, "meshctl.wait")
        _ = fixture.call(caller, 2, "a.b")
        #expect(
            fixture.router.handle(.disconnected(caller)) == [
                .cancelCall(LocalCallID(1)),
                .send(callee, .interrupt(request: 1, options: ["mode": "killnowait"])),
            ])
        let late = RouterEvent.localCallFinished(LocalCallID(1), .success(CallResult()))
        #expect(fixture.router.handle(late).isEmpty)
        #expect(fixture.send(callee, .yield(request: 1, options: [:], Payload())).isEmpty)
    }

    @Test("a callee that leaves fails the calls it had with wamp.error.canceled")
    func failsOnLeaving() {
        var fixture = RouterFixture()
        let (callee, caller) = (fixture.join(), fixture.join())
        _ = fixture.register(callee, "a.b")
        _ = fixture.call(caller, 1, "a.b")
        #expect(onlyError(fixture.router.handle(.disconnected(callee))) == WAMPURI.canceled)
        #expect(onlyError(fixture.call(caller, 2, "a.b")) == WAMPURI.noSuchProcedure)
    }

    @Test("CANCEL answers the caller at once; one that comes late is dropped")
    func cancels() {
        var fixture = RouterFixture()
        let (callee, caller) = (fixture.join(), fixture.join())
        _ = fixture.register(callee, "a.b")
        _ = fixture.call(caller, 1, "a.b")
        _ = fixture.call(caller, 2, "starling.log")
        let first = WAMPMessage.cancel(request: 1, options: [:])
        #expect(onlyError(fixture.send(caller, first)) == WAMPURI.canceled)
        #expect(fixture.send(caller, first).isEmpty)
        let effects = fixture.send(caller, .cancel(request: 2, options: [:]))
        #expect(effects.first == .cancelCall(LocalCallID(1)))
        #expect(onlyError(Array(effects.dropFirst())) == WAMPURI.canceled)
    }

    @Test("a request number of a call under way is a violation")
    func refusesReuse() {
        var fixture = RouterFixture()
        let id = fixture.join()
        _ = fixture.call(id, 1, "starling.log")
        let effects = fixture.call(id, 1, "starling.log")
        #expect(abortReason(effects) == WAMPURI.protocolViolation)
        #expect(effects.first == .cancelCall(LocalCallID(1)))
    }

    @Test("calls and registrations of one session are bounded")
    func bounds() {
        var limits = APILimits()
        limits.calls = 2
        limits.registrations = 1
        var fixture = RouterFixture(limits: limits)
        let id = fixture.join()
        _ = fixture.call(id, 1, "starling.log")
        _ = fixture.call(id, 2, "starling.log")
        #expect(onlyError(fixture.call(id, 3, "starling.log")) == WAMPURI.limitReached)
        _ = fixture.router.handle(.localCallFinished(LocalCallID(1), .success(CallResult())))
        #expect(onlyError(fixture.call(id, 3, "starling.log")) == nil)
        _ = fixture.register(id, "a")
        let second = WAMPMessage.register(request: 9, options: [:], procedure: "b")
        #expect(onlyError(fixture.send(id, second)) == WAMPURI.limitReached)
    }

    @Test("a result or an invocation too large for its receiver fails the call")
    func failsLargeMessages() {
        var fixture = RouterFixture()
        let (callee, caller) = (fixture.join(), fixture.join())
        let result = WAMPMessage.result(request: 1, details: [:], Payload())
        #expect(onlyError(fixture.router.handle(.tooLarge(caller, result))) == WAMPURI.tooLarge)
        _ = fixture.register(callee, "a.b")
        for case .send(callee, let invocation) in fixture.call(caller, 2, "a.b") {
            #expect(
                onlyError(fixture.router.handle(.tooLarge(callee, invocation))) == WAMPURI.tooLarge)
        }
    }
}
