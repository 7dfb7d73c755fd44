/// Bytes that are no WAMP message. The session they came from ends.
package struct ProtocolViolation: Error, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

// Encoding.
extension WAMPMessage {
    /// The JSON text of the message: an array that starts with its code. Payloads are left out
    /// where they are empty, as the standard asks.
    package var encoded: [UInt8] {
        let (fields, payload) = parts
        var elements = [JSON(kind.rawValue)] + fields
        if let payload, !(payload.arguments.isEmpty && payload.keywords.isEmpty) {
            elements.append(.array(payload.arguments))
            if !payload.keywords.isEmpty { elements.append(.object(payload.keywords)) }
        }
        var writer = JSONWriter()
        writer.write(elements)
        return writer.bytes
    }

    private var parts: ([JSON], Payload?) {
        switch self {
        case .hello(let realm, let details): ([.string(realm), .object(details)], nil)
        case .welcome(let session, let details): ([JSON(session), .object(details)], nil)
        case .abort(let details, let reason), .goodbye(let details, let reason):
            ([.object(details), .string(reason)], nil)
        case .error(let kind, let request, let details, let uri, let payload):
            ([JSON(kind.rawValue), JSON(request), .object(details), .string(uri)], payload)
        case .publish(let request, let options, let uri, let payload),
            .call(let request, let options, let uri, let payload):
            ([JSON(request), .object(options), .string(uri)], payload)
        case .subscribe(let request, let options, let uri),
            .register(let request, let options, let uri):
            ([JSON(request), .object(options), .string(uri)], nil)
        case .published(let first, let second), .subscribed(let first, let second),
            .unsubscribe(let first, let second), .registered(let first, let second),
            .unregister(let first, let second):
            ([JSON(first), JSON(second)], nil)
        case .unsubscribed(let request), .unregistered(let request): ([JSON(request)], nil)
        case .event(let first, let second, let details, let payload),
            .invocation(let first, let second, let details, let payload):
            ([JSON(first), JSON(second), .object(details)], payload)
        case .cancel(let request, let options), .interrupt(let request, let options):
            ([JSON(request), .object(options)], nil)
        case .result(let request, let options, let payload),
            .yield(let request, let options, let payload):
            ([JSON(request), .object(options)], payload)
        }
    }
}

// Decoding.
extension WAMPMessage {
    /// The message that `bytes` are the JSON text of.
    ///
    /// - Throws: `ProtocolViolation` where they are not JSON, or no message of the basic profile,
    ///   or one with a field missing, of the wrong type, or too many.
    package static func decode(_ bytes: [UInt8]) throws(ProtocolViolation) -> WAMPMessage {
        let value: JSON
        do {
            value = try JSONParser.parse(bytes)
        } catch {
            throw ProtocolViolation("the message is not JSON: \(error)")
        }
        guard let elements = value.array, let code = elements.first?.uint64 else {
            throw ProtocolViolation("a message is an array that starts with its code")
        }
        guard let kind = Kind(rawValue: code) else {
            throw ProtocolViolation("there is no message with the code \(code)")
        }
        var fields = Fields(kind: kind, elements: elements.dropFirst())
        let message = try read(kind, &fields)
        try fields.finish()
        return message
    }

    private static func read(
        _ kind: Kind, _ fields: inout Fields
    ) throws(ProtocolViolation) -> WAMPMessage {
        switch kind {
        case .hello:
            .hello(realm: try fields.text("realm"), details: try fields.dictionary("details"))
        case .welcome:
            .welcome(session: try fields.id("session"), details: try fields.dictionary("details"))
        case .abort:
            .abort(
                details: try fields.dictionary("details"), reason: try fields.text("reason"))
        case .goodbye:
            .goodbye(
                details: try fields.dictionary("details"), reason: try fields.text("reason"))
        case .error:
            .error(
                of: try fields.requestKind(), request: try fields.id("request"),
                details: try fields.dictionary("details"), uri: try fields.text("error"),
                try fields.payload())
        case .publish, .subscribe, .call, .register: try readNamed(kind, &fields)
        case .published:
            .published(request: try fields.id("request"), publication: try fields.id("publication"))
        case .subscribed:
            .subscribed(
                request: try fields.id("request"), subscription: try fields.id("subscription"))
        case .unsubscribe:
            .unsubscribe(
                request: try fields.id("request"), subscription: try fields.id("subscription"))
        case .unsubscribed: .unsubscribed(request: try fields.id("request"))
        case .registered:
            .registered(
                request: try fields.id("request"), registration: try fields.id("registration"))
        case .unregister:
            .unregister(
                request: try fields.id("request"), registration: try fields.id("registration"))
        case .unregistered: .unregistered(request: try fields.id("request"))
        case .event:
            .event(
                subscription: try fields.id("subscription"),
                publication: try fields.id("publication"),
                details: try fields.dictionary("details"), try fields.payload())
        case .invocation:
            .invocation(
                request: try fields.id("request"), registration: try fields.id("registration"),
                details: try fields.dictionary("details"), try fields.payload())
        case .cancel, .interrupt, .result, .yield: try readAnswer(kind, &fields)
        }
    }

