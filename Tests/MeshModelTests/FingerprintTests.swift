import MeshModel
import Testing

@Suite("Fingerprint")
struct FingerprintTests {
    private static func peer(_ seed: UInt64) -> PeerID {
        var generator = SeededGenerator(seed: seed)
        return PeerID(
            Bytes32(generator.next(), generator.next(), generator.next(), generator.next()))
    }

    private static func characters(_ seed: UInt64) -> [UInt8] {
        peer(seed).fingerprint.text.utf8.filter { $0 != UInt8(ascii: "-") }
    }

    @Test("A fingerprint has five groups: four of four and the check character")
    func form() {
        let text = Self.peer(1).fingerprint.text
        #expect(text.split(separator: "-").map(\.count) == [4, 4, 4, 4, 1])
        #expect(Fingerprint.isValid(text) == true)
    }

    @Test("The first 80 bits of the key are in it, and nothing behind them")
    func bits() {
        let front = [UInt8](repeating: 0xFF, count: 10)
        let a = PeerID(front + [UInt8](repeating: 0, count: 22))
        let b = PeerID(front + [UInt8](repeating: 1, count: 22))
        #expect(a?.fingerprint.text.hasPrefix("zzzz-zzzz-zzzz-zzzz-") == true)
        #expect(a?.fingerprint == b?.fingerprint)
    }

    @Test("Every wrong character is caught", arguments: UInt64(1)...20)
    func substitutions(seed: UInt64) {
        let good = Self.characters(seed)
        for place in good.indices {
            for other in Base32.alphabet where other != good[place] {
                var bad = good
                bad[place] = other
                #expect(Fingerprint.isValid(String(decoding: bad, as: UTF8.self)) == false)
            }
        }
    }

    @Test("Every swap of two different characters is caught", arguments: UInt64(1)...20)
    func transpositions(seed: UInt64) {
        let good = Self.characters(seed)
        for first in good.indices {
            for second in good.indices where second > first && good[first] != good[second] {
                var bad = good
                bad.swapAt(first, second)
                #expect(Fingerprint.isValid(String(decoding: bad, as: UTF8.self)) == false)
            }
        }
    }

    @Test("Case, hyphens and look-alikes do not matter")
    func typed() {
        #expect(Fingerprint.isValid("0000-0000-0000-0000-0") == true)
        #expect(Fingerprint.isValid("OoOo0000O0000000o") == true)
        let text = Self.peer(3).fingerprint.text
        #expect(Fingerprint.isValid(text.uppercased()) == true)
        #expect(Fingerprint.isValid(text.filter { $0 != "-" }) == true)
    }

    @Test(
        "What is not a whole fingerprint is neither right nor wrong",
        arguments: ["", "-", "0000", "0000-0000-0000-0000", "0000-0000-0000-0000-00", "zebra"])
    func notWhole(typed: String) {
        #expect(Fingerprint.isValid(typed) == nil)
    }

    @Test("A foreign character is never skipped", arguments: ["!", "u", " ", "\u{E4}", "#"])
    func foreign(character: String) {
        #expect(Fingerprint.isValid("0000-0000\(character)-0000-0000-0") == nil)
        #expect(Fingerprint.isValid("000\(character)-0000-0000-0000-0") == nil)
    }

    @Test("A prefix matches however it is typed, and nothing else does")
    func prefixes() {
        let fingerprint = Self.peer(4).fingerprint
        let text = fingerprint.text
        for count in 1...text.count {
            #expect(fingerprint.matches(prefix: String(text.prefix(count))))
            #expect(fingerprint.matches(prefix: text.prefix(count).uppercased()))
        }
        #expect(!fingerprint.matches(prefix: ""))
        #expect(!fingerprint.matches(prefix: text + "0"))
        #expect(!fingerprint.matches(prefix: String(text.dropFirst())))
        #expect(!fingerprint.matches(prefix: "!"))
    }
}

@Suite("Base32 and hexadecimal")
struct EncodingTests {
    @Test("Every character of the alphabet has its value, in both cases")
    func alphabet() {
        for (value, character) in Base32.alphabet.enumerated() {
            #expect(Base32.value(of: character) == UInt8(value))
            let upper = character >= 97 ? character - 32 : character
            #expect(Base32.value(of: upper) == UInt8(value))
        }
        #expect(Base32.alphabet.count == 32)
        #expect(Base32.value(of: UInt8(ascii: "u")) == nil)
        #expect(Base32.value(of: UInt8(ascii: "-")) == nil)
    }

    @Test("Hexadecimal reads back, in both cases")
    func hex() {
        let bytes = [UInt8](0...255)
        #expect(Hex.decode(Hex.encode(bytes)) == bytes)
        #expect(Hex.decode(Hex.encode(bytes).uppercased()) == bytes)
    }

    @Test("What is not hexadecimal is refused", arguments: ["a", "0g", " 00", "0x00", "\u{FF11}0"])
    func notHex(text: String) {
        #expect(Hex.decode(text) == nil)
    }

    @Test("Thirty-two bytes compare like bytes and keep their order")
    func bytes32() throws {
        var generator = SeededGenerator(seed: 9)
        for _ in 0..<100 {
            let a = (0..<32).map { _ in UInt8(truncatingIfNeeded: generator.next() % 3) }
            let b = (0..<32).map { _ in UInt8(truncatingIfNeeded: generator.next() % 3) }
            let (x, y) = (try #require(Bytes32(a)), try #require(Bytes32(b)))
            #expect(x.bytes == a)
            #expect((x < y) == a.lexicographicallyPrecedes(b))
            #expect((x == y) == (a == b))
        }
        #expect(Bytes32([UInt8](repeating: 0, count: 31)) == nil)
        #expect(Bytes32([UInt8](repeating: 0, count: 33)) == nil)
    }
}
