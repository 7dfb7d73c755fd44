internal import CLinux
import Glibc

/// Opens the two sockets of a link with everything set that must be set before they are bound.
enum UDPSocket {
    /// Receives what is sent to the group on one interface, beside other peers of this machine.
    static func group(on interface: Interface) throws(LinkError) -> Int32 {
        try opened { (descriptor) throws(LinkError) in
            try set(descriptor, SOL_SOCKET, SO_REUSEADDR, Int32(1), "share the group port")
            try set(descriptor, SOL_SOCKET, SO_REUSEPORT, Int32(1), "share the group port")
            // Without this a socket hears groups that others joined on other interfaces.
            try set(descriptor, SOL_IP, IP_MULTICAST_ALL, Int32(0), "hear one interface only")
            try bind(descriptor, to: .group)
            var group = membership(interface)
            group.imr_multiaddr.s_addr = Endpoint.group.host.bigEndian
            try set(descriptor, SOL_IP, IP_ADD_MEMBERSHIP, group, "join the group")
        }
    }

    /// The peer's own port on one interface, which sends everything.
    static func own(_ endpoint: Endpoint, on interface: Interface) throws(LinkError) -> Int32 {
        try opened { (descriptor) throws(LinkError) in
            try set(
                descriptor, SOL_IP, IP_MULTICAST_IF, membership(interface), "choose the interface")
            try set(descriptor, SOL_IP, IP_MULTICAST_LOOP, Int32(1), "be heard on this machine")
            try set(descriptor, SOL_IP, IP_MULTICAST_TTL, Int32(1), "stay on the link")
            try bind(descriptor, to: endpoint)
        }
    }

    /// The receive buffer granted, in bytes (the kernel counts its own overhead in).
    static func receiveBuffer(of descriptor: Int32) -> Int {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &value, &size)
        return Int(value)
    }

    /// Closes a socket that nobody took over.
    static func discard(_ descriptor: Int32) { close(descriptor) }

    /// Nil when it went out, else errno.
    static func send(_ bytes: [UInt8], from descriptor: Int32, to endpoint: Endpoint) -> Int32? {
        var raw = endpoint.raw
        let sent = withUnsafePointer(to: &raw) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(
                    descriptor, bytes, bytes.count,
                    Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL), $0,
                    socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return sent == bytes.count ? nil : errno
    }

    /// The address that the kernel would send from to reach `endpoint`; nil where there is no
    /// route.
    static func source(towards endpoint: Endpoint) -> UInt32? {
        let descriptor = socket(
            AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard call(endpoint, { connect(descriptor, $0, $1) }) == 0 else { return nil }
        var raw = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &raw) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &size)
            }
        }
        return status == 0 ? Endpoint(raw).host : nil
    }

    private static func opened(
        _ prepare: (Int32) throws(LinkError) -> Void
    ) throws(LinkError) -> Int32 {
        let type =
            Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_INET, type, 0)
        guard descriptor >= 0 else { throw .system("open a UDP socket", errno) }
        do {
            widen(descriptor)
            try prepare(descriptor)
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Beyond the system's limit where permitted, else up to it.
    private static func widen(_ descriptor: Int32) {
        var size = LinkLimits.receiveBuffer
        let length = socklen_t(MemoryLayout<Int32>.size)
        if setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, length) != 0 {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, length)
        }
    }

    private static func membership(_ interface: Interface) -> ip_mreqn {
        var request = ip_mreqn()
        request.imr_ifindex = Int32(interface.index)
        return request
    }

    private static func bind(_ descriptor: Int32, to endpoint: Endpoint) throws(LinkError) {
        guard call(endpoint, { Glibc.bind(descriptor, $0, $1) }) != 0 else { return }
        if errno == EADDRINUSE { throw .portTaken(endpoint.port, endpoint.hostText) }
        throw .system("bind \(endpoint)", errno)
    }

    private static func call(
        _ endpoint: Endpoint, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var raw = endpoint.raw
        return withUnsafePointer(to: &raw) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func set<Value: BitwiseCopyable>(
        _ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Value, _ purpose: String
    ) throws(LinkError) {
        let status = withUnsafeBytes(of: value) { bytes in
            setsockopt(descriptor, level, name, bytes.baseAddress, socklen_t(bytes.count))
        }
        guard status == 0 else { throw .system(purpose, errno) }
    }
}
