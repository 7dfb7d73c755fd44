import MeshGossip
import MeshLog
import Testing

@testable import MeshNode

@Suite struct ReadsTests {
    private func query(_ token: UInt64) -> RunQuery {
        RunQuery(token: token, segment: SegmentID(0), from: 1, to: 1, isProved: false)
    }

    @Test("Reads are handed on in the order in which they were asked for, however they come")
    func order() {
        var reads = Reads()
        for token in 1...3 as ClosedRange<UInt64> { reads.add(query(token)) }
        while reads.begin() != nil {}
        var handed: [[UInt64]] = []
        for token in [2, 1, 3] as [UInt64] {
            handed.append(reads.finish(RunRead(token: token, entries: [])).map(\.token))
        }
        #expect(handed == [[], [1, 2], [3]])
    }

    @Test("No more are begun than may be under way, held ones included")
    func bound() {
        var reads = Reads()
        let all = 1...UInt64(NodeLimits.reads + 1)
        for token in all { reads.add(query(token)) }
        for token in all.dropLast() { #expect(reads.begin()?.token == token) }
        #expect(reads.begin() == nil)
        #expect(reads.finish(RunRead(token: 2, entries: [])).isEmpty)
        #expect(reads.begin() == nil)
        #expect(reads.finish(RunRead(token: 1, entries: [])).count == 2)
        #expect(reads.begin()?.token == all.upperBound)
        #expect(reads.begin() == nil)
    }
}
