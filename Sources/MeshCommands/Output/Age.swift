import MeshModel

/// Lengths of time as people say them.
enum Age {
    /// `3 s`, `12 min`, `5 h 10 min`, `2 d 3 h`.
    static func text(seconds: Int) -> String {
        switch seconds {
        case ..<60: "\(max(0, seconds)) s"
        case ..<3600: "\(seconds / 60) min"
        case ..<86_400: joined(seconds / 3600, "h", seconds % 3600 / 60, "min")
        default: joined(seconds / 86_400, "d", seconds % 86_400 / 3600, "h")
        }
    }

    private static func joined(_ a: Int, _ unitA: String, _ b: Int, _ unitB: String) -> String {
        b == 0 ? "\(a) \(unitA)" : "\(a) \(unitA) \(b) \(unitB)"
    }

    /// How long ago; `now` where the clocks disagree.
    static func text(since time: WallTime, now: WallTime) -> String {
        guard now.milliseconds >= time.milliseconds + 1000 else { return "now" }
        return text(seconds: Int((now.milliseconds - time.milliseconds) / 1000)) + " ago"
    }
}

/// What `--since` takes: a moment, or how long ago.
enum SinceArgument {
    private static let units: [Character: UInt64] = [
        "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
    ]

    /// RFC 3339, or numbers with units such as `10m`, `2h`, `1d12h`; nil for anything else.
    static func parse(_ text: String, now: WallTime) -> WallTime? {
        if let time = Timestamp.parse(text) { return time }
        var total: UInt64 = 0
        var digits = ""
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            guard let unit = units[character], let count = UInt64(digits) else { return nil }
            let (length, isTooLong) = count.multipliedReportingOverflow(by: unit)
            let (sum, isTooMuch) = total.addingReportingOverflow(length)
            guard !isTooLong, !isTooMuch else { return nil }
            total = sum
            digits = ""
        }
        guard digits.isEmpty, !text.isEmpty else { return nil }
        return WallTime(milliseconds: now.milliseconds - min(total, now.milliseconds))
    }
}
