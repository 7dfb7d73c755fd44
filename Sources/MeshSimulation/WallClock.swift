package import MeshModel

/// What a peer's wall clock shows as simulated time passes. Right, or not at all.
package struct WallClock: Hashable, Sendable {
    /// Milliseconds since 1970 at the start of the run.
    private var start: Int64
    /// Parts per million that it runs fast.
    private let drift: Int64

    /// 1 June 2026, the day on which every run begins.
    package static let begin: Int64 = 1_780_272_000_000
    private static let year: Int64 = 31_557_600_000

    package enum Kind: Hashable, Sendable, CaseIterable {
        /// Within two seconds, as after NTP some hours ago.
        case right
        /// No battery: booted in 1970.
        case unset
        case tenYearsAhead
        /// Some hours off, as with a wrong time zone.
        case hoursOff
    }

    package init(_ kind: Kind, generator: inout SeededGenerator) {
        drift = Int64.random(in: -100...100, using: &generator)
        switch kind {
        case .right: start = Self.begin + Int64.random(in: -2000...2000, using: &generator)
        case .unset: start = Int64.random(in: 0...60_000, using: &generator)
        case .tenYearsAhead: start = Self.begin + 10 * Self.year
        case .hoursOff:
            start = Self.begin + Int64.random(in: -12...12, using: &generator) * 3_600_000
        }
    }

    package mutating func jump(by duration: Duration) { start += duration.wholeMilliseconds }

    package func time(at instant: Instant) -> WallTime {
        let passed = instant.nanoseconds / 1_000_000
        let shown = start + passed + passed * drift / 1_000_000
        return WallTime(milliseconds: UInt64(max(0, shown)))
    }
}
