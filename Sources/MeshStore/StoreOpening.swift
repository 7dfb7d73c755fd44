import GRDB
import Glibc
import MeshIdentity
import MeshModel

/// The way to a database that may be opened: makes it at the first start, refuses what does not
/// fit.
///
/// A first start goes: key under its first name, database with the peer in it, key renamed. So an
/// interrupted one is told from a store that lost a part, and nothing was signed before the last
/// step.
struct StoreOpening {
    let options: StoreOptions
    let home: Store.HomeLock

    private var path: String { home.home.database }

    func key() throws -> PeerKey {
        switch try home.home.content() {
        case .whole(let key):
            guard let finding = try Inspection(path: path).find() else {
                throw StoreError.damaged(path, "it is empty")
            }
            try check(finding, against: key)
            return key
        case .begun(let key): return try resume(key)
        case .nothing:
            guard SystemFile.status(home.home.writeAheadLog) == nil else {
                throw StoreError(
                    .missing, "\(path) is missing, but its log \(path)-wal is there",
                    try: "put starling.db and starling.key back beside it, or move it away")
            }
            return try create(try firstKey())
        }
    }

    private func firstKey() throws -> PeerKey {
        guard let seed = options.seed else { return .generate() }
        guard let key = PeerKey(seed: seed) else {
            throw StoreError(
                .badKey, "the restored key has \(seed.count) bytes, not \(Home.keyLength)",
                try: "restore from another backup")
        }
        return key
    }

    private func check(_ finding: Inspection.Finding, against key: PeerKey) throws {
        guard finding.peer == key.peer.bytes else {
            let owner = PeerID(finding.peer)?.fingerprint.text ?? "another peer"
            throw StoreError(
                .otherKey, "\(home.home.key) is the key of \(key.peer), the store is of \(owner)",
                try: "put the key and the database of one peer together, or choose another --home")
        }
        guard finding.mesh == options.mesh else {
            throw StoreError(
                .otherMesh,
                "\(home.home.path) belongs to the mesh \(finding.mesh), not to \(options.mesh)",
                try: "start with --mesh \(finding.mesh), or with another --home for the mesh "
                    + options.mesh)
        }
    }

    /// A first start was interrupted; nothing was signed with its key.
    private func resume(_ key: PeerKey?) throws -> PeerKey {
        let hasDatabase = SystemFile.status(path) != nil
        guard hasDatabase, let finding = try Inspection(path: path).find() else {
            return try create(options.seed == nil ? key ?? .generate() : try firstKey())
        }
        guard let key else {
            throw StoreError(
                .keyMissing, "\(home.home.newKey) is not the key of the database beside it",
                try: "put the key back from a backup, or choose another --home")
        }
        try check(finding, against: key)
        try home.home.finish()
        return key
    }

    private func create(_ key: PeerKey) throws -> PeerKey {
        try home.home.begin(with: key)
        try home.home.prepareDatabase()
        let pool = try Store.openPool(path)
        let limit = options.limitBytes ?? defaultLimit
        try pool.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                try StoreRow.create(db, mesh: options.mesh, peer: key.peer, limitBytes: limit)
                return .commit
            }
            _ = try db.checkpoint(.truncate)
        }
        try pool.close()
        try home.home.finish()
        return key
    }

    /// Eight GiB, or half of what is free on the disk if that is less.
    private var defaultLimit: UInt64 {
        var status = statvfs()
        let most: UInt64 = 8 << 30
        guard statvfs(home.home.path, &status) == 0 else { return most }
        return min(most, UInt64(status.f_bavail) * UInt64(status.f_frsize) / 2)
    }
}
