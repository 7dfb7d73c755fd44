package import MeshModel

/// Full vector clocks, from the cites of each entry and the clocks kept at every 64th.
///
/// `clock(e) = clock(previous) ⊔ clock(each complete cited entry) + e`. For a complete entry that
/// is the exact clock; for an incomplete one a lower bound. Computed as one walk over the causal
/// past: whatever the clock covers already is not looked at again, and a stretch of a log is
/// entered at the nearest clock that is kept or was computed before. So the first costs at most 64
/// rows for each log of the room, and each row is read once.
package struct ClockReader<Tables: ArchiveTables> {
    private let tables: Tables
    /// Clocks computed before, by log, ascending by seq; for the life of one page.
    private var known: [SegmentID: [VectorClock<SegmentID>]] = [:]

    /// The end of a stretch of a log that is to be covered.
    private struct Place {
        let segment: SegmentID
        let seq: Seq
    }

    package init(tables: Tables) { self.tables = tables }

    /// The clock of one held row.
    package mutating func clock(of arrival: UInt64) throws -> VectorClock<SegmentID> {
        guard let row = try tables.link(arrival: arrival) else {
            preconditionFailure("no row with arrival \(arrival)")
        }
        var clock = VectorClock<SegmentID>()
        if row.isLoose {
            let causes = try causes(of: row, beyond: clock)
            try extend(&clock, to: causes)
        } else {
            try extend(&clock, to: [Place(segment: row.segment, seq: row.seq)])
            remember(clock, of: row)
        }
        return clock
    }

    private func extend(_ clock: inout VectorClock<SegmentID>, to places: [Place]) throws {
        var work = places
        while let next = work.popLast() {
            guard clock[next.segment] < next.seq else { continue }
            let segment = try tables.segment(next.segment)
            try enter(segment, below: next.seq, &clock)
            if clock[segment.id] < segment.first, let parent = segment.parent {
                work.append(Place(segment: parent, seq: segment.first - 1))
            }
            let from = max(clock[segment.id] + 1, segment.first)
            // What is about to be covered is said first: a cite of it from below is then skipped.
            clock.raise(segment.id, to: next.seq)
            for row in try tables.links(segment.id, from: from, to: next.seq, limit: .max) {
                work += try causes(of: row, beyond: clock)
            }
        }
    }

    /// Joins the nearest clock of `segment` at or below `seq`, if it covers more.
    private func enter(
        _ segment: Segment, below seq: Seq, _ clock: inout VectorClock<SegmentID>
    ) throws {
        let last = min(seq, segment.complete)
        let checkpoint = last / ModelLimits.checkpoint * ModelLimits.checkpoint
        let nearest = known[segment.id]?.last { $0[segment.id] <= seq }
        if let nearest, nearest[segment.id] >= checkpoint {
            clock.join(nearest)
        } else if checkpoint >= segment.first, checkpoint > clock[segment.id],
            let kept = try tables.clock(segment.id, checkpoint)
        {
            clock.join(try VectorClock(kept.components.flatMap(current(_:))))
        }
    }

    private mutating func remember(_ clock: VectorClock<SegmentID>, of row: RowLink) {
        Self.insert(clock, of: row, into: &known[row.segment, default: []])
    }

    /// A page goes upward, so nearly always the place is the end.
    private static func insert(
        _ clock: VectorClock<SegmentID>, of row: RowLink,
        into clocks: inout [VectorClock<SegmentID>]
    ) {
        let below = clocks.lastIndex { $0[row.segment] <= row.seq }
        if let below, clocks[below][row.segment] == row.seq { return }
        clocks.insert(clock, at: below.map { $0 + 1 } ?? 0)
    }

    /// A component written before a fork was found names the trunk beyond its end.
    private func current(
        _ component: VectorClock<SegmentID>.Component
    ) throws -> [VectorClock<SegmentID>.Component] {
        let segment = try tables.segment(component.key)
        guard component.seq > segment.head, let branch = segment.formerly else {
            return [component]
        }
        return [.init(key: segment.id, seq: segment.head)]
            + (try current(.init(key: branch, seq: component.seq)))
    }

    /// The complete entries that a row cites and `clock` does not cover.
    private func causes(
        of row: RowLink, beyond clock: VectorClock<SegmentID>
    ) throws -> [Place] {
        guard !row.cites.isEmpty else { return [] }
        let room = try tables.segment(row.segment).log.room
        var causes: [Place] = []
        for cite in row.cites {
            let segments = try tables.segments(ofBase: cite.log)
            // Without a fork the place decides, and no row has to be read for what is covered.
            if segments.count == 1, clock[segments[0].id] >= cite.seq { continue }
            guard let target = try tables.resolve(cite, in: room), target.isComplete,
                clock[target.segment] < target.seq
            else { continue }
            causes.append(Place(segment: target.segment, seq: target.seq))
        }
        return causes
    }
}
