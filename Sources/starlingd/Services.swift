import Logging
import MeshAPI
import MeshGossip
import MeshModel
import MeshIdentity
import MeshNode
import MeshStore
import ServiceLifecycle
import UnixSignals

/// The node: told to stop, it makes durable what it accepted.
struct NodeService: Service {
    let node: Node<Engine>

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await node.run()
        } onGracefulShutdown: {
            node.stop()
        }
    }
}

/// The local API.
struct APIService: Service {
    let api: APIServer
    let listening: Gate

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await api.run { listening.open() }
        }
    }
}

/// Something that runs until it is cancelled, and must not end the others when it returns.
struct Until: Service {
    let body: @Sendable () async -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await body()
            await Gate().wait()
        }
    }
}

extension ServiceGroupConfiguration {
    /// Stopped in reverse order: first the doors, last the node. 3 s to stop and 1 s to be
    /// cancelled stay within the 5 s that are promised.
    static func starlingd(
        _ services: [any Service], logger: Logger
    ) -> ServiceGroupConfiguration {
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(3)
        configuration.maximumCancellationDuration = .seconds(1)
        return configuration
    }
}

extension EngineSetup {
    /// From what the store holds.
    init(_ boot: Boot, meshKey: MeshKey) {
        var system = SystemRandomNumberGenerator()
        let seed = (system.next(), system.next(), system.next(), system.next())
        self.init(
            key: boot.key, mesh: boot.mesh, meshKey: meshKey, verifier: Verifier(mesh: boot.mesh),
            segments: boot.segments, lastTimes: boot.lastTimes, authorBytes: boot.authorBytes,
            level: boot.level, joined: boot.joined, epoch: boot.epoch,
            generator: SeededGenerator(seed))
    }
}
