import Glibc
import MeshIdentity

/// The directory of one peer: `starling.db` with its log, `starling.key`, `starling.lock`. The lock
/// is held for the life of this value.
struct Home: ~Copyable {
    let path: String
    private let lock: Int32

    static let keyLength = 32

    var database: String { path + "/starling.db" }
    /// What SQLite has not yet moved into the database.
    var writeAheadLog: String { database + "-wal" }
    var key: String { path + "/starling.key" }
    /// A key whose database is still being made: no entry was ever signed with it.
    var newKey: String { path + "/starling.key.new" }

    /// Makes the directory and takes the lock.
    /// - Throws: `StoreError.locked` with the number of the process that holds it; `.notPermitted`
    ///   where a file could be made or written only in part.
    init(_ path: String) throws(StoreError) {
        self.path = path
        try SystemFile.makeDirectory(path)
        try SystemFile.needWritable(path)
        let lockPath = path + "/starling.lock"
        let lock = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw .from(errno: errno, path: lockPath) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(lock)
            guard code == EWOULDBLOCK else { throw .from(errno: code, path: lockPath) }
            throw Self.locked(path, lockPath)
        }
        let pid = Array("\(getpid())\n".utf8)
        if ftruncate(lock, 0) != 0 || pwrite(lock, pid, pid.count, 0) != pid.count {
            let code = errno
            close(lock)
            throw .from(errno: code, path: lockPath)
        }
        self.lock = lock
    }

    deinit { close(lock) }

    private static func locked(_ path: String, _ lockPath: String) -> StoreError {
        let bytes = (try? SystemFile.read(lockPath, limit: 32)) ?? []
        let text = String(decoding: bytes, as: UTF8.self).filter(\.isNumber)
        let who = text.isEmpty ? "another process" : "process \(text)"
        return StoreError(
            .locked, "\(path) is in use by \(who)",
            try: "stop that starlingd first, or start this one with another --home")
    }

    // MARK: - The key

    /// What is there of a key and a database.
    enum Content {
        case nothing
        /// Both are there.
        case whole(PeerKey)
        /// The first start was interrupted; the key is the one it drew.
        case begun(PeerKey?)
    }

    /// - Throws: `StoreError.missing`, `.keyMissing`, `.badKey`.
    func content() throws(StoreError) -> Content {
        // SQLite would open for reading what it may not write, and fail at the first message.
        for path in [database, writeAheadLog] where SystemFile.status(path) != nil {
            try SystemFile.needWritable(path)
        }
        let hasDatabase = SystemFile.status(database) != nil
        if let key = try readKey(key) {
            if hasDatabase { return .whole(key) }
            throw StoreError(
                .missing, "\(database) is missing, but its key is there",
                try: "put the database back from where it was moved or from a backup; to begin "
                    + "anew as another peer, move \(key.peer) away with: mv \(self.key) "
                    + "\(self.key).old")
        }
        if SystemFile.status(newKey) != nil { return .begun(try? readKey(newKey)) }
        guard hasDatabase else { return .nothing }
        throw StoreError(
            .keyMissing, "\(key) is missing, but its database is there",
            try: "put the key back from a backup; to begin anew as another peer, choose another "
                + "--home")
    }

    private func readKey(_ path: String) throws(StoreError) -> PeerKey? {
        guard let bytes = try SystemFile.read(path, limit: Self.keyLength + 1) else { return nil }
        if let status = SystemFile.status(path), status.st_mode & 0o077 != 0 {
            throw StoreError(
                .badKey, "\(path) can be read by other users",
                try: "chmod 600 \(path); if someone else may have copied it, begin anew with "
                    + "another --home")
        }
        guard let key = PeerKey(seed: bytes) else {
            throw StoreError(
                .badKey, "\(path) is not a key: it has \(bytes.count) bytes, not 32",
                try: "put the key back from a backup")
        }
        return key
    }

    /// Keeps a key under its first name, durably.
    func begin(with key: PeerKey) throws(StoreError) {
        try SystemFile.write(key.seed, to: newKey, flags: O_TRUNC, isDurable: true)
        try SystemFile.syncDirectory(path)
    }

    /// The database is durable: the key gets its name.
    func finish() throws(StoreError) {
        try SystemFile.rename(newKey, to: key)
        try SystemFile.syncDirectory(path)
    }

    /// Readable by the owner only, before SQLite opens it; its log takes over the mode.
    func prepareDatabase() throws(StoreError) {
        try SystemFile.write([], to: database, flags: 0, isDurable: false)
    }
}
