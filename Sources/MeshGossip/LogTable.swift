import MeshIdentity
import MeshLog
import MeshModel
import MeshWire

/// The logs that this peer holds, as the engine needs them: heads, not entries. About 250 bytes a
/// log.
struct LogTable {
    struct Log {
        var segment: Segment
        /// The end of the runs that were handed to the store and are not durable yet; the head
        /// otherwise.
        var tail: Seq
        var tailID: EntryID
        /// Runs on their way to the store.
        var pending = 0
        /// Where a disagreement is looked for next, and when one was last looked into.
        var probe: Seq?
        var probedAt: Instant?
        var probedFrom: Seq?
        /// The head before the last change of it, seq 0 for none, and the number of that change
        /// among those of all logs.
        var before = (id: EntryID(.zero), seq: Seq(0))
        var change: UInt64

        init(_ segment: Segment, change: UInt64) {
            self.segment = segment
            self.change = change
            tail = segment.head
            tailID = segment.headID
        }
    }

    /// By segment id: the place is the id and the index in digests.
    private var logs: [Log] = []
    private var byRef: [LogRef: SegmentID] = [:]
    /// All, ascending by reference, for the digest tree.
    private(set) var ascending: [SegmentID] = []
    private var byRoom: [RoomID: [SegmentID]] = [:]
    /// The branches of each log that split.
    private var branches: [LogRef: [SegmentID]] = [:]
    /// Logs that were opened but of which nothing is held; oldest first, `GossipLimits.openings`.
    private var openings: [LogRef: LogID] = [:]
    private var openingOrder: [LogRef] = []
    /// References of branches whose first entry is held in a log that is not split here.
    private var aliases: [LogRef: SegmentID] = [:]
    /// Changes of heads so far.
    private(set) var changes: UInt64 = 0
    /// The number of the last of them below each child of the tree's root.
    private(set) var changedBelow = [UInt64](repeating: 0, count: 32)

    init(_ segments: [Segment]) {
        for segment in segments { update(segment) }
    }

    var count: Int { logs.count }
    var isFull: Bool { logs.count >= GossipLimits.segments }
    var ids: Range<Int> { logs.indices }
    var all: [Segment] { logs.map(\.segment) }

    subscript(id: SegmentID) -> Log {
        _read { yield logs[Int(id.index)] }
        _modify { yield &logs[Int(id.index)] }
    }

    func id(at index: Int) -> SegmentID? { logs.indices.contains(index) ? SegmentID(index) : nil }
    func id(of ref: LogRef) -> SegmentID? { byRef[ref] }
    func ids(in room: RoomID) -> [SegmentID] { byRoom[room] ?? [] }

    // Parts of a log, without a copy of it.
    func ref(of id: SegmentID) -> LogRef { logs[Int(id.index)].segment.ref }
    func head(of id: SegmentID) -> Seq { logs[Int(id.index)].segment.head }
    func headPlace(of id: SegmentID) -> (id: EntryID, seq: Seq) {
        (logs[Int(id.index)].segment.headID, logs[Int(id.index)].segment.head)
    }
    /// The same before it last changed, and the number of that change.
    func before(_ id: SegmentID) -> (id: EntryID, seq: Seq) { logs[Int(id.index)].before }
    func change(of id: SegmentID) -> UInt64 { logs[Int(id.index)].change }
    func tail(of id: SegmentID) -> Seq { logs[Int(id.index)].tail }
    func lacking(_ id: SegmentID) -> ClosedRange<Seq>? { logs[Int(id.index)].segment.lacking }
    func isProbed(_ id: SegmentID) -> Bool { logs[Int(id.index)].probe != nil }

    /// The segment that stands for a reference in a digest.
    func resolve(_ ref: LogRef) -> SegmentID? { byRef[ref] ?? aliases[ref] }

    /// All segments with this base.
    func family(of base: LogRef) -> [SegmentID] {
        guard let root = byRef[base] else { return [] }
        return [root] + (branches[base] ?? [])
    }

    /// Takes over a segment as the store has it now.
    mutating func update(_ segment: Segment) {
        let index = Int(segment.id.index)
        if index == logs.count {
            noteChange(below: segment.ref)
            logs.append(Log(segment, change: changes))
            byRef[segment.ref] = segment.id
            ascending.insert(segment.id, at: place(of: segment.ref))
            byRoom[segment.log.room, default: []].append(segment.id)
            if segment.ref != segment.base {
                branches[segment.base, default: []].append(segment.id)
            }
            aliases[segment.ref] = nil
            return
        }
        let cited = max(logs[index].segment.cited, segment.cited)
        let wasSplit = logs[index].segment.isSplit
        if logs[index].segment.headID != segment.headID {
            noteChange(below: segment.ref)
            logs[index].before = headPlace(of: segment.id)
            logs[index].change = changes
        }
        logs[index].segment = segment
        // Own drafts cite ahead of the store.
        if !segment.isSplit { logs[index].segment.cited = min(cited, segment.head) }
        if logs[index].pending == 0 || segment.isSplit != wasSplit
            || segment.head > logs[index].tail
        {
            logs[index].tail = segment.head
            logs[index].tailID = segment.headID
        }
    }

    private mutating func noteChange(below ref: LogRef) {
        changes += 1
        changedBelow[Int(DigestTree.digit(ref, 0))] = changes
    }

    /// The first place in `ascending` whose reference is not below `ref`.
    func place(of ref: LogRef) -> Int {
        var (low, high) = (0, ascending.count)
        while low < high {
            let middle = (low + high) / 2
            if self.ref(of: ascending[middle]) < ref { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Nothing of a log is on its way any more: its tail is what is held.
    mutating func settle(_ id: SegmentID) {
        self[id].tail = self[id].segment.head
        self[id].tailID = self[id].segment.headID
    }

    /// Forgets what is under way after the store refused it.
    mutating func reset(to segments: [Segment]) {
        for index in logs.indices {
            logs[index].pending = 0
            logs[index].tail = logs[index].segment.head
            logs[index].tailID = logs[index].segment.headID
        }
        for segment in segments {
            if Int(segment.id.index) < logs.count {
                noteChange(below: segment.ref)
                logs[Int(segment.id.index)].segment = segment
                logs[Int(segment.id.index)].tail = segment.head
                logs[Int(segment.id.index)].tailID = segment.headID
            } else {
                update(segment)
            }
        }
    }

    /// The identity behind a reference, held or opened.
    func log(of ref: LogRef) -> LogID? {
        if let id = byRef[ref] { return self[id].segment.log }
        return openings[ref]
    }

    /// - Precondition: `ref` is the reference of `log` in this mesh.
    mutating func open(_ log: LogID, ref: LogRef) {
        guard byRef[ref] == nil, openings[ref] == nil else { return }
        if openingOrder.count >= GossipLimits.openings {
            openings[openingOrder.removeFirst()] = nil
        }
        openings[ref] = log
        openingOrder.append(ref)
    }

    mutating func alias(_ ref: LogRef, _ id: SegmentID) {
        if aliases.count >= GossipLimits.aliases { aliases.removeAll() }
        aliases[ref] = id
    }

    /// Heads of complete prefixes in a room that no complete entry cites, except of `base`; oldest
    /// first.
    func frontier(of room: RoomID, except base: LogRef) -> [SegmentID] {
        ids(in: room)
            .filter { id in
                let segment = self[id].segment
                return segment.base != base && segment.complete > segment.cited
                    && segment.complete >= segment.first
            }
            .sorted {
                let (a, b) = (self[$0].segment, self[$1].segment)
                return (a.completeArrival, a.id) < (b.completeArrival, b.id)
            }
    }
}
