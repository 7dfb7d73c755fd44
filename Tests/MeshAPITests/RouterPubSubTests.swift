import MeshAPI
import MeshWAMP
import Testing

@Suite("Router: topics") struct RouterPubSubTests {
    private static func publish(
        _ topic: String, _ options: JSONObject = [:], request: WAMPID = 5
    ) -> WAMPMessage {
        .publish(request: request, options: options, topic: topic, Payload(arguments: ["x"]))
    }

    @Test("an event reaches every subscriber but the publisher")
    func publishes() {
        var fixture = RouterFixture()
        let (one, two, publisher) = (fixture.join(), fixture.join(), fixture.join())
        let subscription = fixture.subscribe(one, "a.b")
        #expect(fixture.subscribe(two, "a.b") == subscription)
        _ = fixture.subscribe(publisher, "a.b")
        let effects = fixture.send(publisher, Self.publish("a.b"))
        var receivers: [ConnectionID] = []
        for case .send(let id, .event(subscription, _, [:], let payload)) in effects {
            receivers.append(id)
            #expect(payload == Payload(arguments: ["x"]))
        }
        #expect(receivers == [one, two])
        #expect(effects.count == 2)
    }

    @Test("somebody listens from the first subscription to the end of the last")
    func listeners() {
        var fixture = RouterFixture()
        let (one, two) = (fixture.join(), fixture.join())
        #expect(!fixture.router.hasListeners)
        let subscription = fixture.subscribe(one, "a.b")
        _ = fixture.subscribe(two, "c.", ["match": "prefix"])
        _ = fixture.send(one, .unsubscribe(request: 2, subscription: subscription))
        #expect(fixture.router.hasListeners)
        _ = fixture.router.handle(.disconnected(two))
        #expect(!fixture.router.hasListeners)
    }

    @Test("a publisher gets its own event with exclude_me false, and PUBLISHED where it asks")
    func acknowledges() {
        var fixture = RouterFixture()
        let id = fixture.join()
        let subscription = fixture.subscribe(id, "a.b")
        let effects = fixture.send(
            id, Self.publish("a.b", ["exclude_me": false, "acknowledge": true]))
        guard effects.count == 2,
            case .send(id, .event(subscription, let publication, _, _)) = effects[0]
        else {
            Issue.record("\(effects)")
            return
        }
        #expect(effects[1] == .send(id, .published(request: 5, publication: publication)))
    }

    @Test(
        "publishing under a reserved or invalid name is refused",
        arguments: [
            ("starling.room.ops", WAMPURI.notAuthorized), ("meshctl.events", WAMPURI.notAuthorized),
            ("wamp.session.x", WAMPURI.notAuthorized), ("mesh.x", WAMPURI.notAuthorized),
            ("a..b", WAMPURI.invalidURI), ("", WAMPURI.invalidURI),
        ])
    func refusesPublishing(topic: String, uri: String) {
        var fixture = RouterFixture()
        let (listener, id) = (fixture.join(), fixture.join())
        for prefix in ["starling", "mesh", "wamp", "a"] {
            _ = fixture.subscribe(listener, prefix, ["match": "prefix"])
        }
        #expect(onlyError(fixture.send(id, Self.publish(topic, ["acknowledge": true]))) == uri)
        #expect(fixture.send(id, Self.publish(topic)).isEmpty)
    }

    @Test("patterns select topics by prefix and by component, and the event names its topic")
    func matchesPatterns() {
        var fixture = RouterFixture()
        let id = fixture.join()
        let prefix = fixture.subscribe(id, "a.b", ["match": "prefix"])
        let wildcard = fixture.subscribe(id, "a..c", ["match": "wildcard"])
        func selected(_ topic: String) -> [WAMPID] {
            fixture.router.handle(.published(topic: topic, Payload())).compactMap { effect in
                guard case .send(_, .event(let subscription, _, let details, _)) = effect else {
                    return nil
                }
                #expect(details["topic"] == .string(topic))
                return subscription
            }
        }
        #expect(selected("a.b.c") == [prefix, wildcard])
        #expect(selected("a.bc") == [prefix])
        #expect(selected("a.x.c") == [wildcard])
        #expect(selected("a.x.c.d").isEmpty)
        #expect(selected("b.a").isEmpty)
    }

    @Test("subscribing twice gives the same subscription and one event")
    func subscribesOnce() {
        var fixture = RouterFixture()
        let id = fixture.join()
        #expect(fixture.subscribe(id, "a.b") == fixture.subscribe(id, "a.b"))
        #expect(fixture.router.handle(.published(topic: "a.b", Payload())).count == 1)
    }

    @Test("invalid topics and unknown matches are refused")
    func refusesSubscribing() {
        var fixture = RouterFixture()
        let id = fixture.join()
        func subscribe(_ topic: String, _ options: JSONObject) -> String? {
            onlyError(fixture.send(id, .subscribe(request: 2, options: options, topic: topic)))
        }
        #expect(subscribe("a..b", [:]) == WAMPURI.invalidURI)
        #expect(subscribe("a.", [:]) == WAMPURI.invalidURI)
        #expect(subscribe("a b", ["match": "prefix"]) == WAMPURI.invalidURI)
        #expect(subscribe("a.b", ["match": "regex"]) == WAMPURI.invalidArgument)
        #expect(subscribe("a.b", ["match": 1]) == WAMPURI.invalidArgument)
    }

    @Test("unsubscribing ends the events; another's or an unknown subscription is refused")
    func unsubscribes() {
        var fixture = RouterFixture()
        let (one, two) = (fixture.join(), fixture.join())
        let subscription = fixture.subscribe(one, "a.b")
        let message = WAMPMessage.unsubscribe(request: 3, subscription: subscription)
        #expect(onlyError(fixture.send(two, message)) == WAMPURI.noSuchSubscription)
        #expect(fixture.send(one, message) == [.send(one, .unsubscribed(request: 3))])
        #expect(onlyError(fixture.send(one, message)) == WAMPURI.noSuchSubscription)
        #expect(fixture.router.handle(.published(topic: "a.b", Payload())).isEmpty)
    }

    @Test("a session that left gets no events, whatever its patterns")
    func forgetsSubscribers() {
        var fixture = RouterFixture()
        let id = fixture.join()
        _ = fixture.subscribe(id, "a.b")
        _ = fixture.subscribe(id, "a", ["match": "prefix"])
        _ = fixture.router.handle(.disconnected(id))
        #expect(fixture.router.handle(.published(topic: "a.b", Payload())).isEmpty)
    }

    @Test("subscriptions of one session are bounded")
    func boundsSubscriptions() {
        var limits = APILimits()
        limits.subscriptions = 2
        var fixture = RouterFixture(limits: limits)
        let (one, two) = (fixture.join(), fixture.join())
        _ = fixture.subscribe(one, "a")
        _ = fixture.subscribe(one, "b")
        let third = WAMPMessage.subscribe(request: 3, options: [:], topic: "c")
        #expect(onlyError(fixture.send(one, third)) == WAMPURI.limitReached)
        #expect(onlyError(fixture.send(two, third)) == nil)
    }

    @Test("an event too large for one client is left out for it alone")
    func leavesOutLargeEvents() {
        var fixture = RouterFixture()
        let id = fixture.join()
        let event = WAMPMessage.event(subscription: 1, publication: 1, details: [:], Payload())
        #expect(fixture.router.handle(.tooLarge(id, event)).isEmpty)
    }
}
