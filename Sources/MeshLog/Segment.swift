package import MeshModel

/// The place of a segment in this peer's own numbering: 0, 1, 2 in the order in which they came to
/// be, never reused. Also the index of the log in digests.
package struct SegmentID: Hashable, Comparable, Sendable {
    package let index: UInt32
    package init(_ index: Int) { self.index = UInt32(index) }
    package static func < (a: SegmentID, b: SegmentID) -> Bool { a.index < b.index }
}

/// A stretch of one author's log without a fork: the whole log, or after a fork its trunk or a
/// branch. What digests and vector clocks have one item for.
package struct Segment: Hashable, Sendable {
    package let id: SegmentID
    package let log: LogID
    /// The reference in the headers of the entries.
    package let base: LogRef
    /// The reference in digests: `base`, or the branch's own.
    package let ref: LogRef
    /// The segment that this branch continues.
    package private(set) var parent: SegmentID?
    /// The first entry of a branch; nil for the log itself.
    package let branch: EntryID?
    /// Seq of the first entry: 1, or where the branch leaves its trunk.
    package let first: Seq
    /// The highest seq held without gaps; `first - 1` while nothing is.
    package var head: Seq
    /// Of the entry at `head`; zero while nothing is held.
    package var headID: EntryID
    /// The highest seq of which every cause is held; `first - 1` when there is none.
    package var complete: Seq
    package var completeID: EntryID
    /// Arrival number of the entry at `complete`, which orders the frontier: oldest first.
    package var completeArrival: UInt64
    /// The highest seq that a complete entry cites, or continues.
    package var cited: Seq
    /// Branches continue it: it grows no more.
    package var isSplit: Bool
    /// The child that holds what stood here above the split, so that clocks written before can be
    /// read.
    package var formerly: SegmentID?
    /// The first and the last seq whose body is still to come: whoever served the entry had
    /// forgotten it.
    package var lacking: ClosedRange<Seq>?
    /// More branches than `ModelLimits.branches`: a stolen key. What is held stays.
    package var isClosed: Bool

    package init(
        id: SegmentID, log: LogID, base: LogRef, ref: LogRef, parent: SegmentID?,
        branch: EntryID?, first: Seq
    ) {
        self.id = id
        self.log = log
        self.base = base
        self.ref = ref
        self.parent = parent
        self.branch = branch
        self.first = first
        head = first - 1
        headID = EntryID(.zero)
        complete = first - 1
        completeID = EntryID(.zero)
        completeArrival = 0
        cited = first - 1
        isSplit = false
        isClosed = false
    }

    /// The same branch after its trunk was split below it.
    func adopted(by parent: SegmentID) -> Segment {
        var copy = self
        copy.parent = parent
        return copy
    }

    package var isEmpty: Bool { head < first }
    package var branchID: BranchID { BranchID(author: log.author, epoch: log.epoch, first: branch) }
}
