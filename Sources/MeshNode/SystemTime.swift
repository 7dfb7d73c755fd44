internal import CLinux
package import MeshGossip
package import MeshModel

/// The clocks of Linux: CLOCK_MONOTONIC decides, CLOCK_REALTIME stamps.
package struct SystemTime: TimePort {
    package init() {}

    package func now() -> Moment {
        Moment(
            instant: Instant(nanoseconds: Self.read(CLOCK_MONOTONIC)),
            wall: WallTime(milliseconds: UInt64(max(0, Self.read(CLOCK_REALTIME) / 1_000_000))))
    }

    package func suspended() -> Duration {
        .nanoseconds(Self.read(CLOCK_BOOTTIME) - Self.read(CLOCK_MONOTONIC))
    }

    package func sleep(until deadline: Instant) async {
        // A timer that fires a microsecond early must not count as due.
        while !Task.isCancelled {
            let left = deadline - now().instant
            guard left > .zero else { return }
            // Cancellation is a return like any other here.
            try? await Task.sleep(for: left, clock: .suspending)
        }
    }

    private static func read(_ clock: Int32) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
