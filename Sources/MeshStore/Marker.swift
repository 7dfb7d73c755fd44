import Glibc
import MeshModel

/// Proof that a store is the one last written on this machine since it booted.
///
/// A file in the runtime directory, named by the store's id, that holds what the store holds of its
/// last own commit. docs/spec/store.md, "Epochs", says why a store that matches it may go on with
/// its epoch.
struct Marker: Hashable {
    /// The number of an own commit and 8 random bytes drawn for it: a number alone comes twice when
    /// an older copy goes on from where it was taken.
    struct Commit: Hashable {
        let number: UInt64
        let tag: UInt64
    }

    let boot: String
    let store: [UInt8]
    /// Device and inode of the database: a copy beside the original is another file.
    let file: String
    let epoch: UInt64
    let commit: Commit
    /// On its way; nothing of it has left this machine.
    var pending: Commit?

    /// Bytes of every marker, so that one replaces another by a single write in place. The longest
    /// values of all fields take 306.
    static let size = 512

    /// Whether a store whose last own commit is `other` is the one last written.
    func proves(_ other: Commit) -> Bool { commit == other || pending == other }

    var text: String {
        var lines = [
            "starling marker v1", "boot \(boot)", "store \(Hex.encode(store))", "file \(file)",
            "epoch \(epoch)", "commit \(commit.number) \(commit.tag)",
        ]
        if let pending { lines.append("pending \(pending.number) \(pending.tag)") }
        let text = lines.joined(separator: "\n") + "\nend\n"
        return text + String(repeating: "\n", count: max(0, Self.size - text.utf8.count))
    }

    /// Nil unless `text` is exactly what `text` writes: a torn or foreign file proves nothing.
    init?(text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 8, lines[0] == "starling marker v1" else { return nil }
        func words(_ index: Int, _ name: Substring) -> [Substring] {
            let words = lines[index].split(separator: " ")
            return words.first == name ? Array(words.dropFirst()) : []
        }
        guard let boot = words(1, "boot").first, let file = words(3, "file").first,
            let store = words(2, "store").first.flatMap({ Hex.decode($0) }),
            let epoch = words(4, "epoch").first.flatMap({ UInt64($0) }),
            let commit = Self.commit(words(5, "commit"))
        else { return nil }
        self.init(
            boot: String(boot), store: store, file: String(file), epoch: epoch, commit: commit,
            pending: Self.commit(words(6, "pending")))
        guard self.text == text else { return nil }
    }

    init(
        boot: String, store: [UInt8], file: String, epoch: UInt64, commit: Commit,
        pending: Commit? = nil
    ) {
        self.boot = boot
        self.store = store
        self.file = file
        self.epoch = epoch
        self.commit = commit
        self.pending = pending
    }

    private static func commit(_ words: [Substring]) -> Commit? {
        guard words.count == 2, let number = UInt64(words[0]), let tag = UInt64(words[1]) else {
            return nil
        }
        return Commit(number: number, tag: tag)
    }
}

/// Where the marker of one store lies.
struct MarkerFile {
    private let path: String

    /// Nil where the directory cannot be had, or others could write in it: then each start opens a
    /// new epoch.
    init?(directory: String, store: [UInt8]) {
        guard (try? SystemFile.makeDirectory(directory)) != nil,
            let status = SystemFile.status(directory), status.st_mode & S_IFMT == S_IFDIR,
            status.st_uid == geteuid(), status.st_mode & 0o022 == 0
        else { return nil }
        path = "\(directory)/\(Hex.encode(store)).marker"
    }

    /// Nil when there is none, or it is not one.
    func read() -> Marker? {
        guard let status = SystemFile.status(path), status.st_mode & S_IFMT == S_IFREG,
            status.st_uid == geteuid(),
            let bytes = try? SystemFile.read(path, limit: 1024)
        else { return nil }
        return Marker(text: String(decoding: bytes, as: UTF8.self))
    }

    /// Replaces the marker by one write within one page, which a kill does not tear (and a torn one
    /// proves nothing); nothing else, since a rename makes some file systems write to the disk at
    /// once. Where it fails the marker is removed, so that no stale one is left.
    /// - Throws: `StoreError.marker` when it can be neither replaced nor removed.
    func write(_ marker: Marker) throws(StoreError) {
        do {
            try SystemFile.write(
                Array(marker.text.utf8), to: path, flags: O_NOFOLLOW, isDurable: false)
        } catch {
            try remove()
        }
    }

    func remove() throws(StoreError) {
        if unlink(path) != 0 && errno != ENOENT && errno != ENOTDIR {
            throw StoreError(
                .marker, "\(path) can be neither replaced nor removed",
                try: "make that directory writable for the user of starlingd; until then nothing "
                    + "can be sent, since an older copy of the store could pass for this one")
        }
    }

    /// `$XDG_RUNTIME_DIR/starling`, else `/run/starling` for root, else `/tmp/starling-UID`.
    static func defaultDirectory(runtime: String?) -> String {
        if let runtime, runtime.hasPrefix("/") { return runtime + "/starling" }
        return geteuid() == 0 ? "/run/starling" : "/tmp/starling-\(geteuid())"
    }

    /// What the kernel draws at each boot; nil where it does not say.
    static var bootID: String? {
        guard let bytes = try? SystemFile.read("/proc/sys/kernel/random/boot_id", limit: 64)
        else { return nil }
        let text = String(decoding: bytes, as: UTF8.self).filter { $0.isHexDigit || $0 == "-" }
        return text.isEmpty ? nil : text
    }
}
