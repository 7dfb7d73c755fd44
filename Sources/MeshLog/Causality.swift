import MeshModel

/// Who was caused by whom: completeness, times and the frontier, kept while rows come in any order.
///
/// A row is complete once the previous entry of its log and every entry that it cites are.
/// Completeness spreads upward from the row that arrived, each row visited once (Kahn, 1962). A
/// row's time is final when it is complete; before, it counts those causes that are.
struct Causality<Tables: ArchiveTables> {
    let tables: Tables

    /// See `OrderKey`.
    func time(of entry: Entry, in segment: SegmentID, isLoose: Bool) throws -> UInt64 {
        let header = entry.header
        let previous =
            isLoose || header.seq == 1
            ? nil : try previousLink(of: header.seq, in: tables.segment(segment))
        return try time(
            claimed: header.claimedTime, previous: previous, cites: header.cites,
            room: tables.segment(segment).log.room)
    }

    /// A new row: notes what it waits for, and completes it and others if nothing is missing.
    func inserted(_ row: RowLink, _ changes: inout Changes) throws {
        let log = try tables.segment(row.segment).log
        for cite in row.cites {
            let target = try resolve(cite, in: log.room)
            if target?.isComplete ?? false { continue }
            try tables.addWait(on: cite, row: row.arrival, of: log.author)
            changes.waits[log.author, default: 0] += 1
        }
        if !row.isLoose { try spread(from: row.arrival, &changes) }
    }

    /// A loose row has become a chain row: its previous entry counts now.
    func settled(_ arrival: UInt64, _ changes: inout Changes) throws {
        try spread(from: arrival, &changes)
    }

    /// Looks at one chain row and at all that its change reaches. Only what is complete counts for
    /// others, so each row is looked at once for itself and once for each of its causes.
    private func spread(from arrival: UInt64, _ changes: inout Changes) throws {
        var work = [arrival]
        while let next = work.popLast() {
            guard let row = try tables.link(arrival: next), !row.isComplete else { continue }
            if row.isLoose {
                try refreshTime(of: row, &changes)
                continue
            }
            var segment = try tables.segment(row.segment)
            let previous = row.seq == 1 ? nil : try previousLink(of: row.seq, in: segment)
            let time = try time(
                claimed: row.claimed, previous: previous, cites: row.cites,
                room: segment.log.room)
            let isComplete =
                try (row.seq == 1 || previous?.isComplete ?? false)
                && !tables.hasWaits(row: row.arrival)
            guard isComplete || time != row.time else { continue }
            try tables.update(arrival: row.arrival, time: time, isComplete: isComplete)
            changes.lastTime = max(changes.lastTime, time)
            guard isComplete else { continue }
            try complete(row, of: &segment, &changes)
            work += try release(waitingOn: row, in: segment, &changes)
            work += try successors(of: row, in: segment)
        }
    }

    private func refreshTime(of row: RowLink, _ changes: inout Changes) throws {
        let room = try tables.segment(row.segment).log.room
        let time = try time(claimed: row.claimed, previous: nil, cites: row.cites, room: room)
        if time != row.time {
            try tables.update(arrival: row.arrival, time: time, isComplete: false)
            changes.lastTime = max(changes.lastTime, time)
        }
    }

    private func complete(
        _ row: RowLink, of segment: inout Segment, _ changes: inout Changes
    ) throws {
        segment.complete = row.seq
        segment.completeID = row.id
        segment.completeArrival = row.arrival
        try tables.update(segment)
        changes.segments.insert(segment.id)
        for cite in row.cites {
            guard let target = try resolve(cite, in: segment.log.room) else { continue }
            try raiseCited(target.segment, to: target.seq, &changes)
        }
        if row.seq == segment.first, let parent = segment.parent {
            try raiseCited(parent, to: row.seq - 1, &changes)
        }
        let clock = try clock(completing: row, in: segment, changes.clocks)
        changes.clocks.keep(clock, of: row.arrival)
        if row.seq % ModelLimits.checkpoint == 0 {
            try tables.setClock(row.segment, row.seq, clock)
        }
    }

    /// The clock of a row that has just become complete: that of the previous entry, and of those
    /// cited entries that it does not cover.
    private func clock(
        completing row: RowLink, in segment: Segment, _ recent: RecentClocks
    ) throws -> VectorClock<SegmentID> {
        var reader = ClockReader(tables: tables)
        var clock = VectorClock<SegmentID>()
        if let previous = try row.seq == 1 ? nil : previousLink(of: row.seq, in: segment) {
            clock = try recent[previous.arrival] ?? reader.clock(of: previous.arrival)
        }
        for cite in row.cites {
            guard let target = try resolve(cite, in: segment.log.room),
                clock[target.segment] < target.seq
            else { continue }
            clock.join(try recent[target.arrival] ?? reader.clock(of: target.arrival))
        }
        clock.raise(row.segment, to: row.seq)
        return clock
    }

    private func raiseCited(
        _ id: SegmentID, to seq: Seq, _ changes: inout Changes
    ) throws {
        var cited = try tables.segment(id)
        guard cited.cited < seq else { return }
        cited.cited = seq
        try tables.update(cited)
        changes.segments.insert(id)
    }

    /// Rows that waited for `row`, which now wait for one entry less.
    private func release(
        waitingOn row: RowLink, in segment: Segment, _ changes: inout Changes
    ) throws -> [UInt64] {
        let cause = Cite(log: segment.base, seq: row.seq, tag: row.id.tag)
        var released: [UInt64] = []
        for arrival in try tables.waits(on: cause) {
            guard let waiter = try tables.link(arrival: arrival) else { continue }
            let log = try tables.segment(waiter.segment).log
            guard log.room == segment.log.room else { continue }
            try tables.removeWait(on: cause, row: arrival, of: log.author)
            changes.waits[log.author, default: 0] -= 1
            released.append(arrival)
        }
        return released
    }

    private func successors(of row: RowLink, in segment: Segment) throws -> [UInt64] {
        if let next = try tables.link(segment.id, row.seq + 1) { return [next.arrival] }
        guard segment.isSplit, row.seq == segment.head else { return [] }
        return try tables.segments(ofBase: segment.base).filter { $0.parent == segment.id }
            .compactMap { try tables.link($0.id, row.seq + 1)?.arrival }
    }

    private func previousLink(of seq: Seq, in segment: Segment) throws -> RowLink? {
        if seq > segment.first { return try tables.link(segment.id, seq - 1) }
        return try segment.parent.flatMap { try tables.link($0, seq - 1) }
    }

    private func time(
        claimed: UInt64, previous: RowLink?, cites: [Cite], room: RoomID
    ) throws -> UInt64 {
        var latest = previous.flatMap { $0.isComplete ? $0.time : nil }
        for cite in cites {
            guard let target = try resolve(cite, in: room), target.isComplete else { continue }
            latest = max(latest ?? 0, target.time)
        }
        return OrderKey.time(claimed: claimed, latestCause: latest)
    }

    private func resolve(_ cite: Cite, in room: RoomID) throws -> RowLink? {
        try tables.resolve(cite, in: room)
    }
}

extension ArchiveTables {
    /// The chain row that a cite of an entry in `room` means. Rooms do not cause each other.
    func resolve(_ cite: Cite, in room: RoomID) throws -> RowLink? {
        for link in try links(ofBase: cite.log, seq: cite.seq)
        where !link.isLoose && link.id.tag == cite.tag {
            if try segment(link.segment).log.room == room { return link }
        }
        return nil
    }
}
