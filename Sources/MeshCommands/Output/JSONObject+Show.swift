import MeshModel
import MeshWAMP

/// What people see of the API's fields. All of it is clean: any text may be another peer's.
extension JSONObject {
    func cell(_ field: String) -> Cell {
        switch self[field] {
        case .string(let text)?: Cell(CleanText.line(text))
        case .integer(let number)?: Cell(String(number))
        case .large(let number)?: Cell(String(number))
        case .number(let number)?: Cell(Self.text(number))
        case .bool(let value)?: Cell(value ? "yes" : "no")
        default: .unknown
        }
    }

    /// With at most two digits after the point.
    static func text(_ number: Double) -> String {
        guard abs(number) < 1e15 else { return "\(number)" }
        let hundredths = Int64((abs(number) * 100).rounded())
        let sign = number < 0 && hundredths > 0 ? "-" : ""
        let rest = hundredths % 100
        if rest == 0 { return "\(sign)\(hundredths / 100)" }
        if rest % 10 == 0 { return "\(sign)\(hundredths / 100).\(rest / 10)" }
        return "\(sign)\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// The same with a unit.
    func cell(_ field: String, unit: String) -> Cell {
        guard let value = self[field], !value.isNull else { return .unknown }
        return Cell("\(cell(field).text) \(unit)")
    }

    func time(_ field: String) -> WallTime? { self[field]?.string.flatMap(Timestamp.parse) }

    func age(_ field: String, now: WallTime) -> Cell {
        time(field).map { Cell(Age.text(since: $0, now: now)) } ?? .unknown
    }

    /// `k7qf-9mzt-2xw8-pn4c-r`: as the peer says it, else worked out from the key.
    func fingerprint(of field: String = "peer") -> String {
        if field == "peer", let text = self["fingerprint"]?.string { return CleanText.line(text) }
        guard let hex = self[field]?.string else { return "" }
        let peer = Hex.decode(hex).flatMap { PeerID($0) }
        return peer?.fingerprint.text ?? CleanText.line(hex)
    }

    /// The claimed nickname; empty where there is none.
    var nick: String { self["nick"]?.string.map(CleanText.line) ?? "" }

    /// The first digits of an id, which every command takes back.
    func shortID(_ field: String = "id") -> String {
        String(CleanText.line(self[field]?.string ?? "").prefix(8))
    }
}

extension Column {
    /// Who it is: the nickname proves nothing, so the fingerprint stands beside it.
    static let nick = Column("NICK") { Cell($0.nick, .name) }
    static let fingerprint = Column("FINGERPRINT") { Cell($0.fingerprint()) }
}
