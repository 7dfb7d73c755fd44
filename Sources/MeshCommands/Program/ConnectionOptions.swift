import ArgumentParser
import MeshModel

/// What every command takes: which peer, and for whom the output is.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The peer's store (else STARLING_HOME, else ~/.local/share/starling).",
            valueName: "dir"))
    var home: String?

    @Option(
        help: ArgumentHelp(
            "The peer's socket (else STARLING_SOCKET, else starling.sock in the store).",
            valueName: "path"))
    var socket: String?

    @Flag(help: "One JSON object per line.")
    var json = false

    func location(_ environment: [String: String]) throws(CommandFailure) -> PeerLocation {
        do {
            return try PeerLocation(home: home, socket: socket, environment: environment)
        } catch {
            throw .usage(error.description, try: error.remedy)
        }
    }
}
