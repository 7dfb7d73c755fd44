import MeshModel
import Testing

@Suite("Vector clock")
struct VectorClockTests {
    typealias Clock = VectorClock<Int>

    private static func clock(_ generator: inout SeededGenerator) -> Clock {
        Clock(
            (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                Clock.Component(
                    key: Int.random(in: 0..<6, using: &generator),
                    seq: Seq.random(in: 0...4, using: &generator))
            })
    }

    private static func joined(_ a: Clock, _ b: Clock) -> Clock {
        var joined = a
        joined.join(b)
        return joined
    }

    @Test("Joining is commutative, associative and idempotent", arguments: UInt64(1)...200)
    func lattice(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let (a, b) = (Self.clock(&generator), Self.clock(&generator))
        let c = Self.clock(&generator)
        #expect(Self.joined(a, b) == Self.joined(b, a))
        #expect(Self.joined(Self.joined(a, b), c) == Self.joined(a, Self.joined(b, c)))
        #expect(Self.joined(a, a) == a)
        #expect(Self.joined(a, Clock()) == a)
    }

    @Test(
        "The join covers both, and is covered by whatever covers both", arguments: UInt64(1)...200)
    func leastUpperBound(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let (a, b) = (Self.clock(&generator), Self.clock(&generator))
        let c = Self.clock(&generator)
        let join = Self.joined(a, b)
        #expect(join.covers(a) && join.covers(b))
        #expect(c.covers(join) == (c.covers(a) && c.covers(b)))
    }

    @Test("Covering is a partial order", arguments: UInt64(1)...200)
    func partialOrder(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let (a, b) = (Self.clock(&generator), Self.clock(&generator))
        let c = Self.clock(&generator)
        #expect(a.covers(a))
        #expect((a.covers(b) && b.covers(a)) == (a == b))
        if a.covers(b) && b.covers(c) { #expect(a.covers(c)) }
    }

    @Test("Components are sorted, unique and not zero; the subscript finds them")
    func components() {
        for seed in UInt64(1)...100 {
            var generator = SeededGenerator(seed: seed)
            let clock = Self.joined(Self.clock(&generator), Self.clock(&generator))
            let keys = clock.components.map(\.key)
            #expect(keys == Set(keys).sorted())
            #expect(clock.components.allSatisfy { $0.seq > 0 && clock[$0.key] == $0.seq })
            #expect(clock[99] == 0)
        }
    }

    @Test("Raising never lowers, and equals joining one component")
    func raise() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            let before = Self.clock(&generator)
            let key = Int.random(in: 0..<6, using: &generator)
            let seq = Seq.random(in: 0...5, using: &generator)
            var raised = before
            raised.raise(key, to: seq)
            #expect(raised == Self.joined(before, Clock([.init(key: key, seq: seq)])))
            #expect(raised.covers(before))
            #expect(raised[key] == max(before[key], seq))
        }
    }
}

@Suite("Order")
struct OrderKeyTests {
    private static func key(
        time: UInt64 = 1, author: UInt64 = 1, epoch: UInt64 = 1, seq: Seq = 1, id: UInt64 = 1
    ) -> OrderKey {
        OrderKey(
            time: time, author: PeerID(Bytes32(author, 0, 0, 0)), epoch: epoch, seq: seq,
            id: EntryID(Bytes32(id, 0, 0, 0)))
    }

    @Test(
        "The order is by time, author, epoch, seq and id, each only where the one before is equal")
    func precedence() {
        let rising = [
            Self.key(), Self.key(id: 2), Self.key(seq: 2), Self.key(epoch: 2), Self.key(author: 2),
            Self.key(time: 2), Self.key(time: .max),
        ]
        for (low, a) in rising.enumerated() {
            for (high, b) in rising.enumerated() { #expect((a < b) == (low < high)) }
        }
    }

    @Test("An entry stands where its author's clock says, but after its causes")
    func time() {
        #expect(OrderKey.time(claimed: 10, latestCause: nil) == 10)
        #expect(OrderKey.time(claimed: 10, latestCause: 4) == 10)
        #expect(OrderKey.time(claimed: 10, latestCause: 9) == 10)
        #expect(OrderKey.time(claimed: 10, latestCause: 10) == 11)
        #expect(OrderKey.time(claimed: 0, latestCause: .max - 1) == .max)
        #expect(OrderKey.time(claimed: 0, latestCause: .max) == .max)
    }

    @Test("at and push add up, to 2^62 at most")
    func claimed() {
        func header(_ at: UInt64, _ push: UInt64) -> EntryHeader {
            EntryHeader(
                log: LogRef(1), seq: 1, previous: .none, at: WallTime(milliseconds: at), push: push,
                cites: [], more: false, kind: .text, bodyLength: 0, bodyHash: .zero)
        }
        #expect(header(5, 7).claimedTime == 12)
        #expect(header(5, .max).claimedTime == 1 << 62)
        #expect(header(5, 1 << 62).claimedTime == 1 << 62)
        #expect(header(0, 1 << 62 - 1).claimedTime == 1 << 62 - 1)
        #expect(header(.max, 0).claimedTime == ModelLimits.wallTime)
    }

    @Test("A branch sorts behind its log, and branches by their first entry")
    func branches() {
        let author = PeerID(Bytes32(1, 0, 0, 0))
        func branch(_ first: UInt64?, epoch: UInt64 = 1) -> BranchID {
            BranchID(
                author: author, epoch: epoch, first: first.map { EntryID(Bytes32($0, 0, 0, 0)) })
        }
        let sorted = [branch(nil), branch(1), branch(2), branch(nil, epoch: 2)]
        for (low, a) in sorted.enumerated() {
            for (high, b) in sorted.enumerated() { #expect((a < b) == (low < high)) }
        }
    }
}

@Suite("Generator and instants")
struct SeededGeneratorTests {
    @Test("xoshiro256** gives the published numbers")
    func published() {
        var generator = SeededGenerator((1, 2, 3, 4))
        let numbers = (0..<5).map { _ in generator.next() }
        #expect(
            numbers == [
                11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360,
            ])
    }

    @Test("The same seed tells the same story, another one another")
    func seeds() {
        var (a, b, c) = (
            SeededGenerator(seed: 1), SeededGenerator(seed: 1), SeededGenerator(seed: 2)
        )
        let first = (0..<10).map { _ in a.next() }
        #expect(first == (0..<10).map { _ in b.next() })
        #expect(first != (0..<10).map { _ in c.next() })
    }

    @Test("An all-zero seed still gives numbers")
    func zero() {
        var generator = SeededGenerator((0, 0, 0, 0))
        #expect((0..<10).contains { _ in generator.next() != 0 })
    }

    @Test("Durations are drawn within their range, ends included")
    func durations() {
        var generator = SeededGenerator(seed: 3)
        let drawn = (0..<200).map { _ in
            generator.duration(in: .nanoseconds(5)...Duration.nanoseconds(7))
        }
        #expect(Set(drawn) == [.nanoseconds(5), .nanoseconds(6), .nanoseconds(7)])
    }

    @Test("Instants and durations add and subtract")
    func instants() {
        let instant = Instant.zero + .milliseconds(1500)
        #expect(instant.nanoseconds == 1_500_000_000)
        #expect(instant - .zero == .milliseconds(1500))
        #expect(Duration.seconds(Int64.max).wholeNanoseconds == .max)
        #expect(Duration.seconds(Int64.min).wholeNanoseconds == .min)
    }
}
