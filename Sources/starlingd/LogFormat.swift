import MeshGossip
import ArgumentParser
import Glibc
import Logging
import MeshAPI
import MeshModel
import MeshNode
import MeshWAMP

/// How log lines look on stderr.
enum LogFormat: String, ExpressibleByArgument {
    case text, json

    func logger(level: Logger.Level) -> Logger {
        var logger = Logger(label: "starlingd") { label in
            switch self {
            case .text: StreamLogHandler.standardError(label: label)
            case .json: JSONLogHandler()
            }
        }
        logger.logLevel = level
        return logger
    }
}

/// One JSON object for each line.
struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields: JSONObject = [
            "at": .string(Timestamp.text(SystemTime().now().wall)),
            "level": .string(event.level.rawValue), "message": .string("\(event.message)"),
        ]
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            fields[key] = .string("\(value)")
        }
        let bytes = Array((JSONWriter.text(.object(fields)) + "\n").utf8)
        // Who does not read stderr misses it.
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
