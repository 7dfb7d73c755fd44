import MeshIdentity
import MeshLog
import MeshModel
import MeshWire
import Testing

@testable import MeshGossip

@Suite struct DigestTests {
    private let room: RoomID

    init() throws { room = try RoomID.open("ops") }

    /// Logs whose references begin with the same bits where `prefix` is given.
    private func logs(_ count: Int, head: Seq, prefix: UInt64? = nil) -> LogTable {
        let peer = PeerKey.generate().peer
        let segments = (0..<count).map { index in
            let raw = prefix.map { $0 | UInt64(index) } ?? UInt64(index) &* 0x9E37_79B9_7F4A_7C15
            let ref = LogRef(raw)
            var segment = Segment(
                id: SegmentID(index), log: LogID(author: peer, epoch: UInt64(index), room: room),
                base: ref, ref: ref, parent: nil, branch: nil, first: 1)
            segment.head = head
            return segment
        }
        return LogTable(segments)
    }

    private func size(_ digest: Digest) -> Int { FrameCodec.encode([.digest(digest)]).count }

    @Test(
        "What a peer says of its logs fits into a frame, however many and however long they are",
        arguments: [Seq(1), 127, 128, 16_383, 16_384, 2_097_152, ModelLimits.seq])
    func fits(head: Seq) {
        for count in [0, 1, 84, 85, 100, 105, 109, 110, 111, 300] {
            var own = OwnDigest(hash: SaltedHash(salt: 1))
            let digest = own.root(of: logs(count, head: head))
            #expect(size(digest) <= WireLimits.plain)
            if case .whole(let items) = digest { #expect(items.count == count) }
        }
        var own = OwnDigest(hash: SaltedHash(salt: 1))
        guard case .whole = own.root(of: logs(90, head: head)) else {
            Issue.record("90 logs do not travel whole")
            return
        }
    }

    @Test(
        "The answer to a node fits into a frame and leaves out nothing",
        arguments: [Seq(1), 16_384, ModelLimits.seq])
    func buckets(head: Seq) {
        for count in [1, 60, 75, 85, 86, 200] {
            let tree = DigestTree(
                of: logs(count, head: head, prefix: 0xABCD_0000_0000_0000),
                hash: SaltedHash(salt: 1))
            var work: [[UInt8]] = [[]]
            var found = 0
            while let path = work.popLast() {
                let answer = tree.answer(for: path)
                #expect(size(answer) <= WireLimits.plain)
                switch answer {
                case .bucket(_, let items): found += items.count
                case .node(_, let children):
                    for (digit, child) in children.enumerated() where child != 0 {
                        work.append(path + [UInt8(digit)])
                    }
                case .whole: Issue.record("a whole digest for a node")
                }
            }
            #expect(found == count)
        }
    }

    @Test("Members of a node are those whose reference begins with its path")
    func members() {
        let logs = logs(500, head: 3)
        let tree = DigestTree(of: logs, hash: SaltedHash(salt: 1))
        for path: [UInt8] in [[], [0], [31], [7, 3], [12, 31, 0]] {
            let wanted = logs.all.filter { segment in
                path.enumerated().allSatisfy { level, digit in
                    UInt8(truncatingIfNeeded: segment.ref.raw >> UInt64(59 - 5 * level)) & 31
                        == digit
                }
            }.sorted { $0.ref < $1.ref }.map(\.id)
            #expect(tree.members(of: path) == wanted)
        }
    }

    /// What the tables were after each of some changes, the last one first, with what was changed.
    private func history(_ changes: [Int]) -> [(table: LogTable, changed: SegmentID?)] {
        var table = logs(20, head: 4, prefix: 0xABCD_0000_0000_0000)
        var states: [(LogTable, SegmentID?)] = [(table, nil)]
        for (number, place) in changes.enumerated() {
            var segment = table[SegmentID(place)].segment
            segment.head += 1
            segment.headID = EntryID(Bytes32(UInt64(number) + 1, 0, 0, 0))
            table.update(segment)
            states.append((table, segment.id))
        }
        return states.reversed()
    }

    @Test("A hash that was right before one of the last changes tells who lacks them")
    func lag() {
        let states = history([3, 7, 5, 11, 2])
        let path: [UInt8] = [21, 15]
        let hash = SaltedHash(salt: 1)
        let tree = DigestTree(of: states[0].table, hash: hash)
        for (age, state) in states.enumerated().dropFirst() {
            let old = DigestTree(of: state.table, hash: hash).tag(ofNode: path)
            let expected = Set(states[..<age].compactMap(\.changed))
            #expect(tree.lag(old, of: path) == (age <= GossipLimits.undone ? expected : nil))
        }
    }

    @Test("Kept hashes of the root's children are those computed anew, after every change")
    func rootHashes() {
        var table = logs(300, head: 4)
        let hash = SaltedHash(salt: 1)
        var kept = RootHashes()
        for change in 0..<40 {
            let here = kept.children(of: table, hash: hash)
            #expect(here == DigestTree(of: table, hash: hash).children(of: []))
            var segment = table[SegmentID(change * 7)].segment
            segment.head = change % 5 == 0 ? 0 : 9
            segment.headID = EntryID(Bytes32(UInt64(change) + 1, 0, 0, 0))
            if change % 3 == 0 { table.reset(to: [segment]) } else { table.update(segment) }
        }
    }

    @Test("A hash that no change explains is nobody's lag")
    func noLag() {
        let states = history([3, 7])
        let hash = SaltedHash(salt: 1)
        let tree = DigestTree(of: states[0].table, hash: hash)
        #expect(tree.lag(4711, of: [21, 15]) == nil)
        // One log changed twice: what it was before the first is not known any more.
        let twice = history([3, 3])
        let old = DigestTree(of: twice[2].table, hash: hash).tag(ofNode: [21, 15])
        #expect(DigestTree(of: twice[0].table, hash: hash).lag(old, of: [21, 15]) == nil)
    }

    @Test("A node that differs is noted since when it does, whatever its hash")
    func nodes() {
        var ledger = Ledger(hash: SaltedHash(salt: 1))
        ledger.note(node: [1], hash: 5, at: .zero)
        ledger.note(node: [1], hash: 6, at: .zero + .seconds(1))
        #expect(ledger.nodes == [Ledger.Node(path: [1], hash: 6, seenAt: .zero)])
        for digit in UInt8(0)..<200 { ledger.note(node: [2, digit], hash: 7, at: .zero) }
        #expect(ledger.nodes.count == WireLimits.requestItems)
        ledger.settle(node: [1])
        #expect(!ledger.nodes.contains { $0.path == [1] })
    }

    @Test("A node that had nothing is not looked into again until something changes, or for long")
    func barren() {
        var ledger = Ledger(hash: SaltedHash(salt: 1))
        func isBarren(_ path: [UInt8], _ hash: UInt32, at now: Instant = .zero) -> Bool {
            ledger.barren(path, hash: hash, at: now) != nil
        }
        ledger.noteBarren([3], own: 9, isBehind: true, at: .zero)
        #expect(!isBarren([3], 5))
        ledger.asked([Ledger.Node(path: [3], hash: 5, seenAt: .zero)])
        ledger.noteBarren([3], own: 9, isBehind: true, at: .zero)
        #expect(isBarren([3], 5))
        #expect(!isBarren([3], 6))
        #expect(!isBarren([4], 5))
        #expect(!isBarren([3], 5, at: .zero + GossipLimits.barrenLife))
        ledger.reconsider(under: 1)
        #expect(!isBarren([3], 5))
    }

    @Test("What was refused under an older quota is not refused under a newer one")
    func refused() {
        var ledger = Ledger(hash: SaltedHash(salt: 1))
        for (index, key) in [UInt32(11), 12].enumerated() {
            _ = ledger.note(unknown: index, key: key, seq: 5)
        }
        ledger.refuse(unknown: 0, under: 1)
        ledger.refuse(unknown: 1, under: 2)
        let (old, new) = (
            ledger.note(unknown: 0, key: 11, seq: 5), ledger.note(unknown: 1, key: 12, seq: 5)
        )
        #expect(old)
        #expect(!new)
    }

    @Test("Nodes that became equal, or whose parent did, leave room for others")
    func staleNodes() {
        let table = logs(300, head: 4)
        let hash = SaltedHash(salt: 1)
        let tree = DigestTree(of: table, hash: hash)
        var ledger = Ledger(hash: hash)
        ledger.note(node: [1, 2], hash: 5, at: .zero)
        ledger.note(node: [1], hash: tree.tag(ofNode: [1]), at: .zero)
        ledger.note(node: [2], hash: tree.tag(ofNode: [2]) &+ 1, at: .zero)
        ledger.settleNodes(in: table)
        #expect(ledger.nodes.map(\.path) == [[1, 2], [2]])
        ledger.settle(node: [1])
        #expect(ledger.nodes.map(\.path) == [[2]])
    }

    @Test("Logs that are not wanted, or of which nothing connects, leave room for those that are")
    func unwanted() {
        var ledger = Ledger(hash: SaltedHash(salt: 1))
        func isNoted(_ index: Int, _ key: UInt32, _ seq: Seq) -> Bool {
            ledger.note(unknown: index, key: key, seq: seq)
        }
        for index in 0..<WireLimits.wholeDigest {
            let key = UInt32(index)
            #expect(!isNoted(index, key, 0))
            #expect(isNoted(index, key, 5))
            ledger.refuse(unknown: index, under: 1)
            #expect(!isNoted(index, key, 6))
        }
        #expect(ledger.unknown.isEmpty)
        #expect(isNoted(7, 4711, 1))
        #expect(ledger.unknown.count == 1)
        ledger.reconsider(under: 1)
        #expect(!isNoted(8, 8, 6))
        ledger.reconsider(under: 2)
        #expect(isNoted(8, 8, 6))
    }
}
