package import MeshModel

/// One line of a merged room log.
package enum RoomLine: Hashable, Sendable {
    case entry(EntryLine)
    case gap(GapLine)
}

/// A held entry as it is shown.
package struct EntryLine: Hashable, Sendable {
    package let row: Row
    /// The latest nickname that the author claimed, if it is one (`Nickname.check`).
    package let nick: String?
    /// The log it stands in, with the branch after a fork.
    package let branch: BranchID
    /// The full vector clock of the room, the entry included; nil where it was not asked for.
    package let clock: VectorClock<BranchID>?

    /// The clock is a lower bound: causes are missing here, or more heads were held than cites fit.
    package var isClockPartial: Bool { !row.isComplete || row.entry.header.more }
    /// It stands on a branch of a forked log.
    package var isForked: Bool { branch.first != nil }
    package var hasOddTime: Bool { row.hasOddTime }
}

/// Entries that are known to exist and are not held.
package struct GapLine: Hashable, Sendable {
    package enum Reason: String, Hashable, Sendable {
        /// A later entry of the same log is held.
        case above
        /// Two authors or more cite it.
        case cited
        /// A later entry of another branch of a forked log is held; where that branch begins is
        /// unknown.
        case branch
    }

    package let room: RoomID
    package let log: LogRef
    /// Whose entries; nil while nothing of that log is held.
    package let author: PeerID?
    package let epoch: UInt64?
    package let nick: String?
    package let from: Seq
    package let to: Seq
    package let reason: Reason
    /// The first line that proves it; the gap stands right before it.
    package let before: EntryID
}

/// Which lines of the merged log are wanted. All filters that are given hold at once.
package struct PageQuery: Hashable, Sendable {
    /// When lines carry their vector clock.
    package enum Clocks: Hashable, Sendable {
        case never
        /// In rooms of at most `RoomLimits.clockLogs` logs.
        case small
        case always
    }

    /// Nil: all open rooms, merged.
    package var room: RoomID?
    /// Only the last so many entries; nil: from the first on, at most `RoomLimits.part`.
    package var last: Int?
    /// Only what was said at this time or later: see `Row.saidAt`.
    package var since: WallTime?
    /// Only lines after this entry in the merged order.
    package var after: EntryID?
    package var clocks: Clocks

    package init(
        room: RoomID?, last: Int? = nil, since: WallTime? = nil, after: EntryID? = nil,
        clocks: Clocks = .small
    ) {
        self.room = room
        self.last = last
        self.since = since
        self.after = after
        self.clocks = clocks
    }
}

/// A stretch of the merged log, ascending.
package struct RoomPage: Hashable, Sendable {
    package let lines: [RoomLine]
    /// More entries follow; ask again with `after` the last one.
    package let hasMore: Bool
}

package enum RoomLimits {
    /// Entries of one page: 10,000 lines of 300 bytes are 3 MB for the reader of a local socket.
    package static let page = 10_000
    /// Entries of one part of a whole log: more would not fit into one message of the local API,
    /// and would be read again with the next part.
    package static let part = 500
    /// Logs of a room up to which every line carries its clock: 64 components are 5 kB of JSON.
    package static let clockLogs = 64
    /// Epochs of one author in a clock that are asked whether they cover others. One does for who
    /// only rebooted; the rest bounds what a clock of thousands of epochs costs.
    package static let coveringEpochs = 16
    /// Waiting rows looked at for one gap: where more wait, the end of the gap is a lower bound.
    package static let waiters = 1024
    /// Shortest prefix of an id that is looked up: with 2 bytes a guess hits by chance.
    package static let idPrefix = 4
    /// Candidates named where a prefix is ambiguous.
    package static let candidates = 10
}

/// Who is known to hold an entry.
package struct Seen: Hashable, Sendable {
    package let row: Row
    /// Authors of the room whose own signed entries prove it, the entry's author included;
    /// ascending.
    package let proved: [PeerID]
    /// Authors of the room of whom nothing held here proves it; ascending.
    package let unproved: [PeerID]
}

/// One log of a room in `meshctl clock`.
package struct LogClock: Hashable, Sendable {
    package let segment: SegmentID
    package let branch: BranchID
    package let nick: String?
    package let head: Seq
    package let headID: EntryID
    package let complete: Seq
    /// At the last complete entry; empty where there is none.
    package let clock: VectorClock<BranchID>
}

/// Why an id that somebody typed names no entry.
package enum FindError: Error, Hashable, CustomStringConvertible {
    case notHexadecimal(String)
    case tooShort(String)
    case unknown(String)
    /// The candidates, at most `RoomLimits.candidates`.
    case ambiguous(String, [EntryID])

    package var description: String {
        switch self {
        case .notHexadecimal(let text): "\"\(text)\" is not an id: ids have the digits 0-9 and a-f"
        case .tooShort(let text):
            "\"\(text)\" is too short: give at least \(RoomLimits.idPrefix) digits of the id"
        case .unknown(let text): "no entry here has an id that begins with \(text)"
        case .ambiguous(let text, let ids):
            "\(text) is the beginning of several ids: "
                + ids.map { String($0.hex.prefix(16)) }.joined(separator: ", ")
        }
    }
}
