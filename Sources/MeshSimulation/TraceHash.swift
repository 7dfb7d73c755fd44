/// FNV-1a (Fowler, Noll, Vo) over 64-bit words: what happened in a run, as one number. Two runs of
/// one seed must agree in it.
package struct TraceHash: Hashable, Sendable {
    package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    package mutating func add(_ word: UInt64) {
        value = (value ^ word) &* 0x0000_0100_0000_01B3
        // FNV takes bytes; with whole words the high bits would not reach the low ones.
        value ^= value >> 29
    }

    package mutating func add(_ number: Int) { add(UInt64(bitPattern: Int64(number))) }

    package mutating func add(_ bytes: [UInt8]) {
        add(bytes.count)
        bytes.withUnsafeBytes { raw in
            var offset = 0
            while offset + 8 <= raw.count {
                add(raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                offset += 8
            }
            while offset < raw.count {
                add(UInt64(raw[offset]))
                offset += 1
            }
        }
    }
}
