/// Crockford's base32 in lower case: no i, l, o, u, so that ids survive being read aloud.
package enum Base32 {
    package static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// The value 0...31 of one character; upper case and the look-alikes i, l, o are accepted.
    package static func value(of character: UInt8) -> UInt8? {
        let lower = character >= 65 && character <= 90 ? character + 32 : character
        switch lower {
        case UInt8(ascii: "o"): return 0
        case UInt8(ascii: "i"), UInt8(ascii: "l"): return 1
        default: return alphabet.firstIndex(of: lower).map { UInt8($0) }
        }
    }

    /// Five-bit groups of `bytes` from the front, `count` of them; bits past the end are zero.
    package static func groups(of bytes: [UInt8], count: Int) -> [UInt8] {
        (0..<count).map { index in
            var value: UInt8 = 0
            for bit in index * 5..<index * 5 + 5 {
                let byte = bit / 8 < bytes.count ? bytes[bit / 8] : 0
                value = value << 1 | (byte >> UInt8(7 - bit % 8)) & 1
            }
            return value
        }
    }
}

/// Lower-case hexadecimal, for ids in JSON and on the command line.
package enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var out: [UInt8] = []
        for byte in bytes {
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Nil for an odd length or a character that is not hexadecimal.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count % 2 == 0 else { return nil }
        var out: [UInt8] = []
        for index in stride(from: 0, to: characters.count, by: 2) {
            guard let high = digit(characters[index]), let low = digit(characters[index + 1])
            else { return nil }
            out.append(high << 4 | low)
        }
        return out
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case 48...57: character - 48
        case 97...102: character - 87
        case 65...70: character - 55
        default: nil
        }
    }
}
