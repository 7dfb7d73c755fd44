import Glibc
package import MeshWAMP
import NIOCore
import NIOPosix
import Synchronization

/// A program's session with the peer on this machine.
///
/// Any number of calls may be under way at a time. After the session ended every call throws
/// `ClientError.disconnected`; a new session is a new client.
package final class APIClient: Sendable {
    /// Events that wait for their reader in one stream. A reader further behind gets what is in the
    /// stream and then `ClientError.disconnected`: a log with holes must not look like a whole one.
    package static let eventBuffer = 8192
    /// Time that a peer has to answer the handshake and HELLO, seconds.
    static let joinSeconds: Int64 = 10

    /// One thread for all clients of the program; it lives as long as the program.
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    private let channel: any Channel
    private let connection: NIOLoopBound<ClientConnection>

    private init(channel: any Channel, connection: NIOLoopBound<ClientConnection>) {
        self.channel = channel
        self.connection = connection
    }

    /// Connects and joins the realm.
    ///
    /// - Throws: `.noPeer`, `.notPermitted`, or `.disconnected` where the peer refuses the session.
    package static func connect(socketPath: String) async throws(ClientError) -> APIClient {
        let eventLoop = group.any()
        let joined = eventLoop.makePromise(of: Void.self)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = ClientConnection(eventLoop: channel.eventLoop, joined: joined)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                }
                .connect(unixDomainSocketPath: socketPath).get()
        } catch {
            joined.fail(error)
            throw connectError(error, socketPath)
        }
        return try await join(channel, joined.futureResult, socketPath)
    }

    private static func join(
        _ channel: any Channel, _ joined: EventLoopFuture<Void>, _ path: String
    ) async throws(ClientError) -> APIClient {
        let timer = channel.eventLoop.scheduleTask(in: .seconds(joinSeconds)) {
            channel.close(promise: nil)
        }
        defer { timer.cancel() }
        do {
            try await joined.get()
            let connection = try await channel.eventLoop.submit {
                let handler = try channel.pipeline.syncOperations.handler(
                    type: ClientConnection.self)
                return NIOLoopBound(handler, eventLoop: channel.eventLoop)
            }.get()
            return APIClient(channel: channel, connection: connection)
        } catch {
            throw error as? ClientError ?? .noPeer(path: path, reason: "\(error)")
        }
    }

    private static func connectError(_ error: any Error, _ path: String) -> ClientError {
        guard let error = error as? IOError else { return .noPeer(path: path, reason: "\(error)") }
        switch error.errnoCode {
        case EACCES, EPERM: return .notPermitted(path: path)
        case ENOENT: return .noPeer(path: path, reason: "there is no such socket")
        case ECONNREFUSED: return .noPeer(path: path, reason: "nobody listens there")
        case ENOTDIR: return .noPeer(path: path, reason: "what should be its folder is a file")
        case EAGAIN: return .noPeer(path: path, reason: "too many programs are connecting to it")
        default: return .noPeer(path: path, reason: error.description)
        }
    }

    /// Calls a procedure and waits for its result. Cancelling the task cancels the call.
    ///
    /// - Throws: `.call` where the procedure failed or does not exist, `.disconnected`.
    package func call(
        _ procedure: String, arguments: [JSON] = [], keywords: JSONObject = JSONObject()
    ) async throws(ClientError) -> CallResult {
        let handle = CallHandle()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                channel.eventLoop.execute { [connection] in
                    connection.value.call(procedure, arguments, keywords, handle, continuation)
                }
            }
        } onCancel: {
            handle.cancel()
            channel.eventLoop.execute { [connection] in connection.value.cancel(handle) }
        }
        return try result.get()
    }

    /// Subscribes to a topic and returns its events from now on. Ending the iteration unsubscribes.
    /// The stream throws `ClientError.disconnected` when the session ends, or when its reader is
    /// more than `eventBuffer` events behind.
    ///
    /// - Throws: `.call` where the topic is not valid, `.disconnected`.
    package func subscribe(
        _ topic: String, match: TopicMatch = .exact
    ) async throws(ClientError) -> AsyncThrowingStream<APIEvent, any Error> {
        let result = await withCheckedContinuation { continuation in
            channel.eventLoop.execute { [connection] in
                connection.value.subscribe(topic, match, continuation)
            }
        }
        return try result.get()
    }

    /// Leaves the realm and closes; calls under way throw `.disconnected`.
    package func close() async {
        channel.eventLoop.execute { [connection] in connection.value.leave() }
        _ = try? await channel.closeFuture.get()
    }
}

/// One call, as the task that may cancel it knows it.
final class CallHandle: Sendable {
    private let flag = Atomic(false)

    var isCancelled: Bool { flag.load(ordering: .acquiring) }

    func cancel() { flag.store(true, ordering: .releasing) }
}
