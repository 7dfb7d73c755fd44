import ArgumentParser
import Logging
import MeshLink
import MeshModel

/// The flags of starlingd.
struct Options: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "starlingd",
        abstract: "The Starling peer: finds neighbours, carries messages, keeps the log.",
        discussion: """
            Runs in the foreground until SIGTERM or SIGINT. The store is --home, else \
            STARLING_HOME, else starling in XDG_DATA_HOME or ~/.local/share. A file named by \
            STARLING_PASSPHRASE_FILE, mode 0600, holds the passphrase of the mesh; without one \
            anyone near can read it.
            """,
        version: "starlingd \(Version.text)")

    @Option(help: ArgumentHelp("The directory of this peer's store.", valueName: "dir"))
    var home: String?

    @Option(
        help: ArgumentHelp(
            "The socket of the local API (else STARLING_SOCKET, else starling.sock in the store).",
            valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("A configuration file (not built yet).", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The mesh to take part in.", valueName: "name"))
    var mesh = "open"

    @Option(help: ArgumentHelp("Claim this nickname.", valueName: "name"))
    var nick: String?

    @Option(
        name: .customLong("interface"),
        help: ArgumentHelp(
            "Use this interface, such as wlan0 or lo; may be repeated. Default: every one up "
                + "and can multicast, loopback excepted.", valueName: "if"))
    var interfaces: [String] = []

    @Option(
        help: ArgumentHelp(
            "How neighbours are found; mdns is not built yet.", valueName: "mdns,multicast"))
    var discovery: String?

    @Option(
        help: ArgumentHelp(
            "This peer's own UDP port. Default: 7476 or the next free one.", valueName: "n"))
    var port: UInt16?

    @Option(
        name: .customLong("peer"),
        help: ArgumentHelp("A peer to say hello to; may be repeated.", valueName: "host:port"),
        transform: { try StaticPeer($0) })
    var peers: [StaticPeer] = []

    @Option(help: ArgumentHelp("Serve the web page (not built yet).", valueName: "addr:port"))
    var web: String?

    @Flag(help: "Serve no web page.")
    var noWeb = false

    @Option(
        help: ArgumentHelp(
            "trace, debug, info, notice, warning, error or critical.", valueName: "level"),
        transform: { text in
            guard let level = Logger.Level(rawValue: text) else {
                throw ValidationError("there is no log level \(text)")
            }
            return level
        })
    var logLevel: Logger.Level = .info

    @Option(help: "How lines for people are written to stderr: text or json.")
    var logFormat: LogFormat = .text

    @Flag(help: "A lab aid: let `meshctl.isolate` cut this peer off from others.")
    var lab = false

    /// Wrong usage ends here: 64 and the reason.
    func validate() throws {
        if port == 0 { throw ValidationError("--port 0 is no port; leave it away for a free one") }
        if port == Endpoint.group.port {
            throw ValidationError(
                "--port \(Endpoint.group.port) is the group's, shared by all peers")
        }
        for (name, value) in [("--nick", nick), ("--mesh", mesh)] {
            guard let value else { continue }
            // Not quoted: it may hold what a terminal must not see.
            do { try Nickname.check(value) } catch {
                throw ValidationError("\(name) is no name: \(error)")
            }
        }
        for name in interfaces where !Interface.isName(name) {
            throw ValidationError(
                "--interface \"\(name)\": no interface can have that name; `ip link` lists them")
        }
        if web != nil && noWeb { throw ValidationError("--web and --no-web exclude each other") }
        if let discovery, ways.isEmpty || !Set(ways).isSubset(of: ["mdns", "multicast"]) {
            throw ValidationError("--discovery \"\(discovery)\": there is mdns and multicast")
        }
    }

    /// The ways of discovery asked for; empty where nothing was said.
    var ways: [String] { discovery?.split(separator: ",").map(String.init) ?? [] }

    /// - Throws: `Failure` with exit code 64 for wrong usage. Help and the version end the process.
    static func parsed() throws -> Options {
        try checkArguments()
        do { return try Options.parse() } catch {
            guard exitCode(for: error).isSuccess else {
                throw Failure(message(for: error), try: "starlingd --help", code: 64)
            }
            // Help, asked for, is the one message that begins so.
            guard fullMessage(for: error).hasPrefix("OVERVIEW") else { exit(withError: error) }
            print(helpMessage() + example)
            exit()
        }
    }

    /// Swift puts U+FFFD where an argument is no text: a nickname would be claimed that nobody
    /// typed.
    private static func checkArguments() throws(Failure) {
        let pointers = UnsafeBufferPointer(
            start: CommandLine.unsafeArgv, count: Int(CommandLine.argc))
        for (index, pointer) in pointers.enumerated() {
            guard let pointer, String(validatingCString: pointer) == nil else { continue }
            throw Failure(
                "argument \(index) is not valid UTF-8",
                try: "use a terminal and a locale with UTF-8, such as LANG=C.UTF-8", code: 64)
        }
    }

    private static let example = """

        EXAMPLE:
          starlingd --interface wlan0 --nick drone-2
          Two peers on one machine:
          starlingd --interface lo --home /tmp/a & starlingd --interface lo --home /tmp/b
        """
}