    /// Messages of the form request, options, name.
    private static func readNamed(
        _ kind: Kind, _ fields: inout Fields
    ) throws(ProtocolViolation) -> WAMPMessage {
        let request = try fields.id("request")
        let options = try fields.dictionary("options")
        let name = try fields.text(kind == .publish || kind == .subscribe ? "topic" : "procedure")
        switch kind {
        case .publish:
            return .publish(
                request: request, options: options, topic: name, try fields.payload())
        case .subscribe: return .subscribe(request: request, options: options, topic: name)
        case .call:
            return .call(
                request: request, options: options, procedure: name, try fields.payload())
        default: return .register(request: request, options: options, procedure: name)
        }
    }

    /// Messages of the form request, options.
    private static func readAnswer(
        _ kind: Kind, _ fields: inout Fields
    ) throws(ProtocolViolation) -> WAMPMessage {
        let request = try fields.id("request")
        let options = try fields.dictionary("options")
        switch kind {
        case .cancel: return .cancel(request: request, options: options)
        case .interrupt: return .interrupt(request: request, options: options)
        case .result: return .result(request: request, details: options, try fields.payload())
        default: return .yield(request: request, options: options, try fields.payload())
        }
    }
}

/// Takes the fields of a message from the front, each once and of its type.
private struct Fields {
    let kind: WAMPMessage.Kind
    var elements: ArraySlice<JSON>

    private mutating func next(_ field: StaticString) throws(ProtocolViolation) -> JSON {
        guard let element = elements.popFirst() else {
            throw ProtocolViolation("\(kind.name) without \(field)")
        }
        return element
    }

    mutating func id(_ field: StaticString) throws(ProtocolViolation) -> WAMPID {
        guard let id = try next(field).uint64, id >= 1, id <= WAMPLimits.id else {
            throw ProtocolViolation("\(field) of \(kind.name) is not an id of 1...2^53")
        }
        return id
    }

    mutating func text(_ field: StaticString) throws(ProtocolViolation) -> String {
        guard let text = try next(field).string else {
            throw ProtocolViolation("\(field) of \(kind.name) is not a string")
        }
        return text
    }

    mutating func dictionary(_ field: StaticString) throws(ProtocolViolation) -> JSONObject {
        guard let object = try next(field).object else {
            throw ProtocolViolation("\(field) of \(kind.name) is not a dictionary")
        }
        return object
    }

    mutating func requestKind() throws(ProtocolViolation) -> WAMPMessage.Kind {
        guard let code = try next("request type").uint64,
            let request = WAMPMessage.Kind(rawValue: code), request.isRequest
        else { throw ProtocolViolation("request type of ERROR is not the code of a request") }
        return request
    }

    mutating func payload() throws(ProtocolViolation) -> Payload {
        var payload = Payload()
        guard let first = elements.popFirst() else { return payload }
        guard let arguments = first.array else {
            throw ProtocolViolation("arguments of \(kind.name) are not a list")
        }
        payload.arguments = arguments
        guard let second = elements.popFirst() else { return payload }
        guard let keywords = second.object else {
            throw ProtocolViolation("keyword arguments of \(kind.name) are not a dictionary")
        }
        payload.keywords = keywords
        return payload
    }

    func finish() throws(ProtocolViolation) {
        guard elements.isEmpty else {
            throw ProtocolViolation("\(kind.name) has \(elements.count) fields too many")
        }
    }
}
