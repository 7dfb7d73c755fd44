package import MeshModel

// Clocks as people see them, and what they prove.
extension RoomView {
    func showsClocks(in room: RoomID, _ wish: PageQuery.Clocks) throws -> Bool {
        switch wish {
        case .never: false
        case .always: true
        case .small: try tables.segments(in: room).count <= RoomLimits.clockLogs
        }
    }

    /// The clock of a held row by the names of logs. Left out are the components of epochs that a
    /// newer epoch of the same author, also in the clock, covers to the last entry held of them:
    /// they follow from it.
    mutating func shownClock(at arrival: UInt64) throws -> VectorClock<BranchID> {
        let full = try clocks.clock(of: arrival)
        var byAuthor: [PeerID: [(segment: Segment, seq: Seq)]] = [:]
        for component in full.components {
            let segment = try tables.segment(component.key)
            byAuthor[segment.log.author, default: []].append((segment, component.seq))
        }
        var shown: [VectorClock<BranchID>.Component] = []
        for parts in byAuthor.values {
            for part in parts {
                let isSuperseded = try parts.contains { try covers($0, toTheEndOf: part) }
                if !isSuperseded {
                    shown.append(.init(key: part.segment.branchID, seq: part.seq))
                }
            }
        }
        return VectorClock(shown)
    }

    private mutating func covers(
        _ newer: (segment: Segment, seq: Seq), toTheEndOf older: (segment: Segment, seq: Seq)
    ) throws -> Bool {
        guard newer.segment.log.epoch != older.segment.log.epoch,
            older.seq == older.segment.head,
            let link = try tables.link(newer.segment.id, newer.seq)
        else { return false }
        return try clocks.clock(of: link.arrival)[older.segment.id] >= older.seq
    }

    /// Every log of a room with its head and the clock at its last complete entry, ascending.
    package mutating func logClocks(in room: RoomID) throws -> [LogClock] {
        var found: [LogClock] = []
        for segment in try tables.segments(in: room) where !segment.isEmpty {
            let link =
                segment.complete >= segment.first
                ? try tables.link(segment.id, segment.complete) : nil
            found.append(
                LogClock(
                    segment: segment.id, branch: segment.branchID,
                    nick: try nick(of: segment.log.author), head: segment.head,
                    headID: segment.headID, complete: segment.complete,
                    clock: try link.map { try shownClock(at: $0.arrival) } ?? VectorClock()))
        }
        return found.sorted { $0.branch < $1.branch }
    }

    /// Who is proved to hold an entry: the clock at the last complete entry of one of his logs
    /// covers it.
    /// - Throws: `FindError.unknown` when it is not held; else the tables' own.
    package mutating func seen(_ id: EntryID) throws -> Seen {
        guard let row = try tables.held(id: id) else { throw FindError.unknown(id.hex) }
        var proved: Set<PeerID> = [row.log.author]
        var authors: Set<PeerID> = [row.log.author]
        for segment in try tables.segments(in: row.log.room) where !segment.isEmpty {
            authors.insert(segment.log.author)
            guard !row.isLoose, !proved.contains(segment.log.author),
                segment.complete >= segment.first,
                let link = try tables.link(segment.id, segment.complete)
            else { continue }
            if try clocks.clock(of: link.arrival)[row.segment] >= row.seq {
                proved.insert(segment.log.author)
            }
        }
        return Seen(
            row: row, proved: proved.sorted(), unproved: authors.subtracting(proved).sorted())
    }
}
