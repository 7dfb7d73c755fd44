internal import CLinux
package import MeshGossip
package import NIOCore

/// An IPv4 address and a UDP port, in the form in which the engine carries it: 4 bytes and 2 bytes,
/// both in network order.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// The address in host order.
    package let host: UInt32
    package let port: UInt16

    package init(host: UInt32, port: UInt16) {
        self.host = host
        self.port = port
    }

    package init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, port: UInt16) {
        host = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
        self.port = port
    }

    /// The group that everybody on a link listens to.
    package static let group = Endpoint(
        LinkLimits.group.0, LinkLimits.group.1, LinkLimits.group.2, LinkLimits.group.3,
        port: LinkLimits.groupPort)

    /// Nil unless `address` has 6 bytes.
    package init?(_ address: Address) {
        let bytes = address.bytes
        guard bytes.count == 6 else { return nil }
        self.init(
            bytes[0], bytes[1], bytes[2], bytes[3], port: UInt16(bytes[4]) << 8 | UInt16(bytes[5]))
    }

    /// Nil unless it is IPv4.
    package init?(_ address: SocketAddress) {
        guard case .v4(let v4) = address else { return nil }
        self.init(v4.address)
    }

    init(_ raw: sockaddr_in) {
        host = UInt32(bigEndian: raw.sin_addr.s_addr)
        port = UInt16(bigEndian: raw.sin_port)
    }

    package var address: Address {
        Address(
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: host >> $0) }
                + [UInt8(port >> 8), UInt8(port & 255)])
    }

    var raw: sockaddr_in {
        var raw = sockaddr_in()
        raw.sin_family = sa_family_t(AF_INET)
        raw.sin_port = port.bigEndian
        raw.sin_addr.s_addr = host.bigEndian
        return raw
    }

    package var hostText: String {
        [24, 16, 8, 0].map { String(UInt8(truncatingIfNeeded: host >> $0)) }.joined(separator: ".")
    }

    package var description: String { "\(hostText):\(port)" }
}
