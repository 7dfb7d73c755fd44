import MeshWAMP

/// One cell of a table: clean text for one line.
struct Cell: Sendable {
    let text: String
    let role: Style.Role

    init(_ text: String, _ role: Style.Role = .plain) {
        self.text = text.isEmpty ? "-" : text
        self.role = role
    }

    /// What is not known.
    static let unknown = Cell("-", .faint)
}

/// A column: its heading, and what it shows of a row.
struct Column: Sendable {
    enum Side { case left, right }

    let title: String
    let side: Side
    let cell: @Sendable (JSONObject) -> Cell

    init(_ title: String, _ side: Side = .left, cell: @escaping @Sendable (JSONObject) -> Cell) {
        self.title = title
        self.side = side
        self.cell = cell
    }

    /// A field as it is: text, number, yes or no.
    init(_ title: String, _ field: String, _ side: Side = .left) {
        self.init(title, side) { $0.cell(field) }
    }
}

/// Rows in aligned columns, two spaces apart.
struct Table: Sendable {
    let columns: [Column]
    /// What is said instead of an empty table, to people.
    let empty: String

    func text(_ rows: [JSONObject], _ style: Style) -> String {
        let cells = rows.map { row in columns.map { $0.cell(row) } }
        let widths = columns.indices.map { index in
            max(
                DisplayWidth.of(columns[index].title),
                cells.map { DisplayWidth.of($0[index].text) }.max() ?? 0)
        }
        let heading = columns.map { Cell($0.title, .heading) }
        return ([heading] + cells).map { line($0, widths, style) + "\n" }.joined()
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ style: Style) -> String {
        let last = cells.count - 1
        let parts = cells.enumerated().map { index, cell in
            let painted = style.paint(cell.text, cell.role)
            let spaces = String(
                repeating: " ", count: max(0, widths[index] - DisplayWidth.of(cell.text)))
            if columns[index].side == .right { return spaces + painted }
            return index == last ? painted : painted + spaces
        }
        return parts.joined(separator: "  ")
    }
}
