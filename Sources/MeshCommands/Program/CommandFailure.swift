import MeshClient
import MeshWAMP

/// Why a command did not do what was asked of it: a code for programs, a message and a remedy for
/// people, and the exit code.
package struct CommandFailure: Error, Hashable, Sendable {
    package let code: String
    package let message: String
    /// What to try; empty where there is nothing.
    package let remedy: String
    package let exit: ExitStatus

    package init(
        _ code: String, _ message: String, try remedy: String = "", exit: ExitStatus = .failed
    ) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.exit = exit
    }

    /// Wrong usage, as far as ArgumentParser does not see it.
    static func usage(_ message: String, try remedy: String) -> CommandFailure {
        CommandFailure("usage", message, try: remedy, exit: .usage)
    }

    static func output(_ reason: String) -> CommandFailure {
        CommandFailure(
            "output", "the standard output cannot be written: \(reason)",
            try: "free some disk, or write it to another place")
    }

    static func notBuilt(_ what: String, try remedy: String) -> CommandFailure {
        CommandFailure("not_built", "\(what) is not built yet", try: remedy)
    }

    /// What the API said; its codes are those of the command line.
    init(_ error: CallError) {
        let exit: ExitStatus =
            switch error.code {
            case "timeout": .checkFailed
            case "usage", "invalid_argument", "bad_room", "bad_nick": .usage
            case "not_permitted", "not_authorized": .notPermitted
            default: .failed
            }
        self.init(error.code, error.message, try: error.remedy, exit: exit)
    }

    /// What went wrong on the way to the peer.
    ///
    /// - Parameter start: the command line that starts the peer that was looked for.
    init(_ error: ClientError, start: String) {
        switch error {
        case .call(let error): self.init(error)
        case .noPeer:
            self.init(
                "no_peer", error.description,
                try: "start one with: \(start)", exit: .noPeer)
        case .notPermitted:
            self.init(
                "not_permitted", error.description,
                try: "run this as that user, or start a peer of your own with: starlingd",
                exit: .notPermitted)
        case .disconnected:
            self.init(
                "disconnected", error.description,
                try: "see whether it still runs with: meshctl status")
        }
    }
}

/// The exit codes of `starling` and `meshctl`; 64, 69 and 77 are those of sysexits.h.
package enum ExitStatus: Int32, Sendable {
    case done = 0
    case failed = 1
    /// A check failed or a wait timed out.
    case checkFailed = 2
    case usage = 64
    case noPeer = 69
    case notPermitted = 77
}
