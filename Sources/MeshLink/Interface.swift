internal import CLinux
import Glibc

/// A network interface as the kernel lists it.
package struct Interface: Hashable, Sendable {
    package enum Kind: String, Sendable {
        case loopback, wired, managed, p2p
    }

    package let name: String
    package let index: UInt32
    package let isUp: Bool
    package let isLoopback: Bool
    package let canMulticast: Bool
    /// IPv4 addresses in host order, as the kernel lists them.
    package let addresses: [UInt32]

    /// Ad hoc and mesh cells look like `managed` here: telling them apart takes nl80211.
    package var kind: Kind {
        if isLoopback { return .loopback }
        if name.hasPrefix("p2p-") { return .p2p }
        return access("/sys/class/net/\(name)/phy80211", F_OK) == 0 ? .managed : .wired
    }

    /// All interfaces, ascending by index.
    /// - Throws: `LinkError.system` when the kernel does not list them.
    package static func all() throws(LinkError) -> [Interface] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { throw .system("list the interfaces", errno) }
        defer { freeifaddrs(first) }
        var found: [String: (flags: UInt32, addresses: [UInt32])] = [:]
        var next = first
        while let item = next {
            let name = String(cString: item.pointee.ifa_name)
            found[name, default: (0, [])].flags = item.pointee.ifa_flags
            if let host = ipv4(item.pointee.ifa_addr) { found[name]?.addresses.append(host) }
            next = item.pointee.ifa_next
        }
        return found.map { name, seen in
            Interface(
                name: name, index: if_nametoindex(name),
                isUp: seen.flags & UInt32(IFF_UP) != 0,
                isLoopback: seen.flags & UInt32(IFF_LOOPBACK) != 0,
                canMulticast: seen.flags & UInt32(IFF_MULTICAST) != 0,
                addresses: seen.addresses)
        }.sorted { $0.index < $1.index }
    }

    /// Nil where there is no interface of that name.
    package static func named(_ name: String) throws(LinkError) -> Interface? {
        try all().first { $0.name == name }
    }

    /// Whether an interface could have this name: 1 to 15 bytes, by `dev_valid_name` of Linux.
    package static func isName(_ name: String) -> Bool {
        let bytes = name.utf8
        return (1..<Int(IF_NAMESIZE)).contains(bytes.count) && name != "." && name != ".."
            && !bytes.contains { $0 <= 32 || $0 == 127 || "/:".utf8.contains($0) }
    }

    /// What a peer uses that was told nothing: up, able to multicast, not loopback.
    package static func usable() throws(LinkError) -> [Interface] {
        try all().filter { $0.isUp && $0.canMulticast && !$0.isLoopback }
    }

    private static func ipv4(_ address: UnsafeMutablePointer<sockaddr>?) -> UInt32? {
        guard let address, address.pointee.sa_family == sa_family_t(AF_INET) else { return nil }
        return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
            UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
        }
    }
}

/// Why a link does not work.
package enum LinkError: Error, Hashable, CustomStringConvertible {
    case noInterface(String)
    case isDown(String)
    case noAddress(String)
    /// The port asked for, and where.
    case portTaken(UInt16, String)
    case noFreePort(String)
    /// What failed, and errno.
    case system(String, Int32)
    case badPeer(String)

    package var description: String {
        switch self {
        case .noInterface(let name): "there is no interface \(name); `ip link` lists them"
        case .isDown(let name): "interface \(name) is down; `ip link set \(name) up` helps"
        case .noAddress(let name): "interface \(name) has no IPv4 address"
        case .portTaken(let port, let host):
            "port \(port) of \(host) is taken; leave --port away to take the next free one"
        case .noFreePort(let host):
            "ports \(LinkLimits.ownPort) to \(LinkLimits.ownPort + LinkLimits.ownPorts - 1) of "
                + "\(host) are all taken; name a free one with --port"
        case .system(let what, let code): "cannot \(what): \(String(cString: strerror(code)))"
        case .badPeer(let text): "\(text) is not HOST:PORT"
        }
    }
}
