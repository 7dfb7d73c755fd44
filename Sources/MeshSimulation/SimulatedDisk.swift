package import MeshGossip
package import MeshIdentity
package import MeshLog
package import MeshModel

/// What a machine keeps when the power goes: a journal of transactions, and what the archive makes
/// of it.
package struct SimulatedDisk {
    private let mesh: MeshID
    /// Every request that was ever durable, in order.
    package private(set) var journal: [AppendRequest] = []
    private var archive: Archive<MemoryTables>
    /// The epoch in the marker; nil where there is none.
    package var epoch: UInt64?
    package private(set) var authorBytes: [PeerID: UInt64] = [:]
    private var usedBytes: UInt64 = 0
    /// Far above what a run writes.
    private static let limit: UInt64 = 1 << 30
    /// Header, signature and index of one row.
    private static let rowBytes: UInt64 = 300

    package init(mesh: MeshID) {
        self.mesh = mesh
        archive = Self.archive(mesh)
    }

    private static func archive(_ mesh: MeshID) -> Archive<MemoryTables> {
        guard let archive = try? Archive(tables: MemoryTables(), mesh: mesh) else {
            preconditionFailure("tables in memory do not fail")
        }
        return archive
    }

    /// The disk as it was after `count` transactions, without those that `isDropped` names. The
    /// marker is of the machine, so there is none.
    package func restored(
        to count: Int, dropping isDropped: (Int) -> Bool = { _ in false }
    ) -> SimulatedDisk {
        var disk = SimulatedDisk(mesh: mesh)
        for index in journal.indices.prefix(count) where !isDropped(index) {
            _ = disk.append(journal[index])
        }
        return disk
    }

    package var tables: MemoryTables { archive.tables }

    package var level: StoreLevel { StoreLevel(usedBytes: usedBytes, limitBytes: Self.limit) }

    package mutating func append(_ request: AppendRequest) -> Appended {
        guard
            let appended = try? archive.append(
                request.run, by: request.source, at: request.receivedAt)
        else { preconditionFailure("tables in memory do not fail") }
        journal.append(request)
        for row in appended.lines {
            let bytes = UInt64(row.entry.body?.count ?? 0) + Self.rowBytes
            usedBytes += bytes
            authorBytes[row.log.author, default: 0] += bytes
        }
        return appended
    }

    package func chunk(_ query: RunQuery) -> [Entry] {
        let entries = try? archive.chunk(
            query.segment, from: query.from, to: query.to, isProved: query.isProved)
        return entries ?? []
    }

    package func lastTimes(in rooms: [RoomID]) -> [RoomID: UInt64] {
        var times: [RoomID: UInt64] = [:]
        for room in rooms { times[room] = tables.lastKey(in: room)?.time }
        return times
    }
}
