/// An id of WAMP, 1...2^53.
package typealias WAMPID = UInt64

/// What a publication, call, result or error carries: values by position and values by name.
package struct Payload: Hashable, Sendable {
    package var arguments: [JSON]
    package var keywords: JSONObject

    package init(arguments: [JSON] = [], keywords: JSONObject = JSONObject()) {
        self.arguments = arguments
        self.keywords = keywords
    }
}

/// A message of the WAMP v2 basic profile, with CANCEL and INTERRUPT of call cancelling.
package enum WAMPMessage: Hashable, Sendable {
    case hello(realm: String, details: JSONObject)
    case welcome(session: WAMPID, details: JSONObject)
    case abort(details: JSONObject, reason: String)
    case goodbye(details: JSONObject, reason: String)
    case error(of: Kind, request: WAMPID, details: JSONObject, uri: String, Payload)
    case publish(request: WAMPID, options: JSONObject, topic: String, Payload)
    case published(request: WAMPID, publication: WAMPID)
    case subscribe(request: WAMPID, options: JSONObject, topic: String)
    case subscribed(request: WAMPID, subscription: WAMPID)
    case unsubscribe(request: WAMPID, subscription: WAMPID)
    case unsubscribed(request: WAMPID)
    case event(subscription: WAMPID, publication: WAMPID, details: JSONObject, Payload)
    case call(request: WAMPID, options: JSONObject, procedure: String, Payload)
    case cancel(request: WAMPID, options: JSONObject)
    case result(request: WAMPID, details: JSONObject, Payload)
    case register(request: WAMPID, options: JSONObject, procedure: String)
    case registered(request: WAMPID, registration: WAMPID)
    case unregister(request: WAMPID, registration: WAMPID)
    case unregistered(request: WAMPID)
    case invocation(request: WAMPID, registration: WAMPID, details: JSONObject, Payload)
    case interrupt(request: WAMPID, options: JSONObject)
    case yield(request: WAMPID, options: JSONObject, Payload)

    /// The message codes of the standard (section "Message Codes and Direction").
    package enum Kind: UInt64, Sendable, CaseIterable {
        case hello = 1
        case welcome = 2
        case abort = 3
        case goodbye = 6
        case error = 8
        case publish = 16
        case published = 17
        case subscribe = 32
        case subscribed = 33
        case unsubscribe = 34
        case unsubscribed = 35
        case event = 36
        case call = 48
        case cancel = 49
        case result = 50
        case register = 64
        case registered = 65
        case unregister = 66
        case unregistered = 67
        case invocation = 68
        case interrupt = 69
        case yield = 70

        /// Whether an ERROR can answer it.
        package var isRequest: Bool {
            switch self {
            case .publish, .subscribe, .unsubscribe, .call, .register, .unregister, .invocation:
                true
            default: false
            }
        }

        /// As the standard writes it.
        package var name: String { String(describing: self).uppercased() }
    }

    package var kind: Kind {
        switch self {
        case .hello: .hello
        case .welcome: .welcome
        case .abort: .abort
        case .goodbye: .goodbye
        case .error: .error
        case .publish: .publish
        case .published: .published
        case .subscribe: .subscribe
        case .subscribed: .subscribed
        case .unsubscribe: .unsubscribe
        case .unsubscribed: .unsubscribed
        case .event: .event
        case .call: .call
        case .cancel: .cancel
        case .result: .result
        case .register: .register
        case .registered: .registered
        case .unregister: .unregister
        case .unregistered: .unregistered
        case .invocation: .invocation
        case .interrupt: .interrupt
        case .yield: .yield
        }
    }

    /// The ERROR that answers `request`.
    package static func error(
        of kind: Kind, request: WAMPID, _ error: CallError
    ) -> WAMPMessage {
        .error(of: kind, request: request, details: [:], uri: error.uri, error.payload)
    }

    /// ABORT with a message for people.
    package static func abort(_ reason: String, _ message: String) -> WAMPMessage {
        .abort(details: ["message": .string(message)], reason: reason)
    }
}
