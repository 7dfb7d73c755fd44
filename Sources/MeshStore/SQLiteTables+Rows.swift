import Foundation
import GRDB
import MeshLog
import MeshModel

extension SQLiteTables {
    func lastArrival() throws -> UInt64 {
        if role == .writer { return totals.lastArrival }
        let last = try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(arrival) FROM row"))
        return UInt64(max(0, last ?? 0))
    }

    func insert(_ row: MeshLog.Row) throws {
        if recent.isFull {
            try flushRows()
            recent.removeAll()
        }
        recent.append(row)
        totals.lastArrival = row.arrival
        totals.add(Int64(StoredBytes.of(row.entry)), of: row.log.author)
        cache.note(row.time, in: row.log.room, added: 1)
        if row.isLoose { looseCounts[row.entry.header.log, default: 0] += 1 }
    }

    // MARK: - One row

    func link(arrival: UInt64) throws -> RowLink? {
        if let row = recent[arrival] { return RowLink(row) }
        return try fetchLinks("arrival = ?", [Stored.sorting(arrival)]).first
    }

    func link(id: EntryID) throws -> RowLink? {
        if let row = recent[id] { return RowLink(row) }
        return try fetchLinks("idHead = ?", [Stored.bits(id.raw.words.0)]).first { $0.id == id }
    }

    func previous(of arrival: UInt64) throws -> HashLink {
        if let row = recent[arrival] { return row.entry.header.previous }
        let cursor = try GRDB.Row.fetchCursor(
            db.cachedStatement(sql: "SELECT previous FROM row WHERE arrival = ?"),
            arguments: [Stored.sorting(arrival)])
        guard let row = try cursor.next() else {
            throw StoreError.damagedRow("entry number \(arrival) is missing")
        }
        return try Columns(row: row).link(0)
    }

    func link(_ segment: SegmentID, _ seq: Seq) throws -> RowLink? {
        let place = try self.segment(segment)
        guard seq >= place.first, seq <= place.head else { return nil }
        if let row = recent[segment, seq] { return RowLink(row) }
        let found = try fetchLinks(
            "segment = ? AND seq = ? AND loose = 0", [Int64(segment.index), Int64(seq)])
        guard let link = found.first else {
            throw StoreError.damagedRow("entry \(seq) of log \(place.base) is missing")
        }
        return link
    }

    func links(ofBase base: LogRef, seq: Seq) throws -> [RowLink] {
        let segments = try segments(ofBase: base)
        var found = try segments.compactMap { try link($0.id, seq) }
        guard let root = segments.first, try looseCount(ofBase: base) > 0 else { return found }
        found += try fetchLinks(
            "segment = ? AND seq = ? AND loose = 1 ORDER BY arrival",
            [Int64(root.id.index), Int64(seq)])
        return found + recent.unwrittenLoose(ofBase: base, seq: seq).map { RowLink($0) }
    }

    // MARK: - Ranges

    func links(_ segment: SegmentID, from: Seq, to: Seq, limit: Int) throws -> [RowLink] {
        guard from <= to else { return [] }
        try flushRows()
        return try fetchLinks(
            "segment = ? AND seq BETWEEN ? AND ? AND loose = 0 ORDER BY seq LIMIT ?",
            [Int64(segment.index), Int64(from), Int64(to), limit])
    }

    func entries(_ segment: SegmentID, from: Seq, to: Seq) throws -> [Entry] {
        guard from <= to else { return [] }
        try flushRows()
        let base = try self.segment(segment).base
        let cursor = try GRDB.Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT \(RowColumns.row) FROM row
                    WHERE segment = ? AND seq BETWEEN ? AND ? AND loose = 0 ORDER BY seq
                    """),
            arguments: [Int64(segment.index), Int64(from), Int64(to)])
        var found: [Entry] = []
        while let row = try cursor.next() {
            found.append(try RowColumns.entry(Columns(row: row), base: base))
        }
        return found
    }

    func fetchLinks(_ condition: String, _ arguments: StatementArguments) throws -> [RowLink] {
        let cursor = try GRDB.Row.fetchCursor(
            db.cachedStatement(sql: "SELECT \(RowColumns.link) FROM row WHERE \(condition)"),
            arguments: arguments)
        var found: [RowLink] = []
        while let row = try cursor.next() { found.append(try RowColumns.link(Columns(row: row))) }
        return found
    }

    // MARK: - Changes

    func update(arrival: UInt64, time: UInt64, isComplete: Bool) throws {
        guard let link = try link(arrival: arrival) else { return }
        cache.note(time, in: try segment(link.segment).log.room, added: 0)
        let isWaiting = recent.change(arrival) {
            $0.time = time
            $0.isComplete = isComplete
        }
        guard !isWaiting else { return }
        try db.cachedStatement(sql: "UPDATE row SET time = ?, complete = ? WHERE arrival = ?")
            .execute(arguments: [Stored.sorting(time), isComplete, Stored.sorting(arrival)])
    }

    func settle(arrival: UInt64, in segment: SegmentID) throws {
        let base = try self.segment(segment).base
        looseCounts[base] = looseCounts[base].flatMap { $0 > 1 ? $0 - 1 : nil }
        guard !recent.settle(arrival, in: segment) else { return }
        try db.cachedStatement(sql: "UPDATE row SET loose = 0, segment = ? WHERE arrival = ?")
            .execute(arguments: [Int64(segment.index), Stored.sorting(arrival)])
    }

    func move(from segment: SegmentID, startingAt seq: Seq, to other: SegmentID) throws {
        try flushRows()
        recent.removeAll()
        try db.cachedStatement(
            sql: "UPDATE row SET segment = ? WHERE segment = ? AND seq >= ? AND loose = 0"
        ).execute(arguments: [Int64(other.index), Int64(segment.index), Int64(seq)])
    }

    func sign(arrival: UInt64, with signature: Signature) throws {
        var added = false
        let isWaiting = recent.change(arrival) {
            added = $0.entry.signature == nil
            if added { $0.entry.signature = signature }
        }
        if !isWaiting {
            try db.cachedStatement(
                sql: "UPDATE row SET signature = ? WHERE arrival = ? AND signature IS NULL"
            ).execute(arguments: [Data(signature.bytes), Stored.sorting(arrival)])
            added = db.changesCount > 0
        }
        guard added, let link = try link(arrival: arrival) else { return }
        totals.add(
            Int64(StoredBytes.signature), of: try segment(link.segment).log.author)
    }

    func looseCount(ofBase base: LogRef) throws -> Int {
        if role == .writer { return looseCounts[base] ?? 0 }
        return try looseLinks(ofBase: base).count
    }
}
