import GRDB
import Glibc

/// Why the store cannot do what it was asked, and what a person can try.
package struct StoreError: Error, Hashable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable, CaseIterable {
        /// Another process has the store open.
        case locked = "store_locked"
        /// Written by a later version of Starling.
        case newer = "store_newer"
        /// What the disk holds is not what was written. Nothing was changed.
        case damaged = "store_damaged"
        /// The store belongs to another mesh.
        case otherMesh = "store_other_mesh"
        /// The key is not the one that the store was made with.
        case otherKey = "store_other_key"
        /// The store is there, its key is not.
        case keyMissing = "store_key_missing"
        /// The key is there, the store is not.
        case missing = "store_missing"
        /// The key can be read by others, or is not a key.
        case badKey = "store_bad_key"
        case notPermitted = "store_not_permitted"
        /// No directory can be where the home was to be.
        case noPlace = "store_no_place"
        case readOnly = "store_read_only"
        case diskFull = "store_disk_full"
        /// The disk reports errors.
        case disk = "store_disk"
        /// Nobody can prove later that this store is the one last written: see docs/spec/store.md.
        case marker = "store_marker"
        /// The store was closed before.
        case closed = "store_closed"
    }

    package let code: Code
    package let message: String
    /// What to try.
    package let advice: String

    package init(_ code: Code, _ message: String, try advice: String) {
        self.code = code
        self.message = message
        self.advice = advice
    }

    package var description: String { "\(message); \(advice)" }
}

extension StoreError {
    /// What SQLite or the system said about `path`, in the store's words.
    static func from(_ error: any Error, path: String) -> StoreError {
        switch error {
        case let error as StoreError: error
        case let error as DatabaseError: from(sqlite: error, path: path)
        default:
            StoreError(
                .disk, "\(path): \(error)", try: "look at the disk with dmesg, then start again")
        }
    }

    private static func from(sqlite error: DatabaseError, path: String) -> StoreError {
        let said = error.message ?? "SQLite code \(error.resultCode.rawValue)"
        return switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT: damaged(path, said)
        case .SQLITE_FULL: from(errno: ENOSPC, path: path)
        case .SQLITE_READONLY: from(errno: EROFS, path: path)
        case .SQLITE_PERM, .SQLITE_CANTOPEN, .SQLITE_AUTH: from(errno: EACCES, path: path)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            StoreError(
                .locked, "\(path) is in use by another program (\(said))",
                try: "close the program that has it open, such as sqlite3 or a backup")
        case .SQLITE_MISUSE:
            StoreError(.closed, "\(path) is closed", try: "start starlingd again")
        default:
            StoreError(
                .disk, "\(path) could not be read or written: \(said)",
                try: "look at the disk with dmesg, then start again")
        }
    }

    static func from(errno code: Int32, path: String) -> StoreError {
        let said = String(cString: strerror(code))
        return switch code {
        case ENOSPC, EDQUOT:
            StoreError(
                .diskFull, "no space left for \(path)",
                try: "free some disk, or drop old messages with: starling forget ROOM")
        case EROFS:
            StoreError(
                .readOnly, "\(path) is on a disk that cannot be written",
                try: "mount it for writing, or choose another place with --home")
        case EACCES, EPERM:
            StoreError(
                .notPermitted, "\(path) cannot be opened: \(said)",
                try: "run as the user who owns it, or choose another place with --home")
        case ENOENT, ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG:
            StoreError(
                .noPlace, "\(path): \(said)", try: "choose another place with --home")
        default:
            StoreError(
                .disk, "\(path): \(said)", try: "look at the disk with dmesg, then start again")
        }
    }

    static func damaged(_ path: String, _ what: String) -> StoreError {
        StoreError(
            .damaged, "\(path) is damaged: \(what). Nothing in it was changed",
            try: "copy it away first; then put a backup in its place, or recover what is readable "
                + "with: sqlite3 \(path) .recover. With starling.db, starling.db-wal and "
                + "starling.key moved away together this peer starts as a new one")
    }

    /// The damage found while rows are read; the path is filled in where the error leaves the
    /// store.
    static func damagedRow(_ what: String) -> StoreError { damaged("starling.db", what) }
}
