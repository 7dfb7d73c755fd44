/// Thirty-two bytes as four machine words: the shape of a public key and of a SHA-256 hash.
///
/// Words are big-endian, so comparing words compares bytes from the front.
package struct Bytes32: Hashable, Comparable, Sendable {
    package let words: (UInt64, UInt64, UInt64, UInt64)

    package static let zero = Bytes32(0, 0, 0, 0)

    @inlinable
    package init(_ w0: UInt64, _ w1: UInt64, _ w2: UInt64, _ w3: UInt64) {
        words = (w0, w1, w2, w3)
    }

    /// Takes exactly 32 bytes; any other count gives nil.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var iterator = bytes.makeIterator()
        func word() -> UInt64 {
            var value: UInt64 = 0
            for _ in 0..<8 { value = value << 8 | UInt64(iterator.next() ?? 0) }
            return value
        }
        self.init(word(), word(), word(), word())
    }

    /// The 32 bytes, front first.
    package var bytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(32)
        for word in [words.0, words.1, words.2, words.3] {
            for shift in stride(from: 56, through: 0, by: -8) {
                out.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        return out
    }

    package static func == (a: Bytes32, b: Bytes32) -> Bool {
        a.words.0 == b.words.0 && a.words.1 == b.words.1 && a.words.2 == b.words.2
            && a.words.3 == b.words.3
    }

    package static func < (a: Bytes32, b: Bytes32) -> Bool { a.words < b.words }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.3)
    }
}
