import MeshGossip
import MeshNode
import NIOCore
import NIOPosix
internal import Synchronization

/// The receiving side of a link: drops what is one's own, counts, and hands the rest to the inbox,
/// one lock for all datagrams of a wake-up.
final class Receiver: Sendable {
    private let link: LinkID
    private let own: Endpoint
    private let isolation: Isolation?
    private let inbox: Inbox
    private let counters = Mutex(LinkCounts())

    init(link: LinkID, own: Endpoint, isolation: Isolation?, inbox: Inbox) {
        self.link = link
        self.own = own
        self.isolation = isolation
        self.inbox = inbox
    }

    /// A channel that reads `descriptor`, which it takes over.
    func channel(
        _ descriptor: Int32, on loop: any EventLoop, isMulticast: Bool
    ) async throws -> any Channel {
        let buffer = LinkLimits.datagram * LinkLimits.readBatch
        return try await DatagramBootstrap(group: loop)
            .channelOption(
                .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: buffer)
            )
            .channelOption(.datagramVectorReadMessageCount, value: LinkLimits.readBatch)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        DatagramHandler(receiver: self, isMulticast: isMulticast))
                }
            }
            .withBoundSocket(descriptor).get()
    }

    func received(_ datagrams: [(from: Endpoint, bytes: [UInt8])], isMulticast: Bool) {
        var accepted: [Datagram] = []
        accepted.reserveCapacity(datagrams.count)
        counters.withLock { counts in
            for (from, bytes) in datagrams {
                if from == own {
                    if isMulticast { counts.echoes += 1 }
                } else if let isolation, isolation.separates(from: from) {
                    counts.isolated += 1
                } else {
                    counts.framesReceived += 1
                    counts.bytesReceived += bytes.count
                    accepted.append(
                        Datagram(
                            link: link, from: from.address, isMulticast: isMulticast, bytes: bytes))
                }
            }
        }
        inbox.offer(accepted)
    }

    func add(to counts: inout LinkCounts) {
        let mine = counters.withLock { $0 }
        counts.framesReceived += mine.framesReceived
        counts.bytesReceived += mine.bytesReceived
        counts.echoes += mine.echoes
        counts.isolated += mine.isolated
    }
}

/// Gathers the datagrams of one wake-up. Lives on its channel's event loop.
private final class DatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let receiver: Receiver
    private let isMulticast: Bool
    /// At most what one wake-up reads.
    private var gathered: [(from: Endpoint, bytes: [UInt8])] = []

    init(receiver: Receiver, isMulticast: Bool) {
        self.receiver = receiver
        self.isMulticast = isMulticast
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let from = Endpoint(envelope.remoteAddress) else { return }
        gathered.append((from, Array(envelope.data.readableBytesView)))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        receiver.received(gathered, isMulticast: isMulticast)
        gathered.removeAll(keepingCapacity: true)
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
