import MeshIdentity
import MeshLog
import MeshModel
import Testing

/// Times of entries whose causes come late.
@Suite struct TimeTests {
    private let room: RoomID

    init() throws { room = try RoomID.open("ops") }

    private func times(_ shelf: Shelf, of entries: [VerifiedEntry]) -> [UInt64?] {
        entries.map { entry in shelf.tables.rows.first { $0.entry.id == entry.id }?.time }
    }

    @Test("What is incomplete counts for nobody: a late cause moves the one entry that cites it")
    func lateCause() throws {
        var shelf = try Shelf()
        var (other, liar) = (Scribe(1, room: room), Scribe(2, room: room))
        let missing = other.write("missing", at: Scribe.noon)
        let late = other.write("late", at: Scribe.noon + 9_000)
        // Claims to be earlier than what it cites, and so does all that follows.
        var chain = [liar.write("first", at: 1_000, cites: [late])]
        for number in 2...10 { chain.append(liar.write("\(number)", at: 1_000 + UInt64(number))) }
        for entry in chain { try shelf.take(entry) }
        let claims = chain.map(\.header.claimedTime)
        #expect(times(shelf, of: chain) == claims)
        try shelf.take(late)
        #expect(times(shelf, of: chain) == claims)
        try shelf.take(missing)
        let final = (1...10).map { Scribe.noon + 9_000 + UInt64($0) }
        #expect(times(shelf, of: chain) == final)
    }

    @Test("Entries of an author whose push is right stand in order however incomplete they are")
    func honest() throws {
        var shelf = try Shelf()
        var (other, author) = (Scribe(1, room: room), Scribe(2, room: room))
        let missing = other.write("missing", at: Scribe.noon + 5_000)
        let first = author.write("first", at: 1_000, push: Scribe.noon + 4_001, cites: [missing])
        let second = author.write("second", at: 999, push: Scribe.noon + 4_003)
        try shelf.take(second, first)
        let before = times(shelf, of: [first, second])
        #expect(before == [Scribe.noon + 5_001, Scribe.noon + 5_002])
        try shelf.take(missing)
        #expect(times(shelf, of: [first, second]) == before)
    }
}
