import MeshGossip
import MeshLog
import MeshModel
import MeshNode
import MeshWAMP

/// What is held here of each log, what is known to exist, and who lacks what.
extension PeerProcedures {
    private struct Reports: Sendable {
        let known: [LogID: Seq]
        let bySegment: [SegmentID: [(peer: PeerID, seq: Seq)]]
    }

    func holdings() async throws -> Outcome {
        let segments = try await views.segments().filter { $0.log.room.kind == .open }
        let reports = try await node.inspect { engine in
            Reports(
                known: engine.missing.reduce(into: [:]) { $0[$1.log] = $1.known },
                bySegment: segments.reduce(into: [:]) { $0[$1.id] = engine.reported(of: $1.id) })
        }
        var rows: [JSON] = []
        let sorted = segments.sorted { ($0.log.room, $0.branchID) < ($1.log.room, $1.branchID) }
        for segment in sorted {
            rows.append(.object(try await row(of: segment, reports)))
        }
        return .rows(rows)
    }

    private func row(of segment: Segment, _ reports: Reports) async throws -> JSONObject {
        let known = max(segment.head, segment.isSplit ? 0 : reports.known[segment.log] ?? 0)
        var lacking: [JSON] = []
        for report in reports.bySegment[segment.id] ?? [] where report.seq < segment.head {
            lacking.append(
                .object([
                    "peer": .string(report.peer.hex),
                    "nick": JSON(try await views.nick(of: report.peer)),
                    "held": JSON(report.seq), "lacks": JSON(segment.head - report.seq),
                ]))
        }
        return [
            "room": .string(segment.log.room.description),
            "author": .string(segment.log.author.hex),
            "nick": JSON(try await views.nick(of: segment.log.author)),
            "epoch": .string(Show.epoch(segment.log.epoch)),
            "log": .string(segment.branchID.text), "held": JSON(segment.head),
            "known": JSON(known), "missing": JSON(known - segment.head),
            "complete": JSON(segment.complete), "forked": .bool(segment.branch != nil),
            "closed": .bool(segment.isClosed), "lacking": .array(lacking),
        ]
    }

    /// The vector clocks of a room, one row for each log.
    func clock(_ arguments: Arguments) async throws -> Outcome {
        let room = try arguments.neededRoom("room")
        let logs = try await views.clocks(in: room)
        guard !logs.isEmpty else {
            throw CallError(
                code: "not_found", message: "nothing of \(room) is held here",
                try: "starling rooms lists the rooms")
        }
        return .rows(
            logs.map { log in
                .object([
                    "author": .string(log.branch.author.hex), "nick": JSON(log.nick),
                    "epoch": .string(Show.epoch(log.branch.epoch)),
                    "log": .string(log.branch.text), "head": JSON(log.head),
                    "head_id": .string(log.headID.hex), "complete": JSON(log.complete),
                    "clock": .object(Show.clock(log.clock)),
                ])
            })
    }
}
