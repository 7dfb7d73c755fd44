package import MeshModel

/// What `RoomView` reads beyond the archive's own tables. Reads only.
package protocol RoomTables: ArchiveTables {
    /// All rooms of which an entry is held, ascending; profiles are one of them.
    func rooms() throws -> [RoomSummary]
    /// The segments of a room, ascending by id.
    func segments(in room: RoomID) throws -> [Segment]
    /// The rows of a room after `key` (nil: from the first) in the merged order, at most `limit`.
    func rows(in room: RoomID, after key: OrderKey?, limit: Int) throws -> [Row]
    /// The rows of a room before `key` (nil: from the last), latest first, at most `limit`.
    func rows(in room: RoomID, before key: OrderKey?, limit: Int) throws -> [Row]
    /// The rows with an implausible time (`OddTime`) that were received at `time` or later, in the
    /// merged order, at most `limit`.
    func oddRows(in room: RoomID, receivedSince time: WallTime, limit: Int) throws -> [Row]
    func held(id: EntryID) throws -> Row?
    /// Ids from `low` to `high`, ascending, at most `limit`.
    func ids(from low: EntryID, to high: EntryID, limit: Int) throws -> [EntryID]
    /// The loose rows of a log, ascending by seq and arrival.
    func looseLinks(ofBase base: LogRef) throws -> [RowLink]
    /// The rows that wait for an entry of `log` above `seq`, ascending by that entry's seq and by
    /// arrival, at most `limit`.
    func waiters(on log: LogRef, above seq: Seq, limit: Int) throws -> [Waiter]
    /// The latest `nick` entry of an author's profile in the merged order.
    func nickRow(of author: PeerID) throws -> Row?
}

/// A room as `starling rooms` lists it.
package struct RoomSummary: Hashable, Sendable {
    package let room: RoomID
    package let entries: Int
    package let authors: Int
    /// Claimed time of the last line.
    package let lastAt: WallTime

    package init(room: RoomID, entries: Int, authors: Int, lastAt: WallTime) {
        self.room = room
        self.entries = entries
        self.authors = authors
        self.lastAt = lastAt
    }
}

/// A held row that cites an entry which is not held or not complete.
package struct Waiter: Hashable, Sendable {
    /// Of the entry waited for.
    package let seq: Seq
    package let arrival: UInt64

    package init(seq: Seq, arrival: UInt64) {
        self.seq = seq
        self.arrival = arrival
    }
}

/// Whether the time that an entry claims can be believed.
///
/// Odd is: a claim before 2020 (a clock without a battery); a claim more than 5 minutes later than
/// the reader's clock at arrival, where that clock itself is past 2020. A claim long before the
/// arrival is not odd: an entry that waited in a partition looks the same. Nor is a push: whoever
/// answers a line from the future has to.
package enum OddTime {
    /// 1 January 2020, UTC.
    package static let floor = WallTime(milliseconds: 1_577_836_800_000)
    /// Five minutes: more than people notice, less than a wrong time zone.
    package static let tolerance: UInt64 = 300_000

    package static func isOdd(_ header: EntryHeader, receivedAt: WallTime) -> Bool {
        if header.at < floor { return true }
        return receivedAt >= floor
            && header.at.milliseconds > receivedAt.milliseconds + tolerance
    }
}

extension Row {
    /// The claimed time is implausible: see `OddTime`.
    package var hasOddTime: Bool { OddTime.isOdd(entry.header, receivedAt: receivedAt) }

    /// When it was said, as far as that can be told: the claimed time, or the arrival for an odd
    /// one.
    package var saidAt: WallTime { hasOddTime ? receivedAt : entry.header.at }
}
