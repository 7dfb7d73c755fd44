import Foundation
import GRDB
import MeshGossip
import MeshIdentity
import MeshLog
import MeshModel
import Testing

@testable import MeshStore

@Suite struct StoreTests {
    let temporary: TemporaryHome
    let room: RoomID

    init() throws {
        temporary = try TemporaryHome()
        room = try RoomID.open("ops")
    }

    @Test("What was appended is there after a crash at the next instruction")
    func crash() async throws {
        let (store, boot) = try Store.open(temporary.options())
        var scribe = Scribe(boot.key, room: room)
        let first = scribe.write("one")
        let second = scribe.write("two")
        let answer = try await store.append([
            AppendRequest(1, [first], own: true), AppendRequest(2, [second], own: true),
        ])
        #expect(answer.done.map(\.token) == [1, 2])
        #expect(answer.done.map(\.appended.outcome) == [.extended, .extended])
        // The store is open and has checkpointed nothing: this is what a crash leaves.
        let crashed = temporary.root + "/crashed"
        try temporary.copy(temporary.home, to: crashed)
        let (_, after) = try Store.open(temporary.options(home: crashed))
        #expect(after.segments.map(\.head) == [2])
        #expect(after.segments.map(\.headID) == [second.id])
        #expect(after.level == answer.level)
        #expect(after.authorBytes == [boot.key.peer: answer.level.usedBytes])
        #expect(after.lastTimes[room] == 1_700_000_000_001)
    }

    @Test("Commits wait for the disk: synchronous is FULL")
    func synchronous() async throws {
        let (store, _) = try Store.open(temporary.options())
        let mode = try await store.onWriter { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
        #expect(mode == 2)
        let journal = try await store.onWriter {
            try String.fetchOne($0, sql: "PRAGMA journal_mode")
        }
        #expect(journal == "wal")
    }

    @Test("A failed transaction leaves no trace and says what the store holds")
    func failure() async throws {
        let (store, boot) = try Store.open(temporary.options())
        var scribe = Scribe(boot.key, room: room)
        let first = scribe.write("one")
        _ = try await store.append([AppendRequest(1, [first], own: true)])
        try FileManager.default.removeItem(atPath: temporary.runtime)
        try Data().write(to: URL(fileURLWithPath: temporary.runtime))
        let second = scribe.write("two")
        let failure = await #expect(throws: AppendFailure.self) {
            try await store.append([AppendRequest(7, [second], own: true)])
        }
        #expect(failure?.tokens == [7])
        #expect(failure?.error.code == .marker)
        #expect(failure?.segments.map(\.head) == [1])
        try FileManager.default.removeItem(atPath: temporary.runtime)
        let answer = try await store.append([AppendRequest(8, [second], own: true)])
        #expect(answer.done.map(\.appended.outcome) == [.extended])
        #expect(try await store.row(second.id)?.arrival == 2)
    }

    @Test("Reads see every committed entry and serve runs as the archive does")
    func reads() async throws {
        let (store, boot) = try Store.open(temporary.options())
        var scribe = Scribe(boot.key, room: room)
        let run = (1...100).map { scribe.write("line \($0)") }
        _ = try await store.append([AppendRequest(1, run, own: true)])
        let read = try await store.read(
            RunQuery(token: 5, segment: SegmentID(0), from: 3, to: 100, isProved: false))
        #expect(read.token == 5)
        #expect(read.entries == run[2..<64].map(\.entry))
        let none = try await store.read(
            RunQuery(token: 6, segment: SegmentID(9), from: 3, to: 100, isProved: false))
        #expect(none.entries.isEmpty)
        let page = try await store.page(PageQuery(room: room, last: 2))
        #expect(page.lines.count == 2)
        #expect(try await store.find(String(run[4].id.hex.prefix(8))) == run[4].id)
        #expect(try await store.rooms().map(\.entries) == [100])
    }

    @Test("Forgetting drops bodies, keeps headers and order, and frees their bytes")
    func forget() async throws {
        let (store, boot) = try Store.open(temporary.options())
        var scribe = Scribe(boot.key, room: room)
        let start: UInt64 = 1_700_000_000_000
        let run = (0..<10).map { scribe.write("secret \($0)", at: start + UInt64($0) * 1000) }
        let before = try await store.append([AppendRequest(1, run, own: true)]).level
        let forgotten = try await store.forget(
            room, before: WallTime(milliseconds: start + 4000))
        #expect(forgotten.bodies == 4)
        #expect(forgotten.bytes == 32)
        #expect(forgotten.level.usedBytes == before.usedBytes - 32)
        let read = try await store.read(
            RunQuery(token: 1, segment: SegmentID(0), from: 1, to: 10, isProved: false))
        #expect(read.entries.map(\.id) == run.map(\.id))
        #expect(read.entries.map { $0.body == nil } == (0..<10).map { $0 < 4 })
        try store.close()
        let file = try Data(contentsOf: URL(fileURLWithPath: temporary.home + "/starling.db"))
        #expect(file.range(of: Data("secret 3".utf8)) == nil)
        #expect(file.range(of: Data("secret 4".utf8)) != nil)
    }

    @Test("Joined rooms and settings survive")
    func settings() async throws {
        let (store, boot) = try Store.open(temporary.options())
        #expect(boot.joined.isEmpty && boot.nick == nil)
        try await store.setJoined(room, true)
        try await store.setNick("ada")
        try store.close()
        // The same value may not be open twice: let the first go.
        withExtendedLifetime(store) {}
        let other = temporary.root + "/other"
        try temporary.copy(temporary.home, to: other)
        let (again, after) = try Store.open(temporary.options(home: other))
        #expect(after.joined == [room])
        #expect(after.nick == "ada")
        try await again.setJoined(room, false)
        #expect(try await again.joined().isEmpty)
    }
}
