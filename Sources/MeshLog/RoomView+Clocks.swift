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
        var byAuthor: [PeerID: [Part]] = [:]
        for component in full.components {
            let segment = try tables.segment(component.key)
            byAuthor[segment.log.author, default: []].append((segment, component.seq))
        }
        var shown: [VectorClock<BranchID>.Component] = []
        for parts in byAuthor.values {
            for part in try unsuperseded(parts) {
                shown.append(.init(key: part.segment.branchID, seq: part.seq))
            }
        }
        return VectorClock(shown)
    }

    private typealias Part = (segment: Segment, seq: Seq)

    /// Epochs of one author less those that another of his covers to their end. Latest first: what
    /// is covered needs no look of its own, since whatever it covers is covered with it. So one
    /// look at a clock does for an author who only rebooted. Of one who wrote in many epochs side
    /// by side only the latest `RoomLimits.coveringEpochs` are looked at.
    private mutating func unsuperseded(_ parts: [Part]) throws -> [Part] {
        guard parts.count > 1 else { return parts }
        var (left, unheld): ([(part: Part, link: RowLink)], [Part]) = ([], [])
        for part in parts {
            if let link = try tables.link(part.segment.id, part.seq) {
                left.append((part, link))
            } else {
                unheld.append(part)
            }
        }
        left.sort {
            ($0.link.time, $0.part.segment.branchID) > ($1.link.time, $1.part.segment.branchID)
        }
        var looked = 0
        while looked < min(left.count, RoomLimits.coveringEpochs) {
            let newer = left[looked]
            let clock = try clocks.clock(of: newer.link.arrival)
            left.removeAll { older in
                older.part.segment.log.epoch != newer.part.segment.log.epoch
                    && older.part.seq == older.part.segment.head
                    && clock[older.part.segment.id] >= older.part.seq
            }
            looked = (left.firstIndex { $0.link.arrival == newer.link.arrival } ?? looked) + 1
        }
        return left.map(\.part) + unheld
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
