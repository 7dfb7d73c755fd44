import GRDB
package import MeshGossip
package import MeshLog
package import MeshModel

// Reading: each call sees one snapshot with everything committed before it, waits for no writer and
// makes none wait. Errors are `StoreError`, and `FindError` where an id is looked up.
extension Store {
    /// A stretch of a log for a neighbour; empty where nothing of it is held.
    package func read(_ query: RunQuery) async throws -> RunRead {
        let mesh = mesh
        return try await onReader { tables in
            guard try Int(query.segment.index) < tables.segmentCount() else {
                return RunRead(token: query.token, entries: [])
            }
            let entries = try Archive(tables: tables, mesh: mesh).chunk(
                query.segment, from: query.from, to: query.to, isProved: query.isProved)
            return RunRead(token: query.token, entries: entries)
        }
    }

    /// A page of the merged log of a room, or of all.
    package func page(_ query: PageQuery) async throws -> RoomPage {
        try await onView { try $0.page(query) }
    }

    /// Rows just taken in, as lines, in the merged order of the given rows.
    package func lines(
        for rows: [MeshLog.Row], clocks: PageQuery.Clocks = .small
    ) async throws -> [RoomLine] {
        let ids = rows.map(\.entry.id)
        return try await onReader { tables in
            // As they are now: a row may have become complete since.
            let held = try ids.compactMap { try tables.held(id: $0) }.sorted { $0.key < $1.key }
            var view = RoomView(tables: tables)
            return try view.lines(for: held, clocks: clocks)
        }
    }

    /// Who is proved to hold an entry.
    package func seen(_ id: EntryID) async throws -> Seen { try await onView { try $0.seen(id) } }

    package func rooms() async throws -> [RoomSummary] {
        try await onReader { try $0.rooms() }
    }

    /// Head, last complete entry and clock of every log of a room.
    package func clocks(in room: RoomID) async throws -> [LogClock] {
        try await onView { try $0.logClocks(in: room) }
    }

    /// The entry whose id begins with these hexadecimal digits.
    package func find(_ prefix: String) async throws -> EntryID {
        try await onView { try $0.find(prefix) }
    }

    package func row(_ id: EntryID) async throws -> MeshLog.Row? {
        try await onReader { try $0.held(id: id) }
    }

    package func rows(_ ids: [EntryID]) async throws -> [EntryID: MeshLog.Row] {
        try await onReader { tables in
            try ids.reduce(into: [:]) { rows, id in rows[id] = try tables.held(id: id) }
        }
    }

    /// The latest nickname that a peer claimed.
    package func nick(of peer: PeerID) async throws -> String? {
        try await onView { try $0.nick(of: peer) }
    }

    package func joined() async throws -> Set<RoomID> { try await fetch { try Self.joined($0) } }

    package func setting(_ key: String) async throws -> String? {
        try await fetch { try Self.setting(key, $0) }
    }

    private func onView<T: Sendable>(
        _ work: @escaping @Sendable (inout RoomView<SQLiteTables>) throws -> T
    ) async throws -> T {
        try await onReader { tables in
            var view = RoomView(tables: tables)
            return try work(&view)
        }
    }

    private func onReader<T: Sendable>(
        _ work: @escaping @Sendable (SQLiteTables) throws -> T
    ) async throws -> T {
        try await fetch { try work(SQLiteTables(reading: $0)) }
    }

    private func fetch<T: Sendable>(
        _ work: @escaping @Sendable (Database) throws -> T
    ) async throws -> T {
        do {
            return try await pool.read(work)
        } catch let error as FindError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            throw StoreError.from(error, path: home.home.database)
        }
    }
}
