import MeshGossip
import MeshLog
import MeshModel
import MeshNode
import MeshWAMP

/// Interfaces and who is heard on them.
extension PeerProcedures {
    func showLinks() async throws -> Outcome {
        let views = links.views
        let airtime = try await node.inspect { $0.counters.airtime }
        return .rows(
            views.map { link in
                // The engine counts airtime over all links; with one it is that one's.
                .object(row(of: link, airtime: views.count == 1 ? airtime : nil))
            })
    }

    private func row(of link: LinkView, airtime: Duration?) -> JSONObject {
        [
            "interface": .string(link.interface), "kind": JSON(link.kind),
            "state": link.id == nil ? "down" : "up", "reason": JSON(link.failure),
            "addresses": .array(link.addresses.map(JSON.string)),
            "port": link.port.map { JSON($0) } ?? .null,
            "multicast": JSON(link.multicast?.rawValue),
            "bytes_sent": JSON(link.counts.bytesSent),
            "bytes_received": JSON(link.counts.bytesReceived),
            "frames_sent": JSON(link.counts.framesSent),
            "frames_received": JSON(link.counts.framesReceived),
            "echoes": JSON(link.counts.echoes), "sends_failed": JSON(link.counts.sendsFailed),
            "isolated": JSON(link.counts.isolated),
            "receive_buffer_bytes": link.receiveBuffer.map { JSON($0) } ?? .null,
            "airtime_share": airtime.map { share(of: $0) } ?? .null,
        ]
    }

    /// Own time on the air in percent of the time since the start.
    func share(of airtime: Duration) -> JSON {
        let total = (time.now().instant - card.startedAt.instant).wholeNanoseconds
        guard total > 0 else { return .null }
        let share = Double(airtime.wholeNanoseconds) / Double(total) * 100
        return .number((share * 1000).rounded() / 1000)
    }

    func neighbours() async throws -> Outcome {
        let interfaces = links.views.reduce(into: [LinkID: String]()) { names, link in
            if let id = link.id { names[id] = link.interface }
        }
        var rows: [JSON] = []
        for neighbour in try await neighbourViews() {
            let nick = try await views.nick(of: neighbour.peer)
            rows.append(
                .object(row(of: neighbour, nick: nick, interface: interfaces[neighbour.link])))
        }
        return .rows(rows)
    }

    private func row(
        of neighbour: NeighbourView, nick: String?, interface: String?
    ) -> JSONObject {
        [
            "peer": .string(neighbour.peer.hex),
            "fingerprint": .string(neighbour.peer.fingerprint.text), "nick": JSON(nick),
            "interface": JSON(interface),
            "address": .string(links.text(of: neighbour.address)),
            "found_by": links.isStatic(neighbour.address) ? "static" : "multicast",
            "confirmed": .bool(neighbour.isConfirmed),
            "loss_in": neighbour.lossIn.map { JSON($0) } ?? .null,
            "loss_out": neighbour.lossOut.map { JSON($0) } ?? .null,
            "rtt_ms": neighbour.roundTrip.map(Show.milliseconds) ?? .null,
            "last_heard_at": Show.time(wall(of: neighbour.lastHeard)),
            "in_sync": .bool(neighbour.inSync), "behind_entries": JSON(neighbour.behind),
            "full": .bool(neighbour.isFull), "signal_dbm": .null,
            "clock_offset_ms": neighbour.clockOffset.map { .integer($0) } ?? .null,
        ]
    }

    /// The lab aid: peers on one machine out of each other's reach.
    func isolate(_ arguments: Arguments) async throws -> Outcome {
        let ports = try arguments.ports("ports")
        let isTotal = try arguments.flag("all")
        guard !isTotal || ports == nil else { throw CallError.usage("give either ports or all") }
        guard links.cutOff(from: isTotal ? nil : ports ?? []) else {
            throw CallError(
                code: "not_permitted", message: "this peer was not started as a lab aid",
                try: "start it with starlingd --lab; it is for demonstrations on one machine")
        }
        return .fields([
            "all": .bool(isTotal), "ports": .array((ports ?? []).sorted().map { JSON($0) }),
        ])
    }
}
