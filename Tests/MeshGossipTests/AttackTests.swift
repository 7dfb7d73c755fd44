import MeshIdentity
import MeshLog
import MeshModel
import MeshWire
import Testing

@testable import MeshGossip

/// What hostile neighbours and authors tried, each of which once worked.
@Suite("Attacks")
struct AttackTests {
    private static func entry(
        _ key: PeerKey, epoch: UInt64 = 1, seq: Seq = 1, cites: [Cite] = []
    ) throws -> VerifiedEntry {
        let log = LogID(author: key.peer, epoch: epoch, room: try RoomID.open("ops"))
        let body = Array("x".utf8)
        let header = EntryHeader(
            log: LogRef(of: log, mesh: Cell.mesh), seq: seq, previous: .none,
            at: WallTime(milliseconds: 1_700_000_000_000), push: 0, cites: cites, more: false,
            kind: .text, bodyLength: UInt32(body.count), bodyHash: Hashing.sha256(body))
        return key.sign(header: header, body: body, log: log, mesh: Cell.mesh)
    }

    /// Somebody with the mesh key, who is no engine, at address 99.
    private struct Insider {
        let key = PeerKey.generate()
        var sealer = FrameSealer(mesh: Cell.key, salt: 4711)

        mutating func send(_ messages: [Message], to index: Int, in cell: inout Cell) throws {
            cell.receive(sealer.seal(FrameCodec.encode(messages)), from: 99, at: index)
            try cell.run(.milliseconds(1))
        }

        /// A right echo of a peer, and a hello that makes a confirmed neighbour of it.
        mutating func meet(_ index: Int, in cell: inout Cell) throws -> Echo {
            let header = try FrameHeader.read(try #require(cell.lastFrame(of: index)))
            let echo = Echo(salt: Echo.tag(ofSalt: header.salt), counter: header.counter)
            let hello = Hello(
                wantsReply: false, isFull: false, port: 9, multicastSent: 1, logs: 0,
                introduction: key.introduce(salt: sealer.salt, mesh: Cell.mesh),
                neighbours: [Hello.Neighbour(echo: echo, loss: 0)])
            try send([.hello(hello)], to: index, in: &cell)
            #expect(cell.peers[index].engine.neighbourViews.contains { $0.isConfirmed })
            return echo
        }
    }

    @Test(
        "A request at the end of the range of seq is answered by saying that nothing is held",
        arguments: [false, true])
    func range(isProved: Bool) throws {
        var cell = try Cell(1)
        _ = try cell.say("hello", as: 0)
        try cell.run(.seconds(6))
        var insider = Insider()
        let echo = try insider.meet(0, in: &cell)
        for from in [ModelLimits.seq, ModelLimits.seq - 63, ModelLimits.seq / 2, 2] {
            let range = Request.Range(
                log: .index(0), from: from, to: ModelLimits.seq, isProved: isProved)
            try insider.send(
                [.request(Request(echo: echo, tag: 1, ranges: [range]))], to: 0, in: &cell)
        }
        #expect(cell.peers[0].engine.counters.repair["answered"] == 4)
        #expect(cell.peers[0].engine.counters.sent["run"] == 4)
        // Twelve bytes of the message and one for each varint, no item.
        #expect(try #require(cell.lastFrame(of: 0)).count < WireLimits.frameOverhead + 20)
    }

    @Test("Cites of the last seq, by two authors, are a gap like any other")
    func gap() throws {
        let tables = MemoryTables()
        var archive = try Archive(tables: tables, mesh: Cell.mesh)
        for _ in 0..<2 {
            let cite = Cite(log: LogRef(5), seq: ModelLimits.seq, tag: 1)
            let one = try Self.entry(PeerKey.generate(), cites: [cite])
            _ = try archive.append([one], by: .flood, at: WallTime(milliseconds: 1))
        }
        var view = RoomView(tables: tables)
        #expect(try view.page(PageQuery(room: try RoomID.open("ops"))).lines.count >= 2)
    }

