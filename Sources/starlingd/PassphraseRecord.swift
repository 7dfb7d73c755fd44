import Glibc
import MeshIdentity

/// Remembers in the home that it was used with a passphrase. A start that forgets to name the
/// passphrase would seal everything under the key that follows from the mesh's name, and send the
/// whole history to anyone near.
struct PassphraseRecord {
    private let path: String

    init(home: String) { path = home + "/starling.passphrase" }

    /// - Throws: `Failure` where there was a passphrase and now is none, or the record cannot be
    ///   read or written.
    func check(_ key: MeshKey) throws(Failure) {
        let before = try read()
        guard key.isSecret else {
            guard let before else { return }
            throw Failure(
                "this peer was used with a passphrase (fingerprint \(before)) and now has none: "
                    + "everything ever said here would go out for anyone near to read",
                try: "name it with STARLING_PASSPHRASE_FILE; only to publish it all, remove \(path)"
            )
        }
        guard before != key.fingerprint else { return }
        if let before {
            Talk.line("the passphrase is another one: \(key.fingerprint), before it was \(before)")
        }
        try write(key.fingerprint)
    }

    /// Nil where there never was a passphrase.
    private func read() throws(Failure) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("read")
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw failure("read") }
        return String(decoding: bytes.prefix(count).prefix { $0 != 10 }, as: UTF8.self)
    }

    private func write(_ fingerprint: String) throws(Failure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("written") }
        defer { close(descriptor) }
        let bytes = Array("\(fingerprint)\n".utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0
        else { throw failure("written") }
    }

    private func failure(_ what: String) -> Failure {
        let reason = String(cString: strerror(errno))
        return Failure("\(path) cannot be \(what): \(reason)", try: "look at its mode and the disk")
    }
}
