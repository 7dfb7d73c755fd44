/// A room of the mesh: an open room by its name, or the profile of one peer.
///
/// The identity of a room is its kind and name; nothing is derived from them, so two peers that
/// were never connected mean the same room by the same name.
package struct RoomID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package enum Kind: UInt8, Sendable {
        /// Nickname and joined rooms of the log's author. Has no name.
        case profile = 0
        /// Readable by everybody in the mesh.
        case open = 1
    }

    package let kind: Kind
    /// Without the `#`. Empty for a profile.
    package let name: String

    private init(kind: Kind, name: String) {
        self.kind = kind
        self.name = name
    }

    package static let profile = RoomID(kind: .profile, name: "")

    /// An open room; `name` as on the wire: a letter or digit, then letters, digits, `.`, `_`, `-`,
    /// all lower-case ASCII, at most `ModelLimits.roomName` bytes. Anything else is refused: names
    /// that look alike but differ in bytes would split a team into two rooms.
    package static func open(_ name: String) throws(NameError) -> RoomID {
        let bytes = Array(name.utf8)
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= ModelLimits.roomName else {
            throw .tooLong(bytes: bytes.count, limit: ModelLimits.roomName)
        }
        for (offset, byte) in bytes.enumerated() {
            switch byte {
            case 97...122, 48...57: continue
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                if offset > 0 { continue }
                throw .badCharacter(offset: offset)
            default: throw .badCharacter(offset: offset)
            }
        }
        return RoomID(kind: .open, name: name)
    }

    /// What a person types: an optional `#`, ASCII upper case folded to lower case.
    package static func typed(_ text: String) throws(NameError) -> RoomID {
        let name = text.hasPrefix("#") ? text.dropFirst() : Substring(text)
        let folded = name.utf8.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }
        return try open(String(decoding: folded, as: UTF8.self))
    }

    package var description: String { kind == .profile ? "profile" : "#\(name)" }

    package static func < (a: RoomID, b: RoomID) -> Bool {
        (a.kind.rawValue, a.name) < (b.kind.rawValue, b.name)
    }
}

/// Why a name or a text was refused.
package enum NameError: Error, Equatable, CustomStringConvertible {
    case empty
    case tooLong(bytes: Int, limit: Int)
    /// Offset in bytes of the first character that is not allowed.
    case badCharacter(offset: Int)

    package var description: String {
        switch self {
        case .empty: "it is empty"
        case .tooLong(let bytes, let limit): "it has \(bytes) bytes, the limit is \(limit)"
        case .badCharacter(let offset): "the character at byte \(offset) is not allowed"
        }
    }
}

/// The rules for a nickname: 1 to `ModelLimits.nick` bytes of UTF-8 without control characters,
/// direction overrides, zero-width characters and white space at either end.
package enum Nickname {
    package static func check(_ nick: String) throws(NameError) {
        guard !nick.isEmpty else { throw .empty }
        guard nick.utf8.count <= ModelLimits.nick else {
            throw .tooLong(bytes: nick.utf8.count, limit: ModelLimits.nick)
        }
        var offset = 0
        for scalar in nick.unicodeScalars {
            let isEnd = offset == 0 || offset + UTF8.width(scalar) == nick.utf8.count
            if isHidden(scalar) || (isEnd && scalar.properties.isWhitespace) {
                throw .badCharacter(offset: offset)
            }
            offset += UTF8.width(scalar)
        }
    }

    /// Control, format (direction overrides, zero-width), surrogate and line-breaking characters.
    package static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator, .unassigned,
            .privateUse:
            true
        default: false
        }
    }
}
