import GRDB
import MeshGossip
import MeshIdentity
import MeshLog
import MeshModel

/// All writing to the archive: one transaction for each batch, with the marker around own commits.
///
/// @unchecked Sendable: touched only in closures that run on the serial queue of GRDB's writer
/// connection, which is its lock.
// style: trap: the lock is the serial queue of GRDB's writer connection
final class Writer: @unchecked Sendable {
    private let tables: SQLiteTables
    private var archive: Archive<SQLiteTables>
    private let mesh: MeshID
    private var storeRow: StoreRow
    private let marker: MarkerKeeper

    /// On the writer's queue, as everything else here.
    init(_ db: Database, mesh: MeshID, storeRow: StoreRow, marker: MarkerKeeper) throws {
        tables = try SQLiteTables(writing: db)
        archive = try Archive(tables: tables, mesh: mesh)
        self.mesh = mesh
        self.storeRow = storeRow
        self.marker = marker
    }

    var level: StoreLevel {
        StoreLevel(usedBytes: tables.totals.used, limitBytes: storeRow.limitBytes)
    }

    func segments() throws -> [Segment] { try tables.segments() }

    var lastTimes: [RoomID: UInt64] {
        tables.cache.rooms.filter { $0.value.entries > 0 }.mapValues(\.lastTime)
    }

    /// Keeps all requests or none; durable when it returns.
    /// - Throws: `AppendFailure`.
    func append(
        _ requests: [AppendRequest], to db: Database
    ) throws -> (done: [AppendDone], level: StoreLevel) {
        let savedLedger = storeRow
        do {
            var done: [AppendDone] = []
            try db.inTransaction(.immediate) {
                for request in requests {
                    let appended = try archive.append(
                        request.run, by: request.source, at: request.receivedAt)
                    done.append(AppendDone(token: request.token, appended: appended))
                }
                try tables.flush()
                try prepareOwnCommit(of: requests, db)
                return .commit
            }
            tables.committed()
            if storeRow.commit != savedLedger.commit { marker.settle(on: storeRow) }
            return (done, level)
        } catch {
            tables.rollBack()
            storeRow = savedLedger
            archive = try Archive(tables: tables, mesh: mesh)
            throw AppendFailure(
                error: .from(error, path: db.fileName), tokens: requests.map(\.token),
                segments: try tables.segments())
        }
    }

    /// Where something of our own is in the batch: counts it, and announces it in the marker before
    /// it can become durable.
    private func prepareOwnCommit(of requests: [AppendRequest], _ db: Database) throws {
        let own = requests.last { $0.source == .own }
        guard let epoch = own?.run.first?.log.epoch else { return }
        var next = storeRow
        next.epoch = epoch
        next.commit = Marker.Commit(
            number: storeRow.commit.number + 1, tag: .random(in: .min ... .max))
        try next.write(db)
        try marker.announce(next.commit, of: epoch, after: storeRow)
        storeRow = next
    }

    /// Drops bodies as `SQLiteTables.dropBodies` does, in one transaction.
    func forget(
        _ room: RoomID, before time: WallTime?, after arrival: UInt64, in db: Database
    ) throws -> SQLiteTables.Dropped {
        do {
            var dropped = SQLiteTables.Dropped()
            try db.inTransaction(.immediate) {
                dropped = try tables.dropBodies(in: room, before: time, after: arrival)
                try tables.flush()
                return .commit
            }
            tables.committed()
            return dropped
        } catch {
            tables.rollBack()
            throw StoreError.from(error, path: db.fileName)
        }
    }
}

extension Database {
    /// The path of the file for messages.
    var fileName: String {
        (try? String.fetchOne(self, sql: "SELECT file FROM pragma_database_list WHERE seq = 0"))
            ?? "starling.db"
    }
}
