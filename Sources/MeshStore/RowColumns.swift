import Foundation
import GRDB
import MeshLog
import MeshModel

/// An entry as a row of its table; `link` are the first columns of `row`.
enum RowColumns {
    static let link = "arrival, segment, seq, id, at, push, time, complete, loose, cites"
    static let row = """
        \(link), previous, kind, bodyLength, bodyHash, receivedAt, merged, signature, body
        """
    /// `row` in a query that joins other tables.
    static let qualifiedRow = row.split(separator: ",")
        .map { "row." + $0.drop { $0 == " " } }.joined(separator: ", ")
    static let insert = """
        INSERT INTO row (\(row), idHead, room, odd) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static func link(_ columns: Columns) throws -> RowLink {
        let claimed = try claimed(columns)
        return RowLink(
            arrival: try columns.uint(0), segment: SegmentID(Int(try columns.uint32(1))),
            seq: try columns.uint32(2), id: EntryID(try columns.bytes32(3)), claimed: claimed,
            time: try columns.uint(6), isComplete: try columns.bool(7),
            isLoose: try columns.bool(8), cites: try Stored.cites(try columns.bytes(9)).cites)
    }

    private static func claimed(_ columns: Columns) throws -> UInt64 {
        let (sum, overflow) = try columns.uint(4).addingReportingOverflow(try columns.bits(5))
        return overflow ? ModelLimits.claimedTime : min(sum, ModelLimits.claimedTime)
    }

    static func row(_ columns: Columns, log: LogID, base: LogRef) throws -> MeshLog.Row {
        MeshLog.Row(
            arrival: try columns.uint(0), segment: SegmentID(Int(try columns.uint32(1))), log: log,
            entry: try entry(columns, base: base), time: try columns.uint(6),
            isComplete: try columns.bool(7), isLoose: try columns.bool(8),
            receivedAt: WallTime(milliseconds: try columns.uint(14)),
            merged: try columns.bool(15))
    }

    static func entry(_ columns: Columns, base: LogRef) throws -> Entry {
        let (cites, more) = try Stored.cites(try columns.bytes(9))
        guard let kind = UInt8(exactly: try columns.int(11)) else {
            throw columns.damage(11, "no kind")
        }
        let header = EntryHeader(
            log: base, seq: try columns.uint32(2), previous: try columns.link(10),
            at: WallTime(milliseconds: try columns.uint(4)), push: try columns.bits(5),
            cites: cites, more: more, kind: EntryKind(rawValue: kind),
            bodyLength: try columns.uint32(12), bodyHash: try columns.bytes32(13))
        return Entry(
            header: header, id: EntryID(try columns.bytes32(3)),
            body: try columns.optionalBytes(17),
            signature: try columns.optionalBytes(16).flatMap { Signature($0) })
    }

    static func arguments(_ row: MeshLog.Row, room: Int64) -> StatementArguments {
        let header = row.entry.header
        return [
            Stored.sorting(row.arrival), Int64(row.segment.index), Int64(header.seq),
            Stored.data(row.entry.id.raw), Stored.sorting(header.at.milliseconds),
            Stored.bits(header.push), Stored.sorting(row.time), row.isComplete, row.isLoose,
            Stored.data(cites: header.cites, more: header.more), Stored.data(header.previous),
            Int64(header.kind.rawValue), Int64(header.bodyLength), Stored.data(header.bodyHash),
            Stored.sorting(row.receivedAt.milliseconds), row.merged,
            row.entry.signature.map { Data($0.bytes) }, row.entry.body.map { Data($0) },
            Stored.bits(row.entry.id.raw.words.0), room, row.hasOddTime,
        ]
    }
}
