import MeshGossip
import MeshLog
import MeshModel
import MeshNode
import MeshWAMP

/// People: everybody who ever wrote here or is heard now.
extension PeerProcedures {
    func peers() async throws -> Outcome {
        let neighbours = try await neighbourViews()
        var heard: [PeerID: NeighbourView] = [:]
        for neighbour in neighbours {
            guard heard[neighbour.peer].map({ $0.lastHeard < neighbour.lastHeard }) ?? true
            else { continue }
            heard[neighbour.peer] = neighbour
        }
        var peers = Set(try await views.segments().map(\.log.author))
        peers.formUnion(heard.keys)
        peers.insert(card.peer)
        let everybody = peers.sorted()
        let gone = try await node.inspect { engine in everybody.map { engine.lastHeard($0) } }
        var rows: [JSON] = []
        for (peer, gone) in zip(everybody, gone) {
            let lastHeard = heard[peer]?.lastHeard ?? gone
            rows.append(.object(try await row(of: peer, heard[peer], lastHeard)))
        }
        return .rows(rows)
    }

    /// Beyond direct neighbours nothing is known before somebody asks: null.
    private func row(
        of peer: PeerID, _ neighbour: NeighbourView?, _ lastHeard: Instant?
    ) async throws -> JSONObject {
        let isSelf = peer == card.peer
        let isNear = neighbour?.isConfirmed ?? false
        return [
            "peer": .string(peer.hex), "fingerprint": .string(peer.fingerprint.text),
            "nick": JSON(try await views.nick(of: peer)), "verified": false,
            "self": .bool(isSelf),
            "reachable": isSelf || isNear ? true : .null,
            "hops": isSelf ? 0 : isNear ? 1 : .null,
            "last_heard_at": lastHeard.map { Show.time(wall(of: $0)) } ?? .null,
        ]
    }

    func neighbourViews() async throws -> [NeighbourView] {
        try await node.inspect { $0.neighbourViews }
    }
}
