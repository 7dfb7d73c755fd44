package import MeshIdentity
package import MeshModel
import MeshWire

/// Everything this peer holds: chains of entries, their forks, their causes and their order.
///
/// Contract. `append` takes a run of verified entries of one log in ascending order without gaps
/// and decides what becomes of it: it extends a chain, is held loose above a gap, is known already,
/// splits a log, or does not connect. What the tables hold afterwards is a function of the set of
/// entries held, never of the order in which they came (arrival numbers, `merged` and segment
/// numbers are local). A thrown error is the tables' own: roll back, and make a new archive.
package struct Archive<Tables: ArchiveTables> {
    package let tables: Tables
    private let mesh: MeshID
    /// Per room what has been on show for a while; at most a dozen marks a room.
    private var shown: [RoomID: ShownMarks] = [:]
    private var clocks = RecentClocks()
    private var nextArrival: UInt64

    package init(tables: Tables, mesh: MeshID) throws {
        self.tables = tables
        self.mesh = mesh
        nextArrival = try tables.lastArrival() + 1
    }

    /// - Precondition: `run` is not empty, of one log, ascending, each chained to the one before.
    package mutating func append(
        _ run: [VerifiedEntry], by source: Source, at now: WallTime
    ) throws -> Appended {
        guard let first = run.first else { preconditionFailure("an empty run") }
        var segments = try tables.segments(ofBase: first.header.log)
        var changes = Changes(clocks: clocks)
        // Only one hand holds them, so that keeping one more copies nothing.
        clocks = RecentClocks()
        defer { clocks = changes.clocks }
        if segments.isEmpty { segments = [try openLog(of: first, &changes)] }
        // A reference is an index, not an identity: of two logs that share one, the first is kept.
        guard segments[0].log == first.log else { return Appended(outcome: .collision) }
        let outcome: Appended.Outcome
        if segments[0].isClosed {
            outcome = try isHeld(run) ? .duplicate : .closed
        } else {
            switch try attach(run, among: segments) {
            case .at(let place):
                outcome = try grow(from: place, run, source, now, &changes)
            case .above(let head):
                outcome = try hold(loose: run, in: segments[0], source, now, head, &changes)
            case .beside: outcome = .diverges
            }
        }
        return try report(outcome, changes)
    }

    private func report(_ outcome: Appended.Outcome, _ changes: Changes) throws -> Appended {
        Appended(
            outcome: outcome, lines: changes.lines, filled: changes.filled,
            lastTime: changes.lastTime,
            segments: try changes.segments.sorted().map { try tables.segment($0) },
            split: changes.split, waits: changes.waits)
    }

    private func isHeld(_ run: [VerifiedEntry]) throws -> Bool {
        try run.allSatisfy { try tables.link(id: $0.id).map { !$0.isLoose } ?? false }
    }

    private func openLog(of first: VerifiedEntry, _ changes: inout Changes) throws -> Segment {
        let segment = Segment(
            id: SegmentID(try tables.segmentCount()), log: first.log, base: first.header.log,
            ref: first.header.log, parent: nil, branch: nil, first: 1)
        try tables.insert(segment)
        changes.segments.insert(segment.id)
        return segment
    }

    // MARK: - Where a run connects

    private enum Place {
        /// After the entry at `seq` of `segment` (0: before the first).
        case at(Seat)
        /// Above everything held; the highest head.
        case above(head: Seq)
        /// At a held height, but its previous entry is another one than ours.
        case beside
    }

    private func attach(_ run: [VerifiedEntry], among segments: [Segment]) throws -> Place {
        guard let first = run.first else { return .beside }
        let below = first.header.seq - 1
        if below == 0 { return .at((segments[0].id, 0)) }
        for segment in segments where segment.head == below && !segment.isEmpty {
            if segment.headID.link == first.header.previous { return .at((segment.id, below)) }
        }
        for segment in segments where segment.first <= below && below < segment.head {
            if let link = try tables.link(segment.id, below),
                link.id.link == first.header.previous
            {
                return .at((segment.id, below))
            }
        }
        let head = segments.map(\.head).max() ?? 0
        return head < below ? .above(head: head) : .beside
    }

    // MARK: - Growing

    private typealias Seat = (segment: SegmentID, seq: Seq)

    /// Walks up from `place`: skips what is held, branches where the run differs, appends the rest.
    private mutating func grow(
        from place: Seat, _ run: [VerifiedEntry], _ source: Source, _ now: WallTime,
        _ changes: inout Changes
    ) throws -> Appended.Outcome {
        var place = place
        var added = false
        for entry in run {
            if let held = try held(entry.id, after: place) {
                if let signature = entry.entry.signature {
                    try tables.sign(arrival: held.arrival, with: signature)
                }
                try fill(held, entry, &changes)
                place = (held.segment, held.seq)
                continue
            }
            if try hasTwin(entry) || (isTaken(place) && !mayBranch(entry.header.log)) {
                try close(entry.header.log, &changes)
                return .closed
            }
            try put(entry, on: seat(entry.id, after: place, &changes), source, now, &changes)
            place = try settleLoose(after: entry.id, &changes)
            added = true
        }
        return added ? .extended : .duplicate
    }

    /// The chain row with this id right after `place`.
    private func held(_ id: EntryID, after place: Seat) throws -> RowLink? {
        let segment = try tables.segment(place.segment)
        if place.seq < segment.head {
            return try tables.link(segment.id, place.seq + 1).flatMap { $0.id == id ? $0 : nil }
        }
        guard segment.isSplit else { return nil }
        let child = try tables.segments(ofBase: segment.base)
            .first { $0.parent == segment.id && $0.branch == id }
        return try child.flatMap { try tables.link($0.id, $0.first) }
    }

    /// Whether another entry follows `place` already.
    private func isTaken(_ place: Seat) throws -> Bool {
        let segment = try tables.segment(place.segment)
        return place.seq < segment.head || segment.isSplit
    }

    /// The segment whose next row an entry after `place` becomes, branching where the place is
    /// taken.
    private func seat(
        _ id: EntryID, after place: Seat, _ changes: inout Changes
    ) throws -> Segment {
        guard try isTaken(place) else { return try tables.segment(place.segment) }
        let segment = try tables.segment(place.segment)
        if place.seq < segment.head { try split(segment, at: place.seq + 1, &changes) }
        return try addBranch(of: segment.id, id, at: place.seq + 1, &changes)
    }

    private mutating func put(
        _ entry: VerifiedEntry, on segment: Segment, _ source: Source, _ now: WallTime,
        _ changes: inout Changes
    ) throws {
        try advance(segment, to: entry.header.seq, entry.id, &changes)
        // Held and not in a chain is loose; where nothing is loose, the look-up is saved.
        if try tables.looseCount(ofBase: segment.base) > 0,
            let loose = try tables.link(id: entry.id)
        {
            try settle(loose, in: segment, &changes)
        } else {
            try insert(entry, in: segment.id, isLoose: false, source, now, &changes)
            guard entry.entry.body == nil else { return }
            try tables.addLacking(segment.id, entry.header.seq)
            try refreshLacking(segment.id, &changes)
        }
    }

    /// A held row whose body was forgotten by whoever served it gets it from somebody else.
    private func fill(
        _ held: RowLink, _ entry: VerifiedEntry, _ changes: inout Changes
    ) throws {
        guard let body = entry.entry.body, !held.isLoose,
            try tables.segment(held.segment).lacking?.contains(held.seq) ?? false,
            let row = try tables.fill(held.segment, held.seq, with: body)
        else { return }
        changes.filled.append(row)
        try refreshLacking(held.segment, &changes)
    }

    private func refreshLacking(_ id: SegmentID, _ changes: inout Changes) throws {
        var segment = try tables.segment(id)
        segment.lacking = try tables.lacking(id)
        try tables.update(segment)
        changes.segments.insert(id)
    }

    private func advance(
        _ segment: Segment, to seq: Seq, _ id: EntryID, _ changes: inout Changes
    ) throws {
        var segment = segment
        segment.head = seq
        segment.headID = id
        try tables.update(segment)
        changes.segments.insert(segment.id)
    }

    private func settle(
        _ loose: RowLink, in segment: Segment, _ changes: inout Changes
    ) throws {
        try tables.settle(arrival: loose.arrival, in: segment.id)
        try Causality(tables: tables).settled(loose.arrival, &changes)
    }

    private mutating func insert(
        _ entry: VerifiedEntry, in segment: SegmentID, isLoose: Bool, _ source: Source,
        _ now: WallTime, _ changes: inout Changes
    ) throws {
        let causality = Causality(tables: tables)
        let time = try causality.time(of: entry.entry, in: segment, isLoose: isLoose)
        let key = OrderKey(
            time: time, author: entry.log.author, epoch: entry.log.epoch, seq: entry.header.seq,
            id: entry.id)
        let merged = try mark(key, in: entry.log.room, source, now)
        let row = Row(
            arrival: nextArrival, segment: segment, log: entry.log, entry: entry.entry, time: time,
            isComplete: false, isLoose: isLoose, receivedAt: now, merged: merged)
        nextArrival += 1
        try tables.insert(row)
        changes.lines.append(row)
        changes.lastTime = max(changes.lastTime, time)
        try causality.inserted(RowLink(row), &changes)
    }

    private mutating func mark(
        _ key: OrderKey, in room: RoomID, _ source: Source, _ now: WallTime
    ) throws -> Bool {
        var marks =
            try shown.removeValue(forKey: room)
            ?? ShownMarks(old: try tables.lastKey(in: room))
        let merged = source == .repair && marks.wasPassed(key, at: now)
        marks.add(key, at: now)
        shown[room] = marks
        return merged
    }

    // MARK: - Above a gap

    /// Loose rows of one log: an author a few lines ahead is shown at once; what does not fit comes
    /// by repair. 256 × 300 bytes a log.
    package static var looseLimit: Int { 256 }

    private mutating func hold(
        loose run: [VerifiedEntry], in root: Segment, _ source: Source, _ now: WallTime,
        _ head: Seq, _ changes: inout Changes
    ) throws -> Appended.Outcome {
        // A run from repair always connects unless the log changed meanwhile: then it is asked
        // again.
        guard source == .flood else { return .gap(head: head) }
        for entry in run {
            if try tables.link(id: entry.id) != nil { return .duplicate }
            if try hasTwin(entry) {
                try close(root.base, &changes)
                return .closed
            }
            guard try tables.looseCount(ofBase: root.base) < Self.looseLimit else { break }
            try insert(entry, in: root.id, isLoose: true, source, now, &changes)
        }
        return .gap(head: head)
    }

    /// Loose rows that connect to a new chain row become chain rows themselves, and so on upward.
    /// What is held is never turned away here, whatever the number of branches: which rows are in
    /// chains depends on what is held alone. Returns where the new row is then.
    private func settleLoose(
        after id: EntryID, _ changes: inout Changes
    ) throws -> Seat {
        var work = [id]
        while let next = work.popLast() {
            guard let row = try tables.link(id: next) else { continue }
            let base = try tables.segment(row.segment).base
            guard try tables.looseCount(ofBase: base) > 0 else { break }
            let ready = try tables.links(ofBase: base, seq: row.seq + 1)
                .filter { $0.isLoose }
                .filter { try tables.previous(of: $0.arrival) == row.id.link }
            for loose in ready.sorted(by: { $0.id < $1.id }) {
                guard let below = try tables.link(id: next) else { continue }
                let place = (segment: below.segment, seq: below.seq)
                let segment = try seat(loose.id, after: place, &changes)
                try advance(segment, to: loose.seq, loose.id, &changes)
                try settle(loose, in: segment, &changes)
                work.append(loose.id)
            }
        }
        guard let row = try tables.link(id: id) else {
            preconditionFailure("a row that was just put is not there")
        }
        return (row.segment, row.seq)
    }

    // MARK: - Forks

    /// Whether one branch more is accepted.
    private func mayBranch(_ base: LogRef) throws -> Bool {
        try tables.segments(ofBase: base).filter { !$0.isSplit }.count < ModelLimits.branches
    }

    /// Whether another entry with the same place and the same 4-byte tag is held. Cites could not
    /// tell the two apart; by chance that happens once in 2^32 forks, so it is an attack.
    private func hasTwin(_ entry: VerifiedEntry) throws -> Bool {
        try tables.links(ofBase: entry.header.log, seq: entry.header.seq)
            .contains { $0.id.tag == entry.id.tag && $0.id != entry.id }
    }

    private func close(_ base: LogRef, _ changes: inout Changes) throws {
        for var segment in try tables.segments(ofBase: base) {
            segment.isClosed = true
            try tables.update(segment)
            changes.segments.insert(segment.id)
        }
    }

    /// What stands in `segment` from `seq` on becomes a branch of its own.
    private func split(_ segment: Segment, at seq: Seq, _ changes: inout Changes) throws {
        guard let first = try tables.link(segment.id, seq) else {
            preconditionFailure("no row at \(seq) to split at")
        }
        var trunk = segment
        var branch = newBranch(
            of: trunk, first: first.id, at: seq, id: SegmentID(try tables.segmentCount()))
        branch.head = trunk.head
        branch.headID = trunk.headID
        branch.isSplit = trunk.isSplit
        branch.formerly = trunk.formerly
        branch.complete = max(trunk.complete, seq - 1)
        branch.completeID = trunk.complete >= seq ? trunk.completeID : EntryID(.zero)
        branch.completeArrival = trunk.completeArrival
        branch.cited = max(trunk.cited, seq - 1)
        try tables.insert(branch)
        try tables.move(from: trunk.id, startingAt: seq, to: branch.id)
        try tables.moveClocks(from: trunk.id, startingAt: seq, to: branch.id)
        try tables.moveLacking(from: trunk.id, startingAt: seq, to: branch.id)
        for var child in try tables.segments(ofBase: trunk.base)
        where child.parent == trunk.id && child.id != branch.id {
            child = child.adopted(by: branch.id)
            try tables.update(child)
        }
        let last = seq > trunk.first ? try tables.link(trunk.id, seq - 1) : nil
        trunk.head = seq - 1
        trunk.headID = last?.id ?? EntryID(.zero)
        if trunk.complete >= seq {
            trunk.complete = seq - 1
            trunk.completeID = trunk.headID
            trunk.completeArrival = last?.arrival ?? 0
            // Its first branch entry is complete and continues it.
            trunk.cited = seq - 1
        } else {
            trunk.cited = min(trunk.cited, seq - 1)
        }
        trunk.isSplit = true
        trunk.formerly = branch.id
        try tables.update(trunk)
        try refreshLacking(trunk.id, &changes)
        try refreshLacking(branch.id, &changes)
        changes.split = trunk.id
        changes.clocks.split(trunk.id, at: seq, into: branch.id)
    }

    private func addBranch(
        of parent: SegmentID, _ first: EntryID, at seq: Seq, _ changes: inout Changes
    ) throws -> Segment {
        let trunk = try tables.segment(parent)
        let branch = newBranch(
            of: trunk, first: first, at: seq, id: SegmentID(try tables.segmentCount()))
        try tables.insert(branch)
        changes.segments.insert(branch.id)
        changes.split = parent
        return branch
    }

    private func newBranch(
        of trunk: Segment, first: EntryID, at seq: Seq, id: SegmentID
    ) -> Segment {
        Segment(
            id: id, log: trunk.log, base: trunk.base,
            ref: LogRef(branchOf: trunk.base, first: first), parent: trunk.id, branch: first,
            first: seq)
    }
}
