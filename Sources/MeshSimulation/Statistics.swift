package import MeshModel

/// What a run delivered, how fast, and what it cost.
package struct Statistics: Sendable {
    /// Latencies of one stretch of the run.
    package struct Bucket: Hashable, Sendable {
        package let fromSecond: Int
        /// Entries accepted in it.
        package let accepted: Int
        /// Share of (entry, other peer) pairs delivered within a second, and at all.
        package let withinSecond: Double
        package let delivered: Double
        /// Milliseconds until half, nine tenths and all of the delivered pairs.
        package let median: Int
        package let ninth: Int
        package let last: Int
    }

    package var drafts = 0
    package var accepted = 0
    package var refused = 0
    package var events = 0
    package var crashes = 0
    /// Frames handed to the radio by honest peers, and their bytes.
    package var frames = 0
    package var bytes = 0
    package var hostileFrames = 0
    /// Frames that contain a message of this kind.
    package var kinds: [String: Int] = [:]
    /// When the settling was over; nil when it never was.
    package var settledAt: Instant?
    package var endedAt = Instant.zero
    package var buckets: [Bucket] = []
    package var radio = RadioTally(nodes: 0)
    /// Shares of time: the honest peer that transmitted most, the mean, and the busiest cell.
    package var largestShare = 0.0
    package var meanShare = 0.0
    package var busiestCell = 0.0

    package init() {}

    package mutating func sent(_ note: FrameNote, bytes count: Int) {
        frames += 1
        bytes += count
        for kind in note.kinds { kinds[kind, default: 0] += 1 }
    }

    package mutating func close(
        radio tally: RadioTally, honest: [Int], buckets: [Bucket], at now: Instant
    ) {
        radio = tally
        endedAt = now
        self.buckets = buckets
        let total = max(1, Double(now.nanoseconds))
        let shares = honest.map { Double(tally.sent[$0]) / total }
        largestShare = shares.max() ?? 0
        meanShare = shares.reduce(0, +) / Double(max(1, shares.count))
        busiestCell =
            honest.map { Double(tally.sent[$0] + tally.heard[$0]) / total }.max() ?? 0
    }
}

/// When each entry became held where, first.
package struct Arrivals: Sendable {
    /// Nanoseconds by entry number and node; -1 where not yet.
    private var times: [[Int64]] = []
    private let nodes: Int

    package init(nodes: Int) { self.nodes = nodes }

    package mutating func note(_ number: Int, at node: Int, _ now: Instant) {
        while times.count <= number { times.append(Array(repeating: -1, count: nodes)) }
        if times[number][node] < 0 { times[number][node] = now.nanoseconds }
    }

    /// Latencies to the `honest` nodes other than the author's, by stretches of ten seconds.
    package func buckets(truth: Truth, honest: [Int]) -> [Statistics.Bucket] {
        var grouped: [Int: (accepted: Int, pairs: Int, delays: [Int64])] = [:]
        for authored in truth.entries {
            guard let accepted = authored.acceptedAt, authored.number < times.count else {
                continue
            }
            let key = Int(accepted.nanoseconds / 10_000_000_000) * 10
            var group = grouped[key] ?? (0, 0, [])
            group.accepted += 1
            for node in honest where node != authored.node {
                group.pairs += 1
                let time = times[authored.number][node]
                if time >= 0 { group.delays.append(max(0, time - accepted.nanoseconds)) }
            }
            grouped[key] = group
        }
        return grouped.keys.sorted().compactMap { key in
            guard let group = grouped[key], group.pairs > 0 else { return nil }
            let sorted = group.delays.sorted()
            let fast = sorted.filter { $0 <= 1_000_000_000 }.count
            func milliseconds(_ share: Double) -> Int {
                guard let last = sorted.indices.last else { return 0 }
                return Int(sorted[Int(Double(last) * share)] / 1_000_000)
            }
            return Statistics.Bucket(
                fromSecond: key, accepted: group.accepted,
                withinSecond: Double(fast) / Double(group.pairs),
                delivered: Double(sorted.count) / Double(group.pairs),
                median: milliseconds(0.5), ninth: milliseconds(0.9), last: milliseconds(1))
        }
    }
}
