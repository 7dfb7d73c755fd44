/// What was held, without gaps, of each log: a map from log to the highest seq, kept sorted so that
/// iteration is the same in every process.
///
/// `Key` names a log: `SegmentID` inside one peer, `BranchID` where it is shown. At most one
/// component a log of the room: a thousand authors are a thousand components, 8 to 16 kB.
///
/// Public, unlike all else here, because only public generics are specialised across modules, and
/// joining clocks is what the archive does most.
public struct VectorClock<Key: Comparable & Hashable & Sendable>: Hashable, Sendable {
    public struct Component: Hashable, Sendable {
        public let key: Key
        public var seq: Seq

        @inlinable
        public init(key: Key, seq: Seq) {
            self.key = key
            self.seq = seq
        }
    }

    /// Strictly ascending by key, no zero seq.
    @usableFromInline package internal(set) var components: [Component]

    @inlinable
    public init() { components = [] }

    /// Sorts; of equal keys the highest seq counts.
    @inlinable
    public init(_ unsorted: some Sequence<Component>) {
        components = []
        for component in unsorted.sorted(by: { ($0.key, $0.seq) < ($1.key, $1.seq) }) {
            guard component.seq > 0 else { continue }
            if components.last?.key == component.key { components.removeLast() }
            components.append(component)
        }
    }

    /// 0 where nothing of that log is covered.
    @inlinable
    public subscript(key: Key) -> Seq {
        guard let index = index(of: key) else { return 0 }
        return components[index].seq
    }

    /// Raises one component; a lower seq changes nothing.
    @inlinable
    public mutating func raise(_ key: Key, to seq: Seq) {
        guard seq > 0 else { return }
        let place = insertionPoint(of: key)
        if place < components.count, components[place].key == key {
            components[place].seq = max(components[place].seq, seq)
        } else {
            components.insert(Component(key: key, seq: seq), at: place)
        }
    }

    /// The least clock that covers both.
    @inlinable
    public mutating func join(_ other: VectorClock) {
        if components.isEmpty { return self = other }
        if covers(other) { return }
        var joined: [Component] = []
        joined.reserveCapacity(components.count + other.components.count)
        var (mine, theirs) = (0, 0)
        while mine < components.count, theirs < other.components.count {
            let (a, b) = (components[mine], other.components[theirs])
            if a.key == b.key {
                joined.append(a.seq < b.seq ? b : a)
                mine += 1
                theirs += 1
            } else if a.key < b.key {
                joined.append(a)
                mine += 1
            } else {
                joined.append(b)
                theirs += 1
            }
        }
        joined += components[mine...]
        joined += other.components[theirs...]
        components = joined
    }

    /// Whether everything that `other` covers is covered here.
    @inlinable
    public func covers(_ other: VectorClock) -> Bool {
        other.components.allSatisfy { self[$0.key] >= $0.seq }
    }

    @inlinable
    func index(of key: Key) -> Int? {
        let place = insertionPoint(of: key)
        return place < components.count && components[place].key == key ? place : nil
    }

    @inlinable
    func insertionPoint(of key: Key) -> Int {
        var (low, high) = (0, components.count)
        while low < high {
            let middle = (low + high) / 2
            if components[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// A log as people see it: the log, and for a branch of a fork the branch's first entry.
package struct BranchID: Hashable, Comparable, Sendable {
    package let author: PeerID
    package let epoch: UInt64
    package let first: EntryID?

    package init(author: PeerID, epoch: UInt64, first: EntryID?) {
        self.author = author
        self.epoch = epoch
        self.first = first
    }

    /// `<author>/<epoch>`, and `/<first 8 characters of the branch's first entry>` for a branch.
    package var text: String {
        let root = "\(author.hex)/\(Self.text(ofEpoch: epoch))"
        return first.map { "\(root)/\($0.hex.prefix(8))" } ?? root
    }

    /// 16 digits.
    package static func text(ofEpoch epoch: UInt64) -> String {
        Hex.encode((0..<8).map { UInt8(truncatingIfNeeded: epoch >> UInt64(56 - 8 * $0)) })
    }

    package static func < (a: BranchID, b: BranchID) -> Bool {
        if a.author != b.author { return a.author < b.author }
        if a.epoch != b.epoch { return a.epoch < b.epoch }
        switch (a.first, b.first) {
        case (nil, nil), (.some, nil): return false
        case (nil, .some): return true
        case (.some(let x), .some(let y)): return x < y
        }
    }
}
