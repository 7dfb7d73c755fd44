import MeshIdentity
import MeshLog
import MeshModel
import MeshWire

/// What a neighbour is known to hold, by his digests.
struct Ledger {
    struct Item: Hashable {
        /// The place of the log in his digest; nil when only a flooded entry told of it.
        var index: Int?
        var seq: Seq
        /// His head agrees with what is held here, as far as that can be told.
        var agrees: Bool
        /// His hash of the head, once it was found to be that of the head held here.
        var head: UInt32?
    }

    /// A log of his digest that is not known here, by the key that his salt makes of it.
    struct Unknown: Hashable {
        let key: UInt32
        let seq: Seq
    }

    /// A node of his hash tree that differed from the one here.
    struct Node: Hashable {
        let path: [UInt8]
        let hash: UInt32
        /// Since when it differs.
        let seenAt: Instant
    }

    /// A node that was looked into and named nothing that is wanted here: a log may be closed on
    /// both sides with other branches, for ever.
    struct Barren: Hashable {
        /// His hash of it, and the one here at that time.
        let hash: UInt32
        let own: UInt32
        /// He lacked something that is held here.
        let isBehind: Bool
        /// When it was looked into. Not believed for ever, since whoever has the mesh key can
        /// answer in another's name.
        let seenAt: Instant
    }

    /// Where bodies that are lacking are asked of him next. By segment here.
    private var searches: [SegmentID: BodySearch] = [:]
    /// For the hashes in his digests.
    let hash: SaltedHash
    /// What they would be if he held what is held here.
    private var rootHashes = RootHashes()
    /// By segment here; as long as the highest that he named.
    private var items: [Item?] = []
    /// By index in his digest. At most `WireLimits.wholeDigest`.
    private(set) var unknown: [Int: Unknown] = [:]
    /// Keys of logs that he opened and that are not wanted here: they would take the places in
    /// `unknown` from those that are. At most `GossipLimits.unwanted`.
    private var unwanted: Set<UInt32> = []
    /// The `Quota.generation` under which they are not.
    private var unwantedUnder = 0
    /// Openings he gave for indices, until the first entry makes a segment of them. At most
    /// `WireLimits.wholeDigest`.
    private(set) var opened: [Int: Opening] = [:]
    /// References that a flooded entry named and nobody opened yet. At most
    /// `GossipLimits.unopened`.
    private(set) var unopened: [LogRef: Seq] = [:]
    /// Nodes of his hash tree to ask for. At most `WireLimits.requestItems`.
    private(set) var nodes: [Node] = []
    /// Hashes of the nodes that he is being asked for, by path. At most `GossipLimits.askNodes`.
    private var looking: [[UInt8]: UInt32] = [:]
    /// By path; at most `GossipLimits.barren`, then begun anew.
    private var barren: [[UInt8]: Barren] = [:]
    /// Digest keys of this peer's logs under his salt, for the first `keyed` of them.
    private var keys: [UInt32: SegmentID] = [:]
    private var keyed = 0
    /// What stood at each index of his digest last: his numbering stays the same under one salt. At
    /// most `WireLimits.wholeDigest`.
    private var places: [(key: UInt32, segment: SegmentID)?] = []
    /// His last digest showed nothing that is lacking here or there.
    var inSync = false

    init(hash: SaltedHash) { self.hash = hash }

    private(set) subscript(id: SegmentID) -> Item? {
        get { items.indices.contains(Int(id.index)) ? items[Int(id.index)] : nil }
        set {
            while items.count <= Int(id.index) { items.append(nil) }
            items[Int(id.index)] = newValue
        }
    }

    /// The hashes below a node of his tree if he held what is held here.
    mutating func children(of path: [UInt8], in logs: LogTable) -> [UInt32] {
        guard path.isEmpty else { return DigestTree(of: logs, hash: hash).children(of: path) }
        return rootHashes.children(of: logs, hash: hash)
    }

    /// Whether he is not known to hold all that is held here.
    func lacksAny(of logs: LogTable) -> Bool {
        logs.ids.contains { place in
            let known = place < items.count ? items[place]?.seq ?? 0 : 0
            return known < logs.head(of: SegmentID(place))
        }
    }

