package import MeshModel

/// Full vector clocks, from the cites of each entry and the clocks kept at every 64th.
///
/// `clock(e) = clock(previous) ⊔ clock(each complete cited entry) + e`. For a complete entry that is the
/// exact clock; for an incomplete one a lower bound. Costs at most 64 rows for each log of the room, the
/// first time; what was computed is remembered for the life of the reader.
package struct ClockReader<Tables: ArchiveTables> {
    private let tables: Tables
    /// Clocks by arrival number, for the life of one page.
    private var known: [UInt64: VectorClock<SegmentID>] = [:]

    package init(tables: Tables) { self.tables = tables }

    /// The clock of one held row.
    package mutating func clock(of arrival: UInt64) throws -> VectorClock<SegmentID> {
        var path = [arrival]
        while let next = path.last {
            if known[next] != nil {
                path.removeLast()
                continue
            }
            guard let row = try tables.link(arrival: next) else {
                preconditionFailure("no row with arrival \(next)")
            }
            if next != arrival || row.isComplete, let kept = try kept(row) {
                known[next] = kept
                continue
            }
            let causes = try causes(of: row)
            let open = causes.filter { known[$0] == nil }
            if open.isEmpty {
                known[next] = join(causes, row)
            } else {
                path += open
            }
        }
        return known[arrival] ?? VectorClock()
    }

    private func kept(_ row: RowLink) throws -> VectorClock<SegmentID>? {
        guard row.isComplete, row.seq % ModelLimits.checkpoint == 0 else { return nil }
        guard let stored = try tables.clock(row.segment, row.seq) else { return nil }
        return try VectorClock(stored.components.flatMap(current(_:)))
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

    private func causes(of row: RowLink) throws -> [UInt64] {
        let segment = try tables.segment(row.segment)
        var causes: [UInt64] = []
        if !row.isLoose, row.seq > 1 {
            let home = row.seq > segment.first ? segment.id : segment.parent
            if let previous = try home.flatMap({ try tables.link($0, row.seq - 1) }) {
                causes.append(previous.arrival)
            }
        }
        for cite in row.cites {
            guard let target = try tables.resolve(cite, in: segment.log.room), target.isComplete
            else { continue }
            causes.append(target.arrival)
        }
        return causes
    }

    private func join(_ causes: [UInt64], _ row: RowLink) -> VectorClock<SegmentID> {
        var clock = VectorClock<SegmentID>()
        for cause in causes {
            if let other = known[cause] { clock.join(other) }
        }
        if !row.isLoose { clock.raise(row.segment, to: row.seq) }
        return clock
    }
}
