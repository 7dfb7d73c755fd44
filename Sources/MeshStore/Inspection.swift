import GRDB
import Glibc
import MeshLog

/// Looks whether a database can be trusted, without changing a byte of it or of its log.
///
/// Always: the header, the length, the schema, the small tables, and `PRAGMA quick_check` up to
/// `checkedBytes`; after a stop that was not clean (SQLite's log is there) up to `suspectBytes`.
struct Inspection {
    let path: String

    /// Files up to this size are checked page by page at every start: about 25 ms from a fast disk.
    static let checkedBytes: Int64 = 8 << 20
    /// The same after a stop that was not clean: about 0.2 s. A larger file would keep a drone from
    /// starting for minutes; SQLite's own log already makes a torn write harmless.
    static let suspectBytes: Int64 = 64 << 20
    /// More than SQLite's index of its log ever has: 32 kB for each 16 MB of it.
    private static let indexBytes = 4 << 20

    /// What a sound database says of itself.
    struct Finding {
        let mesh: String
        let peer: [UInt8]
    }

    /// Nil when the file is empty, or a database into which nothing was written yet.
    /// - Throws: `StoreError.damaged`, `.newer`, or what the system says.
    func find() throws -> Finding? {
        guard try checkHeader() else {
            // SQLite would take the log of an empty file for a stale one, and remove it.
            guard !hasLog else { throw StoreError.damaged(path, "it is empty, its log is not") }
            return nil
        }
        var configuration = Configuration()
        configuration.readonly = true
        // SQLite makes an empty log, and makes or fills the index of it, to read at all. What was
        // not there goes again, and the index gets back what it held.
        let isNew = ["-shm", "-wal"].filter { SystemFile.status(path + $0) == nil }
        let index = try SystemFile.read(path + "-shm", limit: Self.indexBytes)
        defer {
            for suffix in isNew { unlink(path + suffix) }
            if let index {
                try? SystemFile.write(index, to: path + "-shm", flags: O_TRUNC, isDurable: false)
            }
        }
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            return try queue.read(look)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
            // A table or a column that every version has is not there.
            throw StoreError.damaged(path, error.message ?? "its tables are not those of a store")
        } catch {
            throw StoreError.from(error, path: path)
        }
    }

    private var hasLog: Bool { (SystemFile.status(path + "-wal")?.st_size ?? 0) > 0 }

    /// False when the file is empty.
    private func checkHeader() throws -> Bool {
        guard let header = try SystemFile.read(path, limit: 100), !header.isEmpty else {
            return false
        }
        guard header.count == 100, header.starts(with: Array("SQLite format 3\0".utf8)) else {
            throw StoreError.damaged(path, "it does not begin like a database")
        }
        func integer(_ offset: Int, _ count: Int) -> Int64 {
            header[offset..<offset + count].reduce(0) { $0 << 8 | Int64($1) }
        }
        let pageSize = integer(16, 2) == 1 ? 65_536 : integer(16, 2)
        let expected = pageSize * integer(28, 4)
        let length = Int64(SystemFile.status(path)?.st_size ?? 0)
        // While a log is there, the last pages may stand in it alone.
        guard length >= expected || hasLog else {
            throw StoreError.damaged(path, "it has \(length) bytes of \(expected)")
        }
        return true
    }

    private func look(_ db: Database) throws -> Finding? {
        let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        guard application == Schema.applicationID else {
            let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            if application == 0 && tables == 0 { return nil }
            throw StoreError.damaged(path, "it is a database of another program")
        }
        if try Schema.migrator.hasBeenSuperseded(db) {
            throw StoreError(
                .newer, "\(path) was written by a later version of Starling",
                try: "install that version again, or start this one with another --home")
        }
        let most = hasLog ? Self.suspectBytes : Self.checkedBytes
        if Int64(SystemFile.status(path)?.st_size ?? 0) <= most { try checkPages(db) }
        guard let row = try GRDB.Row.fetchOne(db, sql: "SELECT mesh, peer FROM store") else {
            return nil
        }
        try lookAtTables(db)
        return Finding(mesh: row[0] as String? ?? "", peer: try Columns(row: row).bytes(1))
    }

    private func checkPages(_ db: Database) throws {
        let answers = try String.fetchAll(db, sql: "PRAGMA quick_check(3)")
        guard answers == ["ok"] else {
            let said = answers.joined(separator: "; ").split(separator: "\n")
            throw StoreError.damaged(path, said.joined(separator: "; "))
        }
    }

    private func lookAtTables(_ db: Database) throws {
        let tables = SQLiteTables(reading: db)
        let segments = try tables.segments()
        for (index, segment) in segments.enumerated() where Int(segment.id.index) != index {
            throw StoreError.damaged(path, "log number \(index) is missing")
        }
        let last = try tables.lastArrival()
        if last > 0, try tables.link(arrival: last) == nil {
            throw StoreError.damaged(path, "entry number \(last) is missing")
        }
        _ = try tables.rooms()
    }
}
