package import MeshWAMP

/// Why the peer did not do what a program asked of it.
package enum ClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nobody answers on the socket: no file, nobody listening, or no answer in time.
    case noPeer(path: String, reason: String)
    /// The socket belongs to somebody else.
    case notPermitted(path: String)
    /// The procedure failed: code, message and what to try.
    case call(CallError)
    /// The connection ended before the answer, or while events were awaited.
    case disconnected(reason: String)

    package var description: String {
        switch self {
        case .noPeer(let path, let reason): "no peer answers on \(path): \(reason)"
        case .notPermitted(let path):
            "\(path) may be opened only by the user whose peer it is"
        case .call(let error): error.message
        case .disconnected(let reason): "the connection to the peer ended: \(reason)"
        }
    }
}
