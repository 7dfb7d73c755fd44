import MeshWAMP
import NIOCore

/// One RawSocket connection: octets to router events, messages to frames.
///
/// Writes only while the channel is writable, so that NIO holds at most its high watermark (64 KiB)
/// and one message; the rest waits in `outbound`, which is bounded and can be dropped.
final class RawSocketConnection: ChannelInboundHandler, Connection {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let loop: RouterLoop
    private let limits: APILimits
    private var stream = RawSocketStream(role: .router)
    private var outbound: OutboundQueue
    /// Nil before the connection is active and after it is gone.
    private var context: ChannelHandlerContext?
    /// Nil where the router has no place for the connection.
    private var id: ConnectionID?
    /// The largest message the client accepts; known after the handshake.
    private var peerLimit = 0
    private var isClosing = false
    /// The router has been told, and will cut it off.
    private var hasFallenBehind = false
    private var isFlushing = false
    private var timer: Scheduled<Void>?

    init(loop: RouterLoop, limits: APILimits) {
        self.loop = loop
        self.limits = limits
        outbound = OutboundQueue(limit: limits.outbound)
    }

    // MARK: Channel

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        id = loop.accept(self)
        guard let id else {
            let reply = ByteBuffer(bytes: RawSocket.Refusal.tooManyConnections.reply)
            context.writeAndFlush(wrapOutboundOut(reply), promise: nil)
            context.close(promise: nil)
            return
        }
        schedule(after: limits.joinSeconds) { connection in
            if connection.peerLimit == 0 {
                connection.context?.close(promise: nil)
            } else {
                connection.loop.handle(.joinTimedOut(id))
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        timer?.cancel()
        outbound.removeAll()
        if let id { loop.closed(id) }
        id = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        for event in stream.received(unwrapInboundIn(data)) {
            guard let id, !isClosing else { return }
            handle(event, id)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { flush() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func handle(_ event: RawSocketStream.Event, _ id: ConnectionID) {
        switch event {
        case .opened(let limit):
            peerLimit = limit
            _ = outbound.append(ByteBuffer(bytes: RawSocket.handshake))
            flush()
            loop.handle(.connected(id))
        case .message(let bytes):
            do {
                loop.handle(.received(id, try WAMPMessage.decode(bytes)))
            } catch {
                loop.handle(.violated(id, error))
            }
        case .ping(let payload):
            if !outbound.append(RawSocket.frame(.pong, payload)) { loop.handle(.fellBehind(id)) }
            flush()
        case .pong: break
        case .refused(let refusal):
            _ = outbound.append(ByteBuffer(bytes: refusal.reply))
            close()
        case .failed(let reason):
            // Before the handshake there is nothing that the other side would understand.
            if peerLimit == 0 {
                context?.close(promise: nil)
            } else {
                loop.handle(.violated(id, ProtocolViolation(reason)))
            }
        }
    }

    // MARK: Connection

    func send(_ message: [UInt8]) -> SendResult {
        guard !isClosing else { return .queued }
        guard message.count <= min(peerLimit, WAMPLimits.message) else { return .tooLarge }
        hasFallenBehind = !outbound.append(RawSocket.frame(.message, message))
        return hasFallenBehind ? .full : .queued
    }

    var takesMessages: Bool { !isClosing && !hasFallenBehind }

    func cutOff(_ message: [UInt8]) {
        guard !isClosing else { return }
        outbound.removeAll()
        if message.count <= peerLimit {
            _ = outbound.append(RawSocket.frame(.message, message))
        }
        close()
    }

    func close() {
        guard !isClosing else { return }
        isClosing = true
        schedule(after: limits.closeSeconds) { $0.context?.close(promise: nil) }
        flush()
    }

    func flush() {
        guard let context, !isFlushing else { return }
        isFlushing = true
        while context.channel.isWritable, let frame = outbound.popFirst() {
            context.write(wrapOutboundOut(frame), promise: nil)
            if outbound.isEmpty || !context.channel.isWritable { context.flush() }
        }
        isFlushing = false
        guard isClosing, outbound.isEmpty else { return }
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
        written.futureResult.assumeIsolated().whenComplete { [weak self] _ in
            self?.context?.close(promise: nil)
        }
    }

    private func schedule(
        after seconds: Int, _ action: @escaping (RawSocketConnection) -> Void
    ) {
        timer?.cancel()
        timer = context?.eventLoop.assumeIsolated().scheduleTask(
            in: .seconds(Int64(seconds))
        ) { [weak self] in
            if let self { action(self) }
        }
    }
}
