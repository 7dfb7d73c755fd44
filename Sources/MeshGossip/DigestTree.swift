import MeshIdentity
import MeshLog
import MeshModel
import MeshWire

/// The hash tree over the logs of one peer: 32-way, by 5 bits of the reference a level. Computed
/// when asked, under the salt of whoever's digest it is: 1000 logs are 44 kB to hash.
struct DigestTree {
    private let logs: LogTable
    private let hash: SaltedHash

    init(of logs: LogTable, hash: SaltedHash) {
        self.logs = logs
        self.hash = hash
    }

    /// The 32 hashes below a node.
    /// - Precondition: the path is shorter than `WireLimits.treeDepth`.
    func children(of path: [UInt8]) -> [UInt32] {
        var children = [UInt32](repeating: 0, count: 32)
        let members = members(of: path)
        // Ascending by reference, so that those of one child stand together.
        var begin = 0
        while begin < members.count {
            let digit = Self.digit(logs.ref(of: members[begin]), path.count)
            let end =
                members[begin...].firstIndex { Self.digit(logs.ref(of: $0), path.count) != digit }
                ?? members.count
            children[Int(digit)] = tag(of: members[begin..<end])
            begin = end
        }
        return children
    }

    /// The hash of one node, as its parent states it.
    func tag(ofNode path: [UInt8]) -> UInt32 { tag(of: members(of: path)[...]) }

    /// `undone`: those whose last change is left out.
    private func tag(
        of members: ArraySlice<SegmentID>, without undone: Set<SegmentID> = []
    ) -> UInt32 {
        var writer = ByteWriter(capacity: 44 * members.count)
        for id in members {
            let (head, seq) = undone.contains(id) ? logs.before(id) : logs.headPlace(of: id)
            guard seq > 0 else { continue }
            writer.integer(logs.ref(of: id).raw, 8)
            writer.uint32(seq)
            writer.bytes32(head.raw)
        }
        return writer.bytes.isEmpty ? 0 : hash.tag(of: writer.bytes)
    }

    /// The logs whose last change somebody lacks who says `hash` of a node; nil when that does not
    /// explain it. He is asked for nothing then: what differs is that he has not got it yet.
    func lag(_ hash: UInt32, of path: [UInt8]) -> Set<SegmentID>? {
        let members = members(of: path)
        guard members.count <= WireLimits.bucket else { return nil }
        let latest = members.sorted { logs.change(of: $0) > logs.change(of: $1) }
        var undone: Set<SegmentID> = []
        for id in latest.prefix(GossipLimits.undone) {
            undone.insert(id)
            if tag(of: members[...], without: undone) == hash { return undone }
        }
        return nil
    }

    /// The references that begin with a path.
    static func refs(below path: [UInt8]) -> ClosedRange<LogRef> {
        let shift = UInt64(64 - 5 * path.count)
        let first = path.reduce(UInt64(0)) { $0 << 5 | UInt64($1) } << shift
        return LogRef(first)...LogRef(first | (1 << shift &- 1))
    }

    /// Every log below a node of which anything connects, ascending by reference.
    func members(of path: [UInt8]) -> [SegmentID] {
        guard !path.isEmpty else { return logs.ascending.filter { logs.head(of: $0) > 0 } }
        let refs = Self.refs(below: path)
        return logs.ascending[logs.place(of: refs.lowerBound)...]
            .prefix { logs.ref(of: $0) <= refs.upperBound }
            .filter { logs.head(of: $0) > 0 }
    }

    /// What to answer for a node: its logs where they fit, else its children.
    func answer(for path: [UInt8]) -> Digest {
        let members = members(of: path)
        var items = members.prefix(WireLimits.bucket).map {
            Digest.IndexedItem(index: Int($0.index), item: item($0))
        }
        while DigestCodec.length(of: items) > WireLimits.digestItems { items.removeLast() }
        guard items.count == members.count || path.count == WireLimits.treeDepth else {
            return .node(path: path, children: children(of: path))
        }
        return .bucket(path: path, items: items)
    }

    private func item(_ id: SegmentID) -> Digest.Item { hash.item(of: logs[id].segment) }

    /// The five bits of a reference that choose a child at a level.
    static func digit(_ ref: LogRef, _ level: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: ref.raw >> UInt64(59 - 5 * level)) & 31
    }
}

extension SaltedHash {
    fileprivate func item(of segment: Segment) -> Digest.Item {
        Digest.Item(
            key: key(of: segment.ref), seq: segment.head,
            head: head(of: segment.ref, seq: segment.head, id: segment.headID))
    }
}

/// The children of the tree's root under one salt, kept so that only what changed is hashed anew.
struct RootHashes {
    /// 32, or none yet.
    private var tags: [UInt32] = []
    /// The number of the last change that they are of.
    private var change: UInt64 = 0

    mutating func children(of logs: LogTable, hash: SaltedHash) -> [UInt32] {
        let tree = DigestTree(of: logs, hash: hash)
        if tags.isEmpty {
            tags = tree.children(of: [])
        } else if change < logs.changes {
            for digit in tags.indices where logs.changedBelow[digit] > change {
                tags[digit] = tree.tag(ofNode: [UInt8(digit)])
            }
        }
        change = logs.changes
        return tags
    }
}

/// What this peer says of its logs in a hello, kept so that only what changed is hashed anew.
struct OwnDigest {
    let hash: SaltedHash
    /// By segment, with the head that the item is of; at most `WireLimits.wholeDigest`.
    private var items: [(head: EntryID, item: Digest.Item)] = []
    private var rootHashes = RootHashes()

    init(hash: SaltedHash) { self.hash = hash }

    /// All logs where they fit, else the root of the tree.
    mutating func root(of logs: LogTable) -> Digest {
        guard logs.count <= WireLimits.wholeDigest else {
            return .node(path: [], children: rootHashes.children(of: logs, hash: hash))
        }
        for place in logs.ids {
            let id = SegmentID(place)
            let (head, seq) = logs.headPlace(of: id)
            if place < items.count, items[place].head == head, items[place].item.seq == seq {
                continue
            }
            let fresh = (head, hash.item(of: logs[id].segment))
            if place < items.count { items[place] = fresh } else { items.append(fresh) }
        }
        let whole = items.map(\.item)
        guard DigestCodec.length(of: whole) <= WireLimits.digestItems else {
            return .node(path: [], children: rootHashes.children(of: logs, hash: hash))
        }
        return .whole(whole)
    }
}
