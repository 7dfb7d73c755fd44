/// What a procedure returns: values by position and values by name.
package struct CallResult: Hashable, Sendable {
    package var arguments: [JSON]
    package var keywords: JSONObject

    package init(arguments: [JSON] = [], keywords: JSONObject = JSONObject()) {
        self.arguments = arguments
        self.keywords = keywords
    }

    /// A list, under the keyword `rows`.
    package static func rows(_ rows: [JSON]) -> CallResult {
        CallResult(keywords: ["rows": .array(rows)])
    }

    /// One thing, whose fields are the keywords themselves.
    package static func fields(_ fields: JSONObject) -> CallResult { CallResult(keywords: fields) }

    /// The list, if the result is one.
    package var rows: [JSON]? { keywords["rows"]?.array }

    /// The fields of a result that is one thing.
    package var fields: JSONObject { keywords }
}

/// Why a procedure did not do its work: a code for programs, a message and a remedy for people.
///
/// On the wire the URI is `starling.error.<code>` or one of the standard's; the message is the
/// first argument, and `code`, `message` and `try` are keywords.
package struct CallError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Lower-case letters, digits and `_`.
    package let code: String
    package let message: String
    /// What to try; empty where there is nothing.
    package let remedy: String
    /// The error's name on the wire.
    package let uri: String

    /// An error of Starling's own.
    package init(code: String, message: String, try remedy: String = "") {
        self.init(
            uri: WAMPURI.errorPrefix + code, code: code, message: message, try: remedy)
    }

    /// An error with a URI of the standard's; the code is its last component.
    package init(uri: String, message: String, try remedy: String = "") {
        let code = uri.split(separator: ".").last.map(String.init) ?? uri
        self.init(uri: uri, code: code, message: message, try: remedy)
    }

    private init(uri: String, code: String, message: String, try remedy: String) {
        self.uri = uri
        self.code = code
        self.message = message
        self.remedy = remedy
    }

    /// `wamp.error.no_such_procedure`.
    package static func noSuchProcedure(_ procedure: String) -> CallError {
        CallError(
            uri: WAMPURI.noSuchProcedure, message: "there is no procedure \(procedure)",
            try: "check the spelling; the procedures are the commands of starling and meshctl")
    }

    /// `wamp.error.invalid_argument`.
    package static func invalidArgument(_ message: String, try remedy: String = "") -> CallError {
        CallError(uri: WAMPURI.invalidArgument, message: message, try: remedy)
    }

    /// What goes into an ERROR message.
    package var payload: Payload {
        Payload(
            arguments: [.string(message)],
            keywords: [
                "code": .string(code), "message": .string(message), "try": .string(remedy),
            ])
    }

    /// Reads an ERROR message of any router or callee; what it leaves out comes from the URI.
    package init(uri: String, payload: Payload) {
        let plain = CallError(uri: uri, message: "")
        self.init(
            uri: uri,
            code: payload.keywords["code"]?.string ?? plain.code,
            message: payload.keywords["message"]?.string ?? payload.arguments.first?.string ?? uri,
            try: payload.keywords["try"]?.string ?? "")
    }

    /// One of Starling's own from where `payload.keywords` stood as a part of a result.
    package init(fields: JSONObject) {
        self.init(
            code: fields["code"]?.string ?? "unknown",
            message: fields["message"]?.string ?? "the peer gave no reason",
            try: fields["try"]?.string ?? "")
    }

    package var description: String { message }
}