    /// All that he is known to hold, ascending.
    var held: some Sequence<(id: SegmentID, item: Item)> {
        items.enumerated().lazy.compactMap { place, item in
            item.map { (SegmentID(place), $0) }
        }
    }

    /// The log that the key at an index of his digest stands for.
    mutating func segment(
        for key: UInt32, at index: Int, in logs: LogTable
    ) -> SegmentID? {
        if places.indices.contains(index), let place = places[index], place.key == key {
            return place.segment
        }
        guard let id = segment(for: key, in: logs) else { return nil }
        if index < WireLimits.wholeDigest {
            while places.count <= index { places.append(nil) }
            places[index] = (key, id)
        }
        return id
    }

    /// The log that a digest key stands for.
    mutating func segment(for key: UInt32, in logs: LogTable) -> SegmentID? {
        while keyed < logs.count, let id = logs.id(at: keyed) {
            keys[hash.key(of: logs[id].segment.ref)] = id
            keyed += 1
        }
        return keys[key]
    }

    /// Finds those unknown logs that have become known here since, from whomever.
    mutating func resolve(in logs: LogTable) {
        guard keyed < logs.count else { return }
        for (index, one) in unknown.sorted(by: { $0.key < $1.key }) {
            guard let id = segment(for: one.key, in: logs) else { continue }
            note(id, Item(index: index, seq: max(one.seq, self[id]?.seq ?? 0), agrees: true))
        }
    }

    mutating func note(_ id: SegmentID, _ item: Item) {
        self[id] = item
        if let index = item.index { settle(unknown: index) }
    }

    /// False where nothing of it can be had, or nothing is wanted.
    mutating func note(unknown index: Int, key: UInt32, seq: Seq) -> Bool {
        guard seq > 0, !unwanted.contains(key) else { return false }
        if unknown.count < WireLimits.wholeDigest || unknown[index] != nil {
            unknown[index] = Unknown(key: key, seq: seq)
        }
        return true
    }

    mutating func asked(_ asked: [Node]) {
        nodes.removeAll(where: asked.contains)
        looking = [:]
        for node in asked { looking[node.path] = node.hash }
    }

    /// What he showed of a node that he was asked for has nothing that is wanted here.
    mutating func noteBarren(_ path: [UInt8], own: UInt32, isBehind: Bool, at now: Instant) {
        guard let hash = looking.removeValue(forKey: path) else { return }
        if barren.count >= GossipLimits.barren { barren = [:] }
        barren[path] = Barren(hash: hash, own: own, isBehind: isBehind, seenAt: now)
    }

    /// What was found out about a node with this hash of his; nil where it was not looked into, or
    /// had something.
    func barren(_ path: [UInt8], hash: UInt32, at now: Instant) -> Barren? {
        guard let known = barren[path], known.hash == hash,
            now < known.seenAt + GossipLimits.barrenLife
        else { return nil }
        return known
    }

    mutating func note(node path: [UInt8], hash: UInt32, at now: Instant) {
        if let place = nodes.firstIndex(where: { $0.path == path }) {
            nodes[place] = Node(path: path, hash: hash, seenAt: nodes[place].seenAt)
        } else if nodes.count < WireLimits.requestItems {
            nodes.append(Node(path: path, hash: hash, seenAt: now))
        }
    }

    /// A node of his tree says nothing new.
    mutating func settle(node path: [UInt8]) { nodes.removeAll { $0.path.starts(with: path) } }

    /// Nodes of his that have become equal to those here since, from whomever.
    mutating func settleNodes(in logs: LogTable) {
        let tree = DigestTree(of: logs, hash: hash)
        nodes.removeAll { tree.tag(ofNode: $0.path) == $0.hash }
    }

    /// What stands at an index is not wanted under this quota.
    mutating func refuse(unknown index: Int, under generation: Int) {
        reconsider(under: generation)
        guard let key = unknown[index]?.key else { return }
        if unwanted.count >= GossipLimits.unwanted { unwanted = [] }
        unwanted.insert(key)
        settle(unknown: index)
    }

