/// The fuzzer's bytes as choices, from the front. Past the end every choice is 0.
struct Draw {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isEmpty: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    /// 0..<`count`; 0 for an empty range.
    mutating func below(_ count: Int) -> Int {
        guard count > 0 else { return 0 }
        let high = count > 256 ? Int(byte()) << 8 : 0
        return (high | Int(byte())) % count
    }

    mutating func isTrue() -> Bool { byte() & 1 == 1 }

    mutating func number() -> UInt64 { (0..<8).reduce(0) { sum, _ in sum << 8 | UInt64(byte()) } }

    mutating func pick<Element>(_ list: [Element]) -> Element? {
        list.isEmpty ? nil : list[below(list.count)]
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }
}
