package import MeshModel

/// One held entry, with what was found out about it here.
package struct Row: Hashable, Sendable {
    /// Numbers the entries held by this peer in the order in which they arrived, from 1. Survives
    /// every move between segments.
    package let arrival: UInt64
    package var segment: SegmentID
    package let log: LogID
    package var entry: Entry
    /// See `OrderKey`.
    package var time: UInt64
    /// Every cause, direct and indirect, is held.
    package var isComplete: Bool
    /// Entries between it and the head of its log are missing: it is on show, and waits for them.
    package var isLoose: Bool
    /// The reader's clock at arrival.
    package let receivedAt: WallTime
    /// It came by repair while a later line had been on show for 10 s.
    package let merged: Bool

    package init(
        arrival: UInt64, segment: SegmentID, log: LogID, entry: Entry, time: UInt64,
        isComplete: Bool, isLoose: Bool, receivedAt: WallTime, merged: Bool
    ) {
        self.arrival = arrival
        self.segment = segment
        self.log = log
        self.entry = entry
        self.time = time
        self.isComplete = isComplete
        self.isLoose = isLoose
        self.receivedAt = receivedAt
        self.merged = merged
    }

    package var key: OrderKey {
        OrderKey(
            time: time, author: log.author, epoch: log.epoch, seq: entry.header.seq, id: entry.id)
    }
    package var seq: Seq { entry.header.seq }
}

/// What of a row decides order and causality, without the body.
package struct RowLink: Hashable, Sendable {
    package let arrival: UInt64
    package let segment: SegmentID
    package let seq: Seq
    package let id: EntryID
    package let claimed: UInt64
    package let time: UInt64
    package let isComplete: Bool
    package let isLoose: Bool
    package let cites: [Cite]

    package init(
        arrival: UInt64, segment: SegmentID, seq: Seq, id: EntryID, claimed: UInt64, time: UInt64,
        isComplete: Bool, isLoose: Bool, cites: [Cite]
    ) {
        self.arrival = arrival
        self.segment = segment
        self.seq = seq
        self.id = id
        self.claimed = claimed
        self.time = time
        self.isComplete = isComplete
        self.isLoose = isLoose
        self.cites = cites
    }
}

extension RowLink {
    package init(_ row: Row) {
        self.init(
            arrival: row.arrival, segment: row.segment, seq: row.seq, id: row.entry.id,
            claimed: row.entry.header.claimedTime, time: row.time, isComplete: row.isComplete,
            isLoose: row.isLoose, cites: row.entry.header.cites)
    }
}

/// The tables that the archive keeps, as plain look-ups and changes without any rule of their own.
/// One implementation is in memory (`MemoryTables`), one on SQLite (`MeshStore`); every call of one
/// `Archive.append` belongs to one transaction.
///
/// "Chain rows" are those that are not loose. Errors are the implementation's own; after one the
/// transaction is rolled back and the archive reloaded.
package protocol ArchiveTables: AnyObject {
    // Segments.
    func segment(_ id: SegmentID) throws -> Segment
    /// All segments whose base is `base`, ascending by id.
    func segments(ofBase base: LogRef) throws -> [Segment]
    /// All segments, ascending by id.
    func segments() throws -> [Segment]
    func segmentCount() throws -> Int
    func insert(_ segment: Segment) throws
    func update(_ segment: Segment) throws

    // Rows.
    /// The highest arrival number given out; 0 before the first.
    func lastArrival() throws -> UInt64
    func insert(_ row: Row) throws
    func link(arrival: UInt64) throws -> RowLink?
    func link(id: EntryID) throws -> RowLink?
    /// The hash of the previous header that a held entry states.
    func previous(of arrival: UInt64) throws -> HashLink
    /// The chain row at `seq` of `segment`.
    func link(_ segment: SegmentID, _ seq: Seq) throws -> RowLink?
    /// All rows, chain and loose, of any segment with this base and seq.
    func links(ofBase base: LogRef, seq: Seq) throws -> [RowLink]
    /// Chain rows `from...to` of one segment in ascending order, at most `limit`.
    func links(_ segment: SegmentID, from: Seq, to: Seq, limit: Int) throws -> [RowLink]
    /// Chain rows `from...to` of one segment with bodies and signatures, ascending.
    func entries(_ segment: SegmentID, from: Seq, to: Seq) throws -> [Entry]
    /// Changes time and completeness.
    func update(arrival: UInt64, time: UInt64, isComplete: Bool) throws
    /// A loose row becomes a chain row of `segment`.
    func settle(arrival: UInt64, in segment: SegmentID) throws
    /// Chain rows of `segment` from `seq` on now belong to `other`.
    func move(from segment: SegmentID, startingAt seq: Seq, to other: SegmentID) throws
    /// Keeps a signature for a row that had none.
    func sign(arrival: UInt64, with signature: Signature) throws
    /// Loose rows of all segments with this base.
    func looseCount(ofBase base: LogRef) throws -> Int

    // Waits: an incomplete row and one of its cites whose entry is not held or not complete.
    func addWait(on cause: Cite, row: UInt64, of author: PeerID) throws
    func removeWait(on cause: Cite, row: UInt64, of author: PeerID) throws
    /// The rows that wait for the entry at (log, seq) with this tag, ascending by arrival.
    func waits(on cause: Cite) throws -> [UInt64]
    func hasWaits(row: UInt64) throws -> Bool

    // Bodies that are still to come.
    /// Takes note that the chain row at `seq` came without its body.
    func addLacking(_ segment: SegmentID, _ seq: Seq) throws
    /// Gives a chain row its body, if it is one that lacks it; the row then.
    func fill(_ segment: SegmentID, _ seq: Seq, with body: [UInt8]) throws -> Row?
    /// The first and the last seq that lack a body.
    func lacking(_ segment: SegmentID) throws -> ClosedRange<Seq>?
    /// Those of `segment` from `seq` on now belong to `other`.
    func moveLacking(from segment: SegmentID, startingAt seq: Seq, to other: SegmentID) throws

    // Clocks, at every 64th complete entry of a segment.
    func clock(_ segment: SegmentID, _ seq: Seq) throws -> VectorClock<SegmentID>?
    func setClock(_ segment: SegmentID, _ seq: Seq, _ clock: VectorClock<SegmentID>) throws
    /// Clocks of `segment` from `seq` on now belong to `other`.
    func moveClocks(from segment: SegmentID, startingAt seq: Seq, to other: SegmentID) throws

    /// The greatest key of all rows of a room.
    func lastKey(in room: RoomID) throws -> OrderKey?
}
