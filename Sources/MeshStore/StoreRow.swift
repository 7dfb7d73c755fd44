import Foundation
import GRDB
import MeshModel

/// The one row of `store`: whose it is, how large it may become and its last own commit.
struct StoreRow {
    let storeID: [UInt8]
    let mesh: String
    let peer: [UInt8]
    var limitBytes: UInt64
    /// Of the last own commit; nil before the first.
    var epoch: UInt64?
    var commit: Marker.Commit

    static func read(_ db: Database) throws -> StoreRow {
        let row = try GRDB.Row.fetchOne(
            db, sql: "SELECT id, mesh, peer, limitBytes, epoch, commits, tag FROM store")
        guard let row else { throw StoreError.damagedRow("the table store is empty") }
        let columns = Columns(row: row)
        return StoreRow(
            storeID: try columns.bytes(0), mesh: row[1] as String? ?? "",
            peer: try columns.bytes(2), limitBytes: try columns.uint(3),
            epoch: try columns.optionalBytes(4) == nil ? nil : try columns.uint64(4),
            commit: Marker.Commit(
                number: try columns.uint(5), tag: try columns.uint64(6)))
    }

    /// Makes the row of a new store.
    static func create(
        _ db: Database, mesh: String, peer: PeerID, limitBytes: UInt64
    ) throws {
        let id = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        try db.execute(
            sql: """
                INSERT INTO store (one, id, mesh, peer, usedBytes, limitBytes, commits, tag)
                VALUES (1, ?, ?, ?, 0, ?, 0, ?)
                """,
            arguments: [
                Data(id), mesh, Stored.data(peer.raw), Stored.sorting(limitBytes),
                Stored.data(UInt64.random(in: .min ... .max)),
            ])
    }

    /// Keeps an own commit in the transaction that makes it.
    func write(_ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE store SET epoch = ?, commits = ?, tag = ?")
            .execute(arguments: [
                epoch.map { Stored.data($0) }, Stored.sorting(commit.number),
                Stored.data(commit.tag),
            ])
    }

    func writeLimit(_ db: Database) throws {
        try db.execute(
            sql: "UPDATE store SET limitBytes = ?", arguments: [Stored.sorting(limitBytes)])
    }
}
