/// A moment on this peer's monotonic clock, in nanoseconds since a start of its own choosing. The
/// pure ring is handed instants; it never asks for one.
package struct Instant: Hashable, Comparable, Sendable {
    package let nanoseconds: Int64

    package static let zero = Instant(nanoseconds: 0)

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static func + (a: Instant, b: Duration) -> Instant {
        Instant(nanoseconds: a.nanoseconds &+ b.wholeNanoseconds)
    }

    package static func - (a: Instant, b: Instant) -> Duration {
        .nanoseconds(a.nanoseconds &- b.nanoseconds)
    }

    package static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }
}

extension Duration {
    /// The duration in nanoseconds, saturating (292 years).
    package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        return product.addingReportingOverflow(attoseconds / 1_000_000_000).partialValue
    }

    package var wholeMilliseconds: Int64 { wholeNanoseconds / 1_000_000 }
}
