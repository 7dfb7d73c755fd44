import MeshGossip
import MeshLog
import MeshModel
import MeshNode
import MeshWAMP

/// One look at everything: a verdict first.
extension PeerProcedures {
    /// What of the engine `status` and `wait` go by.
    struct Picture: Sendable {
        let neighbours: [NeighbourView]
        let missing: Int
        let counters: Counters
        /// Addresses of another mesh or passphrase, in the last minute.
        let strangers: Int
        let epoch: UInt64?

        var confirmed: [NeighbourView] { neighbours.filter(\.isConfirmed) }
        var behind: Int { confirmed.map(\.behind).max() ?? 0 }
        /// As far as this peer knows, alone or not.
        var inSync: Bool { missing == 0 && confirmed.allSatisfy(\.inSync) }
    }

    func picture() async throws -> Picture {
        try await node.inspect { engine in
            Picture(
                neighbours: engine.neighbourViews,
                missing: engine.missing.reduce(0) { $0 + Int($1.known - $1.held) },
                counters: engine.counters, strangers: engine.strangers, epoch: engine.epoch)
        }
    }

    func status() async throws -> Outcome {
        let picture = try await picture()
        let links = links.views
        let level = node.counts.level ?? card.level
        let (verdict, next) = Verdict.of(links, picture)
        let uptime = (time.now().instant - card.startedAt.instant).wholeMilliseconds / 1000
        let rooms = try await views.rooms().filter { $0.room.kind == .open }
        return .fields([
            "verdict": .string(verdict.rawValue), "next": .string(next),
            "peer": .string(card.peer.hex), "fingerprint": .string(card.peer.fingerprint.text),
            "nick": JSON(try await views.nick(of: card.peer)), "mesh": .string(card.mesh),
            "passphrase": JSON(card.passphrase), "uptime_s": JSON(uptime),
            "neighbours": JSON(picture.confirmed.count), "rooms": JSON(rooms.count),
            "entries": JSON(rooms.reduce(0) { $0 + $1.entries }),
            "in_sync": picture.confirmed.isEmpty ? .null : .bool(picture.inSync),
            "behind_entries": JSON(picture.behind),
            "missing_entries": JSON(picture.missing),
            "store_used_bytes": JSON(level.usedBytes), "store_limit_bytes": JSON(level.limitBytes),
            "airtime_ms": Show.milliseconds(picture.counters.airtime),
            "airtime_share": share(of: picture.counters.airtime),
            "epoch": JSON(picture.epoch.map(Show.epoch)), "socket": .string(card.socket),
            "links": JSON(links.count), "links_up": JSON(links.count { $0.id != nil }),
            "warnings": .array(
                (warnings(picture, links, level) + (try await forks())).map(JSON.string)),
        ])
    }

    /// Forked logs that are named; a stolen key can have thousands.
    private static let namedForks = 4

    /// Who writes with one key on two machines.
    private func forks() async throws -> [String] {
        let logs = Set(try await views.segments().filter { $0.isSplit || $0.isClosed }.map(\.log))
            .sorted { ($0.room, $0.author, $0.epoch) < ($1.room, $1.author, $1.epoch) }
        var warnings: [String] = []
        for log in logs.prefix(Self.namedForks) {
            guard log.author != card.peer else {
                warnings.append(
                    "this peer's log in \(log.room) is forked: another machine writes with its "
                        + "key; run only one of them")
                continue
            }
            let nick = try await views.nick(of: log.author).map { "\($0) " } ?? ""
            warnings.append(
                "the log of \(nick)\(log.author.fingerprint.text) in \(log.room) is forked: two "
                    + "machines write with one key")
        }
        let more = logs.count - warnings.count
        return more > 0 ? warnings + ["\(more) more logs are forked: meshctl rooms"] : warnings
    }

    private func warnings(
        _ picture: Picture, _ links: [LinkView], _ level: StoreLevel
    ) -> [String] {
        var warnings: [String] = []
        if card.passphrase == nil {
            warnings.append(
                "anyone near can read: the mesh \(card.mesh) has no passphrase")
        }
        if picture.strangers > 0 {
            let addresses =
                picture.strangers == 1 ? "1 address" : "\(picture.strangers) addresses"
            warnings.append(
                "frames of another mesh or passphrase from \(addresses) in the last minute")
        }
        for link in links where link.id == nil {
            warnings.append(link.failure ?? "interface \(link.interface) is not open yet")
        }
        for link in links where link.multicast == .filtered {
            warnings.append(
                "multicast on \(link.interface) does not come back: a firewall may drop it")
        }
        if level.usedBytes >= level.limitBytes / 10 * 8 {
            warnings.append("the store is at 80 % or more of its limit")
        }
        let dropped = node.counts.datagramsDropped
        if dropped > 0 { warnings.append("\(dropped) datagrams came faster than they were read") }
        return warnings
    }
}

/// What `meshctl status` says first, and what to do next.
enum Verdict: String {
    case connected, alone, blocked
    case oneWay = "one-way"

    static func of(
        _ links: [LinkView], _ picture: PeerProcedures.Picture
    ) -> (Verdict, next: String) {
        if !picture.confirmed.isEmpty { return (.connected, "nothing to do") }
        if !picture.neighbours.isEmpty {
            return (
                .oneWay,
                "neighbours are heard but do not hear this peer: look at their firewall, or name "
                    + "this peer to them with --peer"
            )
        }
        if links.allSatisfy({ $0.id == nil }) {
            return (.blocked, "no interface is open: meshctl links says why")
        }
        if links.contains(where: { $0.id != nil && $0.multicast == .filtered }) {
            return (.blocked, "allow UDP port \(MeshPorts.group) in the firewall of this machine")
        }
        if picture.strangers > 0 {
            return (.alone, "somebody near uses another mesh or passphrase: compare them")
        }
        return (.alone, "nobody is heard: start another peer on the same network")
    }
}

/// Ports that messages name.
enum MeshPorts {
    /// docs/spec/link.md.
    static let group = 7475
}
