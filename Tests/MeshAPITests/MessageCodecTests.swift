import MeshWAMP
import Testing

@Suite("WAMP messages") struct MessageCodecTests {
    static let payload = Payload(arguments: [1], keywords: ["k": "v"])

    /// Texts as the standard prints them, and what they mean.
    static let vectors: [(String, WAMPMessage)] = [
        (
            #"[1,"starling",{"roles":{"caller":{}}}]"#,
            .hello(realm: "starling", details: ["roles": ["caller": [:]]])
        ),
        (#"[2,9007199254740992,{}]"#, .welcome(session: 1 << 53, details: [:])),
        (
            #"[3,{"message":"no"},"wamp.error.no_such_realm"]"#,
            .abort("wamp.error.no_such_realm", "no")
        ),
        (
            #"[6,{},"wamp.close.goodbye_and_out"]"#,
            .goodbye(details: [:], reason: "wamp.close.goodbye_and_out")
        ),
        (
            #"[8,48,7,{},"a.b",[1],{"k":"v"}]"#,
            .error(of: .call, request: 7, details: [:], uri: "a.b", payload)
        ),
        (
            #"[16,1,{"acknowledge":true},"a.b"]"#,
            .publish(request: 1, options: ["acknowledge": true], topic: "a.b", Payload())
        ),
        (#"[17,1,2]"#, .published(request: 1, publication: 2)),
        (#"[32,1,{},"a.b"]"#, .subscribe(request: 1, options: [:], topic: "a.b")),
        (#"[33,1,2]"#, .subscribed(request: 1, subscription: 2)),
        (#"[34,1,2]"#, .unsubscribe(request: 1, subscription: 2)),
        (#"[35,1]"#, .unsubscribed(request: 1)),
        (
            #"[36,1,2,{},[],{"k":"v"}]"#,
            .event(
                subscription: 1, publication: 2, details: [:], Payload(keywords: ["k": "v"]))
        ),
        (
            #"[48,1,{},"a.b",[1]]"#,
            .call(request: 1, options: [:], procedure: "a.b", Payload(arguments: [1]))
        ),
        (#"[49,1,{"mode":"kill"}]"#, .cancel(request: 1, options: ["mode": "kill"])),
        (#"[50,1,{},[1],{"k":"v"}]"#, .result(request: 1, details: [:], payload)),
        (#"[64,1,{},"a.b"]"#, .register(request: 1, options: [:], procedure: "a.b")),
        (#"[65,1,2]"#, .registered(request: 1, registration: 2)),
        (#"[66,1,2]"#, .unregister(request: 1, registration: 2)),
        (#"[67,1]"#, .unregistered(request: 1)),
        (
            #"[68,1,2,{},[1],{"k":"v"}]"#,
            .invocation(request: 1, registration: 2, details: [:], payload)
        ),
        (#"[69,1,{}]"#, .interrupt(request: 1, options: [:])),
        (#"[70,1,{},[1],{"k":"v"}]"#, .yield(request: 1, options: [:], payload)),
    ]

    @Test("every message has its text, and the text its message", arguments: vectors)
    func codes(text: String, message: WAMPMessage) throws {
        #expect(String(decoding: message.encoded, as: UTF8.self) == text)
        #expect(try WAMPMessage.decode(Array(text.utf8)) == message)
    }

    @Test("the vectors cover every kind of message")
    func coversAllKinds() {
        #expect(Set(Self.vectors.map(\.1.kind)) == Set(WAMPMessage.Kind.allCases))
    }

    @Test("a message with a field cut off is a violation", arguments: vectors)
    func rejectsShort(text: String, message: WAMPMessage) throws {
        guard let elements = try JSONParser.parse(Array(text.utf8)).array else { return }
        let required = elements.count - Self.payloadFields(message)
        for count in 0..<required { rejects(.array(Array(elements.prefix(count)))) }
    }

    @Test("a message with a field too many is a violation", arguments: vectors)
    func rejectsLong(text: String, message: WAMPMessage) throws {
        guard var elements = try JSONParser.parse(Array(text.utf8)).array else { return }
        let canGrow = Self.takesPayload(message) ? 2 - Self.payloadFields(message) : 0
        if canGrow == 2 { elements.append([]) }
        if canGrow >= 1 { elements.append([:]) }
        elements.append(1)
        rejects(.array(elements))
    }

    @Test("a message with a field of another type is a violation", arguments: vectors)
    func rejectsTypes(text: String, message: WAMPMessage) throws {
        guard let elements = try JSONParser.parse(Array(text.utf8)).array else { return }
        for place in elements.indices {
            var damaged = elements
            damaged[place] = nil
            rejects(.array(damaged))
            damaged[place] = 1.5
            rejects(.array(damaged))
        }
    }

    private static func takesPayload(_ message: WAMPMessage) -> Bool {
        switch message.kind {
        case .error, .publish, .event, .call, .result, .invocation, .yield: true
        default: false
        }
    }

    private static func payloadFields(_ message: WAMPMessage) -> Int {
        let text = String(decoding: message.encoded, as: UTF8.self)
        guard takesPayload(message) else { return 0 }
        if text.hasSuffix("{\"k\":\"v\"}]") { return 2 }
        return text.hasSuffix("[1]]") ? 1 : 0
    }

    private func rejects(_ value: JSON) {
        #expect(throws: ProtocolViolation.self) {
            try WAMPMessage.decode(Array(JSONWriter.text(value).utf8))
        }
    }

    @Test(
        "what is no message is a violation",
        arguments: [
            "", "{}", "1", "[]", "[\"1\"]", "[1.0]", "[-1]", "[0,1]", "[4]", "[99,1]", "[17,0,1]",
            "[17,1,9007199254740993]", "[17,-1,1]", "[8,1,1,{},\"a\"]", "[8,50,1,{},\"a\"]",
            "[48,1,{},\"a\",{}]", "[48,1,{},\"a\",[],[]]", "[48,1,{},\"a\",[],{},{}]",
        ])
    func rejectsText(text: String) {
        #expect(throws: ProtocolViolation.self) { try WAMPMessage.decode(Array(text.utf8)) }
    }

    @Test("names follow the standard's loose rule")
    func checksNames() {
        for good in ["a", "a.b", "com.myapp.Topic-1", "ü.ß", "a_b.c"] {
            #expect(WAMPURI.isValid(good))
        }
        for bad in ["", ".", "a.", ".a", "a..b", "a b", "a#b", "a\tb", "a\u{2003}b", "a\u{7F}"] {
            #expect(!WAMPURI.isValid(bad), "\(bad)")
        }
        #expect(WAMPURI.isValid("a..b.", allowingEmpty: true))
        #expect(WAMPURI.isValid(String(repeating: "a", count: WAMPLimits.uri)))
        #expect(!WAMPURI.isValid(String(repeating: "a", count: WAMPLimits.uri + 1)))
    }

    @Test("an error keeps code, message and remedy across the wire")
    func carriesErrors() throws {
        let error = CallError(code: "no_such_room", message: "no room", try: "look at rooms")
        #expect(error.uri == "starling.error.no_such_room")
        #expect(CallError(uri: error.uri, payload: error.payload) == error)
        let foreign = CallError(uri: "com.example.broken_thing", payload: Payload())
        #expect(foreign.code == "broken_thing")
        #expect(foreign.message == "com.example.broken_thing")
    }
}
