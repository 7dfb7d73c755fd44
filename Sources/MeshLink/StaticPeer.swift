import NIOCore
import NIOPosix

/// A neighbour that the user named: `host:port`, where the host may be a name.
package struct StaticPeer: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: UInt16

    /// - Throws: `LinkError.badPeer` unless it is a host, a colon and a port from 1 to 65535.
    package init(_ text: String) throws(LinkError) {
        guard let colon = text.lastIndex(of: ":"), colon > text.startIndex,
            let port = UInt16(text[text.index(after: colon)...]), port > 0
        else { throw .badPeer(text) }
        host = String(text[..<colon])
        self.port = port
    }

    package var description: String { "\(host):\(port)" }

    /// Asks the system's resolver, off the tasks' threads since it blocks; nil where the name is
    /// not known or has no IPv4 address.
    func resolve(on pool: NIOThreadPool) async -> Endpoint? {
        let (host, port) = (host, Int(port))
        let address = try? await pool.runIfActive {
            try SocketAddress.makeAddressResolvingHost(host, port: port)
        }
        return address.flatMap(Endpoint.init)
    }
}
