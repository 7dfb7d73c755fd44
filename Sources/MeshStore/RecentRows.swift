import MeshLog
import MeshModel

/// The rows inserted last. Those not written yet wait for the end of the transaction, since most
/// change once more (complete, timed) before it; those written stay to answer for what follows
/// them, which is most likely to ask for them. At most `limit`; numbered without gaps.
struct RecentRows {
    /// 2048 rows of about 1 kB, 2 MB: two of the largest transactions, or of 100 busy authors the
    /// last 20 entries each.
    static let limit = 2048

    private struct Place: Hashable {
        let segment: SegmentID
        let seq: Seq
    }

    private var rows: [Row] = []
    /// Index of the first row that is not written.
    private var firstUnwritten = 0
    private var places: [Place: Int] = [:]
    private var ids: [EntryID: Int] = [:]
    private var waits: [UInt64: Int] = [:]
    /// Indices of the loose rows that are not written.
    private var unwrittenLoose: Set<Int> = []

    var isFull: Bool { rows.count >= Self.limit }
    var unwritten: ArraySlice<Row> { rows[firstUnwritten...] }

    private func index(_ arrival: UInt64) -> Int? {
        guard let first = rows.first?.arrival, arrival >= first,
            arrival - first < UInt64(rows.count)
        else { return nil }
        return Int(arrival - first)
    }

    mutating func append(_ row: Row) {
        ids[row.entry.id] = rows.count
        if row.isLoose {
            unwrittenLoose.insert(rows.count)
        } else {
            places[Place(segment: row.segment, seq: row.seq)] = rows.count
        }
        rows.append(row)
    }

    subscript(arrival: UInt64) -> Row? { index(arrival).map { rows[$0] } }
    subscript(id: EntryID) -> Row? { ids[id].map { rows[$0] } }
    subscript(segment: SegmentID, seq: Seq) -> Row? {
        places[Place(segment: segment, seq: seq)].map { rows[$0] }
    }

    func unwrittenLoose(ofBase base: LogRef, seq: Seq) -> [Row] {
        unwrittenLoose.sorted().map { rows[$0] }
            .filter { $0.entry.header.log == base && $0.seq == seq }
    }

    /// Changes a row if it is here.
    /// - Returns: Whether it will be written as changed; else it must be changed in the table too.
    mutating func change(_ arrival: UInt64, _ body: (inout Row) -> Void) -> Bool {
        guard let index = index(arrival) else { return false }
        body(&rows[index])
        return index >= firstUnwritten
    }

    /// As `change`, for a loose row that finds its place.
    mutating func settle(_ arrival: UInt64, in segment: SegmentID) -> Bool {
        guard let index = index(arrival) else { return false }
        places[Place(segment: segment, seq: rows[index].seq)] = index
        unwrittenLoose.remove(index)
        return change(arrival) {
            $0.isLoose = false
            $0.segment = segment
        }
    }

    mutating func countWait(_ arrival: UInt64, _ change: Int) {
        if index(arrival) != nil { waits[arrival, default: 0] += change }
    }

    /// Nil where the row is not here.
    func hasWaits(_ arrival: UInt64) -> Bool? {
        index(arrival) == nil ? nil : waits[arrival, default: 0] > 0
    }

    mutating func wereWritten() {
        firstUnwritten = rows.count
        unwrittenLoose.removeAll()
    }

    mutating func removeAll() { self = RecentRows() }
}
