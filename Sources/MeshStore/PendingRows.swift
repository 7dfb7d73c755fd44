import MeshLog
import MeshModel

/// Rows inserted and not written yet: most change once more (complete, timed) before they are. At most
/// `limit`; numbered without gaps.
struct PendingRows {
    /// 4096 rows of about 500 bytes, 2 MB.
    static let limit = 4096

    private struct Place: Hashable {
        let segment: SegmentID
        let seq: Seq
    }

    private(set) var rows: [Row] = []
    private var places: [Place: Int] = [:]
    private var ids: [EntryID: Int] = [:]
    private var waits: [UInt64: Int] = [:]
    private var loose: Set<Int> = []

    var isEmpty: Bool { rows.isEmpty }

    private func index(_ arrival: UInt64) -> Int? {
        guard let first = rows.first?.arrival, arrival >= first,
            arrival - first < UInt64(rows.count)
        else { return nil }
        return Int(arrival - first)
    }

    mutating func append(_ row: Row) {
        ids[row.entry.id] = rows.count
        if row.isLoose {
            loose.insert(rows.count)
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

    func loose(ofBase base: LogRef, seq: Seq) -> [Row] {
        loose.sorted().map { rows[$0] }
            .filter { $0.entry.header.log == base && $0.seq == seq }
    }

    /// Changes a row; false where it is not pending.
    mutating func change(_ arrival: UInt64, _ body: (inout Row) -> Void) -> Bool {
        guard let index = index(arrival) else { return false }
        body(&rows[index])
        return true
    }

    mutating func settle(_ arrival: UInt64, in segment: SegmentID) -> Bool {
        guard let index = index(arrival) else { return false }
        rows[index].isLoose = false
        rows[index].segment = segment
        loose.remove(index)
        places[Place(segment: segment, seq: rows[index].seq)] = index
        return true
    }

    mutating func countWait(_ arrival: UInt64, _ change: Int) {
        if index(arrival) != nil { waits[arrival, default: 0] += change }
    }

    /// Nil where the row is not pending.
    func hasWaits(_ arrival: UInt64) -> Bool? {
        index(arrival) == nil ? nil : waits[arrival, default: 0] > 0
    }

    mutating func removeAll() {
        rows.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        ids.removeAll(keepingCapacity: true)
        waits.removeAll()
        loose.removeAll()
    }
}
