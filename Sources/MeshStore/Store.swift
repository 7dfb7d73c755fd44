import Foundation
import GRDB
package import MeshGossip
import MeshIdentity
import MeshLog
package import MeshModel

/// The log of one peer on disk: `DIR/starling.db` (SQLite) with its key. docs/spec/store.md.
///
/// One writer, any number of readers that see every committed row and block nobody. What cannot be
/// opened is refused as it is: no file is ever repaired, replaced or emptied.
package final class Store: Sendable {
    let pool: DatabasePool
    let writer: Writer
    let home: HomeLock
    let mesh: MeshID

    /// Keeps the lock until the store is let go.
    final class HomeLock: Sendable {
        let home: Home
        init(_ home: consuming Home) { self.home = home }
    }

    private init(pool: DatabasePool, writer: Writer, home: HomeLock, mesh: MeshID) {
        self.pool = pool
        self.writer = writer
        self.home = home
        self.mesh = mesh
    }

    /// Opens or makes the store; blocks for the time of it.
    /// - Throws: `StoreError`.
    package static func open(_ options: StoreOptions) throws -> (store: Store, boot: Boot) {
        let home = HomeLock(try Home(options.home))
        let path = home.home.database
        do {
            let key = try StoreOpening(options: options, home: home).key()
            let pool = try openPool(path)
            let storeRow = try pool.writeWithoutTransaction { db in
                try limit(options, db)
                return try StoreRow.read(db)
            }
            let keeper = MarkerKeeper(
                directory: options.runtimeDirectory, storeID: storeRow.storeID,
                boot: options.bootID, database: path)
            let mesh = MeshID(name: options.mesh)
            let writer = try pool.writeWithoutTransaction {
                try Writer($0, mesh: mesh, storeRow: storeRow, marker: keeper)
            }
            let store = Store(pool: pool, writer: writer, home: home, mesh: mesh)
            let boot = try store.boot(key, storeRow, epoch: keeper.provenEpoch(of: storeRow))
            return (store, boot)
        } catch {
            throw StoreError.from(error, path: path)
        }
    }

    /// The pool of an existing database: one writer with synchronous=FULL, three readers.
    static func openPool(_ path: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.maximumReaderCount = 3
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            // 1 MB of pages: a reader looks at one page of the log, or one chunk, at a time.
            try db.execute(sql: "PRAGMA cache_size = -1024")
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        try pool.writeWithoutTransaction { db in
            // 8 MB of pages: the upper levels of every index of a million entries.
            try db.execute(sql: "PRAGMA cache_size = -8192")
            // GRDB chooses NORMAL, which may lose the last commits at a power cut.
            try db.execute(sql: "PRAGMA synchronous = FULL")
            // 16 MB between two checkpoints, each of which costs two fsyncs; 64 MB kept at most.
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 4096")
            _ = try Int.fetchOne(db, sql: "PRAGMA journal_size_limit = 67108864")
        }
        try Schema.migrator.migrate(pool)
        return pool
    }

    private static func limit(_ options: StoreOptions, _ db: Database) throws {
        guard let wanted = options.limitBytes else { return }
        var storeRow = try StoreRow.read(db)
        guard storeRow.limitBytes != wanted else { return }
        storeRow.limitBytes = wanted
        try storeRow.writeLimit(db)
    }

    private func boot(_ key: PeerKey, _ storeRow: StoreRow, epoch: UInt64?) throws -> Boot {
        try pool.writeWithoutTransaction { db in
            var authors: [PeerID: UInt64] = [:]
            let cursor = try GRDB.Row.fetchCursor(db, sql: "SELECT peer, bytes FROM author")
            while let row = try cursor.next() {
                let columns = Columns(row: row)
                authors[PeerID(try columns.bytes32(0))] = UInt64(max(0, try columns.int(1)))
            }
            return Boot(
                key: key, storeID: storeRow.storeID, mesh: mesh, segments: try writer.segments(),
                lastTimes: writer.lastTimes, authorBytes: authors, level: writer.level,
                joined: try Self.joined(db), nick: try Self.setting("nick", db), epoch: epoch)
        }
    }

    /// Moves everything into the database file and closes it; the lock goes when the store is let
    /// go.
    package func close() throws {
        do {
            // GRDB closes its readers last, and SQLite moves the log only for a writer. What cannot
            // be moved now is moved after the next start.
            _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            try pool.close()
        } catch {
            throw StoreError.from(error, path: home.home.database)
        }
    }

    // MARK: - Writing

    /// Keeps all requests in one durable transaction, or none. Not undone by cancelling the task.
    /// - Throws: `AppendFailure`.
    package func append(
        _ requests: [AppendRequest]
    ) async throws -> (done: [AppendDone], level: StoreLevel) {
        let writer = writer
        return try await onWriter { try writer.append(requests, to: $0) }
    }

    /// Runs on the writer's queue to the end, whatever becomes of the task.
    func onWriter<T: Sendable>(
        _ work: @escaping @Sendable (Database) throws -> T
    ) async throws -> T {
        let path = home.home.database
        return try await withCheckedThrowingContinuation { continuation in
            pool.asyncWriteWithoutTransaction { db in
                continuation.resume(
                    with: Result { try work(db) }.mapError { error in
                        error is AppendFailure ? error : StoreError.from(error, path: path)
                    })
            }
        }
    }

    /// Drops the bodies of a room's entries that stand before `time` in the merged log (nil: all).
    /// Headers, heads and order stay; what was dropped is overwritten on disk.
    /// - Throws: `StoreError`; steps done before it stay done.
    package func forget(_ room: RoomID, before time: WallTime? = nil) async throws -> Forgotten {
        let writer = writer
        var total: (bodies: Int, bytes: UInt64) = (0, 0)
        var from: UInt64? = 0
        while let start = from {
            let step = try await onWriter { db in
                try db.execute(sql: "PRAGMA secure_delete = ON")
                return try writer.forget(room, before: time, after: start, in: db)
            }
            total = (total.bodies + step.bodies, total.bytes + step.bytes)
            from = step.last
        }
        let level = try await onWriter { db in
            try db.execute(sql: "PRAGMA secure_delete = OFF")
            _ = try? db.checkpoint(.truncate)
            return writer.level
        }
        return Forgotten(bodies: total.bodies, bytes: total.bytes, level: level)
    }

    // MARK: - Local settings

    /// Whether this peer shows a room and notifies of it.
    package func setJoined(_ room: RoomID, _ isJoined: Bool) async throws {
        try await onWriter { db in
            let sql =
                isJoined
                ? "INSERT OR IGNORE INTO joined (room) VALUES (?)"
                : "DELETE FROM joined WHERE room = ?"
            try db.execute(sql: sql, arguments: [room.name])
        }
    }

    package func setNick(_ nick: String) async throws { try await set("nick", to: nick) }

    /// Keeps a local setting; nil removes it.
    package func set(_ key: String, to value: String?) async throws {
        try await onWriter { db in
            try db.execute(sql: "DELETE FROM setting WHERE key = ?", arguments: [key])
            guard let value else { return }
            try db.execute(
                sql: "INSERT INTO setting (key, value) VALUES (?, ?)",
                arguments: [key, Data(value.utf8)])
        }
    }

    static func joined(_ db: Database) throws -> Set<RoomID> {
        Set(
            try String.fetchAll(db, sql: "SELECT room FROM joined ORDER BY room").compactMap {
                try? RoomID.open($0)
            })
    }

    static func setting(_ key: String, _ db: Database) throws -> String? {
        try Data.fetchOne(db, sql: "SELECT value FROM setting WHERE key = ?", arguments: [key])
            .map { String(decoding: $0, as: UTF8.self) }
    }
}
