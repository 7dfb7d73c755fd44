import MeshModel
import Testing

@Suite("Names")
struct NameTests {
    @Test("Each ASCII character is in a room name only where the rule says so")
    func roomCharacters() {
        let inside = Set("abcdefghijklmnopqrstuvwxyz0123456789-_.".utf8)
        let front = inside.subtracting("-_.".utf8)
        for byte in UInt8(0)...127 {
            let character = String(decoding: [byte], as: UTF8.self)
            #expect(((try? RoomID.open(character)) != nil) == front.contains(byte), "\(byte)")
            #expect(
                ((try? RoomID.open("a" + character)) != nil) == inside.contains(byte), "\(byte)")
        }
    }

    @Test("A room name has 1 to 48 bytes")
    func roomLength() throws {
        #expect(throws: NameError.empty) { try RoomID.open("") }
        #expect(try RoomID.open(String(repeating: "a", count: 48)).name.count == 48)
        #expect(throws: NameError.tooLong(bytes: 49, limit: 48)) {
            try RoomID.open(String(repeating: "a", count: 49))
        }
    }

    @Test("The first bad character is named", arguments: [("a b", 1), ("Ab", 0), ("ab\u{E4}", 2)])
    func roomOffset(name: String, offset: Int) {
        #expect(throws: NameError.badCharacter(offset: offset)) { try RoomID.open(name) }
    }

    @Test("A typed room may start with a hash and be in capitals")
    func typedRoom() throws {
        #expect(try RoomID.typed("#Ops") == RoomID.open("ops"))
        #expect(try RoomID.typed("OPS") == RoomID.open("ops"))
        #expect(throws: NameError.empty) { try RoomID.typed("#") }
        #expect(throws: NameError.self) { try RoomID.typed("##ops") }
        #expect(throws: NameError.self) { try RoomID.typed("\u{212A}ilo") }
    }

    @Test("Rooms sort by kind and then by name")
    func roomOrder() throws {
        let rooms = [RoomID.profile, try .open("a"), try .open("a.b"), try .open("b")]
        #expect(rooms.reversed().sorted() == rooms)
    }

    @Test("Each hidden character is refused in a nickname")
    func nickHidden() {
        for value in UInt32(0)..<0x3000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let isGood = (try? Nickname.check("a\(scalar)b")) != nil
            #expect(isGood != Nickname.isHidden(scalar), "U+\(String(value, radix: 16))")
        }
        for value: UInt32 in [0, 0x1B, 0x7F, 0x9B, 0xAD, 0x200B, 0x200E, 0x202E, 0x2066, 0x2028] {
            guard let scalar = Unicode.Scalar(value) else { continue }
            #expect(Nickname.isHidden(scalar), "U+\(String(value, radix: 16))")
        }
    }

    @Test("White space is refused at the ends of a nickname and allowed inside")
    func nickSpace() throws {
        try Nickname.check("drone 2")
        #expect(throws: NameError.badCharacter(offset: 0)) { try Nickname.check(" a") }
        #expect(throws: NameError.badCharacter(offset: 1)) { try Nickname.check("a ") }
        #expect(throws: NameError.badCharacter(offset: 2)) { try Nickname.check("\u{FC}\u{3000}") }
    }

    @Test("A nickname has 1 to 48 bytes of UTF-8")
    func nickLength() throws {
        #expect(throws: NameError.empty) { try Nickname.check("") }
        try Nickname.check(String(repeating: "\u{FC}", count: 24))
        #expect(throws: NameError.tooLong(bytes: 50, limit: 48)) {
            try Nickname.check(String(repeating: "\u{FC}", count: 25))
        }
    }
}
