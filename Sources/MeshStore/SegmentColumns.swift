import Foundation
import GRDB
import MeshLog
import MeshModel

/// A segment as a row of its table.
enum SegmentColumns {
    static let names = """
        id, base, ref, room, author, epoch, parent, branch, first, head, headID, complete, \
        completeID, completeArrival, cited, split, formerly, closed, lacksFrom, lacksTo
        """

    static func segment(
        _ columns: Columns, room: (Int64) throws -> RoomID
    ) throws -> Segment {
        let log = LogID(
            author: PeerID(try columns.bytes32(4)), epoch: try columns.uint64(5),
            room: try room(try columns.int(3)))
        var segment = Segment(
            id: SegmentID(Int(try columns.uint32(0))), log: log, base: LogRef(try columns.bits(1)),
            ref: LogRef(try columns.bits(2)), parent: try id(columns, 6),
            branch: try columns.optionalBytes32(7).map { EntryID($0) },
            first: try seq(columns, 8, from: 1))
        segment.head = try seq(columns, 9, from: segment.first - 1)
        segment.headID = EntryID(try columns.bytes32(10))
        segment.complete = try seq(columns, 11, from: segment.first - 1)
        segment.completeID = EntryID(try columns.bytes32(12))
        segment.completeArrival = try columns.uint(13)
        segment.cited = try seq(columns, 14, from: segment.first - 1)
        segment.isSplit = try columns.bool(15)
        segment.formerly = try id(columns, 16)
        segment.isClosed = try columns.bool(17)
        let (from, to) = (try columns.uint32(18), try columns.uint32(19))
        guard from <= to else { throw columns.damage(18, "from \(from) to \(to)") }
        segment.lacking = from > 0 ? from...to : nil
        return segment
    }

    private static func id(_ columns: Columns, _ index: Int) throws -> SegmentID? {
        columns.optionalInt(index) == nil ? nil : SegmentID(Int(try columns.uint32(index)))
    }

    private static func seq(_ columns: Columns, _ index: Int, from low: Seq) throws -> Seq {
        let seq = try columns.uint32(index)
        guard seq >= low, seq <= ModelLimits.seq else { throw columns.damage(index, "seq \(seq)") }
        return seq
    }

    static func arguments(_ segment: Segment, room: Int64) -> StatementArguments {
        [
            Int64(segment.id.index), Stored.bits(segment.base.raw), Stored.bits(segment.ref.raw),
            room, Stored.data(segment.log.author.raw), Stored.data(segment.log.epoch),
            segment.parent.map { Int64($0.index) }, segment.branch.map { Stored.data($0.raw) },
            Int64(segment.first), Int64(segment.head), Stored.data(segment.headID.raw),
            Int64(segment.complete), Stored.data(segment.completeID.raw),
            Stored.sorting(segment.completeArrival), Int64(segment.cited), segment.isSplit,
            segment.formerly.map { Int64($0.index) }, segment.isClosed,
            Int64(segment.lacking?.lowerBound ?? 0), Int64(segment.lacking?.upperBound ?? 0),
        ]
    }
}
