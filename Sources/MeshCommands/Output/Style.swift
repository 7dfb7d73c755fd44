/// Colours, where they are wanted: on a terminal that has them and without `NO_COLOR`
/// (no-color.org).
struct Style: Sendable {
    enum Role: String {
        case plain = ""
        case heading = "1"
        case faint = "2"
        case good = "32"
        case warning = "33"
        case bad = "31"
        case name = "36"
    }

    let isColoured: Bool

    static let plain = Style(isColoured: false)

    private init(isColoured: Bool) { self.isColoured = isColoured }

    init(of surroundings: Surroundings) {
        let environment = surroundings.environment
        let refuses = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        isColoured = surroundings.output.isTerminal && !refuses && environment["TERM"] != "dumb"
    }

    func paint(_ text: String, _ role: Role) -> String {
        guard isColoured, role != .plain, !text.isEmpty else { return text }
        return "\u{1B}[\(role.rawValue)m\(text)\u{1B}[0m"
    }
}
