import Glibc
import Logging
import MeshIdentity
import MeshLink
import MeshModel
import MeshStore

/// What the flags and the environment come to.
struct Settings {
    let home: String
    let socket: String
    let mesh: String
    let nick: String?
    let interfaces: [String]
    let port: UInt16?
    let peers: [StaticPeer]
    let isLab: Bool
    let logger: Logger
    private let passphrase: [UInt8]?

    /// - Throws: `Failure` for a setting that cannot be used.
    init(_ options: Options) throws {
        if options.config != nil { throw Failure.notBuilt("--config") }
        if options.web != nil { throw Failure.notBuilt("--web") }
        if !options.ways.isEmpty, !options.ways.contains("multicast") {
            throw Failure.notBuilt("--discovery mdns without multicast")
        }
        let place = try Self.place(options)
        home = try Self.absolute(place.home)
        socket = try Self.absolute(place.socket)
        mesh = options.mesh
        nick = options.nick
        port = options.port
        peers = options.peers
        isLab = options.lab
        logger = options.logFormat.logger(level: options.logLevel)
        passphrase = try Self.passphraseFile().map(Passphrase.read)
        interfaces = try Self.interfaces(options.interfaces)
        if options.ways.contains("mdns") {
            logger.notice("mdns is not built yet; neighbours are found by multicast")
        }
    }

    var store: StoreOptions {
        StoreOptions(home: home, mesh: mesh, runtime: Self.variable("XDG_RUNTIME_DIR"))
    }

    func meshKey() throws -> MeshKey {
        guard let passphrase else { return MeshKey(name: mesh) }
        return try MeshKey(name: mesh, passphrase: passphrase)
    }

    private static func interfaces(_ names: [String]) throws -> [String] {
        guard names.isEmpty else {
            var seen: Set<String> = []
            return names.filter { seen.insert($0).inserted }
        }
        let usable = try Interface.usable().map(\.name)
        guard !usable.isEmpty else {
            throw Failure(
                "no interface is up and can multicast",
                try: "bring one up, or name one with --interface; --interface lo serves several "
                    + "peers on one machine")
        }
        return usable
    }

    /// By the rule that all programs share.
    private static func place(_ options: Options) throws(Failure) -> PeerLocation {
        let names = ["HOME", "STARLING_HOME", "STARLING_SOCKET", "XDG_DATA_HOME"]
        let environment = names.reduce(into: [:]) { $0[$1] = variable($1) }
        func failure(_ error: PeerLocationError) -> Failure {
            Failure(error.description, try: error.remedy, code: 64)
        }
        let place: PeerLocation
        do {
            place = try PeerLocation(
                home: options.home, socket: options.socket, environment: environment)
        } catch {
            throw failure(error)
        }
        // A socket alone is a place for the programs that call, not for a store.
        guard !place.home.isEmpty else { throw failure(.noHome) }
        return place
    }

    /// Set but empty is a script that went wrong, and no wish for a mesh that anyone can read.
    private static func passphraseFile() throws(Failure) -> String? {
        let name = "STARLING_PASSPHRASE_FILE"
        guard getenv(name) != nil, variable(name) == nil else { return variable(name) }
        throw Failure(
            "\(name) is set but empty",
            try: "name the file, or unset it to go without a passphrase",
            code: 64)
    }

    /// What others are told must hold wherever they are.
    private static func absolute(_ path: String) throws(Failure) -> String {
        if path.hasPrefix("/") { return path }
        guard let here = getcwd(nil, 0) else {
            throw Failure("the current directory is gone", try: "give --home an absolute path")
        }
        defer { free(here) }
        return String(cString: here) + "/" + path
    }

    /// Nil where it is not set, or empty.
    private static func variable(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }
}

/// The passphrase file: readable by its owner only.
enum Passphrase {
    /// More than anybody types; scrypt takes any length.
    private static let limit = 1024

    /// The content without the line break at its end.
    static func read(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw Failure(
                "the passphrase file \(path) cannot be read: \(reason)",
                try: "look at STARLING_PASSPHRASE_FILE", code: errno == EACCES ? 77 : 1)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw Failure(
                "others may read the passphrase file \(path)", try: "chmod 600 \(path)", code: 77)
        }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0, count <= limit else {
            throw Failure(
                "the passphrase file \(path) has more than \(limit) bytes, or is no file",
                try: "put one line of text into it")
        }
        bytes.removeLast(bytes.count - count)
        while bytes.last == 10 || bytes.last == 13 { bytes.removeLast() }
        guard !bytes.isEmpty else {
            throw Failure(
                "the passphrase file \(path) is empty", try: "put one line of text into it")
        }
        return bytes
    }
}
