import MeshModel

/// What may be sent as one message.
enum MessageText {
    /// - Parameter place: where it stands, such as `line 3`; empty for an argument.
    /// - Throws: `empty`, `too_long` with size and limit, or `not_utf8`.
    static func check(_ bytes: [UInt8], place: String = "") throws(CommandFailure) -> String {
        let subject = place.isEmpty ? "the text" : place
        guard !bytes.isEmpty else {
            throw CommandFailure("empty", "\(subject) is empty", try: "say something")
        }
        guard bytes.count <= ModelLimits.body else { throw tooLong(bytes.count, subject) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(
                "not_utf8", "\(subject) is not valid UTF-8",
                try: "convert it first, for example with: iconv -f latin1 -t utf-8")
        }
        return text
    }

    static func tooLong(_ count: Int, _ subject: String) -> CommandFailure {
        CommandFailure(
            "too_long", "\(subject) has \(count) bytes, the limit is \(ModelLimits.body)",
            try: "send it in parts")
    }
}

/// Lines of an input, one at a time. A line that is too long is counted, not kept.
struct InputLines {
    private let input: any InputPort
    private var pending: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    /// Lines that were taken.
    private(set) var number = 0

    init(_ input: any InputPort) { self.input = input }

    /// Whether a whole line has been read already, so that `next` does not wait.
    var hasNext: Bool { pending[start...].contains(UInt8(ascii: "\n")) }

    /// The next line without its end; nil at the end of the input.
    ///
    /// - Throws: `too_long`.
    mutating func next() throws(CommandFailure) -> [UInt8]? {
        var line: [UInt8] = []
        var length = 0
        while true {
            let rest = pending[start...]
            let end = rest.firstIndex(of: UInt8(ascii: "\n"))
            length += (end ?? rest.endIndex) - start
            if length <= ModelLimits.body + 1 { line += rest[..<(end ?? rest.endIndex)] }
            if let end {
                start = end + 1
                return try taken(line, length)
            }
            guard !isAtEnd else { return length == 0 ? nil : try taken(line, length) }
            pending = try input.read()
            start = 0
            isAtEnd = pending.isEmpty
        }
    }

    private mutating func taken(
        _ line: [UInt8], _ length: Int
    ) throws(CommandFailure) -> [UInt8] {
        number += 1
        let hasReturn = line.count == length && line.last == UInt8(ascii: "\r")
        let count = hasReturn ? length - 1 : length
        guard count <= ModelLimits.body else {
            throw MessageText.tooLong(count, "line \(number)")
        }
        return hasReturn ? line.dropLast() : line
    }
}
