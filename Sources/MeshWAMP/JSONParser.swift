/// Why bytes are not one JSON value: what is wrong and where.
package struct JSONError: Error, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        /// The text ends inside a value.
        case truncated = "the text ends inside a value"
        /// Something follows the value.
        case trailing = "something follows the value"
        /// A byte that no JSON text has at this place.
        case unexpected = "an unexpected byte"
        /// Bytes that are not UTF-8, or half of a surrogate pair.
        case encoding = "text that is not Unicode"
        /// Arrays and objects within each other beyond `WAMPLimits.depth`.
        case depth = "too many levels"
        /// A number beyond 64 bits, or one that a double cannot hold.
        case range = "a number out of range"
        /// A key that its object already has: such a text has two readings.
        case duplicate = "a key that stands twice"
    }

    package let code: Code
    /// Bytes from the start of the text.
    package let offset: Int

    package var description: String { "\(code.rawValue) at byte \(offset)" }
}

/// Reads one JSON text (RFC 8259), strictly: UTF-8, no comments, no trailing comma, keys unique,
/// and at most `WAMPLimits.depth` levels, so that no text can exhaust the stack.
package struct JSONParser {
    private let bytes: [UInt8]
    private var offset = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The value that `bytes` are the text of, white space around it allowed.
    package static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSON {
        var parser = JSONParser(bytes)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.offset == bytes.count else { throw parser.error(.trailing) }
        return value
    }

    private func error(_ code: JSONError.Code) -> JSONError {
        JSONError(code: code, offset: offset)
    }

    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            offset += 1
        }
    }

    private mutating func take() throws(JSONError) -> UInt8 {
        guard let byte = peek else { throw error(.truncated) }
        offset += 1
        return byte
    }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard let next = peek else { throw error(.truncated) }
        guard next == byte else { throw error(.unexpected) }
        offset += 1
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSON {
        skipSpace()
        guard let byte = peek else { throw error(.truncated) }
        switch byte {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        for index in 0..<word.utf8CodeUnitCount { try expect(word.utf8Start[index]) }
        return value
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSON] {
        guard depth <= WAMPLimits.depth else { throw error(.depth) }
        try expect(UInt8(ascii: "["))
        var elements: [JSON] = []
        skipSpace()
        if peek == UInt8(ascii: "]") {
            offset += 1
            return elements
        }
        while true {
            elements.append(try value(depth: depth))
            skipSpace()
            if peek == UInt8(ascii: "]") { break }
            try expect(UInt8(ascii: ","))
        }
        offset += 1
        return elements
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        guard depth <= WAMPLimits.depth else { throw error(.depth) }
        try expect(UInt8(ascii: "{"))
        var members: [JSONObject.Member] = []
        var keys: Set<String> = []
        skipSpace()
        if peek == UInt8(ascii: "}") {
            offset += 1
            return JSONObject()
        }
        while true {
            skipSpace()
            let key = try string()
            guard keys.insert(key).inserted else { throw error(.duplicate) }
            skipSpace()
            try expect(UInt8(ascii: ":"))
            members.append(JSONObject.Member(key: key, value: try value(depth: depth)))
            skipSpace()
            if peek == UInt8(ascii: "}") { break }
            try expect(UInt8(ascii: ","))
        }
        offset += 1
        return JSONObject(unique: members)
    }
}

// Strings.
extension JSONParser {
    private mutating func string() throws(JSONError) -> String {
        try expect(UInt8(ascii: "\""))
        let start = offset
        var text: [UInt8] = []
        var runStart = offset
        while true {
            let byte = try take()
            if byte == UInt8(ascii: "\"") { break }
            if byte < 0x20 {
                offset -= 1
                throw error(.unexpected)
            }
            guard byte == UInt8(ascii: "\\") else { continue }
            text += bytes[runStart..<offset - 1]
            try escape(into: &text)
            runStart = offset
        }
        text += bytes[runStart..<offset - 1]
        guard let string = String(validating: text, as: UTF8.self) else {
            throw JSONError(code: .encoding, offset: start)
        }
        return string
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        switch try take() {
        case UInt8(ascii: "\""): text.append(UInt8(ascii: "\""))
        case UInt8(ascii: "\\"): text.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "/"): text.append(UInt8(ascii: "/"))
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text += try unicodeEscape()
        default:
            offset -= 1
            throw error(.unexpected)
        }
    }

    /// The UTF-8 of `\uXXXX`, or of two of them that are a surrogate pair.
    private mutating func unicodeEscape() throws(JSONError) -> [UInt8] {
        let first = try fourHexDigits()
        var code = UInt32(first)
        if (0xD800...0xDBFF).contains(first) {
            guard peek == UInt8(ascii: "\\") else { throw error(.encoding) }
            offset += 1
            guard peek == UInt8(ascii: "u") else { throw error(.encoding) }
            offset += 1
            let second = try fourHexDigits()
            guard (0xDC00...0xDFFF).contains(second) else { throw error(.encoding) }
            code = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw error(.encoding) }
        return Array(String(scalar).utf8)
    }

    private mutating func fourHexDigits() throws(JSONError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            let byte = try take()
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt16(byte - 0x30)
            case 0x41...0x46: value = value << 4 | UInt16(byte - 0x41 + 10)
            case 0x61...0x66: value = value << 4 | UInt16(byte - 0x61 + 10)
            default:
                offset -= 1
                throw error(.unexpected)
            }
        }
        return value
    }
}

// Numbers.
extension JSONParser {
    private mutating func number() throws(JSONError) -> JSON {
        let start = offset
        if peek == UInt8(ascii: "-") { offset += 1 }
        let firstDigit = peek
        try digits()
        if firstDigit == UInt8(ascii: "0"), offset - start > (bytes[start] == 0x2D ? 2 : 1) {
            throw JSONError(code: .unexpected, offset: start)
        }
        var isWhole = true
        if peek == UInt8(ascii: ".") {
            isWhole = false
            offset += 1
            try digits()
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            isWhole = false
            offset += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { offset += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isWhole {
            if let value = Int64(text) { return .integer(value) }
            if let value = UInt64(text) { return .large(value) }
            throw JSONError(code: .range, offset: start)
        }
        guard let value = Double(text), value.isFinite else {
            throw JSONError(code: .range, offset: start)
        }
        return .number(value)
    }

    private mutating func digits() throws(JSONError) {
        guard let first = peek else { throw error(.truncated) }
        guard (0x30...0x39).contains(first) else { throw error(.unexpected) }
        while let byte = peek, (0x30...0x39).contains(byte) { offset += 1 }
    }
}
