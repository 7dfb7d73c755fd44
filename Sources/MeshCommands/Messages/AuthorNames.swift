import MeshModel
import MeshWAMP

/// What the authors of a log are called on show: the nickname; where several use one, with the
/// beginning of the fingerprint behind it; the fingerprint's beginning where there is none.
///
/// Holds one item for each author of the log.
struct AuthorNames {
    private struct Known {
        var label: String
        /// `k7qf-9mzt-2xw8-pn4c-r`.
        let fingerprint: String
    }

    private var known: [String: Known] = [:]
    private var users: [String: Set<String>] = [:]

    mutating func meet(_ row: JSONObject) {
        guard let author = row["author"]?.string else { return }
        let fingerprint = known[author]?.fingerprint ?? row.fingerprint(of: "author")
        let nick = row.nick
        if nick.isEmpty, known[author] != nil { return }
        let label = nick.isEmpty ? String(fingerprint.prefix(9)) : nick
        known[author] = Known(label: label, fingerprint: fingerprint)
        users[label, default: []].insert(author)
    }

    func name(of row: JSONObject) -> String { name(row["author"]?.string ?? "") }

    private func name(_ author: String) -> String {
        guard let known = known[author] else {
            let peer = Hex.decode(author).flatMap { PeerID($0) }
            return peer.map { String($0.fingerprint.text.prefix(9)) } ?? "unknown"
        }
        let isShared = (users[known.label]?.count ?? 0) > 1
        return isShared ? "\(known.label)~\(known.fingerprint.prefix(4))" : known.label
    }

    /// A vector clock: `drone-2/5c1e 17, k7qf-9mzt/0a99 3`.
    func text(_ clock: JSONObject) -> String {
        clock.members.map { member in
            let parts = member.key.split(separator: "/")
            let epoch = parts.count > 1 ? "/\(CleanText.line(String(parts[1].prefix(4))))" : ""
            let author = name(parts.first.map(String.init) ?? "")
            return "\(author)\(epoch) \(member.value.uint64.map(String.init) ?? "?")"
        }.joined(separator: ", ")
    }
}
