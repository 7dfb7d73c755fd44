internal import CLinux
import Glibc
import MeshGossip
import MeshNode
import NIOCore
import NIOPosix
internal import Synchronization

/// One interface while it works: the group socket that only receives, and the own socket that sends
/// everything.
///
/// Sending goes straight to a duplicate of the descriptor. NIO closes a datagram channel after any
/// failed send but two kinds, which would take the receiving side along; and every frame would cost
/// a change of threads. A failed send costs that frame, and the link only when the interface is
/// gone, as a failed multicast tells.
final class Link: Sendable {
    let id: LinkID
    let interface: Interface
    /// Where this peer sends from.
    let own: Endpoint
    let receiveBuffer: Int
    private let isolation: Isolation?
    private let channels: [any Channel]
    /// The descriptor that sends; -1 once closed.
    private let sender: Mutex<Int32>
    private let counters: Mutex<LinkCounts>

    /// Takes the sockets over.
    static func open(
        _ id: LinkID, on interface: Interface, own: Endpoint, sockets: (group: Int32, own: Int32),
        isolation: Isolation?, loops: any EventLoopGroup, inbox: Inbox
    ) async throws -> Link {
        let receiver = Receiver(link: id, own: own, isolation: isolation, inbox: inbox)
        let sender = fcntl(sockets.own, F_DUPFD_CLOEXEC, 0)
        let buffer = UDPSocket.receiveBuffer(of: sockets.own)
        let loop = loops.next()
        do {
            let group = try await receiver.channel(sockets.group, on: loop, isMulticast: true)
            do {
                let unicast = try await receiver.channel(sockets.own, on: loop, isMulticast: false)
                return Link(
                    id: id, interface: interface, own: own, receiveBuffer: buffer,
                    isolation: isolation, channels: [group, unicast], sender: sender,
                    receiver: receiver)
            } catch {
                try? await group.close()
                throw error
            }
        } catch {
            if sender >= 0 { Glibc.close(sender) }
            throw error
        }
    }

    private let receiver: Receiver

    private init(
        id: LinkID, interface: Interface, own: Endpoint, receiveBuffer: Int, isolation: Isolation?,
        channels: [any Channel], sender: Int32, receiver: Receiver
    ) {
        self.id = id
        self.interface = interface
        self.own = own
        self.receiveBuffer = receiveBuffer
        self.isolation = isolation
        self.channels = channels
        self.sender = Mutex(sender)
        self.receiver = receiver
        counters = Mutex(LinkCounts())
    }

    var info: LinkInfo { LinkInfo(port: own.port) }

    /// Sent and received so far.
    var counts: LinkCounts {
        var counts = counters.withLock { $0 }
        receiver.add(to: &counts)
        return counts
    }

    /// To the group, or to one address; an address that is none of this link's kind is a failed
    /// send.
    func send(_ frame: [UInt8], to address: Address?) {
        guard let target = address.map(Endpoint.init) ?? .group else {
            return counters.withLock { $0.sendsFailed += 1 }
        }
        if let isolation, isolation.separates(from: target) {
            return counters.withLock { $0.isolated += 1 }
        }
        let failure = sender.withLock { UDPSocket.send(frame, from: $0, to: target) }
        counters.withLock { counts in
            guard failure == nil else { return counts.sendsFailed += 1 }
            counts.framesSent += 1
            counts.bytesSent += frame.count
            if address == nil { counts.multicastsSent += 1 }
        }
        // A unicast that has no route says nothing of the link: anybody can claim to be elsewhere.
        if address == nil, let failure, Self.meansGone.contains(failure) { close() }
    }

    /// Errors of a multicast after which the interface, its address or its route is gone.
    private static let meansGone: Set<Int32> = [ENETUNREACH, ENETDOWN, ENODEV, EADDRNOTAVAIL]

    /// Returns once one of the two channels is closed; closes the link when the calling task is
    /// cancelled.
    func closed() async {
        await withTaskCancellationHandler {
            for channel in channels {
                channel.closeFuture.whenComplete { [self] _ in close() }
            }
            for channel in channels { try? await channel.closeFuture.get() }
        } onCancel: {
            close()
        }
    }

    private func close() {
        sender.withLock { descriptor in
            if descriptor >= 0 { Glibc.close(descriptor) }
            descriptor = -1
        }
        for channel in channels { channel.close(promise: nil) }
    }
}

extension LinkView {
    /// A link that is open.
    init(_ link: Link) {
        self.init(
            interface: link.interface.name, kind: link.interface.kind.rawValue,
            addresses: link.interface.addresses.map { Endpoint(host: $0, port: 0).hostText })
        id = link.id
        port = link.own.port
        receiveBuffer = link.receiveBuffer
        counts = link.counts
        if counts.echoes > 0 {
            multicast = .works
        } else if counts.multicastsSent >= LinkLimits.echoes {
            multicast = .filtered
        }
    }

    /// One that is not, and why.
    init(closed name: String, reason: String?) {
        // An interface that cannot be looked up is shown as one that is not there.
        let found = try? Interface.named(name)
        self.init(
            interface: name, kind: found?.kind.rawValue,
            addresses: found?.addresses.map { Endpoint(host: $0, port: 0).hostText } ?? [])
        failure = reason
    }
}
