/// Why bytes are not a value: what is wrong, where, and in which field.
///
/// Always the sender's fault, never a bug of ours; the datagram is dropped and counted by `code`.
package struct WireError: Error, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        /// The field needs more bytes than are left.
        case truncated
        /// Bytes follow the last field.
        case trailing
        /// A second form of a value that has one canonical form: a padded varint, unsorted cites.
        case nonCanonical
        /// A count or length beyond its limit.
        case tooLarge
        /// A value that no sender may write: a zero seq, an unknown flag, a bad room name.
        case invalid
        /// A version of the protocol that is not spoken here.
        case version
    }

    package let code: Code
    /// Bytes from the start of what was being decoded.
    package let offset: Int
    package let field: StaticString

    package init(_ code: Code, at offset: Int, field: StaticString) {
        self.code = code
        self.offset = offset
        self.field = field
    }

    package static func == (a: WireError, b: WireError) -> Bool {
        a.code == b.code && a.offset == b.offset && a.field.description == b.field.description
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(code)
        hasher.combine(offset)
    }

    package var description: String { "\(code.rawValue) in \(field) at byte \(offset)" }
}
