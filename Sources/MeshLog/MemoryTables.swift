package import MeshModel

/// The archive's tables in memory: for the simulator, and the reference that the SQLite tables are
/// tested against.
package final class MemoryTables: ArchiveTables {
    private var bySegment: [Segment] = []
    private var byBase: [LogRef: [SegmentID]] = [:]
    /// Chain rows: arrival numbers of each segment, from its first seq on.
    private var chains: [[UInt64]] = []
    /// All rows; arrival n at index n - 1.
    package private(set) var rows: [Row] = []
    private var byID: [EntryID: UInt64] = [:]
    var loose: [LogRef: [UInt64]] = [:]
    var waiting: [Cite: [UInt64]] = [:]
    private var waitCount: [UInt64: Int] = [:]
    private var lackingBodies: [SegmentID: Set<Seq>] = [:]
    private var clocks: [ClockPlace: VectorClock<SegmentID>] = [:]
    private var lastKeys: [RoomID: OrderKey] = [:]

    private struct ClockPlace: Hashable {
        let segment: SegmentID
        let seq: Seq
    }

    package init() {}

    package func segment(_ id: SegmentID) -> Segment { bySegment[Int(id.index)] }
    package func segments() -> [Segment] { bySegment }
    package func segmentCount() -> Int { bySegment.count }

    package func segments(ofBase base: LogRef) -> [Segment] {
        (byBase[base] ?? []).map { bySegment[Int($0.index)] }
    }

    package func insert(_ segment: Segment) {
        precondition(Int(segment.id.index) == bySegment.count, "segment \(segment.id) out of turn")
        bySegment.append(segment)
        byBase[segment.base, default: []].append(segment.id)
        chains.append([])
    }

    package func update(_ segment: Segment) { bySegment[Int(segment.id.index)] = segment }

    package func lastArrival() -> UInt64 { UInt64(rows.count) }

    package func insert(_ row: Row) {
        precondition(row.arrival == rows.count + 1, "arrival \(row.arrival) out of turn")
        rows.append(row)
        byID[row.entry.id] = row.arrival
        note(row.key, in: row.log.room)
        if row.isLoose {
            loose[row.entry.header.log, default: []].append(row.arrival)
        } else {
            chains[Int(row.segment.index)].append(row.arrival)
        }
    }

    private func note(_ key: OrderKey, in room: RoomID) {
        lastKeys[room] = max(lastKeys[room] ?? key, key)
    }

    package func row(arrival: UInt64) -> Row { rows[Int(arrival) - 1] }

    package func link(arrival: UInt64) -> RowLink? {
        arrival > 0 && arrival <= rows.count ? RowLink(row(arrival: arrival)) : nil
    }

    package func link(id: EntryID) -> RowLink? { byID[id].flatMap { link(arrival: $0) } }

    package func previous(of arrival: UInt64) -> HashLink {
        row(arrival: arrival).entry.header.previous
    }

    private func arrival(_ segment: SegmentID, _ seq: Seq) -> UInt64? {
        let chain = chains[Int(segment.index)]
        let first = bySegment[Int(segment.index)].first
        guard seq >= first, Int(seq - first) < chain.count else { return nil }
        return chain[Int(seq - first)]
    }

    package func link(_ segment: SegmentID, _ seq: Seq) -> RowLink? {
        arrival(segment, seq).flatMap { link(arrival: $0) }
    }

    package func links(ofBase base: LogRef, seq: Seq) -> [RowLink] {
        let chained = (byBase[base] ?? []).compactMap { link($0, seq) }
        let unsettled = (loose[base] ?? []).compactMap { link(arrival: $0) }
            .filter { $0.seq == seq }
        return chained + unsettled
    }

    package func links(_ segment: SegmentID, from: Seq, to: Seq, limit: Int) -> [RowLink] {
        guard from <= to else { return [] }
        return (from...to).prefix(limit).compactMap { link(segment, $0) }
    }

    package func entries(_ segment: SegmentID, from: Seq, to: Seq) -> [Entry] {
        guard from <= to else { return [] }
        return (from...to).compactMap { arrival(segment, $0) }.map { row(arrival: $0).entry }
    }

    package func update(arrival: UInt64, time: UInt64, isComplete: Bool) {
        rows[Int(arrival) - 1].time = time
        rows[Int(arrival) - 1].isComplete = isComplete
        let row = row(arrival: arrival)
        note(row.key, in: row.log.room)
    }

    package func settle(arrival: UInt64, in segment: SegmentID) {
        let row = row(arrival: arrival)
        rows[Int(arrival) - 1].isLoose = false
        rows[Int(arrival) - 1].segment = segment
        loose[row.entry.header.log]?.removeAll { $0 == arrival }
        chains[Int(segment.index)].append(arrival)
    }

    package func move(from segment: SegmentID, startingAt seq: Seq, to other: SegmentID) {
        let keep = Int(seq - bySegment[Int(segment.index)].first)
        let moved = chains[Int(segment.index)].dropFirst(keep)
        chains[Int(other.index)] = Array(moved)
        chains[Int(segment.index)].removeLast(moved.count)
        for arrival in chains[Int(other.index)] { rows[Int(arrival) - 1].segment = other }
    }

    package func sign(arrival: UInt64, with signature: Signature) {
        if rows[Int(arrival) - 1].entry.signature == nil {
            rows[Int(arrival) - 1].entry.signature = signature
        }
    }

    package func looseCount(ofBase base: LogRef) -> Int { loose[base]?.count ?? 0 }

    package func addWait(on cause: Cite, row: UInt64, of author: PeerID) {
        waiting[cause, default: []].append(row)
        waitCount[row, default: 0] += 1
    }

    package func removeWait(on cause: Cite, row: UInt64, of author: PeerID) {
        waiting[cause]?.removeAll { $0 == row }
        if waiting[cause]?.isEmpty ?? false { waiting[cause] = nil }
        waitCount[row, default: 1] -= 1
        if waitCount[row] == 0 { waitCount[row] = nil }
    }

    package func waits(on cause: Cite) -> [UInt64] { waiting[cause] ?? [] }
    package func hasWaits(row: UInt64) -> Bool { waitCount[row] != nil }

    package func addLacking(_ segment: SegmentID, _ seq: Seq) {
        lackingBodies[segment, default: []].insert(seq)
    }

    package func fill(_ segment: SegmentID, _ seq: Seq, with body: [UInt8]) -> Row? {
        guard lackingBodies[segment]?.remove(seq) != nil, let arrival = arrival(segment, seq)
        else { return nil }
        rows[Int(arrival) - 1].entry.body = body
        return row(arrival: arrival)
    }

    package func lacking(_ segment: SegmentID) -> ClosedRange<Seq>? {
        guard let seqs = lackingBodies[segment], let low = seqs.min(), let high = seqs.max()
        else { return nil }
        return low...high
    }

    package func moveLacking(from segment: SegmentID, startingAt seq: Seq, to other: SegmentID) {
        let moved = lackingBodies[segment]?.filter { $0 >= seq } ?? []
        lackingBodies[segment]?.subtract(moved)
        lackingBodies[other, default: []].formUnion(moved)
    }

    package func clock(_ segment: SegmentID, _ seq: Seq) -> VectorClock<SegmentID>? {
        clocks[ClockPlace(segment: segment, seq: seq)]
    }

    package func setClock(_ segment: SegmentID, _ seq: Seq, _ clock: VectorClock<SegmentID>) {
        clocks[ClockPlace(segment: segment, seq: seq)] = clock
    }

    package func moveClocks(from segment: SegmentID, startingAt seq: Seq, to other: SegmentID) {
        for (place, clock) in clocks where place.segment == segment && place.seq >= seq {
            clocks[place] = nil
            clocks[ClockPlace(segment: other, seq: place.seq)] = clock
        }
    }

    package func lastKey(in room: RoomID) -> OrderKey? { lastKeys[room] }
}
