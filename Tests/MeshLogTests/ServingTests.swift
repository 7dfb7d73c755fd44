import MeshIdentity
import MeshLog
import MeshModel
import Testing

@Suite struct ServingTests {
    private let room: RoomID

    init() throws { room = try RoomID.open("ops") }

    @Test("Above the trunk of a split log a branch is served, and nothing below what was asked")
    func aboveTrunk() throws {
        let tables = MemoryTables()
        var archive = try Archive(tables: tables, mesh: Scribe.mesh)
        var scribe = Scribe(1, room: room)
        let first = scribe.write("one")
        let branch = [scribe.write("two"), scribe.write("three")]
        let other = scribe.write("another two", after: first)
        for entry in [first] + branch + [other] {
            _ = try archive.append([entry], by: .flood, at: WallTime(milliseconds: 1))
        }
        let trunk = try #require(tables.segments().first)
        #expect(trunk.isSplit && trunk.head == 1)
        for from in Seq(1)...6 {
            let chunk = try archive.chunk(trunk.id, from: from, to: from, isProved: false)
            #expect(chunk.allSatisfy { $0.header.seq >= from })
        }
        let whole = try archive.chunk(trunk.id, from: 1, to: 1, isProved: false)
        #expect(whole.first?.header.seq == 1)
    }
}
