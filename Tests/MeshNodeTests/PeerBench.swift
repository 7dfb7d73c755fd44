import Foundation
import Logging
import MeshAPI
import MeshGossip
import MeshIdentity
import MeshLink
import MeshLog
import MeshModel
import MeshNode
import MeshStore
import MeshWAMP
import NIOPosix
import Synchronization
import Testing

/// Topics as a list; a test awaits what it expects.
final class ListedTopics: TopicSink {
    let events = Waiting<(topic: String, fields: JSONObject)>()
    var hasListeners: Bool { true }

    func publish(topic: String, arguments: [JSON], keywords: JSONObject) {
        events.put((topic, keywords))
    }

    func publishLoss() { Issue.record("events were lost") }

    /// The next event of a topic; others are passed over.
    func next(of topic: String) async -> JSONObject {
        while true {
            let event = await events.next()
            if event.topic == topic { return event.fields }
        }
    }
}

/// Links that lead nowhere, for a peer that is alone.
extension FakeLinks: LinkInspection {
    var views: [LinkView] { [] }
    func isStatic(_ address: Address) -> Bool { false }
    func text(of address: Address) -> String { "nowhere" }
    func cutOff(from ports: Set<UInt16>?) -> Bool { false }
}

/// A whole peer but for its socket: a store in a directory of its own, links on `lo` or none.
struct PeerBench {
    let home: String
    let store: Store
    let node: Node<Engine>
    let links: any LinkPort & LinkInspection
    let procedures: PeerProcedures
    let topics = ListedTopics()
    let publisher: TopicPublisher

    /// - Parameter links: nil for links on `lo`, with the lab aid.
    init(mesh: String, links given: FakeLinks? = nil) throws {
        home =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("starling-\(UUID().uuidString)").path
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let (store, boot) = try Store.open(
            StoreOptions(home: home, mesh: mesh, runtime: home + "/run"))
        self.store = store
        let time = SystemTime()
        if let given {
            links = given
        } else {
            links = Links(
                .init(interfaces: ["lo"], isolation: Isolation()),
                loops: MultiThreadedEventLoopGroup.singleton, logger: logger)
        }
        let engine = Engine(
            EngineSetup(
                key: boot.key, mesh: boot.mesh, meshKey: MeshKey(name: mesh),
                verifier: Verifier(mesh: boot.mesh), segments: boot.segments,
                lastTimes: boot.lastTimes, authorBytes: boot.authorBytes, level: boot.level,
                joined: boot.joined, epoch: boot.epoch,
                generator: SeededGenerator(seed: UInt64.random(in: .min ... .max))),
            at: time.now())
        node = Node(core: engine, links: links, log: store, time: time, logger: logger)
        let card = PeerCard(
            peer: boot.key.peer, mesh: mesh, passphrase: nil, socket: "-", startedAt: time.now(),
            level: boot.level)
        procedures = PeerProcedures(
            card: card, node: node, views: store, links: links, time: time)
        publisher = TopicPublisher(
            own: boot.key.peer, node: node, views: store, links: links, time: time, sink: topics,
            logger: logger)
    }

    /// The fields of a call that must succeed.
    @discardableResult
    func call(_ procedure: String, _ keywords: JSONObject = [:]) async throws -> CallResult {
        try await procedures.call(procedure, arguments: [], keywords: keywords).get()
    }

    /// The error code of a call that must fail.
    func code(_ procedure: String, _ keywords: JSONObject = [:]) async -> String? {
        switch await procedures.call(procedure, arguments: [], keywords: keywords) {
        case .success: nil
        case .failure(let error): error.code
        }
    }

    func ids(in room: String) async throws -> [String] {
        try await call("starling.log", ["room": .string(room)]).rows?
            .compactMap { $0.object?["id"]?.string } ?? []
    }
}

/// Runs the peers around `body`, then removes their stores.
func run(_ peers: [PeerBench], _ body: () async throws -> Void) async throws {
    defer { for peer in peers { try? FileManager.default.removeItem(atPath: peer.home) } }
    try await withThrowingTaskGroup { group in
        for peer in peers {
            group.addTask { try await peer.node.run() }
            group.addTask { await peer.publisher.run() }
        }
        do { try await body() } catch {
            group.cancelAll()
            throw error
        }
        for peer in peers { peer.node.stop() }
        try await group.waitForAll()
    }
}
