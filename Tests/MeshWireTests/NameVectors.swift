import MeshModel

@testable import MeshIdentity

/// The vectors of what people read and type.
extension IdentityVectors {
    static func fingerprints() -> VectorFile {
        let peers = [key.peer, PeerID(Sample.key), PeerID(.zero), PeerID(Sample.hash)]
        let typed = key.peer.fingerprint.text
        return VectorFile(
            name: "fingerprint",
            about: "The fingerprint of a peer, in the form shown and as "
                + "somebody may type it.",
            accept: peers.map { peer in
                let text = peer.fingerprint.text
                let loud = text.uppercased().filter { $0 != "-" }
                return [
                    "peer": .hex(peer.bytes), "fingerprint": .string(text), "typed": .string(loud),
                ]
            },
            reject: [
                ["name": "two characters swapped", "typed": .string(swapFront(typed))],
                ["name": "too short", "typed": .string(String(typed.dropLast()))],
                ["name": "too long", "typed": .string(typed + "0")],
                ["name": "a foreign character too many", "typed": .string(typed + "!")],
                ["name": "a u, which the alphabet lacks", "typed": "uuuu-uuuu-uuuu-uuuu-u"],
                ["name": "nothing", "typed": ""],
            ])
    }

    /// The first two characters that differ, swapped.
    private static func swapFront(_ text: String) -> String {
        var characters = Array(text)
        let other = characters.indices.dropFirst().first {
            characters[$0] != characters[0] && characters[$0] != "-"
        }
        characters.swapAt(0, other ?? 0)
        return String(characters)
    }

    static func keys() -> VectorFile {
        let top = [UInt8](repeating: 0xFF, count: 30)
        let bad: [(String, [UInt8])] =
            KeyRules.smallOrder.map { ("small order", $0) }
            + KeyRules.smallOrder.map {
                ("small order, sign bit set", $0.with([$0[31] | 128], at: 31))
            }
            + [
                ("p, which is 0 again", [0xED] + top + [0x7F]),
                ("p + 1, which is 1 again", [0xEE] + top + [0x7F]),
                ("2^255 - 1", [0xFF] + top + [0x7F]),
                ("2^256 - 1", [0xFF] + top + [0xFF]),
                ("not on the curve", offCurve),
                ("31 bytes", .init(repeating: 9, count: 31)),
                ("33 bytes", .init(repeating: 9, count: 33)),
            ]
        return VectorFile(
            name: "key", about: "Which bytes may be the public key of a peer.",
            accept: [["key": .hex(key.peer.bytes)], ["key": .hex(base)]],
            reject: bad.map { ["name": .string($0.0), "key": .hex($0.1)] })
    }

    /// y = 2, for which no x exists.
    static let offCurve = [2] + [UInt8](repeating: 0, count: 31)

    /// The base point of the curve: y = 4/5.
    private static var base: [UInt8] { [0x58] + [UInt8](repeating: 0x66, count: 31) }

    static func rooms() -> VectorFile {
        let good = [
            "ops", "#ops", "OPS", "#Team-7", "7", "a.b_c-d", String(repeating: "x", count: 48),
        ]
        let bad = [
            "", "#", "##ops", "-ops", ".ops", "_ops", "team 7", "team/7", "t\u{E4}m", "o\u{200B}ps",
            "ops\n", String(repeating: "x", count: 49),
        ]
        return VectorFile(
            name: "room", about: "Names of open rooms as typed, and as they travel.",
            accept: good.compactMap { typed in
                guard let room = try? RoomID.typed(typed) else { return nil }
                return ["typed": .string(typed), "room": .string(room.name)]
            },
            reject: bad.map { ["typed": .string($0)] })
    }

    static func nicks() -> VectorFile {
        let good = [
            "ana", "drone 2", "J\u{FC}rgen", "\u{5C0F}\u{9E1F}", "\u{1F426}", "-_!\"'", "e\u{301}",
            String(repeating: "n", count: 48), String(repeating: "\u{FC}", count: 24),
        ]
        return VectorFile(
            name: "nick", about: "Nicknames.", accept: good.map { ["nick": .string($0)] },
            reject: badNicks.map { ["name": .string($0.0), "nick": .string($0.1)] })
    }

    static let badNicks: [(String, String)] = [
        ("nothing", ""), ("49 bytes", String(repeating: "n", count: 49)),
        ("25 letters of two bytes", String(repeating: "\u{FC}", count: 25)),
        ("a space in front", " ana"), ("a space at the end", "ana "), ("a space alone", " "),
        ("a no-break space in front", "\u{A0}ana"), ("a line feed", "a\nb"), ("a tab", "a\tb"),
        ("a zero", "a\0b"), ("an escape", "a\u{1B}[31mb"), ("a C1 control", "a\u{9B}b"),
        ("a delete", "a\u{7F}b"), ("a right-to-left override", "a\u{202E}b"),
        ("an isolate", "a\u{2066}b"), ("a zero-width space", "a\u{200B}b"),
        ("a zero-width joiner", "a\u{200D}b"), ("a byte order mark", "\u{FEFF}ana"),
        ("a soft hyphen", "a\u{AD}b"), ("a line separator", "a\u{2028}b"),
        ("a paragraph separator", "a\u{2029}b"), ("a private character", "a\u{E000}b"),
        ("a character that is not assigned", "a\u{FFFF}b"), ("a tag character", "a\u{E0041}b"),
    ]
}
