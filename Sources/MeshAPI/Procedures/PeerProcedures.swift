package import MeshGossip
import MeshLog
package import MeshModel
package import MeshNode
package import MeshWAMP

/// What the peer says of itself, fixed while it runs.
package struct PeerCard: Sendable {
    package let peer: PeerID
    package let mesh: String
    /// Of the passphrase; nil where the mesh has none and anyone near can read.
    package let passphrase: String?
    package let socket: String
    package let startedAt: Moment
    /// As the store was opened; the node knows better after its first transaction.
    package let level: StoreLevel

    package init(
        peer: PeerID, mesh: String, passphrase: String?, socket: String, startedAt: Moment,
        level: StoreLevel
    ) {
        self.peer = peer
        self.mesh = mesh
        self.passphrase = passphrase
        self.socket = socket
        self.startedAt = startedAt
        self.level = level
    }
}

/// The commands of `starling` and `meshctl`, as procedures of the same names (docs/spec/api.md).
///
/// One file for each noun; each procedure fetches and shows. Writing goes through the node, reading
/// of what is durable through the store, and what only the engine knows is looked at between two
/// events.
package struct PeerProcedures: LocalProcedures {
    typealias Outcome = CallResult

    let card: PeerCard
    let node: Node<Engine>
    let views: any LogViews
    let links: any LinkInspection
    let time: any TimePort

    package init(
        card: PeerCard, node: Node<Engine>, views: any LogViews, links: any LinkInspection,
        time: any TimePort
    ) {
        self.card = card
        self.node = node
        self.views = views
        self.links = links
        self.time = time
    }

    package func call(
        _ procedure: String, arguments: [JSON], keywords: JSONObject
    ) async -> Result<CallResult, CallError> {
        do {
            guard let known = Self.table[procedure] else {
                return .failure(
                    Self.planned.contains(procedure)
                        ? .notBuilt(procedure) : .noSuchProcedure(procedure))
            }
            let arguments = try Arguments(arguments, keywords, names: known.arguments)
            return .success(try await known.run(self, arguments))
        } catch let error as CallError {
            return .failure(error)
        } catch {
            return .failure(Self.failure(error))
        }
    }

    private struct Procedure: Sendable {
        /// In the order in which they may come without a name.
        let arguments: [String]
        let run: @Sendable (PeerProcedures, Arguments) async throws -> Outcome
    }

    private static let table: [String: Procedure] = [
        "starling.id": Procedure(arguments: []) { peer, _ in try await peer.id() },
        "starling.nick": Procedure(arguments: ["name"]) { try await $0.nick($1) },
        "starling.rooms": Procedure(arguments: []) { peer, _ in try await peer.rooms() },
        "starling.join": Procedure(arguments: ["room"]) { try await $0.join($1) },
        "starling.leave": Procedure(arguments: ["room"]) { try await $0.leave($1) },
        "starling.send": Procedure(arguments: ["room", "text", "urgent", "texts"]) {
            try await $0.send($1)
        },
        "starling.log": Procedure(arguments: ["room", "n", "since", "after", "clock", "all"]) {
            try await $0.log($1)
        },
        "starling.peers": Procedure(arguments: []) { peer, _ in try await peer.peers() },
        "starling.seen": Procedure(arguments: ["id"]) { try await $0.seen($1) },
        "meshctl.status": Procedure(arguments: []) { peer, _ in try await peer.status() },
        "meshctl.links": Procedure(arguments: []) { peer, _ in try await peer.showLinks() },
        "meshctl.neighbours": Procedure(arguments: []) { peer, _ in try await peer.neighbours() },
        "meshctl.neighbors": Procedure(arguments: []) { peer, _ in try await peer.neighbours() },
        "meshctl.rooms": Procedure(arguments: []) { peer, _ in try await peer.holdings() },
        "meshctl.clock": Procedure(arguments: ["room"]) { try await $0.clock($1) },
        "meshctl.stats": Procedure(arguments: []) { peer, _ in try await peer.stats() },
        "meshctl.wait": Procedure(arguments: ["peers", "in_sync", "entry", "timeout"]) {
            try await $0.wait($1)
        },
        "meshctl.isolate": Procedure(arguments: ["ports", "all"]) { try await $0.isolate($1) },
    ]

    /// Named by the command line, and to come.
    private static let planned: Set<String> = [
        "starling.chat", "starling.dm", "starling.forget", "starling.verify", "starling.block",
        "starling.unblock", "starling.room", "starling.web", "starling.wipe", "starling.export",
        "starling.check", "meshctl.topology", "meshctl.sync", "meshctl.ping", "meshctl.trace",
        "meshctl.events", "meshctl.doctor", "meshctl.capture", "meshctl.decode", "meshctl.roster",
        "meshctl.bugreport",
    ]

    /// What went wrong below, in the API's words.
    static func failure(_ error: any Error) -> CallError {
        switch error {
        case is NodeStopped, is CancellationError: return .stopping
        case let error as FindError: return failure(error)
        default:
            return CallError(
                code: "store", message: "the store could not be read: \(error)",
                try: "look at what starlingd says on stderr")
        }
    }

    private static func failure(_ error: FindError) -> CallError {
        switch error {
        case .unknown:
            CallError(
                code: "not_found", message: "\(error)",
                try: "starling log ROOM --ids shows ids that every command takes")
        case .ambiguous:
            CallError(code: "ambiguous", message: "\(error)", try: "give more digits")
        case .notHexadecimal, .tooShort:
            CallError(
                code: "usage", message: "\(error)",
                try: "starling log ROOM --ids shows the first digits of each")
        }
    }

    /// Writes an entry of this peer's own.
    func write(_ kind: EntryKind, _ body: [UInt8], in room: RoomID) async throws(CallError)
        -> EntryID
    {
        switch await node.submit(kind, body, in: room) {
        case .success(let id): return id
        case .failure(let refusal): throw Self.failure(refusal)
        }
    }

    static func failure(_ refusal: DraftRefusal) -> CallError {
        switch refusal {
        case .busy:
            CallError(
                code: "busy", message: "too many messages are waiting for the disk",
                try: "send again in a moment")
        case .full:
            CallError(
                code: "full", message: "the store is full",
                try: "drop old messages with starling forget, or give it more room")
        case .tooLong(let bytes, let limit):
            CallError(
                code: "too_long", message: "it has \(bytes) bytes, the limit is \(limit)",
                try: "send it in parts")
        case .failed(let reason):
            CallError(
                code: "store", message: "the store could not write: \(reason)",
                try: "look at what starlingd says on stderr; nothing of it was kept")
        }
    }

    /// Wall time of an instant in the past.
    func wall(of instant: Instant) -> WallTime {
        let now = time.now()
        let age = UInt64(max(0, (now.instant - instant).wholeMilliseconds))
        return WallTime(milliseconds: now.wall.milliseconds - min(age, now.wall.milliseconds))
    }
}
