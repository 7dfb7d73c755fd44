import MeshModel
import Testing

@testable import MeshSimulation

@Suite struct EventQueueTests {
    @Test("events come out by time, and at one time in the order in which they went in")
    func order() {
        var queue = EventQueue<Int>()
        let times: [Int64] = [5, 1, 5, 3, 1, 5]
        for (index, time) in times.enumerated() {
            queue.add(index, at: Instant(nanoseconds: time))
        }
        var out: [Int] = []
        while let next = queue.next() { out.append(next.payload) }
        #expect(out == [1, 4, 3, 0, 2, 5])
    }

    @Test("slots are used again and nothing is lost")
    func reuse() {
        var queue = EventQueue<Int>()
        var generator = SeededGenerator(seed: 1)
        var (added, taken) = (0, 0)
        for step in 0..<1000 {
            let at = Instant(nanoseconds: Int64(step) + Int64.random(in: 0...50, using: &generator))
            queue.add(step, at: at)
            added += 1
            if step % 3 == 0, queue.next() != nil { taken += 1 }
        }
        var last = Instant.zero
        while let next = queue.next() {
            #expect(next.at >= last)
            last = next.at
            taken += 1
        }
        #expect(taken == added)
    }

    @Test("sets of entries agree with sets of numbers")
    func entrySets() {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<50 {
            let a = Set((0..<40).map { _ in Int.random(in: 0..<300, using: &generator) })
            let b = Set((0..<40).map { _ in Int.random(in: 0..<300, using: &generator) })
            let (x, y) = (EntrySet(a), EntrySet(b))
            #expect(x.members == a.sorted())
            #expect(x.union(y).members == a.union(b).sorted())
            #expect(x.intersection(y).members == a.intersection(b).sorted())
            #expect(x.subtracting(y).members == a.subtracting(b).sorted())
            #expect(x.intersection(y).isSubset(of: x))
            #expect(x.isSubset(of: y) == a.isSubset(of: b))
            #expect(x.subtracting(y).union(x.intersection(y)) == x)
        }
    }
}
