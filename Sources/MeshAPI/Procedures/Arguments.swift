import MeshGossip
import MeshLog
import MeshModel
import MeshNode
import MeshWAMP

/// The arguments of one call, by name or by place, each taken out once; what is left over is
/// refused.
struct Arguments {
    private var values: [String: JSON] = [:]
    /// Names in the order in which values may come without one.
    private let names: [String]

    /// - Throws: `usage` for a name that the procedure does not know, or too many values.
    init(_ arguments: [JSON], _ keywords: JSONObject, names: [String]) throws(CallError) {
        self.names = names
        guard arguments.count <= names.count else {
            throw .usage("\(arguments.count) arguments, at most \(names.count) are known")
        }
        for (name, value) in zip(names, arguments) where !value.isNull { values[name] = value }
        for member in keywords.members {
            guard names.contains(member.key) else {
                let known =
                    names.isEmpty ? "it takes none" : "it takes \(names.joined(separator: ", "))"
                throw .usage("there is no argument \(member.key); \(known)")
            }
            if !member.value.isNull { values[member.key] = member.value }
        }
    }

    func string(_ name: String) throws(CallError) -> String? {
        guard let value = values[name] else { return nil }
        guard let string = value.string else { throw .usage("\(name) is not a string") }
        return string
    }

    func needed(_ name: String) throws(CallError) -> String {
        guard let string = try self.string(name) else { throw .usage("\(name) is missing") }
        return string
    }

    func strings(_ name: String, atMost limit: Int) throws(CallError) -> [String]? {
        guard let value = values[name] else { return nil }
        let strings = value.array?.compactMap(\.string)
        guard let strings, strings.count == value.array?.count else {
            throw .usage("\(name) is not a list of strings")
        }
        guard strings.count <= limit else {
            throw .usage("\(name) has \(strings.count) strings, the limit is \(limit)")
        }
        return strings
    }

    /// False where it is not given.
    func flag(_ name: String) throws(CallError) -> Bool {
        guard let value = values[name] else { return false }
        guard let flag = value.bool else { throw .usage("\(name) is not true or false") }
        return flag
    }

    func number(_ name: String, in range: ClosedRange<Int>) throws(CallError) -> Int? {
        guard let value = values[name] else { return nil }
        guard let number = value.int, range.contains(number) else {
            throw .usage(
                "\(name) is not a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Seconds, with a fraction where wanted.
    func seconds(_ name: String) throws(CallError) -> Duration? {
        guard let value = values[name] else { return nil }
        guard let seconds = value.double, seconds >= 0, seconds <= 1e6 else {
            throw .usage("\(name) is not a number of seconds from 0 to 1000000")
        }
        return .milliseconds(Int64(seconds * 1000))
    }

    /// A room as people write it.
    func room(_ name: String) throws(CallError) -> RoomID? {
        guard let typed = try string(name) else { return nil }
        do { return try RoomID.typed(typed) } catch {
            throw CallError(
                code: "bad_room", message: "\(typed) is no room name: \(error)",
                try: "a name has letters, digits, . _ - and at most \(ModelLimits.roomName) bytes")
        }
    }

    func neededRoom(_ name: String) throws(CallError) -> RoomID {
        guard let room = try self.room(name) else { throw .usage("\(name) is missing") }
        return room
    }

    /// UDP ports.
    func ports(_ name: String) throws(CallError) -> Set<UInt16>? {
        guard let value = values[name] else { return nil }
        let ports = value.array?.compactMap { $0.int.flatMap(UInt16.init(exactly:)) }
        guard let ports, ports.count == value.array?.count else {
            throw .usage("\(name) is not a list of ports")
        }
        return Set(ports)
    }
}

extension CallError {
    static func usage(_ message: String) -> CallError {
        CallError(code: "usage", message: message, try: "see docs/spec/api.md")
    }

    static func notBuilt(_ what: String) -> CallError {
        CallError(code: "not_built", message: "\(what) is not built yet")
    }

    static let stopping = CallError(
        code: "stopping", message: "the peer is stopping", try: "start it again with starlingd")
}
