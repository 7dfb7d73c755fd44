import MeshGossip
import MeshLog
import MeshModel
import MeshNode
import MeshWAMP

/// Who this peer is.
extension PeerProcedures {
    func id() async throws -> Outcome {
        .fields([
            "peer": .string(card.peer.hex), "fingerprint": .string(card.peer.fingerprint.text),
            "nick": JSON(try await views.nick(of: card.peer)), "mesh": .string(card.mesh),
        ])
    }

    /// Claims a nickname; without one, says the present one.
    func nick(_ arguments: Arguments) async throws -> Outcome {
        guard let name = try arguments.string("name") else {
            return .fields(["nick": JSON(try await views.nick(of: card.peer))])
        }
        do { try Nickname.check(name) } catch {
            throw CallError(
                code: "bad_nick", message: "\(name) is no nickname: \(error)",
                try: "a nickname has 1 to \(ModelLimits.nick) bytes and no hidden characters")
        }
        let id = try await write(.nick, Array(name.utf8), in: .profile)
        return .fields(["nick": .string(name), "id": .string(id.hex)])
    }
}
