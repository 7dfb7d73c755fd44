package import Logging
import MeshModel
package import MeshWAMP
import NIOCore
import NIOPosix

/// The local API: WAMP over RawSocket on a Unix socket that only its owner can open.
///
/// `run` serves until its task is cancelled; it can run once. `publish` works from the start: what
/// comes before anybody listens reaches nobody, as with any topic.
package final class APIServer: Sendable {
    /// Where the socket is.
    package let socketPath: String
    private let limits: APILimits
    private let eventLoop: any EventLoop
    private let inbox: EventInbox
    private let loop: NIOLoopBoundBox<RouterLoop>
    private let logger: Logger

    /// - Parameters:
    ///   - socketPath: the socket's file, at most 107 bytes; its directory must exist.
    ///   - procedures: what answers calls of `starling.` and `meshctl.`.
    package init(
        socketPath: String, procedures: any LocalProcedures, limits: APILimits = APILimits(),
        logger: Logger
    ) {
        self.socketPath = socketPath
        self.limits = limits
        self.logger = logger
        let eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.any()
        self.eventLoop = eventLoop
        let inbox = EventInbox(limit: limits.inbox)
        self.inbox = inbox
        var system = SystemRandomNumberGenerator()
        let seed = (system.next(), system.next(), system.next(), system.next())
        loop = NIOLoopBoundBox.makeBoxSendingValue(
            RouterLoop(
                eventLoop: eventLoop, procedures: procedures, limits: limits, inbox: inbox,
                generator: SeededGenerator(seed)),
            eventLoop: eventLoop)
    }

    /// Sends an event of the peer to everybody who subscribed to `topic`. From any thread; never
    /// waits. Where events come faster than they are handed on (`APILimits.inbox`), the newest are
    /// dropped and every session that listens to the peer is ended with
    /// `starling.error.events_lost`, so that no client takes a log with holes for a whole one.
    package func publish(
        topic: String, arguments: [JSON] = [], keywords: JSONObject = JSONObject()
    ) {
        let payload = Payload(arguments: arguments, keywords: keywords)
        guard inbox.add(EventInbox.Event(topic: topic, payload: payload)) else { return }
        eventLoop.execute { [loop] in loop.value.takeInbox() }
    }

    /// Events were lost before they came here: every session that listens to the peer is ended with
    /// `starling.error.events_lost`.
    package func publishLoss() {
        guard inbox.addLoss() else { return }
        eventLoop.execute { [loop] in loop.value.takeInbox() }
    }

    /// Whether any client has subscribed to anything. True before it is told so, so whatever
    /// happens after that is published.
    package var hasListeners: Bool { inbox.hasListeners }

    /// Serves until the task is cancelled, then says GOODBYE to all, waits at most
    /// `APILimits.closeSeconds` for them to read it, cancels the procedures under way and waits for
    /// them to return, and removes the socket's file.
    ///
    /// - Parameter onListening: called once clients can connect.
    package func run(onListening: @Sendable () -> Void = {}) async throws {
        let file = try UnixSocketFile.listen(on: socketPath)
        defer { file.remove() }
        let server = try await makeServer(file)
        logger.info("the local API listens", metadata: ["socket": "\(socketPath)"])
        onListening()
        await withTaskCancellationHandler {
            _ = try? await server.closeFuture.get()
        } onCancel: {
            server.close(promise: nil)
        }
        file.remove()
        try await eventLoop.flatSubmit { [loop] in loop.value.stop() }.get()
        let calls = try await eventLoop.submit { [loop] in loop.value.callsUnderWay }.get()
        for call in calls { await call.value }
    }

    private func makeServer(_ file: UnixSocketFile) async throws -> any Channel {
        try await ServerBootstrap(group: eventLoop)
            .serverChannelOption(.backlog, value: UnixSocketFile.backlog)
            .childChannelInitializer { [loop, limits] channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = RawSocketConnection(loop: loop.value, limits: limits)
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
            .withBoundSocket(file.descriptor)
            .get()
    }
}

extension APIServer: TopicSink {}
