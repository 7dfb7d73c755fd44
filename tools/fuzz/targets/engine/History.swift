import MeshIdentity
import MeshLog
import MeshModel

/// What a peer may hold at the start, signed once for all inputs.
enum History {
    /// A log beyond its first checkpoint with some long bodies, and a fork at its sixth entry.
    static let long: [[VerifiedEntry]] = forked(entries: 70)

    /// The same, short.
    static let short: [[VerifiedEntry]] = forked(entries: 8)

    /// More logs than a digest names one by one.
    static let wide: [[VerifiedEntry]] = (UInt64(0)..<112).map { epoch in
        let key = Mesh.key(4)
        let log = LogID(author: key.peer, epoch: epoch, room: Mesh.rooms[1 + Int(epoch % 2)])
        return [next(after: nil, of: log, key, length: 10)]
    }

    private static func forked(entries: Int) -> [[VerifiedEntry]] {
        let key = Mesh.key(3)
        let log = LogID(author: key.peer, epoch: 7, room: Mesh.rooms[1])
        var trunk: [VerifiedEntry] = []
        for place in 0..<entries {
            let length = [2: 1300, 6: 4096, 66: 600][place] ?? 5
            trunk.append(next(after: trunk.last, of: log, key, length: length))
        }
        let branch = next(after: trunk[4], of: log, key, length: 7)
        return [trunk, [branch, next(after: branch, of: log, key, length: 8)]]
    }

    private static func next(
        after last: VerifiedEntry?, of log: LogID, _ key: PeerKey, length: Int
    ) -> VerifiedEntry {
        let body = [UInt8](repeating: 98, count: length)
        let header = EntryHeader(
            log: LogRef(of: log, mesh: Mesh.id), seq: (last?.header.seq ?? 0) + 1,
            previous: last?.id.link ?? .none, at: WallTime(milliseconds: 1_600_000_000_000),
            push: 0, cites: [], more: false, kind: .text, bodyLength: UInt32(length),
            bodyHash: Hashing.sha256(body))
        return key.sign(header: header, body: body, log: log, mesh: Mesh.id)
    }
}
