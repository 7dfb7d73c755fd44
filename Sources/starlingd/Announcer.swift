import MeshAPI
import MeshGossip
import MeshLink
import MeshModel
import MeshNode

/// Says on stderr that the peer is ready and, until it hears somebody, what it hears instead.
struct Announcer {
    let card: PeerCard
    /// Claimed at the start unless it is claimed already.
    let nick: String?
    let node: Node<Engine>
    let views: any LogViews
    let links: Links
    let listening: Gate

    func run() async {
        await listening.wait()
        await links.settled.wait()
        guard !Task.isCancelled else { return }
        for link in links.views where link.id == nil {
            let reason = link.failure ?? "\(link.interface) is not open"
            Talk.line("no link yet: \(reason); it is tried again until it opens")
        }
        Talk.line(ready)
        await withDiscardingTaskGroup { group in
            group.addTask { await claimNick() }
            group.addTask { await tellSilence() }
        }
    }

    private var ready: String {
        let port = links.views.compactMap(\.port).first.map { String($0) } ?? "-"
        return "ready peer=\(card.peer.fingerprint) mesh=\(card.mesh) port=\(port) "
            + "socket=\(card.socket) web=-"
    }

    private func claimNick() async {
        // A name that cannot be read is claimed again, which does no harm.
        guard let nick, (try? await views.nick(of: card.peer)) != nick else { return }
        if case .failure(let refusal) = await node.submit(.nick, Array(nick.utf8), in: .profile) {
            Talk.line("the nickname \(nick) could not be claimed: \(refusal)")
        }
    }

    /// After 5 s, then ever more rarely, up to once a minute.
    private func tellSilence() async {
        var wait: Duration = .seconds(5)
        while true {
            guard (try? await Task.sleep(for: wait)) != nil else { return }
            guard
                let (heard, hellos) = try? await node.inspect({ engine in
                    (!engine.neighbourViews.isEmpty, engine.counters.sent["hello"] ?? 0)
                }), !heard
            else { return }
            let views = links.views
            let open = views.count { $0.id != nil }
            let echo = views.contains { $0.counts.echoes > 0 } ? "heard" : "not heard"
            Talk.line(
                "heard nobody yet (\(open) \(open == 1 ? "interface" : "interfaces"), "
                    + "\(hellos) hellos sent, own echo \(echo))")
            wait = min(wait * 2, .seconds(60))
        }
    }
}
