package import MeshModel

/// Consumes bytes from the front. Every read checks the length first; what it returns is valid.
///
/// Keeps the array rather than a `Span`: the reader outlives one function in nested decoders, and
/// an array slice costs one reference count where a span would need lifetime annotations on each.
package struct ByteReader {
    private let bytes: [UInt8]
    private let end: Int
    package private(set) var offset: Int

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        offset = 0
        end = bytes.count
    }

    private init(_ bytes: [UInt8], from offset: Int, to end: Int) {
        self.bytes = bytes
        self.offset = offset
        self.end = end
    }

    package var remaining: Int { end - offset }

    package func error(_ code: WireError.Code, _ field: StaticString) -> WireError {
        WireError(code, at: offset, field: field)
    }

    private mutating func take(_ count: Int, _ field: StaticString) throws(WireError) -> Int {
        guard count <= remaining else { throw error(.truncated, field) }
        defer { offset += count }
        return offset
    }

    package mutating func byte(_ field: StaticString) throws(WireError) -> UInt8 {
        bytes[try take(1, field)]
    }

    package mutating func bytes(_ count: Int, _ field: StaticString) throws(WireError) -> [UInt8] {
        let start = try take(count, field)
        return Array(bytes[start..<start + count])
    }

    /// A reader over the next `count` bytes, which this one skips.
    package mutating func part(_ count: Int, _ field: StaticString) throws(WireError) -> ByteReader
    {
        let start = try take(count, field)
        return ByteReader(bytes, from: start, to: start + count)
    }

    /// Big-endian, `count` bytes, 1...8.
    package mutating func integer(_ count: Int, _ field: StaticString) throws(WireError) -> UInt64 {
        let start = try take(count, field)
        var value: UInt64 = 0
        for index in start..<start + count { value = value << 8 | UInt64(bytes[index]) }
        return value
    }

    package mutating func uint32(_ field: StaticString) throws(WireError) -> UInt32 {
        UInt32(truncatingIfNeeded: try integer(4, field))
    }

    package mutating func bytes32(_ field: StaticString) throws(WireError) -> Bytes32 {
        guard remaining >= 32 else { throw error(.truncated, field) }
        return Bytes32(
            try integer(8, field), try integer(8, field), try integer(8, field),
            try integer(8, field))
    }

    /// Unsigned LEB128 in its shortest form, at most `limit`.
    package mutating func varint(
        _ field: StaticString, limit: UInt64 = .max
    ) throws(WireError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try byte(field)
            guard shift < 63 || byte <= 1 else {
                throw WireError(.tooLarge, at: start, field: field)
            }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 {
                guard byte != 0 || shift == 0 else {
                    throw WireError(.nonCanonical, at: start, field: field)
                }
                break
            }
            shift += 7
            guard shift <= 63 else { throw WireError(.tooLarge, at: start, field: field) }
        }
        guard value <= limit else { throw WireError(.tooLarge, at: start, field: field) }
        return value
    }

    /// A varint that counts things to follow, at most `limit`.
    package mutating func count(_ field: StaticString, limit: Int) throws(WireError) -> Int {
        Int(try varint(field, limit: UInt64(limit)))
    }

    /// A seq, 1...`ModelLimits.seq`.
    package mutating func seq(_ field: StaticString) throws(WireError) -> Seq {
        let start = offset
        let value = try varint(field, limit: UInt64(ModelLimits.seq))
        guard value > 0 else { throw WireError(.invalid, at: start, field: field) }
        return Seq(value)
    }

    /// Refuses bytes past the last field.
    package func finish(_ field: StaticString) throws(WireError) {
        guard remaining == 0 else { throw error(.trailing, field) }
    }
}

/// Appends fields in the form `ByteReader` takes them.
package struct ByteWriter {
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    package mutating func byte(_ value: UInt8) { bytes.append(value) }

    package mutating func bytes(_ value: some Collection<UInt8>) { bytes += value }

    /// Big-endian, the low `count` bytes.
    package mutating func integer(_ value: UInt64, _ count: Int) {
        withUnsafeBytes(of: value.bigEndian) { all in
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: all[(8 - count)...]))
        }
    }

    package mutating func uint32(_ value: UInt32) { integer(UInt64(value), 4) }

    package mutating func bytes32(_ value: Bytes32) {
        let (a, b, c, d) = value.words
        withUnsafeBytes(of: (a.bigEndian, b.bigEndian, c.bigEndian, d.bigEndian)) {
            bytes.append(contentsOf: $0)
        }
    }

    package mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    package mutating func varint(_ value: Int) { varint(UInt64(value)) }

    /// The bytes a varint of `value` takes, 1...10.
    package static func varintLength(_ value: UInt64) -> Int {
        max(1, (64 - value.leadingZeroBitCount + 6) / 7)
    }
}
