import Glibc
package import MeshModel

/// A wall time as people of one place read it.
package struct CivilTime: Hashable, Sendable {
    package let year: Int
    /// 1...12.
    package let month: Int
    package let day: Int
    /// 0 is Sunday.
    package let weekday: Int
    package let hour: Int
    package let minute: Int
    package let second: Int

    /// `14:05`.
    var clock: String { "\(Self.padded(hour, 2)):\(Self.padded(minute, 2))" }

    /// `2026-07-03`.
    var date: String {
        "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
    }

    /// `Fri 2026-07-03`.
    var dayName: String {
        let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        return names.indices.contains(weekday) ? "\(names[weekday]) \(date)" : date
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}

/// How wall times become civil ones. The C library's tables: Foundation's formatters cost more
/// than a whole page of the log.
package struct TimeZone: Sendable {
    package let civil: @Sendable (WallTime) -> CivilTime

    /// What `TZ` or the machine says.
    package static let ofProcess = TimeZone { time in convert(time) { localtime_r($0, $1) } }

    package static let utc = TimeZone { time in convert(time) { gmtime_r($0, $1) } }

    private static func convert(
        _ time: WallTime,
        _ split: (UnsafePointer<time_t>, UnsafeMutablePointer<tm>) -> UnsafeMutablePointer<tm>?
    ) -> CivilTime {
        var seconds = time_t(time.milliseconds / 1000)
        var parts = tm()
        _ = split(&seconds, &parts)
        return CivilTime(
            year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
            weekday: Int(parts.tm_wday), hour: Int(parts.tm_hour), minute: Int(parts.tm_min),
            second: Int(parts.tm_sec))
    }
}
