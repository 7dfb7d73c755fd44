import ArgumentParser
import Glibc
import Logging
import MeshAPI
import MeshGossip
import MeshIdentity
import MeshLink
import MeshModel
import MeshNode
import MeshStore
import NIOCore
import NIOPosix
import ServiceLifecycle
import UnixSignals

/// Puts the peer together from its parts and runs it until it is told to stop.
@main struct Main {
    static func main() async {
        do {
            let settings = try Settings(try Options.parsed())
            try await run(settings)
        } catch {
            Failure.exit(error)
        }
    }

    private static func run(_ settings: Settings) async throws {
        let logger = settings.logger
        // All sockets together keep one thread a little busy; each more has its own buffers.
        NIOSingletons.groupLoopCountSuggestion = 1
        // A reader of stderr that went away, and a hang-up, are no reason to end.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
        let (store, boot) = try Store.open(settings.store)
        let meshKey = try settings.meshKey()
        try PassphraseRecord(home: settings.home).check(meshKey)
        let time = SystemTime()
        let start = time.now()
        let isolation = settings.isLab ? Isolation() : nil
        let links = Links(
            .init(
                interfaces: settings.interfaces, port: settings.port, peers: settings.peers,
                isolation: isolation),
            loops: MultiThreadedEventLoopGroup.singleton, logger: logger)
        let engine = Engine(EngineSetup(boot, meshKey: meshKey), at: start)
        let node = Node(core: engine, links: links, log: store, time: time, logger: logger)
        let card = PeerCard(
            peer: boot.key.peer, mesh: settings.mesh,
            passphrase: meshKey.isSecret ? meshKey.fingerprint : nil, socket: settings.socket,
            startedAt: start, level: boot.level)
        let api = APIServer(
            socketPath: settings.socket,
            procedures: PeerProcedures(
                card: card, node: node, views: store, links: links, time: time),
            logger: logger)
        let publisher = TopicPublisher(
            own: card.peer, node: node, views: store, links: links, time: time, sink: api,
            logger: logger)
        let listening = Gate()
        let announcer = Announcer(
            card: card, nick: settings.nick, node: node, views: store, links: links,
            listening: listening)
        let group = ServiceGroup(
            configuration: .starlingd(
                [
                    NodeService(node: node), APIService(api: api, listening: listening),
                    Until { await publisher.run() }, Until { await announcer.run() },
                ],
                logger: logger))
        try await group.run()
        try store.close()
    }
}
