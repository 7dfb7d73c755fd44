/// Names of realms, topics, procedures and errors.
package enum WAMPURI {
    /// The one realm.
    package static let realm = "starling"

    /// What the standard calls a loose URI: components separated by dots, none empty, without white
    /// space or `#`, at most `WAMPLimits.uri` bytes.
    ///
    /// - Parameter allowingEmpty: whether a component may be empty, as in a wildcard pattern.
    package static func isValid(_ uri: String, allowingEmpty: Bool = false) -> Bool {
        guard !uri.isEmpty, uri.utf8.count <= WAMPLimits.uri else { return false }
        var length = 0
        for scalar in uri.unicodeScalars {
            if scalar == "." {
                guard length > 0 || allowingEmpty else { return false }
                length = 0
            } else {
                guard scalar != "#", !scalar.properties.isWhitespace, scalar.value >= 0x20,
                    scalar.value != 0x7F
                else { return false }
                length += 1
            }
        }
        return length > 0 || allowingEmpty
    }

    /// The part before the first dot.
    package static func head(of uri: String) -> Substring {
        uri.prefix { $0 != "." }
    }

    package static let noSuchRealm = "wamp.error.no_such_realm"
    package static let protocolViolation = "wamp.error.protocol_violation"
    package static let invalidURI = "wamp.error.invalid_uri"
    package static let invalidArgument = "wamp.error.invalid_argument"
    package static let notAuthorized = "wamp.error.not_authorized"
    package static let noSuchProcedure = "wamp.error.no_such_procedure"
    package static let noSuchSubscription = "wamp.error.no_such_subscription"
    package static let noSuchRegistration = "wamp.error.no_such_registration"
    package static let procedureAlreadyExists = "wamp.error.procedure_already_exists"
    package static let optionNotAllowed = "wamp.error.option_not_allowed"
    package static let canceled = "wamp.error.canceled"

    package static let closeRealm = "wamp.close.close_realm"
    package static let goodbyeAndOut = "wamp.close.goodbye_and_out"
    package static let systemShutdown = "wamp.close.system_shutdown"

    /// Before the codes of Starling's own errors.
    package static let errorPrefix = "starling.error."
    /// A client read more slowly than it was sent to, and was cut off.
    package static let tooSlow = "starling.error.too_slow"
    /// Events came faster than the router took them, and some did not reach this client.
    package static let eventsLost = "starling.error.events_lost"
    /// A client connected and did not join in time.
    package static let joinTimeout = "starling.error.join_timeout"
    /// A message is larger than its receiver accepts.
    package static let tooLarge = "starling.error.too_large"
    /// A named limit of the router is reached.
    package static let limitReached = "starling.error.limit_reached"
}
