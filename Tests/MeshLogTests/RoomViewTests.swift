import MeshIdentity
import MeshLog
import MeshModel
import Testing

/// Pages of the merged log: which lines, in which order, with which names and flags.
@Suite struct RoomViewTests {
    let room: RoomID
    let other: RoomID
    var shelf: Shelf

    init() throws {
        room = try RoomID.open("ops")
        other = try RoomID.open("field")
        shelf = try Shelf()
    }

    /// Two authors, 20 entries a minute apart, in turn.
    private mutating func fill() throws -> [VerifiedEntry] {
        var (ada, bob) = (Scribe(1, room: room), Scribe(2, room: room))
        var all: [VerifiedEntry] = []
        for number in 0..<10 {
            let at = Scribe.noon + UInt64(number) * 120_000
            all.append(ada.write("a\(number)", at: at))
            all.append(bob.write("b\(number)", at: at + 60_000))
        }
        for entry in all { try shelf.take(entry, at: entry.header.at.milliseconds) }
        return all
    }

    @Test("Without filters a page is the whole log in its order")
    mutating func whole() throws {
        let all = try fill()
        var view = shelf.view
        let page = try view.page(PageQuery(room: room))
        #expect(page.entries.map(\.row.entry.id) == all.map(\.id))
        #expect(!page.hasMore)
    }

    @Test("The last n, what follows an entry and what was said since cut the same order")
    mutating func filters() throws {
        let all = try fill()
        var view = shelf.view
        #expect(try view.page(PageQuery(room: room, last: 3)).texts == ["b8", "a9", "b9"])
        #expect(try view.page(PageQuery(room: room, last: 0)).texts == [])
        #expect(
            try view.page(PageQuery(room: room, after: all[16].id)).texts == ["b8", "a9", "b9"])
        let since = WallTime(milliseconds: Scribe.noon + 18 * 60_000)
        #expect(try view.page(PageQuery(room: room, since: since)).texts == ["a9", "b9"])
        #expect(try view.page(PageQuery(room: room, last: 1, since: since)).texts == ["b9"])
        let both = PageQuery(room: room, since: since, after: all[18].id)
        #expect(try view.page(both).texts == ["b9"])
        #expect(throws: FindError.self) {
            try view.page(PageQuery(room: room, after: EntryID(.zero)))
        }
    }

    @Test("What a clock without a battery said counts as said when it arrived")
    mutating func odd() throws {
        var (ada, drone) = (Scribe(1, room: room), Scribe(2, room: room))
        let (early, late) = (ada.write("early"), ada.write("late", at: Scribe.noon + 600_000))
        let lost = drone.write("lost clock", at: 5000)
        try shelf.take(early, at: Scribe.noon)
        try shelf.take(late, lost, at: Scribe.noon + 600_000)
        var view = shelf.view
        let page = try view.page(
            PageQuery(room: room, since: WallTime(milliseconds: Scribe.noon + 300_000)))
        #expect(page.texts == ["lost clock", "late"])
        #expect(page.entries.map(\.hasOddTime) == [true, false])
    }

    @Test("Times are odd before 2020, ahead of the reader, not when late or pushed")
    func oddRules() {
        func isOdd(_ at: UInt64, push: UInt64 = 0, received: UInt64 = Scribe.noon) -> Bool {
            var scribe = Scribe(1, room: room)
            return OddTime.isOdd(
                scribe.write("x", at: at, push: push).header,
                receivedAt: WallTime(milliseconds: received))
        }
        #expect(!isOdd(Scribe.noon))
        #expect(!isOdd(Scribe.noon - 86_400_000))
        #expect(!isOdd(Scribe.noon + 300_000))
        #expect(isOdd(Scribe.noon + 300_001))
        #expect(isOdd(1_577_836_799_999))
        #expect(!isOdd(Scribe.noon, push: 300_001))
        // The reader's own clock is the one that is wrong.
        #expect(!isOdd(Scribe.noon, received: 5000))
    }

    @Test("All rooms are merged in one order, profiles left out")
    mutating func allRooms() throws {
        var (ada, bob) = (Scribe(1, room: room), Scribe(2, room: other))
        var profile = Scribe(1, room: .profile)
        try shelf.take(
            ada.write("one"), bob.write("two", at: Scribe.noon + 1000),
            ada.write("three", at: Scribe.noon + 2000), profile.write("ada", kind: .nick))
        var view = shelf.view
        #expect(try view.page(PageQuery(room: nil)).texts == ["one", "two", "three"])
        #expect(try view.page(PageQuery(room: nil, last: 2)).texts == ["two", "three"])
        #expect(
            shelf.tables.rooms().map(\.room) == [.profile, other, room].sorted())
    }

    @Test("The name shown is the latest that is a nickname")
    mutating func nick() throws {
        var (ada, profile) = (Scribe(1, room: room), Scribe(1, room: .profile))
        try shelf.take(ada.write("one"))
        var view = shelf.view
        #expect(try view.page(PageQuery(room: room)).entries.map(\.nick) == [nil])
        try shelf.take(
            profile.write("ada", at: Scribe.noon + 5000, kind: .nick),
            profile.write("grace", kind: .nick))
        view = shelf.view
        // The second follows the first, so it stands after it whatever its clock said.
        #expect(try view.page(PageQuery(room: room)).entries.map(\.nick) == ["grace"])
        try shelf.take(profile.write("evil\u{202E}", at: Scribe.noon + 9000, kind: .nick))
        view = shelf.view
        #expect(try view.page(PageQuery(room: room)).entries.map(\.nick) == [nil])
    }

    @Test("An id is found by a prefix that is long enough and unique")
    mutating func find() throws {
        let all = try fill()
        let view = shelf.view
        for entry in all {
            #expect(try view.find(String(entry.id.hex.prefix(11))) == entry.id)
            #expect(try view.find(entry.id.hex.uppercased()) == entry.id)
        }
        let hex = all[0].id.hex
        #expect(throws: FindError.tooShort(String(hex.prefix(3)))) {
            try view.find(String(hex.prefix(3)))
        }
        #expect(throws: FindError.notHexadecimal("wxyz")) { try view.find("wxyz") }
        #expect(throws: FindError.notHexadecimal(hex + "0")) { try view.find(hex + "0") }
        #expect(throws: FindError.self) { try view.find("ffff" + String(hex.dropFirst(4))) }
    }

    @Test("An ambiguous prefix names the candidates")
    mutating func ambiguous() throws {
        var ada = Scribe(1, room: room)
        var seen: [String: EntryID] = [:]
        // Two of some hundred ids share 16 bits: the birthday of 65,536 is at 300.
        for number in 0..<3000 {
            let entry = ada.write("text \(number)")
            try shelf.take(entry)
            let prefix = String(entry.id.hex.prefix(4))
            guard let first = seen.updateValue(entry.id, forKey: prefix) else { continue }
            let view = shelf.view
            #expect(throws: FindError.ambiguous(prefix, [first, entry.id].sorted())) {
                try view.find(prefix)
            }
            return
        }
        Issue.record("no two ids with the same first 4 digits")
    }
}
