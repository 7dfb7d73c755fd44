package import MeshModel

/// The merged log of a room as it is shown: a page of lines with nicknames, clocks and gaps.
///
/// A view is made for one reading of unchanging tables and remembers names and clocks for its life.
/// Lines are a function of the set of held entries, but for what a `Row` marks as local.
package struct RoomView<Tables: RoomTables> {
    let tables: Tables
    var clocks: ClockReader<Tables>
    /// By author, for the life of the view: at most the authors on one page.
    private var nicks: [PeerID: String?] = [:]

    package init(tables: Tables) {
        self.tables = tables
        clocks = ClockReader(tables: tables)
    }

    /// The lines that `query` wants. Gap lines count for no limit.
    /// - Throws: `FindError.unknown` when `query.after` is not held; else the tables' own.
    package mutating func page(_ query: PageQuery) throws -> RoomPage {
        var after: OrderKey?
        if let id = query.after {
            guard let row = try tables.held(id: id) else { throw FindError.unknown(id.hex) }
            after = row.key
        }
        let limit = min(query.last ?? RoomLimits.part, RoomLimits.page)
        guard limit > 0 else { return RoomPage(lines: [], hasMore: false) }
        // One more than wanted tells whether more follow.
        var rows: [Row] = []
        for room in try wanted(query.room) {
            rows +=
                query.last == nil
                ? try first(limit + 1, in: room, after: after, since: query.since)
                : try last(limit, in: room, after: after, since: query.since)
            guard query.room == nil else { continue }
            // Cut room by room: of a thousand rooms no more is held than of two.
            rows.sort { $0.key < $1.key }
            rows = query.last == nil ? Array(rows.prefix(limit + 1)) : rows.suffix(limit)
        }
        let hasMore = query.last == nil && rows.count > limit
        let kept = query.last == nil ? Array(rows.prefix(limit)) : Array(rows.suffix(limit))
        return RoomPage(lines: try lines(for: kept, clocks: query.clocks), hasMore: hasMore)
    }

    /// These rows as lines, in the order given, each preceded by the gaps that it is the first to
    /// prove.
    package mutating func lines(
        for rows: [Row], clocks wish: PageQuery.Clocks = .small
    ) throws -> [RoomLine] {
        let byRoom = Dictionary(grouping: rows, by: \.log.room)
        var gaps: [EntryID: [GapLine]] = [:]
        var withClock: Set<RoomID> = []
        for room in byRoom.keys.sorted() {
            let inRoom = byRoom[room, default: []]
            for gap in try self.gaps(in: room, provedAmong: inRoom) {
                gaps[gap.before, default: []].append(gap)
            }
            if try showsClocks(in: room, wish) { withClock.insert(room) }
        }
        var lines: [RoomLine] = []
        lines.reserveCapacity(rows.count)
        for row in rows {
            lines += (gaps[row.entry.id] ?? []).map(RoomLine.gap)
            let clock = withClock.contains(row.log.room) ? try shownClock(at: row.arrival) : nil
            lines.append(.entry(try line(row, clock)))
        }
        return lines
    }

    private mutating func line(
        _ row: Row, _ clock: VectorClock<BranchID>?
    ) throws -> EntryLine {
        EntryLine(
            row: row, nick: try nick(of: row.log.author),
            branch: try tables.segment(row.segment).branchID, clock: clock)
    }

    /// The latest nickname that a peer claimed; nil when there is none, or it is not a nickname.
    package mutating func nick(of author: PeerID) throws -> String? {
        if let known = nicks[author] { return known }
        let body = try tables.nickRow(of: author)?.entry.body
        let nick = body.flatMap { String(validating: $0, as: UTF8.self) }
        let valid = nick.flatMap { (try? Nickname.check($0)) == nil ? nil : $0 }
        nicks[author] = .some(valid)
        return valid
    }

    // MARK: - Ids

    /// The id that begins with `typed`, at least `RoomLimits.idPrefix` hexadecimal digits.
    /// - Throws: `FindError`; else the tables' own.
    package func find(_ typed: String) throws -> EntryID {
        let digits = typed.lowercased()
        let odd = digits.utf8.count % 2 == 1
        guard digits.utf8.count <= 64, let low = Hex.decode(odd ? digits + "0" : digits),
            let high = Hex.decode(odd ? digits + "f" : digits)
        else { throw FindError.notHexadecimal(typed) }
        guard digits.utf8.count >= RoomLimits.idPrefix else { throw FindError.tooShort(typed) }
        let ids = try tables.ids(
            from: Self.padded(low, with: 0), to: Self.padded(high, with: 0xFF),
            limit: RoomLimits.candidates)
        guard let id = ids.first else { throw FindError.unknown(typed) }
        guard ids.count == 1 else { throw FindError.ambiguous(typed, ids) }
        return id
    }

    private static func padded(_ bytes: [UInt8], with filler: UInt8) -> EntryID {
        let all = bytes + Array(repeating: filler, count: 32 - bytes.count)
        return EntryID(Bytes32(all) ?? .zero)
    }

    // MARK: - Which rows

    /// Profiles are carried as a room of their own, and are no conversation.
    private func wanted(_ room: RoomID?) throws -> [RoomID] {
        if let room { return [room] }
        return try tables.rooms().map(\.room).filter { $0.kind != .profile }
    }

    private func first(
        _ limit: Int, in room: RoomID, after: OrderKey?, since: WallTime?
    ) throws -> [Row] {
        guard let since else { return try tables.rows(in: room, after: after, limit: limit) }
        var found = try early(in: room, after: after, since: since)
        var key = max(after ?? Self.start(of: since), Self.start(of: since))
        while found.count < limit {
            let rows = try tables.rows(in: room, after: key, limit: limit)
            found += rows.filter { $0.saidAt >= since }
            guard rows.count == limit, let last = rows.last else { break }
            key = last.key
        }
        return Array(found.prefix(limit))
    }

    private func last(
        _ limit: Int, in room: RoomID, after: OrderKey?, since: WallTime?
    ) throws -> [Row] {
        let floor = since.map { max(after ?? Self.start(of: $0), Self.start(of: $0)) } ?? after
        var found: [Row] = []
        var key: OrderKey?
        while found.count < limit {
            let rows = try tables.rows(in: room, before: key, limit: limit)
            let above = rows.prefix { row in floor.map { row.key > $0 } ?? true }
            found += above.filter { row in since.map { row.saidAt >= $0 } ?? true }
            guard above.count == limit, let last = rows.last else { break }
            key = last.key
        }
        var ascending = Array(found.prefix(limit).reversed())
        if let since, ascending.count < limit {
            ascending = try early(in: room, after: after, since: since) + ascending
        }
        return Array(ascending.suffix(limit))
    }

    /// What was said since, by the arrival of odd claims, but stands before that time in the order.
    /// (A row with a plausible claim stands at its claim or later.)
    private func early(
        in room: RoomID, after: OrderKey?, since: WallTime
    ) throws -> [Row] {
        try tables.oddRows(in: room, receivedSince: since, limit: RoomLimits.page).filter { row in
            row.key < Self.start(of: since) && (after.map { row.key > $0 } ?? true)
        }
    }

    /// Below every key of this time.
    private static func start(of time: WallTime) -> OrderKey {
        OrderKey(
            time: time.milliseconds, author: PeerID(.zero), epoch: 0, seq: 0, id: EntryID(.zero))
    }
}
