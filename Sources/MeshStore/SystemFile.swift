import Glibc

/// The few calls on files for which the mode, the moment of being durable or the lock matters.
enum SystemFile {
    /// The content; nil where there is no such file.
    static func read(_ path: String, limit: Int) throws(StoreError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            if errno == ENOENT { return nil }
            throw .from(errno: errno, path: path)
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limit)
        var count = 0
        while count < limit {
            let got = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress?.advanced(by: count), limit - count)
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw .from(errno: errno, path: path) }
            if got == 0 { break }
            count += got
        }
        return Array(bytes[..<count])
    }

    /// Writes a file of mode 0600 in one go; `flags` decide whether it may exist.
    static func write(
        _ bytes: [UInt8], to path: String, flags: Int32, isDurable: Bool
    ) throws(StoreError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o600)
        guard descriptor >= 0 else { throw .from(errno: errno, path: path) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let put = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if put < 0 && errno == EINTR { continue }
            guard put > 0 else { throw .from(errno: errno, path: path) }
            rest = rest.dropFirst(put)
        }
        if isDurable, fsync(descriptor) != 0 { throw .from(errno: errno, path: path) }
    }

    static func rename(_ path: String, to other: String) throws(StoreError) {
        if Glibc.rename(path, other) != 0 { throw .from(errno: errno, path: other) }
    }

    /// Makes the names in a directory durable.
    static func syncDirectory(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .from(errno: errno, path: path) }
        defer { close(descriptor) }
        if fsync(descriptor) != 0 { throw .from(errno: errno, path: path) }
    }

    /// Nil where there is no such file.
    static func status(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    /// - Throws: what the system says of writing there as the user that this process runs as.
    static func needWritable(_ path: String) throws(StoreError) {
        if faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0 {
            throw .from(errno: errno, path: path)
        }
    }

    /// A directory of mode 0700, its parents as the system makes them.
    static func makeDirectory(_ path: String) throws(StoreError) {
        if status(path) != nil { return }
        let parent = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        if !parent.isEmpty { try makeDirectory(parent) }
        if mkdir(path, 0o700) != 0 && errno != EEXIST { throw .from(errno: errno, path: path) }
    }
}
