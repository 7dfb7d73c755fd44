package import MeshModel

/// A token bucket: so much a second, so much at once.
package struct Budget: Hashable, Sendable {
    package struct Rate: Hashable, Sendable {
        let perSecond: Int64
        let burst: Int64

        package init(perSecond: Int64, burst: Int64) {
            self.perSecond = perSecond
            self.burst = burst
        }
    }

    private let rate: Rate
    /// In billionths of a token.
    private var level: Int64
    private var filledAt: Instant

    package init(_ rate: Rate, at now: Instant) {
        self.rate = rate
        level = rate.burst * 1_000_000_000
        filledAt = now
    }

    /// Takes `count` tokens if they are there.
    package mutating func take(_ count: Int64 = 1, at now: Instant) -> Bool {
        fill(at: now)
        let price = count * 1_000_000_000
        guard level >= price else { return false }
        level -= price
        return true
    }

    private mutating func fill(at now: Instant) {
        let full = rate.burst * 1_000_000_000
        let elapsed = now.nanoseconds - filledAt.nanoseconds
        filledAt = now
        guard elapsed > 0 else { return }
        let (gain, overflow) = elapsed.multipliedReportingOverflow(by: rate.perSecond)
        level = overflow ? full : min(full, level + min(gain, full))
    }
}
