/// A peer: its Ed25519 public key (RFC 8032), 32 bytes.
package struct PeerID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let raw: Bytes32

    package init(_ raw: Bytes32) { self.raw = raw }

    /// Takes exactly 32 bytes; any other count gives nil. Whether they are a point on the curve is
    /// for `MeshIdentity` to judge.
    package init?(_ bytes: some Collection<UInt8>) {
        guard let raw = Bytes32(bytes) else { return nil }
        self.raw = raw
    }

    package var bytes: [UInt8] { raw.bytes }
    package var hex: String { Hex.encode(bytes) }
    package var fingerprint: Fingerprint { Fingerprint(of: self) }
    package var description: String { fingerprint.text }

    package static func < (a: PeerID, b: PeerID) -> Bool { a.raw < b.raw }
}

/// What people compare: the first 80 bits of the public key in base32, in groups of four, and one
/// check character, as in `k7qf-9mzt-2xw8-pn4c-r`.
///
/// The check character is the sum of `2^(i+1) * d_i` over GF(32) (x^5 + x^2 + 1), which catches
/// every wrong character and every swap of two characters.
package struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
    /// 16 characters and the check character, without hyphens.
    private let symbols: [UInt8]

    package static let length = 17

    package init(of peer: PeerID) {
        let groups = Base32.groups(of: peer.bytes, count: 16)
        symbols = (groups + [Self.check(groups)]).map { Base32.alphabet[Int($0)] }
    }

    /// The fingerprint with hyphens.
    package var text: String {
        var out = ""
        for (index, symbol) in symbols.enumerated() {
            if index > 0 && index % 4 == 0 { out += "-" }
            out.unicodeScalars.append(Unicode.Scalar(symbol))
        }
        return out
    }

    package var description: String { text }

    /// Whether `typed` (hyphens and case ignored) is a prefix of this fingerprint.
    package func matches(prefix typed: String) -> Bool {
        let wanted = typed.utf8.filter { $0 != UInt8(ascii: "-") }.map(Base32.value(of:))
        guard !wanted.isEmpty, wanted.count <= symbols.count else { return false }
        return zip(wanted, symbols).allSatisfy { $0 != nil && $0 == Base32.value(of: $1) }
    }

    /// Whether a fully typed fingerprint carries the right check character; nil when it is not a
    /// whole fingerprint.
    package static func isValid(_ typed: String) -> Bool? {
        let characters = typed.utf8.filter { $0 != UInt8(ascii: "-") }
        let values = characters.compactMap(Base32.value(of:))
        guard characters.count == length, values.count == length else { return nil }
        return check(Array(values.dropLast())) == values[length - 1]
    }

    private static func check(_ groups: [UInt8]) -> UInt8 {
        var sum: UInt8 = 0
        for group in groups.reversed() { sum = double(sum ^ group) }
        return sum
    }

    private static func double(_ value: UInt8) -> UInt8 {
        let shifted = value << 1
        return shifted & 32 == 0 ? shifted : (shifted ^ 0b100101) & 31
    }
}
