/// Where a peer of this machine is found: its store and its socket, by one rule for all programs.
///
/// The store is `--home`, else `STARLING_HOME`, else `$XDG_DATA_HOME/starling`, else
/// `~/.local/share/starling`. The socket is `--socket`, else `STARLING_SOCKET`, else
/// `starling.sock` in the store.
package struct PeerLocation: Hashable, Sendable {
    package let home: String
    package let socket: String
    /// Whether somebody said where, instead of leaving it to the default.
    package let isDefault: Bool

    /// Bytes of a socket's path that fit `sun_path` with its closing zero (unix(7)).
    package static let socketPathLimit = 107

    /// - Parameters:
    ///   - home: the value of `--home`, if given.
    ///   - socket: the value of `--socket`, if given.
    ///   - environment: the variables of the process; empty ones count as not set.
    package init(
        home: String?, socket: String?, environment: [String: String]
    ) throws(PeerLocationError) {
        func variable(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        let named = home ?? variable("STARLING_HOME")
        let namedSocket = socket ?? variable("STARLING_SOCKET")
        self.isDefault = named == nil && namedSocket == nil
        guard home?.isEmpty != true, socket?.isEmpty != true else { throw .empty }
        if let named {
            self.home = named
        } else if let data = variable("XDG_DATA_HOME"), data.hasPrefix("/") {
            self.home = data + "/starling"
        } else if let user = variable("HOME") {
            self.home = user + "/.local/share/starling"
        } else if namedSocket != nil {
            self.home = ""
        } else {
            throw .noHome
        }
        self.socket = namedSocket ?? Self.join(self.home, "starling.sock")
        let length = self.socket.utf8.count
        guard length <= Self.socketPathLimit else {
            throw .socketTooLong(path: self.socket, bytes: length)
        }
    }

    private static func join(_ directory: String, _ name: String) -> String {
        directory.hasSuffix("/") ? directory + name : directory + "/" + name
    }
}

/// Why no place follows from the flags and the environment.
package enum PeerLocationError: Error, Hashable, CustomStringConvertible {
    /// Neither a flag nor a variable says where, and there is no home directory.
    case noHome
    /// `--home ""` or `--socket ""`.
    case empty
    case socketTooLong(path: String, bytes: Int)

    package var description: String {
        switch self {
        case .noHome: "there is no place for the store: neither STARLING_HOME nor HOME is set"
        case .empty: "--home and --socket need a path"
        case .socketTooLong(let path, let bytes):
            "the socket's path \(path) has \(bytes) bytes; a Unix socket takes at most "
                + "\(PeerLocation.socketPathLimit)"
        }
    }

    /// What to try.
    package var remedy: String {
        switch self {
        case .noHome: "say where with --home DIR"
        case .empty: "leave the flag out for the default"
        case .socketTooLong: "give a shorter one with --socket PATH"
        }
    }
}
