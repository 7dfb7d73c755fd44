/// Writes JSON text: no white space, keys in their order, UTF-8 unescaped except what JSON
/// requires and what a terminal would obey or hide: control characters, direction marks, zero
/// widths.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    /// The text of `value`.
    package static func text(_ value: JSON) -> String {
        var writer = JSONWriter()
        writer.write(value)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    package mutating func write(_ value: JSON) {
        switch value {
        case .null: write(word: "null")
        case .bool(let value): write(word: value ? "true" : "false")
        case .integer(let value): bytes += String(value).utf8
        case .large(let value): bytes += String(value).utf8
        case .number(let value): bytes += (value.isFinite ? value.description : "null").utf8
        case .string(let value): write(string: value)
        case .array(let elements): write(elements)
        case .object(let object): write(object)
        }
    }

    package mutating func write(_ elements: [JSON]) {
        bytes.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(element)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    package mutating func write(_ object: JSONObject) {
        bytes.append(UInt8(ascii: "{"))
        for (index, member) in object.members.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(string: member.key)
            bytes.append(UInt8(ascii: ":"))
            write(member.value)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func write(word: StaticString) {
        bytes += UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    }

    private mutating func write(string: String) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in string.unicodeScalars {
            switch scalar.value {
            case 0x22: write(word: "\\\"")
            case 0x5C: write(word: "\\\\")
            case 0x0A: write(word: "\\n")
            case 0x0D: write(word: "\\r")
            case 0x09: write(word: "\\t")
            case 0x20..<0x7F: bytes.append(UInt8(scalar.value))
            case 0..<0x20, 0x7F..<0xA0: write(escaped: UInt16(scalar.value))
            case _ where Self.isHidden(scalar): UTF16.encode(scalar)?.forEach { write(escaped: $0) }
            default: if let encoded = UTF8.encode(scalar) { bytes += encoded }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Direction marks, joiners and other zero widths, line separators, annotations, tags.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case ..<0xA0: false
        case 0x2028...0x202E, 0xFFF9...0xFFFB: true
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    private mutating func write(escaped unit: UInt16) {
        write(word: "\\u")
        for shift in [12, 8, 4, 0] {
            let nibble = UInt8(unit >> UInt16(shift) & 0xF)
            bytes.append(nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10)
        }
    }
}