    /// What was not wanted may be now.
    mutating func reconsider(under generation: Int) {
        guard generation != unwantedUnder else { return }
        unwanted = []
        barren = [:]
        unwantedUnder = generation
    }

    /// Whether the log that is not known here at an index of his digest has this reference.
    func isUnknown(_ ref: LogRef, at index: Int) -> Bool {
        unknown[index].map { $0.key == hash.key(of: ref) } ?? false
    }

    mutating func note(opened index: Int, _ opening: Opening) {
        guard opened.count < WireLimits.wholeDigest || opened[index] != nil else { return }
        opened[index] = opening
    }

    mutating func note(unopened ref: LogRef, seq: Seq) {
        guard unopened.count < GossipLimits.unopened || unopened[ref] != nil else { return }
        unopened[ref] = max(seq, unopened[ref] ?? 0)
    }

    mutating func settle(unknown index: Int) {
        unknown[index] = nil
        opened[index] = nil
    }

    /// Indices of logs that he opened and of which nothing is held, ascending.
    var openedUnknown: [(index: Int, opening: Opening, seq: Seq)] {
        opened.sorted { $0.key < $1.key }.compactMap { index, opening in
            unknown[index].map { (index, opening, $0.seq) }
        }
    }

    /// Indices whose opening is still to be asked for, ascending.
    var toOpen: [Int] { unknown.keys.filter { opened[$0] == nil }.sorted() }

    mutating func settle(unopened ref: LogRef) { unopened[ref] = nil }

    /// Forgets what he named of logs that are not known here, until he names it again.
    mutating func disown() {
        unknown = [:]
        opened = [:]
        unopened = [:]
        nodes = []
        searches = [:]
        barren = [:]
    }

    /// Whether he may have bodies that are lacking here.
    func mayFill(_ lacking: ClosedRange<Seq>, of id: SegmentID) -> Bool {
        blockOfBodies(lacking, of: id) != nil
    }

    /// The stretch of one block to ask for next; nil when he was asked for all of it.
    func blockOfBodies(_ lacking: ClosedRange<Seq>, of id: SegmentID) -> ClosedRange<Seq>? {
        let low = max(lacking.lowerBound, searches[id]?.next ?? 1)
        let high = min(lacking.upperBound, self[id]?.seq ?? 0)
        guard low <= high else { return nil }
        let end = (low - 1) / ModelLimits.checkpoint * ModelLimits.checkpoint
        return low...min(high, end + ModelLimits.checkpoint)
    }

    mutating func asked(bodies block: ClosedRange<Seq>, of id: SegmentID) {
        searches[id, default: BodySearch()].asked(upTo: block.upperBound)
    }

    mutating func found(bodiesOf id: SegmentID, upTo seq: Seq) {
        searches[id, default: BodySearch()].found(upTo: seq)
    }

    /// He holds at least `seq` of a log, as a flooded entry shows.
    mutating func raise(_ id: SegmentID, to seq: Seq) {
        if let item = self[id] {
            if item.seq < seq {
                self[id] = Item(index: item.index, seq: seq, agrees: item.agrees)
            }
        } else {
            self[id] = Item(index: nil, seq: seq, agrees: true)
        }
    }

    /// What he claimed could not be had from him: believe it no longer, until he claims it again.
    mutating func lower(_ id: SegmentID, to seq: Seq) {
        if let item = self[id], item.seq > seq {
            self[id] = Item(index: item.index, seq: seq, agrees: item.agrees)
        }
    }
}

/// Looking through a log for bodies that a neighbour may have: block by block while he has them, in
/// steps that double while he has none, so that what nobody has costs a few questions under each
/// salt and not the whole log.
struct BodySearch {
    private(set) var next: Seq = 1
    private var blocks: Seq = 1

    /// 2^10 blocks of 64.
    private static let longest: Seq = 1 << 10

    mutating func asked(upTo seq: Seq) {
        let step = UInt64(blocks - 1) * UInt64(ModelLimits.checkpoint)
        next = Seq(min(UInt64(seq) + 1 + step, UInt64(Seq.max)))
        blocks = min(blocks * 2, Self.longest)
    }

    mutating func found(upTo seq: Seq) {
        next = seq + 1
        blocks = 1
    }
}
