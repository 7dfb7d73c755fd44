/// A set of entries by their number in the truth: one bit each, no zero words at the end.
package struct EntrySet: Hashable, Sendable {
    private var words: [UInt64] = []

    package init() {}
    package init(_ numbers: some Sequence<Int>) { for number in numbers { insert(number) } }

    package var isEmpty: Bool { words.isEmpty }
    package var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    package func contains(_ number: Int) -> Bool {
        number >> 6 < words.count && words[number >> 6] >> UInt64(number & 63) & 1 == 1
    }

    package mutating func insert(_ number: Int) {
        while words.count <= number >> 6 { words.append(0) }
        words[number >> 6] |= 1 << UInt64(number & 63)
    }

    package mutating func remove(_ number: Int) {
        guard contains(number) else { return }
        words[number >> 6] &= ~(1 << UInt64(number & 63))
        trim()
    }

    package mutating func formUnion(_ other: EntrySet) {
        while words.count < other.words.count { words.append(0) }
        for index in other.words.indices { words[index] |= other.words[index] }
    }

    package func union(_ other: EntrySet) -> EntrySet {
        var copy = self
        copy.formUnion(other)
        return copy
    }

    package func intersection(_ other: EntrySet) -> EntrySet {
        var result = EntrySet()
        result.words = zip(words, other.words).map { $0 & $1 }
        result.trim()
        return result
    }

    package func subtracting(_ other: EntrySet) -> EntrySet {
        var result = self
        for index in 0..<min(words.count, other.words.count) {
            result.words[index] &= ~other.words[index]
        }
        result.trim()
        return result
    }

    package func isSubset(of other: EntrySet) -> Bool {
        guard words.count <= other.words.count else { return false }
        for index in words.indices where words[index] & ~other.words[index] != 0 { return false }
        return true
    }

    /// Ascending.
    package var members: [Int] {
        var out: [Int] = []
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                out.append(index << 6 + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
        return out
    }

    private mutating func trim() { while words.last == 0 { words.removeLast() } }
}
