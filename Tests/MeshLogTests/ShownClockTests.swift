import MeshIdentity
import MeshLog
import MeshModel
import Testing

/// Clocks as they are shown, and what they prove.
@Suite struct ShownClockTests {
    let room: RoomID
    var shelf: Shelf

    init() throws {
        room = try RoomID.open("ops")
        shelf = try Shelf()
    }

    private func clock(
        _ entry: VerifiedEntry, _ wish: PageQuery.Clocks = .always
    ) throws -> VectorClock<BranchID>? {
        var view = shelf.view
        let rows = [shelf.tables.held(id: entry.id)].compactMap(\.self)
        return try view.lines(for: rows, clocks: wish).compactMap { line in
            if case .entry(let entry) = line { entry.clock } else { nil }
        }.first
    }

    private func branch(_ scribe: Scribe, _ first: VerifiedEntry? = nil) -> BranchID {
        BranchID(author: scribe.peer, epoch: scribe.log.epoch, first: first?.id)
    }

    @Test("A clock counts the entry itself and all that its cites cover")
    mutating func clocks() throws {
        var (ada, bob, eve) = (
            Scribe(1, room: room), Scribe(2, room: room), Scribe(3, room: room)
        )
        let a1 = ada.write("a1")
        let b1 = bob.write("b1", cites: [a1])
        let e1 = eve.write("e1", cites: [b1])
        let a2 = ada.write("a2")
        try shelf.take(a1, b1, e1, a2)
        let wanted = VectorClock<BranchID>([
            .init(key: branch(ada), seq: 1), .init(key: branch(bob), seq: 1),
            .init(key: branch(eve), seq: 1),
        ])
        #expect(try clock(e1) == wanted)
        #expect(try clock(a2)?.components.map(\.seq) == [2])
        #expect(try clock(e1, .never) == nil)
    }

    @Test(
        "An epoch that a newer one covers to its end is left out, and comes back when it is longer")
    mutating func epochs() throws {
        var old = Scribe(1, epoch: 7, room: room)
        var new = Scribe(1, epoch: 3, room: room)
        var bob = Scribe(2, room: room)
        let (o1, o2) = (old.write("o1"), old.write("o2"))
        let n1 = new.write("n1", cites: [o2])
        let b1 = bob.write("b1", cites: [n1])
        try shelf.take(o1, o2, n1, b1)
        #expect(try clock(o2)?[branch(old)] == 2)
        #expect(try clock(n1)?.components.map(\.key) == [branch(new)])
        #expect(try clock(b1)?.components.map(\.key) == [branch(new), branch(bob)].sorted())
        // The old epoch went on elsewhere: it is not covered to its end any more.
        try shelf.take(old.write("o3"))
        #expect(try clock(n1)?[branch(old)] == 2)
        #expect(try clock(b1)?.components.count == 3)
    }

    @Test("After a fork the trunk and the branches have components of their own, and are marked")
    mutating func forks() throws {
        var (ada, bob) = (Scribe(1, room: room), Scribe(2, room: room))
        let a1 = ada.write("a1")
        let left = ada.write("left", after: a1)
        let right = ada.write("right", after: a1)
        let b1 = bob.write("b1", cites: [right])
        try shelf.take(a1, left, right, b1)
        #expect(
            try clock(b1)
                == VectorClock([
                    .init(key: branch(ada), seq: 1), .init(key: branch(ada, right), seq: 2),
                    .init(key: branch(bob), seq: 1),
                ]))
        var view = shelf.view
        let lines = try view.page(PageQuery(room: room)).entries
        let forked = Set(lines.filter(\.isForked).map(\.row.entry.id))
        #expect(forked == [left.id, right.id])
    }

    @Test("Of epochs one after the other the last is shown, of many side by side all")
    func manyEpochs() throws {
        var (chained, apart) = (try Shelf(), try Shelf())
        var last: VerifiedEntry?
        var heads: [VerifiedEntry] = []
        for epoch in 1...50 {
            var (one, other) = (
                Scribe(1, epoch: UInt64(epoch), room: room),
                Scribe(1, epoch: UInt64(epoch), room: room)
            )
            let next = one.write(
                "\(epoch)", at: Scribe.noon + UInt64(epoch), cites: last.map { [$0] } ?? [])
            try chained.take(next)
            last = next
            heads.append(other.write("\(epoch)"))
            try apart.take(heads[epoch - 1])
        }
        var closing = Scribe(2, room: room)
        let summary = closing.write("all", cites: heads)
        try apart.take(summary)
        var view = chained.view
        let page = try view.page(PageQuery(room: room, clocks: .always))
        #expect(page.entries.map { $0.clock?.components.count } == .init(repeating: 1, count: 50))
        var other = apart.view
        let lines = try other.page(PageQuery(room: room, clocks: .always)).entries
        #expect(lines.last?.clock?.components.count == 51)
    }

    @Test("Rooms of more than 64 logs carry clocks only where they are asked for")
    mutating func manyLogs() throws {
        var last: VerifiedEntry?
        for number in UInt8(1)...65 {
            var scribe = Scribe(number, room: room)
            let entry = scribe.write("hello")
            try shelf.take(entry)
            last = entry
            let wanted = number <= 64
            #expect(try (clock(entry, .small) != nil) == wanted)
        }
        let entry = try #require(last)
        #expect(try clock(entry, .always) != nil)
    }

    @Test("Who cites an entry, or someone who did, is proved to have it")
    mutating func seen() throws {
        var (ada, bob, eve, dan) = (
            Scribe(1, room: room), Scribe(2, room: room), Scribe(3, room: room),
            Scribe(4, room: room)
        )
        let a1 = ada.write("a1")
        let b1 = bob.write("b1", cites: [a1])
        try shelf.take(a1, b1, eve.write("e1", cites: [b1]), dan.write("d1"))
        var view = shelf.view
        let answer = try view.seen(a1.id)
        #expect(answer.proved == [ada.peer, bob.peer, eve.peer].sorted())
        #expect(answer.unproved == [dan.peer])
        #expect(throws: FindError.self) { try view.seen(EntryID(.zero)) }
    }

    @Test("Clocks read in any order, and across checkpoints, are the clocks by definition")
    mutating func definition() throws {
        var generator = SeededGenerator(seed: 4)
        var scribes = (UInt8(1)...4).map { Scribe($0, room: room) }
        var entries: [VerifiedEntry] = []
        var wanted: [EntryID: [PeerID: Seq]] = [:]
        for _ in 0..<600 {
            let index = Int.random(in: 0..<4, using: &generator)
            let other = entries.suffix(200).randomElement(using: &generator)
            let cites = [other].compactMap(\.self).filter { $0.log != scribes[index].log }
            let previous = scribes[index].last
            let entry = scribes[index].write("x\(entries.count)", cites: cites)
            var clock = previous.flatMap { wanted[$0.id] } ?? [:]
            for cite in cites { clock.merge(wanted[cite.id] ?? [:]) { max($0, $1) } }
            clock[entry.log.author] = entry.header.seq
            wanted[entry.id] = clock
            entries.append(entry)
            try shelf.take(entry)
        }
        var reader = ClockReader(tables: shelf.tables)
        for entry in entries.shuffled(using: &generator) {
            let link = try #require(shelf.tables.link(id: entry.id))
            let clock = try reader.clock(of: link.arrival)
            let found = clock.components.map {
                (shelf.tables.segment($0.key).log.author, $0.seq)
            }
            #expect(Dictionary(uniqueKeysWithValues: found) == wanted[entry.id])
        }
    }
}
