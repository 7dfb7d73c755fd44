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

    @Test("Logs that are not wanted, or of which nothing connects, leave room for those that are")
    func unwanted() {
        var ledger = Ledger(salt: 1)
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
