import MeshIdentity
import MeshLog
import MeshModel
import Testing

/// Gap lines: where missing entries are shown, and where not.
@Suite struct GapTests {
    let room: RoomID
    var shelf: Shelf
    var ada: Scribe
    var bob: Scribe
    var eve: Scribe

    init() throws {
        room = try RoomID.open("ops")
        shelf = try Shelf()
        ada = Scribe(1, room: room)
        bob = Scribe(2, room: room)
        eve = Scribe(3, room: room)
    }

    private func texts(last: Int? = nil) throws -> [String] {
        var view = shelf.view
        return try view.page(PageQuery(room: room, last: last)).texts
    }

    @Test("A held entry above missing ones proves them; the gap stands before it and closes")
    mutating func loose() throws {
        let entries = (1...6).map { ada.write("a\($0)", at: Scribe.noon + UInt64($0) * 1000) }
        try shelf.take(entries[0], entries[3])
        #expect(try texts() == ["a1", "gap 2-3 above", "a4"])
        try shelf.take(entries[5])
        #expect(try texts() == ["a1", "gap 2-3 above", "a4", "gap 5-5 above", "a6"])
        var view = shelf.view
        let gap = try #require(try view.page(PageQuery(room: room)).gaps.first)
        #expect(gap.author == ada.peer && gap.epoch == 1 && gap.before == entries[3].id)
        try shelf.take(entries[1])
        #expect(try texts() == ["a1", "a2", "gap 3-3 above", "a4", "gap 5-5 above", "a6"])
        try shelf.take(entries[2], entries[4])
        #expect(try texts() == ["a1", "a2", "a3", "a4", "a5", "a6"])
    }

    @Test("A page shows a gap only if its first proof is on it")
    mutating func pages() throws {
        let entries = (1...5).map { ada.write("a\($0)", at: Scribe.noon + UInt64($0) * 1000) }
        try shelf.take(entries[0], entries[2], entries[3], entries[4])
        #expect(try texts() == ["a1", "gap 2-2 above", "a3", "a4", "a5"])
        #expect(try texts(last: 2) == ["a4", "a5"])
        #expect(try texts(last: 3) == ["gap 2-2 above", "a3", "a4", "a5"])
    }

    @Test("Cites of one author prove nothing, those of two do, up to where both agree")
    mutating func cited() throws {
        let entries = (1...5).map { ada.write("a\($0)", at: Scribe.noon + UInt64($0) * 1000) }
        try shelf.take(entries[0])
        let fromBob = bob.write("b1", at: Scribe.noon + 10_000, cites: [entries[4]])
        try shelf.take(fromBob)
        #expect(try texts() == ["a1", "b1"])
        let again = bob.write("b2", at: Scribe.noon + 11_000, cites: [entries[2]])
        try shelf.take(again)
        #expect(try texts() == ["a1", "b1", "b2"])
        try shelf.take(eve.write("e1", at: Scribe.noon + 12_000, cites: [entries[2]]))
        #expect(try texts() == ["a1", "gap 2-3 cited", "b1", "b2", "e1"])
        for entry in entries[1...] { try shelf.take(entry) }
        #expect(try texts() == ["a1", "a2", "a3", "a4", "a5", "b1", "b2", "e1"])
    }

    @Test("A log of which nothing is held has a gap without an author")
    mutating func unknownLog() throws {
        let first = ada.write("a1")
        try shelf.take(bob.write("b1", cites: [first]), eve.write("e1", cites: [first]))
        var view = shelf.view
        let page = try view.page(PageQuery(room: room))
        #expect(page.gaps.count == 1)
        #expect(page.gaps.first?.author == nil)
        #expect(page.gaps.first?.log == ada.ref)
        #expect(page.gaps.first?.to == 1)
    }

    @Test("Lines made one by one show the same gaps as a page")
    mutating func incremental() throws {
        let entries = (1...5).map { ada.write("a\($0)", at: Scribe.noon + UInt64($0) * 1000) }
        try shelf.take(entries[0], entries[2], entries[4])
        let rows = shelf.tables.rows(in: room, after: nil, limit: 99)
        var view = shelf.view
        let single = try rows.flatMap { try view.lines(for: [$0]) }
        #expect(try single == view.page(PageQuery(room: room)).lines)
    }

    @Test("A missing entry makes the clocks above it lower bounds")
    mutating func partial() throws {
        let entries = (1...3).map { ada.write("a\($0)", at: Scribe.noon + UInt64($0) * 1000) }
        let answer = bob.write("b1", at: Scribe.noon + 9000, cites: [entries[2]])
        try shelf.take(entries[0], answer)
        var view = shelf.view
        var lines = try view.page(PageQuery(room: room)).entries
        #expect(lines.map(\.isClockPartial) == [false, true])
        #expect(lines[1].clock?.components.map(\.seq) == [1])
        try shelf.take(entries[1], entries[2])
        view = shelf.view
        lines = try view.page(PageQuery(room: room)).entries
        #expect(lines.map(\.isClockPartial) == [false, false, false, false])
        #expect(lines[3].clock?[BranchID(author: ada.peer, epoch: 1, first: nil)] == 3)
    }
}
