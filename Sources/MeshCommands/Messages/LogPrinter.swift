import MeshModel
import MeshWAMP

/// Shows lines of a log in the order they are handed over, each entry once.
struct LogPrinter {
    private let renderer: Renderer
    private let showsRoom: Bool
    private let showsIDs: Bool
    private let showsClocks: Bool
    private var names = AuthorNames()
    /// The first 64 bits of the ids on show: what a page showed comes again as an event where it
    /// was written meanwhile. 16 bytes for each line shown.
    private var shown: Set<UInt64> = []
    /// The day of the line before, as people read it.
    private var day: String?
    /// Columns of the widest name so far, up to `nameWidthLimit`.
    private var nameWidth = 0
    /// The gap shown last: it comes again with every line above it.
    private var gap: JSONObject?

    /// Longer names push their own text to the right, not everybody's.
    private static let nameWidthLimit = 16

    init(_ renderer: Renderer, showsRoom: Bool, showsIDs: Bool, showsClocks: Bool) {
        self.renderer = renderer
        self.showsRoom = showsRoom
        self.showsIDs = showsIDs
        self.showsClocks = showsClocks
    }

    /// Learns who is known here, so that two people with one name are told apart from the first
    /// line.
    mutating func meet(people: [JSONObject]) {
        for person in people {
            guard let peer = person["peer"] else { continue }
            names.meet(["author": peer, "nick": person["nick"] ?? .null])
        }
    }

    mutating func page(_ rows: [JSONObject]) throws(OutputClosed) {
        for row in rows { remember(row) }
        if renderer.isJSON { return try renderer.json(rows) }
        meet(rows)
        var text = ""
        for row in rows { text += line(row) }
        try renderer.text(text)
    }

    /// A line that came after the page.
    mutating func event(_ row: JSONObject) throws(OutputClosed) {
        if row["kind"]?.string == "gap" {
            guard row != gap else { return }
            gap = row
        } else if !remember(row) {
            return
        }
        if renderer.isJSON { return try renderer.json([row]) }
        meet([row])
        try renderer.text(line(row))
    }

    @discardableResult
    private mutating func remember(_ row: JSONObject) -> Bool {
        guard let id = row["id"]?.string, let front = UInt64(id.prefix(16), radix: 16) else {
            return true
        }
        return shown.insert(front).inserted
    }

    /// Learns names before any of them is shown, so that columns and marks fit the whole page.
    private mutating func meet(_ rows: [JSONObject]) {
        for row in rows { names.meet(row) }
        for row in rows where row["kind"]?.string != "gap" {
            let width = DisplayWidth.of(names.name(of: row))
            if width <= Self.nameWidthLimit { nameWidth = max(nameWidth, width) }
        }
    }

    // MARK: Lines for people

    private mutating func line(_ row: JSONObject) -> String {
        row["kind"]?.string == "gap" ? gapLine(row) : entryLine(row)
    }

    private func gapLine(_ row: JSONObject) -> String {
        let from = row["from_seq"]?.int ?? 0
        let to = row["to_seq"]?.int ?? from
        let count = max(1, to - from + 1)
        let who = row["author"]?.string == nil ? "somebody new" : names.name(of: row)
        let place = showsRoom ? " in \(row.cell("room").text)" : ""
        let text =
            count == 1
            ? "-- 1 message from \(who)\(place) has not arrived yet --"
            : "-- \(count) messages from \(who)\(place) have not arrived yet --"
        return renderer.style.paint(text, .warning) + "\n"
    }

    private mutating func entryLine(_ row: JSONObject) -> String {
        let style = renderer.style
        let marks = Self.marks(row)
        let time = row.time("at").map(renderer.zone.civil)
        var out = separator(row, time)
        var prefix = time?.clock ?? "--:--"
        var painted = style.paint(prefix, .faint)
        func add(_ text: String, _ role: Style.Role) {
            prefix += text
            painted += style.paint(text, role)
        }
        add(
            DisplayWidth.pad(marks, to: 2) + (marks.utf8.count > 1 ? " " : ""),
            marks.isEmpty ? .plain : .warning)
        if showsIDs { add(row.shortID() + "  ", .faint) }
        if showsRoom { add(row.cell("room").text + "  ", .plain) }
        add(DisplayWidth.pad(names.name(of: row), to: nameWidth), .name)
        add("  ", .plain)
        let indent = String(repeating: " ", count: DisplayWidth.of(prefix))
        out += painted + Self.body(row).joined(separator: "\n" + indent) + "\n"
        if showsClocks, let clock = row["clock"]?.object {
            out += indent + style.paint("clock: \(names.text(clock))", .faint) + "\n"
        }
        return out
    }

    /// A line between two days. An implausible time begins no day.
    private mutating func separator(_ row: JSONObject, _ time: CivilTime?) -> String {
        guard let time, row["odd_time"]?.bool != true, time.dayName != day else { return "" }
        day = time.dayName
        return renderer.style.paint("-- \(time.dayName) --", .faint) + "\n"
    }

    private static func marks(_ row: JSONObject) -> String {
        let known = [
            ("merged", "+"), ("clock_partial", "~"), ("forked", "!"), ("odd_time", "?"),
        ]
        return known.filter { row[$0.0]?.bool == true }.map(\.1).joined()
    }

    private static func body(_ row: JSONObject) -> [String] {
        if row["forgotten"]?.bool == true { return ["[forgotten here]"] }
        if let text = row["text"]?.string { return CleanText.lines(text) }
        let count = (row["body"]?.string?.utf8.count ?? 0) / 2
        return ["[\(row.cell("kind").text), \(count) bytes]"]
    }
}
