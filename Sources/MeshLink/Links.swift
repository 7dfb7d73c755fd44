package import Logging
package import MeshGossip
package import MeshNode
package import NIOCore
import NIOPosix
internal import Synchronization

/// All links of this peer: opens each interface it was given, keeps it open, and tells the node
/// when one comes or goes.
package final class Links: LinkPort {
    package struct Setup: Sendable {
        /// Names; at least one.
        package var interfaces: [String]
        /// The own port; nil takes the first free one from `LinkLimits.ownPort` on.
        package var port: UInt16?
        package var peers: [StaticPeer]
        /// Nil unless started with `--lab`.
        package var isolation: Isolation?

        package init(
            interfaces: [String], port: UInt16? = nil, peers: [StaticPeer] = [],
            isolation: Isolation? = nil
        ) {
            self.interfaces = interfaces
            self.port = port
            self.peers = peers
            self.isolation = isolation
        }
    }

    private struct State {
        var links: [LinkID: Link] = [:]
        var nextID = 0
        /// The own port that was last free: the same on all links where possible.
        var port: UInt16?
        /// Why an interface is not open, by name.
        var failures: [String: String] = [:]
        /// Interfaces that were tried at least once.
        var tried: Set<String> = []
        /// Where the static peers were last found.
        var suggested: Set<Address> = []
    }

    private let setup: Setup
    private let loops: any EventLoopGroup
    private let logger: Logger
    private let state = Mutex(State())
    /// Opens when every interface has been tried once.
    package let settled = Gate()

    package init(_ setup: Setup, loops: any EventLoopGroup, logger: Logger) {
        self.setup = setup
        self.loops = loops
        self.logger = logger
    }

    package func send(_ frame: [UInt8], on link: LinkID, to address: Address?) {
        state.withLock { $0.links[link] }?.send(frame, to: address)
    }

    package func run(into inbox: Inbox) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for name in setup.interfaces {
                group.addTask { try await self.follow(name, into: inbox) }
            }
            if !setup.peers.isEmpty {
                group.addTask { await self.suggestPeers(to: inbox) }
            }
        }
    }

    // MARK: - Following an interface

    private func follow(_ name: String, into inbox: Inbox) async throws {
        var wait = LinkLimits.firstRetry
        while !Task.isCancelled {
            do {
                let link = try await open(name, into: inbox)
                wait = LinkLimits.firstRetry
                inbox.put(.linkUp(link.id, link.info))
                noteTried(name)
                logger.info("link up", metadata: link.metadata)
                await link.closed()
                state.withLock { $0.links[link.id] = nil }
                inbox.put(.linkDown(link.id))
                logger.info("link down", metadata: link.metadata)
            } catch LinkError.portTaken(let port, let host) where setup.port != nil {
                // A port that was asked for: going on with another would be a lie.
                throw LinkError.portTaken(port, host)
            } catch {
                note(error, of: name)
                noteTried(name)
            }
            try? await Task.sleep(for: wait)
            wait = min(wait * 2, LinkLimits.lastRetry)
        }
    }

    private func noteTried(_ name: String) {
        let isLast = state.withLock { state in
            state.tried.insert(name)
            return state.tried.count == Set(setup.interfaces).count
        }
        if isLast { settled.open() }
    }

    private func note(_ error: any Error, of name: String) {
        let reason = String(describing: error)
        let isNew = state.withLock { state in
            defer { state.failures[name] = reason }
            return state.failures[name] != reason
        }
        if isNew { logger.warning("no link on \(name): \(reason)") }
    }

    private func open(_ name: String, into inbox: Inbox) async throws -> Link {
        guard let interface = try Interface.named(name) else { throw LinkError.noInterface(name) }
        guard interface.isUp else { throw LinkError.isDown(name) }
        guard let host = interface.addresses.first else { throw LinkError.noAddress(name) }
        let (own, endpoint) = try bindOwn(host, on: interface)
        let group: Int32
        do { group = try UDPSocket.group(on: interface) } catch {
            UDPSocket.discard(own)
            throw error
        }
        let id = state.withLock { state in
            state.nextID += 1
            state.port = endpoint.port
            return LinkID(state.nextID)
        }
        let link = try await Link.open(
            id, on: interface, own: endpoint, sockets: (group, own), isolation: setup.isolation,
            loops: loops, inbox: inbox)
        state.withLock { state in
            state.links[id] = link
            state.failures[name] = nil
        }
        return link
    }

    /// The port asked for; else the one used on another link, else the first free one.
    private func bindOwn(
        _ host: UInt32, on interface: Interface
    ) throws(LinkError) -> (descriptor: Int32, Endpoint) {
        if let port = setup.port {
            let endpoint = Endpoint(host: host, port: port)
            return (try UDPSocket.own(endpoint, on: interface), endpoint)
        }
        let first = LinkLimits.ownPort
        let last = state.withLock { $0.port }
        for port in [last].compactMap({ $0 }) + (first..<first + LinkLimits.ownPorts) {
            let endpoint = Endpoint(host: host, port: port)
            do { return (try UDPSocket.own(endpoint, on: interface), endpoint) } catch {
                guard case .portTaken = error else { throw error }
            }
        }
        throw .noFreePort(endpointText(host))
    }

    private func endpointText(_ host: UInt32) -> String { Endpoint(host: host, port: 0).hostText }

    // MARK: - Static peers

    private func suggestPeers(to inbox: Inbox) async {
        var unknown: Set<StaticPeer> = []
        while !Task.isCancelled {
            for peer in setup.peers {
                guard let endpoint = await peer.resolve(on: .singleton) else {
                    if unknown.insert(peer).inserted {
                        logger.warning("peer \(peer): the name is not known, trying on")
                    }
                    continue
                }
                unknown.remove(peer)
                guard let link = link(towards: endpoint) else { continue }
                state.withLock { _ = $0.suggested.insert(endpoint.address) }
                inbox.put(.neighbourSuggested(link, endpoint.address))
            }
            let hasLinks = state.withLock { !$0.links.isEmpty }
            try? await Task.sleep(
                for: hasLinks ? LinkLimits.suggestEvery : LinkLimits.firstRetry)
        }
    }

    /// The link whose address the kernel would send from, else the only one there is.
    private func link(towards endpoint: Endpoint) -> LinkID? {
        let source = UDPSocket.source(towards: endpoint)
        let links = state.withLock { $0.links.values.sorted { $0.id < $1.id } }
        if let match = links.first(where: { $0.own.host == source }) { return match.id }
        return links.count == 1 ? links[0].id : nil
    }
}

extension Links: LinkInspection {
    package var views: [LinkView] {
        let (links, failures) = state.withLock { (Array($0.links.values), $0.failures) }
        return setup.interfaces.map { name in
            if let link = links.first(where: { $0.interface.name == name }) {
                return LinkView(link)
            }
            return LinkView(closed: name, reason: failures[name])
        }
    }

    package func isStatic(_ address: Address) -> Bool {
        state.withLock { $0.suggested.contains(address) }
    }

    package func text(of address: Address) -> String {
        Endpoint(address)?.description ?? "unknown"
    }

    package func cutOff(from ports: Set<UInt16>?) -> Bool {
        guard let isolation = setup.isolation else { return false }
        if let ports { isolation.cutOff(from: ports) } else { isolation.cutOff() }
        return true
    }
}

extension Link {
    fileprivate var metadata: Logger.Metadata {
        [
            "interface": "\(interface.name)", "own": "\(own)",
            "receive_buffer": "\(receiveBuffer)",
        ]
    }
}
