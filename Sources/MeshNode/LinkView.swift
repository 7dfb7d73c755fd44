package import MeshGossip

/// What went over one link since it came up.
package struct LinkCounts: Hashable, Sendable {
    package var framesSent = 0
    package var bytesSent = 0
    package var framesReceived = 0
    package var bytesReceived = 0
    /// Frames to the group, and how many of them came back: whether multicast works here.
    package var multicastsSent = 0
    package var echoes = 0
    /// Frames that could not go out.
    package var sendsFailed = 0
    /// Frames that the lab aid kept apart.
    package var isolated = 0

    package init() {}
}

/// A link as `meshctl links` shows it.
package struct LinkView: Sendable {
    package enum Multicast: String, Sendable {
        /// One's own frames come back.
        case works
        /// They do not.
        case filtered
    }

    package let interface: String
    /// loopback, wired, managed, p2p; nil for an interface that is not there.
    package let kind: String?
    /// Nil while the link is down.
    package var id: LinkID?
    /// Why it is down.
    package var failure: String?
    package let addresses: [String]
    package var port: UInt16?
    /// Nil before enough was sent to tell.
    package var multicast: Multicast?
    /// Bytes that the kernel granted.
    package var receiveBuffer: Int?
    package var counts = LinkCounts()

    package init(interface: String, kind: String?, addresses: [String]) {
        self.interface = interface
        self.kind = kind
        self.addresses = addresses
    }
}

/// What inspection and the lab aid may ask of the links.
package protocol LinkInspection: Sendable {
    /// All links asked for, in that order; those that are not open say why.
    var views: [LinkView] { get }
    /// Whether the user named this address.
    func isStatic(_ address: Address) -> Bool
    /// An address as people write it.
    func text(of address: Address) -> String
    /// Lab aid: from now on nothing comes from these ports of neighbours and no unicast goes there;
    /// nil cuts off from everybody, an empty set heals. False where the peer was not started with
    /// `--lab`.
    func cutOff(from ports: Set<UInt16>?) -> Bool
}
