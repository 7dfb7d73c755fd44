import MeshModel
import MeshWAMP

/// The one way from results to the output: JSON lines for programs, tables for people.
struct Renderer: Sendable {
    let isJSON: Bool
    let style: Style
    let zone: TimeZone
    private let output: any OutputPort

    init(isJSON: Bool, surroundings: Surroundings) {
        self.isJSON = isJSON
        style = isJSON ? .plain : Style(of: surroundings)
        zone = surroundings.zone
        output = surroundings.output
    }

    /// Objects as they came: one per line, fields in the order of the API.
    func json(_ objects: [JSONObject]) throws(OutputClosed) {
        guard !objects.isEmpty else { return }
        var writer = JSONWriter(capacity: objects.count * 256)
        var lines: [String] = []
        lines.reserveCapacity(objects.count)
        for object in objects {
            writer = JSONWriter(capacity: 256)
            writer.write(object)
            lines.append(String(decoding: writer.bytes, as: UTF8.self))
        }
        try output.write(lines.joined(separator: "\n") + "\n")
    }

    /// Lines for people.
    func text(_ text: String) throws(OutputClosed) {
        guard !text.isEmpty else { return }
        try output.write(text)
    }

    /// A list; where it is empty, people are told on standard error.
    func rows(_ rows: [JSONObject], _ table: Table) throws(OutputClosed) {
        if isJSON { return try json(rows) }
        guard !rows.isEmpty else { return note(table.empty) }
        try text(table.text(rows, style))
    }

    /// One thing: its fields for programs, `label  value` lines for people.
    func fields(_ fields: JSONObject, _ card: [CardLine]) throws(OutputClosed) {
        if isJSON { return try json([fields]) }
        try text(CardLine.text(card, style))
    }

    /// Talk to people; programs are not told.
    func note(_ message: String) {
        if !isJSON { output.say(message + "\n") }
    }
}

/// One line of a card.
struct CardLine: Sendable {
    let label: String
    let cell: Cell

    init(_ label: String, _ cell: Cell) {
        self.label = label
        self.cell = cell
    }

    init(_ label: String, _ text: String) { self.init(label, Cell(text)) }

    static func text(_ lines: [CardLine], _ style: Style) -> String {
        let width = lines.map { DisplayWidth.of($0.label) }.max() ?? 0
        return lines.map { line in
            DisplayWidth.pad(line.label, to: width) + "  "
                + style.paint(line.cell.text, line.cell.role) + "\n"
        }.joined()
    }
}
