import MeshAPI
import MeshWAMP
import Testing

@Suite("Router: sessions") struct RouterSessionTests {
    @Test("HELLO is answered with WELCOME, both roles and an id of 1...2^53")
    func joins() {
        var fixture = RouterFixture()
        let id = fixture.connect()
        let effects = fixture.send(id, RouterFixture.hello)
        guard effects.count == 1, case .send(id, .welcome(let session, let details)) = effects[0]
        else {
            Issue.record("\(effects)")
            return
        }
        #expect((1...WAMPLimits.id).contains(session))
        #expect(Set(details["roles"]?.object?.keys ?? []) == ["broker", "dealer"])
    }

    @Test(
        "a HELLO that cannot be served is answered with ABORT",
        arguments: [
            (.hello(realm: "other", details: ["roles": ["caller": [:]]]), WAMPURI.noSuchRealm),
            (.hello(realm: "no realm", details: ["roles": ["caller": [:]]]), WAMPURI.invalidURI),
            (.hello(realm: "starling", details: [:]), WAMPURI.protocolViolation),
            (.hello(realm: "starling", details: ["roles": [:]]), WAMPURI.protocolViolation),
            (.hello(realm: "starling", details: ["roles": 1]), WAMPURI.protocolViolation),
            (.hello(realm: "starling", details: ["roles": ["x": 1]]), WAMPURI.protocolViolation),
        ] as [(WAMPMessage, String)])
    func refusesHello(message: WAMPMessage, reason: String) {
        var fixture = RouterFixture()
        let id = fixture.connect()
        #expect(abortReason(fixture.send(id, message)) == reason)
        #expect(fixture.send(id, RouterFixture.hello).isEmpty)
    }

    @Test("every other message before HELLO is a violation", arguments: MessageCodecTests.vectors)
    func refusesBeforeHello(text: String, message: WAMPMessage) {
        var fixture = RouterFixture()
        let id = fixture.connect()
        let effects = fixture.send(id, message)
        switch message.kind {
        case .hello: #expect(abortReason(effects) == nil)
        case .abort: #expect(effects == [.close(id)])
        default: #expect(abortReason(effects) == WAMPURI.protocolViolation)
        }
    }

    @Test(
        "a message that only a router sends ends the session", arguments: MessageCodecTests.vectors)
    func refusesRouterMessages(text: String, message: WAMPMessage) {
        var fixture = RouterFixture()
        let id = fixture.join()
        let effects = fixture.send(id, message)
        let violations: Set<WAMPMessage.Kind> = [
            .hello, .welcome, .error, .published, .subscribed, .unsubscribed, .event, .result,
            .registered, .unregistered, .invocation, .interrupt,
        ]
        let isViolation = abortReason(effects) == WAMPURI.protocolViolation
        #expect(isViolation == violations.contains(message.kind))
    }

    @Test("a session that breaks the protocol ends, and others go on")
    func endsAlone() {
        var fixture = RouterFixture()
        let good = fixture.join()
        let bad = fixture.join()
        let subscription = fixture.subscribe(good, "a.b")
        _ = fixture.subscribe(bad, "a.b")
        let effects = fixture.router.handle(.violated(bad, ProtocolViolation("nonsense")))
        #expect(abortReason(effects) == WAMPURI.protocolViolation)
        let events = fixture.router.handle(.published(topic: "a.b", Payload()))
        #expect(events.count == 1)
        guard case .send(good, .event(subscription, _, _, _))? = events.first else {
            Issue.record("\(events)")
            return
        }
    }

    @Test("GOODBYE is answered and the connection closed")
    func leaves() {
        var fixture = RouterFixture()
        let id = fixture.join()
        let effects = fixture.send(id, .goodbye(details: [:], reason: WAMPURI.closeRealm))
        let answer = WAMPMessage.goodbye(details: [:], reason: WAMPURI.goodbyeAndOut)
        #expect(effects == [.send(id, answer), .close(id)])
        #expect(fixture.router.handle(.disconnected(id)).isEmpty)
    }

    @Test("ABORT of a client is not answered")
    func aborts() {
        var fixture = RouterFixture()
        let id = fixture.join()
        #expect(fixture.send(id, .abort("a.b", "")) == [.close(id)])
    }

    @Test("stopping says GOODBYE to all who joined and lets nobody in")
    func stops() {
        var fixture = RouterFixture()
        let joined = fixture.join()
        let waiting = fixture.connect()
        let details: JSONObject = ["message": "the peer stops"]
        #expect(
            fixture.router.handle(.stopped) == [
                .send(joined, .goodbye(details: details, reason: WAMPURI.systemShutdown)),
                .close(joined), .close(waiting),
            ])
        let late = fixture.router.handle(.connected(ConnectionID(99)))
        #expect(abortReason(late) == WAMPURI.systemShutdown)
    }

    @Test("a client that reads too slowly is cut off with the reason")
    func cutsOffSlow() {
        var fixture = RouterFixture()
        let id = fixture.join()
        guard
            case .cutOff(id, .abort(_, let reason))? =
                fixture.router.handle(.fellBehind(id)).last
        else {
            Issue.record("not cut off")
            return
        }
        #expect(reason == "starling.error.too_slow")
        #expect(fixture.router.handle(.fellBehind(id)).isEmpty)
    }

    @Test("who does not join in time is sent away, who did is not")
    func timesOut() {
        var fixture = RouterFixture()
        let slow = fixture.connect()
        let joined = fixture.join()
        #expect(abortReason(fixture.router.handle(.joinTimedOut(slow))) == WAMPURI.joinTimeout)
        #expect(fixture.router.handle(.joinTimedOut(joined)).isEmpty)
    }

    @Test("events of unknown and closed connections change nothing")
    func ignoresStrangers() {
        var fixture = RouterFixture()
        let stranger = ConnectionID(99)
        #expect(fixture.send(stranger, RouterFixture.hello).isEmpty)
        #expect(fixture.router.handle(.disconnected(stranger)).isEmpty)
        #expect(fixture.router.handle(.fellBehind(stranger)).isEmpty)
        #expect(fixture.router.handle(.violated(stranger, ProtocolViolation(""))).isEmpty)
        #expect(
            fixture.router.handle(.localCallFinished(LocalCallID(9), .success(CallResult())))
                .isEmpty)
    }

    @Test("lost events end the sessions that listen to the peer, and no others")
    func losesEvents() {
        var fixture = RouterFixture()
        let listener = fixture.join()
        let other = fixture.join()
        _ = fixture.subscribe(listener, "starling.room.ops")
        _ = fixture.subscribe(other, "com.example")
        let effects = fixture.router.handle(.eventsLost(3))
        guard effects.count == 1, case .cutOff(listener, .abort(_, WAMPURI.eventsLost)) = effects[0]
        else {
            Issue.record("\(effects)")
            return
        }
    }
}
