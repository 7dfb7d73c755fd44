import Glibc

/// A listening Unix socket and the file it is known by.
///
/// The file has mode 0600 from its first moment: Linux gives it the mode of the socket's
/// descriptor, which is set before the bind (`unix_bind` in net/unix/af_unix.c); the umask can only
/// take bits away. A file left behind by a peer that died is replaced, but only after connecting to
/// it was refused. Two peers that start at the same moment are kept apart by a lock on the
/// directory, held while one looks, binds and listens.
package struct UnixSocketFile: Sendable {
    /// `sun_path` less its final zero.
    package static let longestPath = 107
    /// Connections the system may hold until they are accepted.
    static let backlog: CInt = 128

    package let path: String
    /// Listening and non-blocking; who serves it owns it.
    package let descriptor: CInt
    private let device: dev_t
    private let inode: ino_t

    /// Listens on `path`.
    package static func listen(on path: String) throws(APIServerError) -> UnixSocketFile {
        guard path.utf8.count <= longestPath, !path.isEmpty else {
            throw .pathTooLong(path: path)
        }
        let lock = try lockDirectory(of: path)
        defer { close(lock) }
        try removeStale(path)
        let descriptor = try makeSocket(path)
        do {
            return try bind(descriptor, to: path)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Removes the file, unless another one has taken its place.
    func remove() {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_dev == device, status.st_ino == inode else {
            return
        }
        unlink(path)
    }

    private static func failure(_ operation: String, _ path: String) -> APIServerError {
        let code = errno
        if code == EACCES || code == EPERM { return .notPermitted(path: path) }
        return .system(operation: operation, path: path, reason: String(cString: strerror(code)))
    }

    private static func lockDirectory(of path: String) throws(APIServerError) -> CInt {
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(parent.isEmpty ? "/" : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("opening the directory", path) }
        guard flock(descriptor, LOCK_EX) == 0 else {
            close(descriptor)
            throw failure("locking the directory", path)
        }
        return descriptor
    }

    private static func makeSocket(_ path: String) throws(APIServerError) -> CInt {
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let descriptor = socket(AF_UNIX, CInt(kind), 0)
        guard descriptor >= 0 else { throw failure("making a socket", path) }
        return descriptor
    }

    private static func bind(
        _ descriptor: CInt, to path: String
    ) throws(APIServerError) -> UnixSocketFile {
        guard fchmod(descriptor, 0o600) == 0 else { throw failure("setting the mode", path) }
        let bound = withAddress(path) { Glibc.bind(descriptor, $0, $1) }
        guard bound == 0 else {
            throw errno == EADDRINUSE ? .alreadyServed(path: path) : failure("binding", path)
        }
        guard Glibc.listen(descriptor, backlog) == 0 else { throw failure("listening", path) }
        var status = stat()
        guard lstat(path, &status) == 0 else { throw failure("looking at the socket", path) }
        return UnixSocketFile(
            path: path, descriptor: descriptor, device: status.st_dev, inode: status.st_ino)
    }

    /// Unlinks a socket that nobody listens on; throws where somebody does or it is no socket.
    private static func removeStale(_ path: String) throws(APIServerError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
        let probe = try makeSocket(path)
        defer { close(probe) }
        // EAGAIN: somebody listens, and his backlog is full.
        guard withAddress(path, { connect(probe, $0, $1) }) != 0, errno != EAGAIN else {
            throw .alreadyServed(path: path)
        }
        guard errno == ECONNREFUSED else { throw failure("trying the old socket", path) }
        guard unlink(path) == 0 else { throw failure("removing the old socket", path) }
    }

    private static func withAddress<Result>(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
