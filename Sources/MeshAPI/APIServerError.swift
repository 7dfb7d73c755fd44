/// Why the local API cannot be served on a path.
package enum APIServerError: Error, Hashable, CustomStringConvertible {
    /// Another peer answers there.
    case alreadyServed(path: String)
    /// Something that is no socket is there; it is left alone.
    case notASocket(path: String)
    /// Longer than `UnixSocketFile.longestPath` bytes.
    case pathTooLong(path: String)
    /// This user may not make or replace a file there.
    case notPermitted(path: String)
    /// The operating system refused.
    case system(operation: String, path: String, reason: String)

    package var description: String {
        switch self {
        case .alreadyServed(let path):
            "another peer already answers on \(path); stop it, or give this one its own --home"
        case .notASocket(let path):
            "\(path) exists and is no socket; move it away, or choose another path with --socket"
        case .pathTooLong(let path):
            "the socket path \(path) has \(path.utf8.count) bytes, and the system takes at most "
                + "\(UnixSocketFile.longestPath); choose a shorter one with --socket"
        case .notPermitted(let path):
            "no socket can be made at \(path): this user may not write there; choose another path "
                + "with --socket"
        case .system(let operation, let path, let reason):
            "\(operation) failed on \(path): \(reason); check that its directory exists and that "
                + "you may write there"
        }
    }
}
