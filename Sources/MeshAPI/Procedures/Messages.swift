import MeshGossip
import MeshLog
import MeshModel
import MeshNode
import MeshWAMP

/// Saying something, reading what was said, and who has it.
extension PeerProcedures {
    /// One text, or several in their order. Returns once what was accepted is durable here.
    func send(_ arguments: Arguments) async throws -> Outcome {
        let room = try arguments.neededRoom("room")
        if try arguments.flag("urgent") { throw CallError.notBuilt("urgent") }
        guard let texts = try arguments.strings("texts", atMost: ModelLimits.texts) else {
            let text = try arguments.needed("text")
            let sent = try await send([text], to: room)
            return .fields(try sent[0].get())
        }
        guard try arguments.string("text") == nil else {
            throw CallError.usage("give either text or texts")
        }
        guard !texts.isEmpty else { throw CallError.usage("texts is empty") }
        return .rows(
            try await send(texts, to: room).map { result in
                switch result {
                case .success(let fields): .object(fields)
                case .failure(let error): .object(error.payload.keywords)
                }
            })
    }

    /// What became of each text.
    /// - Throws: before anything is written: a text that is none, or no room for so many to wait.
    private func send(
        _ texts: [String], to room: RoomID
    ) async throws -> [Result<JSONObject, CallError>] {
        let bodies = texts.map { Array($0.utf8) }
        for body in bodies {
            guard !body.isEmpty else { throw CallError.usage("text is empty") }
            guard body.count <= ModelLimits.body else {
                throw Self.failure(.tooLong(bytes: body.count, limit: ModelLimits.body))
            }
        }
        let answers = await node.submit(.text, all: bodies, in: room)
        if case .failure(.busy)? = answers.first { throw Self.failure(.busy) }
        let rows = try await views.rows(answers.compactMap { try? $0.get() })
        return answers.map { answer in
            answer.mapError(Self.failure(_:)).map { id in
                var fields: JSONObject = ["id": .string(id.hex), "room": .string(room.description)]
                if let row = rows[id] {
                    fields["author"] = .string(row.log.author.hex)
                    fields["epoch"] = .string(Show.epoch(row.log.epoch))
                    fields["seq"] = JSON(row.seq)
                    fields["at"] = Show.time(row.entry.header.at)
                }
                return fields
            }
        }
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

    /// Bytes of lines in one message: half of `WAMPLimits.message`, since what stands beside the
    /// text is only estimated.
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

    /// What a line takes as JSON at most: a byte of text becomes up to six where it is escaped.
    private static func size(_ line: RoomLine) -> Int {
        guard case .entry(let entry) = line else { return 400 }
        let body = entry.row.entry.body?.count ?? 0
        return 600 + body * 6 + entry.row.entry.header.cites.count * 64
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