    @Test("Frames recorded under the salt before do not push a confirmed neighbour out")
    func replay() throws {
        var cell = try Cell(1)
        try cell.run(.seconds(300))
        try cell.add(1, seed: 1)
        cell.recorded = []
        // Peer 1 has changed its salt 10 s ago.
        try cell.run(.seconds(910))
        let mine = (cell.recorded ?? []).filter { $0.from == 1 }
        let old = try FrameHeader.read(try #require(mine.first?.bytes)).salt
        let frames = try mine.map(\.bytes).filter { try FrameHeader.read($0).salt == old }
        #expect(frames.count > 10)
        cell.recorded = nil
        for _ in 0..<80 {
            for frame in frames { cell.receive(frame, from: 99, at: 0) }
            try cell.run(.seconds(1))
            let confirmed = cell.peers[0].engine.neighbourViews.filter(\.isConfirmed)
            #expect(confirmed.map(\.address.bytes) == [[1]])
        }
    }

    /// Tables with more logs than a digest lists.
    private static func manyLogs() throws -> MemoryTables {
        let key = try #require(PeerKey(seed: [UInt8](repeating: 200, count: 32)))
        let tables = MemoryTables()
        var archive = try Archive(tables: tables, mesh: Cell.mesh)
        for epoch in 0..<200 {
            _ = try archive.append(
                [try entry(key, epoch: UInt64(epoch))], by: .repair, at: WallTime(milliseconds: 1))
        }
        return tables
    }

    @Test("What is asked for beyond a neighbour's budget is not served, and counted")
    func budgets() throws {
        var cell = try Cell(0)
        try cell.add(0, seed: 1, tables: try Self.manyLogs())
        try cell.run(.seconds(6))
        var insider = Insider()
        let echo = try insider.meet(0, in: &cell)
        let nodes = (0..<8).map { [UInt8($0)] }
        for _ in 0..<GossipLimits.neighbourNodes.burst / 8 + 40 {
            try insider.send(
                [.request(Request(echo: echo, tag: 1, nodes: nodes))], to: 0, in: &cell)
        }
        let refused = cell.peers[0].engine.counters.rejected["overBudget"] ?? 0
        #expect(refused > 0)
        let ranges = (0..<24).map { Request.Range(log: .index($0), from: 1, to: 1) }
        for _ in 0..<GossipLimits.neighbourRequests.burst / 24 + 40 {
            try insider.send(
                [.request(Request(echo: echo, tag: 1, ranges: ranges))], to: 0, in: &cell)
        }
        #expect(cell.peers[0].engine.counters.rejected["overBudget"] ?? 0 > refused)
    }

    @Test("Who lacks the last entry of more logs than a digest lists is asked for nothing")
    func lag() throws {
        var cell = try Cell(0)
        for index in 0..<2 { try cell.add(index, seed: 1, tables: try Self.manyLogs()) }
        _ = try cell.say("that we all are here", as: 0)
        try cell.run(.seconds(12))
        #expect(cell.log(0).count == cell.log(1).count)
        let asked = cell.peers[0].engine.counters.repair["asked"]
        cell.hears = { from, _ in from != 0 }
        _ = try cell.say("what only one has", as: 0)
        try cell.run(.milliseconds(200))
        #expect(cell.log(0).count == cell.log(1).count + 1)
        cell.hears = { _, _ in true }
        try cell.run(.seconds(12))
        #expect(cell.log(0) == cell.log(1))
        #expect(cell.peers[0].engine.counters.repair["asked"] == asked)
    }

    @Test("A request for many tree nodes is answered by eight frames, an unasked node by none")
    func nodes() throws {
        var cell = try Cell(0)
        try cell.add(0, seed: 1, tables: try Self.manyLogs())
        try cell.run(.seconds(6))
        var insider = Insider()
        let echo = try insider.meet(0, in: &cell)
        let before = cell.peers[0].sent
        let below: [[UInt8]] = (0..<32).map { [$0] } + (0..<31).map { [0, $0] }
        let paths: [[UInt8]] = [[]] + below
        try insider.send(
            [.request(Request(echo: echo, tag: 1, nodes: paths))], to: 0, in: &cell)
        #expect(cell.peers[0].sent == before + 8)
        try insider.send(
            [.digest(.node(path: [3], children: Array(repeating: 7, count: 32)))], to: 0, in: &cell)
        #expect(cell.peers[0].engine.counters.rejected["unsolicited"] == 1)
    }

    @Test("Whoever seems to lack something for ever is told less and less often")
    func tellInVain() throws {
        var cell = try Cell(1)
        _ = try cell.say("hello", as: 0)
        try cell.run(.seconds(6))
        var insiders = (0..<4).map { Insider(sealer: FrameSealer(mesh: Cell.key, salt: $0 + 1)) }
        for index in insiders.indices { _ = try insiders[index].meet(0, in: &cell) }
        let before = cell.peers[0].sent
        for _ in 0..<600 {
            for index in insiders.indices {
                try insiders[index].send([.digest(.whole([]))], to: 0, in: &cell)
            }
            try cell.run(.milliseconds(96))
        }
        // A minute: a periodic hello every 11 s, and each was told after 0.5, 1, 2 ... 32 s.
        #expect(cell.peers[0].sent - before < 20)
    }

    @Test("A stranger's copy of an entry without its body does not silence the whole one")
    func announced() throws {
        let one = try Self.entry(PeerKey.generate())
        var cell = try Cell(1)
        try cell.run(.seconds(1))
        var stranger = FrameSealer(mesh: Cell.key, salt: 77)
        for body in [nil, one.entry.body] {
            let live = LiveEntry(
                hops: 0, opening: one.log, entry: UnhashedEntry(header: one.header, body: body),
                signature: try #require(one.entry.signature))
            cell.receive(stranger.seal(FrameCodec.encode([.entry(live)])), from: 99, at: 0)
        }
        try cell.run(.seconds(1))
        #expect(cell.log(0) == [one.id])
    }
}
