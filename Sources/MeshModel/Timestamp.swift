/// Wall times as RFC 3339 UTC with milliseconds.
package enum Timestamp {
    private static let dayLength: UInt64 = 86_400_000

    package static func text(_ time: WallTime) -> String {
        let (year, month, day) = date(ofDay: Int64(time.milliseconds / dayLength))
        let rest = Int(time.milliseconds % dayLength)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
            + "\(padded(rest / 3_600_000, 2)):\(padded(rest / 60_000 % 60, 2)):"
            + "\(padded(rest / 1000 % 60, 2)).\(padded(rest % 1000, 3))Z"
    }

    /// Nil unless `text` is a date and time with an offset (RFC 3339 section 5.6) from 1970 on.
    package static func parse(_ text: String) -> WallTime? {
        var rest = Substring(text).utf8
        guard let year = digits(4, &rest), skip("-", &rest), let month = digits(2, &rest),
            skip("-", &rest), let day = digits(2, &rest), (1...12).contains(month),
            (1...31).contains(day), skip("T", &rest) || skip("t", &rest) || skip(" ", &rest),
            let hour = digits(2, &rest), skip(":", &rest), let minute = digits(2, &rest),
            skip(":", &rest), let second = digits(2, &rest), hour < 24, minute < 60, second <= 60
        else { return nil }
        guard let fraction = milliseconds(&rest), let offset = offset(&rest), rest.isEmpty,
            date(ofDay: number(year, month, day)) == (year, month, day)
        else { return nil }
        let seconds = number(year, month, day) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
        let total = (seconds - Int64(offset * 60)) * 1000 + Int64(fraction)
        return total < 0 ? nil : WallTime(milliseconds: UInt64(total))
    }

    // Days since 1970 and the proleptic Gregorian calendar (H. Hinnant, "chrono-Compatible
    // Low-Level Date Algorithms", 2013).
    private static func date(ofDay day: Int64) -> (Int, Int, Int) {
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (Int(year), Int(month), Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1))
    }

    private static func number(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        let shifted = Int64(month <= 2 ? year - 1 : year)
        let era = shifted / 400
        let yearOfEra = shifted % 400
        let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    private static func digits(_ count: Int, _ rest: inout Substring.UTF8View) -> Int? {
        let taken = rest.prefix(count)
        guard taken.count == count, taken.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        rest = rest.dropFirst(count)
        return taken.reduce(0) { $0 * 10 + Int($1 - 48) }
    }

    private static func skip(_ character: Character, _ rest: inout Substring.UTF8View) -> Bool {
        guard let first = rest.first, first == character.asciiValue else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// 0 where there is no fraction.
    private static func milliseconds(_ rest: inout Substring.UTF8View) -> Int? {
        guard skip(".", &rest) else { return 0 }
        let taken = rest.prefix { $0 >= 48 && $0 <= 57 }
        guard !taken.isEmpty, taken.count <= 9 else { return nil }
        rest = rest.dropFirst(taken.count)
        return (0..<3).reduce(0) { sum, place in
            sum * 10 + (taken.dropFirst(place).first.map { Int($0 - 48) } ?? 0)
        }
    }

    /// Minutes east of UTC.
    private static func offset(_ rest: inout Substring.UTF8View) -> Int? {
        if skip("Z", &rest) || skip("z", &rest) { return 0 }
        let sign = skip("+", &rest) ? 1 : skip("-", &rest) ? -1 : 0
        guard sign != 0, let hours = digits(2, &rest), skip(":", &rest),
            let minutes = digits(2, &rest), hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 60 + minutes)
    }
}
