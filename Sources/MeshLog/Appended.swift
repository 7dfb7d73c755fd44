package import MeshModel

/// How an entry reached this peer.
package enum Source: Hashable, Sendable {
    case own, flood, repair
}

/// What became of one run handed to the archive.
package struct Appended: Sendable {
    package enum Outcome: Hashable, Sendable {
        /// At least one entry is new and connected.
        case extended
        /// All of it was held.
        case duplicate
        /// Entries between `head` and the run are missing. A flooded run is held loose, if there
        /// was room.
        case gap(head: Seq)
        /// It contradicts what is held somewhere below its first entry.
        case diverges
        /// The log has too many branches; nothing more is accepted.
        case closed
        /// Another log with the same 8-byte reference was here first.
        case collision
    }

    package let outcome: Outcome
    /// New rows, and rows whose time or completeness changed count only in `segments`.
    package var lines: [Row] = []
    /// Rows held before that have got the body they lacked.
    package var filled: [Row] = []
    /// The greatest time that a row got, new or held before: what comes late may raise it. 0 for
    /// none.
    package var lastTime: UInt64 = 0
    /// Every segment that changed, as it is now.
    package var segments: [Segment] = []
    /// The segment that was found forked.
    package var split: SegmentID?
    /// Cites that rows of an author wait for, more or fewer than before.
    package var waits: [PeerID: Int] = [:]

    /// Bytes that each author takes more, or less, than before, in no order.
    package var bytes: [PeerID: Int64] {
        var bytes = waits.mapValues { Int64($0) * Int64(StoredBytes.wait) }
        for row in lines { bytes[row.log.author, default: 0] += Int64(StoredBytes.of(row.entry)) }
        for row in filled { bytes[row.log.author, default: 0] += Int64(row.entry.body?.count ?? 0) }
        return bytes
    }
}

/// Gathered while one run is taken in.
struct Changes {
    var lines: [Row] = []
    var filled: [Row] = []
    var lastTime: UInt64 = 0
    var segments: Set<SegmentID> = []
    var split: SegmentID?
    var waits: [PeerID: Int] = [:]
    /// Lent by the archive.
    var clocks: RecentClocks
}

/// Which lines of a room have been on show long enough that one before them counts as merged.
struct ShownMarks {
    /// The greatest key that has been on show for 10 s.
    private var old: OrderKey?
    /// Greatest keys by the second in which they came; at most 12.
    private var recent: [(second: UInt64, key: OrderKey)] = []

    init(old: OrderKey?) { self.old = old }

    /// A line passes for shown after 10 s: long enough to have been read.
    static let seconds: UInt64 = 10

    mutating func add(_ key: OrderKey, at now: WallTime) {
        let second = now.milliseconds / 1000
        age(to: second)
        if let last = recent.indices.last, recent[last].second == second {
            recent[last].key = max(recent[last].key, key)
        } else {
            recent.append((second, key))
        }
        if recent.count > 12 { retire() }
    }

    /// Whether a line later than `key` has been on show for 10 s.
    mutating func wasPassed(_ key: OrderKey, at now: WallTime) -> Bool {
        age(to: now.milliseconds / 1000)
        return old.map { $0 > key } ?? false
    }

    private mutating func age(to second: UInt64) {
        while let first = recent.first, first.second + Self.seconds <= second { retire() }
    }

    private mutating func retire() {
        let key = recent.removeFirst().key
        old = old.map { max($0, key) } ?? key
    }
}
