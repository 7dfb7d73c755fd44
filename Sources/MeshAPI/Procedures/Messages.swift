import MeshGossip
import MeshLog
import MeshModel
import MeshNode
import MeshWAMP

/// Saying something, reading what was said, and who has it.
extension PeerProcedures {
    /// Returns once the entry is durable here.
    func send(_ arguments: Arguments) async throws -> Outcome {
        let room = try arguments.neededRoom("room")
        let text = try arguments.needed("text")
        if try arguments.flag("urgent") { throw CallError.notBuilt("urgent") }
        guard !text.isEmpty else { throw CallError.usage("text is empty") }
        let id = try await write(.text, Array(text.utf8), in: room)
        var fields: JSONObject = ["id": .string(id.hex), "room": .string(room.description)]
        if let row = try await views.row(id) {
            fields["author"] = .string(row.log.author.hex)
            fields["epoch"] = .string(Show.epoch(row.log.epoch))
            fields["seq"] = JSON(row.seq)
            fields["at"] = Show.time(row.entry.header.at)
        }
        return .fields(fields)
    }

    /// A page of the merged log: the last `n` lines, or from `after` or `since` on. A page ends
    /// where one message would become too large; `more` then says so, and `after` its last id goes
    /// on.
    func log(_ arguments: Arguments) async throws -> Outcome {
        let room = try arguments.room("room")
        guard (room != nil) != (try arguments.flag("all")) else {
            throw CallError.usage("give either a room or all")
        }
        var query = PageQuery(room: room)
        query.last = try arguments.number("n", in: 0...RoomLimits.page)
        if let since = try arguments.string("since") {
            guard let time = Timestamp.parse(since) else {
                throw CallError.usage("since is not a time such as 2026-07-01T12:00:00Z")
            }
            query.since = time
        }
        if let after = try arguments.string("after") {
            query.after = try await views.find(after)
        }
        query.clocks = try arguments.flag("clock") ? .always : .small
        let page = try await views.page(query)
        let (rows, isCut) = Self.fitting(page.lines)
        var result = CallResult.rows(rows)
        result.keywords["more"] = .bool(isCut || page.hasMore)
        return result
    }

    /// Bytes of lines in one message: half of `WAMPLimits.message`, since what is counted here
    /// leaves out what escaping adds to a line.
    private static let pageBytes = WAMPLimits.message / 2

    /// The first lines that fit into one message, at least one entry.
    private static func fitting(_ lines: [RoomLine]) -> (rows: [JSON], isCut: Bool) {
        var rows: [JSON] = []
        var bytes = 0
        for line in lines {
            bytes += size(line)
            if bytes > pageBytes, !rows.isEmpty { return (rows, true) }
            rows.append(.object(LineJSON.object(line)))
        }
        return (rows, false)
    }

    /// About what a line takes as JSON.
    private static func size(_ line: RoomLine) -> Int {
        guard case .entry(let entry) = line else { return 400 }
        let body = entry.row.entry.body?.count ?? 0
        return 600 + body * 2 + entry.row.entry.header.cites.count * 64
            + (entry.clock?.components.count ?? 0) * 96
    }

    /// Who has an entry: proved by what they signed, or reported by a neighbour's digest.
    func seen(_ arguments: Arguments) async throws -> Outcome {
        let id = try await views.find(try arguments.needed("id"))
        let seen = try await views.seen(id)
        let row = seen.row
        let reported = try await node.inspect { engine in
            engine.reported(of: row.segment).filter { $0.seq >= row.seq }.map { $0.peer }
        }
        let proved = Set(seen.proved)
        var states: [PeerID: String] = [:]
        for peer in seen.unproved { states[peer] = "unknown" }
        if !row.isLoose { for peer in reported { states[peer] = "reported" } }
        for peer in proved { states[peer] = "proved" }
        // This peer shows the line: it needs no proof of its own.
        if !proved.contains(card.peer) { states[card.peer] = nil }
        var rows: [JSON] = []
        for (peer, state) in states.sorted(by: { $0.key < $1.key }) {
            rows.append(
                .object([
                    "peer": .string(peer.hex), "fingerprint": .string(peer.fingerprint.text),
                    "nick": JSON(try await views.nick(of: peer)), "seen": .string(state),
                ]))
        }
        var result = CallResult.rows(rows)
        result.keywords["id"] = .string(id.hex)
        result.keywords["room"] = .string(row.log.room.description)
        result.keywords["author"] = .string(row.log.author.hex)
        result.keywords["seq"] = JSON(row.seq)
        return result
    }
}
