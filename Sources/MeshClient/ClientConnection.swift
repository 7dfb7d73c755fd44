import MeshWAMP
import NIOCore

/// The client's end of the connection, on its event loop: frames to messages, answers to those who
/// wait for them.
final class ClientConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    typealias Events = AsyncThrowingStream<APIEvent, any Error>

    /// Who waits for a request.
    private enum Waiter {
        case call(ObjectIdentifier, CheckedContinuation<Result<CallResult, ClientError>, Never>)
        case events(CheckedContinuation<Result<Events, ClientError>, Never>)
    }

    private var stream = RawSocketStream(role: .client)
    private var session = ClientSession()
    private var context: ChannelHandlerContext?
    private var peerLimit = 0
    /// Completed by WELCOME or by the end, whichever is first.
    private var joined: EventLoopPromise<Void>?
    private var waiters: [WAMPID: Waiter] = [:]
    /// The requests of calls, for cancelling them.
    private var calls: [ObjectIdentifier: WAMPID] = [:]
    /// Streams by subscription: a second subscription to a topic shares the router's.
    private var streams: [WAMPID: [Int: Events.Continuation]] = [:]
    private var lastStream = 0
    /// Why the session ended, once it has.
    private var end: String?

    private let eventLoop: any EventLoop

    init(eventLoop: any EventLoop, joined: EventLoopPromise<Void>) {
        self.eventLoop = eventLoop
        self.joined = joined
    }

    // MARK: Requests

    func call(
        _ procedure: String, _ arguments: [JSON], _ keywords: JSONObject, _ handle: CallHandle,
        _ continuation: CheckedContinuation<Result<CallResult, ClientError>, Never>
    ) {
        if let end { return continuation.resume(returning: .failure(.disconnected(reason: end))) }
        let (id, message) = session.call(procedure, arguments, keywords)
        waiters[id] = .call(ObjectIdentifier(handle), continuation)
        calls[ObjectIdentifier(handle)] = id
        send(message, request: id)
        if handle.isCancelled { cancel(handle) }
    }

    func cancel(_ handle: CallHandle) {
        guard let id = calls[ObjectIdentifier(handle)], let message = session.cancel(id) else {
            return
        }
        send(message)
    }

    func subscribe(
        _ topic: String, _ match: TopicMatch,
        _ continuation: CheckedContinuation<Result<Events, ClientError>, Never>
    ) {
        if let end { return continuation.resume(returning: .failure(.disconnected(reason: end))) }
        let (id, message) = session.subscribe(topic, match)
        waiters[id] = .events(continuation)
        send(message, request: id)
    }

    func leave() {
        guard end == nil else { return }
        send(.goodbye(details: [:], reason: WAMPURI.closeRealm))
        finish("this program closed it")
        context?.close(promise: nil)
    }

    private func unsubscribe(_ subscription: WAMPID, _ stream: Int) {
        guard end == nil, streams[subscription]?.removeValue(forKey: stream) != nil,
            streams[subscription]?.isEmpty ?? false
        else { return }
        streams[subscription] = nil
        send(session.unsubscribe(subscription))
    }

    // MARK: Channel

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        context.writeAndFlush(
            wrapOutboundOut(ByteBuffer(bytes: RawSocket.handshake)), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        finish("the peer closed it")
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish("\(error)")
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        for event in stream.received(unwrapInboundIn(data)) where end == nil {
            switch event {
            case .opened(let limit):
                peerLimit = limit
                send(ClientSession.hello)
            case .message(let bytes):
                do {
                    handle(session.received(try WAMPMessage.decode(bytes)))
                } catch {
                    handle(session.violate(error.description))
                }
            case .ping(let payload):
                context.writeAndFlush(
                    wrapOutboundOut(RawSocket.frame(.pong, payload)), promise: nil)
            case .pong: break
            case .refused(let refusal):
                stop("it refused the handshake: \(Self.text(of: refusal))")
            case .failed(let reason): stop(reason)
            }
        }
    }

    private static func text(of refusal: RawSocket.Refusal) -> String {
        switch refusal {
        case .serializerUnsupported: "it does not speak JSON"
        case .lengthUnacceptable: "it does not accept the length of messages"
        case .reservedBits: "it set bits that are reserved"
        case .tooManyConnections: "it has as many connections as it takes; close some programs"
        }
    }

    private func send(_ message: WAMPMessage, request: WAMPID? = nil) {
        let bytes = message.encoded
        guard bytes.count <= min(peerLimit, WAMPLimits.message) else {
            let error = CallError(
                code: "too_large",
                message: "the arguments have \(bytes.count) bytes, the peer takes \(peerLimit)",
                try: "send less at a time")
            if let request { answer(request, .failure(.call(error))) }
            return
        }
        context?.writeAndFlush(
            wrapOutboundOut(RawSocket.frame(.message, bytes)), promise: nil)
    }

    private func handle(_ outcome: ClientSession.Outcome) {
        switch outcome {
        case .joined:
            joined?.succeed()
            joined = nil
        case .returned(let id, let result): answer(id, .success(result))
        case .failed(let id, let error): answer(id, .failure(.call(error)))
        case .subscribed(let id, let subscription): open(id, subscription)
        case .event(let subscription, let event): deliver(event, subscription)
        case .unsubscribed, .nothing: break
        case .ended(let reason, let reply):
            if let reply { send(reply) }
            stop(reason)
        }
    }

    private func answer(_ id: WAMPID, _ result: Result<CallResult, ClientError>) {
        switch waiters.removeValue(forKey: id) {
        case .call(let handle, let continuation)?:
            calls[handle] = nil
            continuation.resume(returning: result)
        case .events(let continuation)?:
            if case .failure(let error) = result { continuation.resume(returning: .failure(error)) }
        case nil: break
        }
    }

    private func open(_ id: WAMPID, _ subscription: WAMPID) {
        guard case .events(let waiter)? = waiters.removeValue(forKey: id) else { return }
        lastStream += 1
        let number = lastStream
        let (events, continuation) = Events.makeStream(
            bufferingPolicy: .bufferingOldest(APIClient.eventBuffer))
        streams[subscription, default: [:]][number] = continuation
        let box = NIOLoopBound(self, eventLoop: eventLoop)
        continuation.onTermination = { [eventLoop] _ in
            eventLoop.execute { box.value.unsubscribe(subscription, number) }
        }
        waiter.resume(returning: .success(events))
    }

    private func deliver(_ event: APIEvent, _ subscription: WAMPID) {
        for continuation in (streams[subscription] ?? [:]).values {
            if case .dropped = continuation.yield(event) {
                let reason = "this program read events more slowly than they came"
                continuation.finish(throwing: ClientError.disconnected(reason: reason))
            }
        }
    }

    private func stop(_ reason: String) {
        finish(reason)
        context?.close(promise: nil)
    }

    /// Tells everybody who waits that the session is over; only the first reason counts.
    private func finish(_ reason: String) {
        guard end == nil else { return }
        end = reason
        let error = ClientError.disconnected(reason: reason)
        joined?.fail(error)
        joined = nil
        for id in waiters.keys.sorted() { answer(id, .failure(error)) }
        for continuation in streams.values.flatMap(\.values) {
            continuation.finish(throwing: error)
        }
        streams.removeAll()
    }
}
