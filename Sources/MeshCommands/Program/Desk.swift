import MeshClient
import MeshModel
import MeshWAMP

/// What a running command works with.
struct Desk: Sendable {
    let surroundings: Surroundings
    let renderer: Renderer
    private let location: PeerLocation
    private let hasHome: Bool

    init(_ options: ConnectionOptions, _ surroundings: Surroundings) throws(CommandFailure) {
        self.surroundings = surroundings
        renderer = Renderer(isJSON: options.json, surroundings: surroundings)
        location = try options.location(surroundings.environment)
        hasHome = options.home != nil
    }

    var now: WallTime { surroundings.now() }

    /// - Throws: `no_peer` or `not_permitted`, with the socket that was tried.
    func connect() async throws(CommandFailure) -> PeerSession {
        let start = hasHome ? "starlingd --home \(location.home)" : "starlingd"
        do {
            return PeerSession(
                client: try await APIClient.connect(socketPath: location.socket), start: start)
        } catch {
            throw CommandFailure(error, start: start)
        }
    }

    /// One call in a session of its own.
    func fetch(
        _ procedure: String, _ keywords: JSONObject = JSONObject()
    ) async throws(CommandFailure) -> CallResult {
        try await connect().call(procedure, keywords)
    }

    /// One call whose result is a list.
    func fetchRows(
        _ procedure: String, _ keywords: JSONObject = JSONObject()
    ) async throws(CommandFailure) -> [JSONObject] {
        try await fetch(procedure, keywords).objects
    }
}

/// A session with the peer whose errors are those of commands.
struct PeerSession: Sendable {
    let client: APIClient
    /// The command line that starts the peer.
    let start: String

    func call(
        _ procedure: String, _ keywords: JSONObject = JSONObject()
    ) async throws(CommandFailure) -> CallResult {
        do {
            return try await client.call(procedure, keywords: keywords)
        } catch {
            throw CommandFailure(error, start: start)
        }
    }

    /// Events of a topic from now on; the stream throws `ClientError`.
    func subscribe(
        _ topic: String, match: TopicMatch
    ) async throws(CommandFailure) -> AsyncThrowingStream<APIEvent, any Error> {
        do {
            return try await client.subscribe(topic, match: match)
        } catch {
            throw CommandFailure(error, start: start)
        }
    }
}

extension CallResult {
    /// The list's objects; what is no object is left out.
    var objects: [JSONObject] { rows?.compactMap(\.object) ?? [] }
}
