import Glibc
import MeshAPI
import MeshLink
import MeshModel
import MeshStore

/// Why starlingd cannot start or go on, what to try, and the exit code.
struct Failure: Error {
    let message: String
    let remedy: String
    let code: Int32

    init(_ message: String, try remedy: String, code: Int32 = 1) {
        self.message = message
        self.remedy = remedy
        self.code = code
    }

    static func notBuilt(_ what: String) -> Failure {
        Failure("\(what) is not built yet", try: "leave it away")
    }

    /// Says why on stderr and ends the process: 1, or 77 where it is not permitted.
    static func exit(_ error: any Error) -> Never {
        var code: Int32 = 1
        var text = "\(error)"
        switch error {
        case let failure as Failure:
            code = failure.code
            text = "\(failure.message); \(failure.remedy)"
        case let error as StoreError where error.code == .notPermitted: code = 77
        case APIServerError.notPermitted: code = 77
        default: break
        }
        // It may quote what was typed.
        let clean = text.unicodeScalars.map { Nickname.isHidden($0) ? "\u{FFFD}" : Character($0) }
        Talk.line(String(clean))
        Glibc.exit(code)
    }
}

/// Lines for people and scripts on stderr, whatever the log level.
enum Talk {
    static func line(_ text: String) {
        let bytes = Array("starlingd: \(text)\n".utf8)
        // Who does not read stderr misses it.
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
