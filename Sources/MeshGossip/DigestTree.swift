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

    private func tag(of members: ArraySlice<SegmentID>) -> UInt32 {
        guard !members.isEmpty else { return 0 }
        var writer = ByteWriter(capacity: 44 * members.count)
        for id in members {
            let (head, seq) = logs.headPlace(of: id)
            writer.integer(logs.ref(of: id).raw, 8)
            writer.uint32(seq)
            writer.bytes32(head.raw)
        }
        return hash.tag(of: writer.bytes)
    }

    /// Every log below a node of which anything connects, ascending by reference.
    func members(of path: [UInt8]) -> [SegmentID] {
        let shift = UInt64(64 - 5 * path.count)
        let prefix = path.reduce(UInt64(0)) { $0 << 5 | UInt64($1) }
        guard !path.isEmpty else { return logs.ascending.filter { logs.head(of: $0) > 0 } }
        let begin = logs.place(of: LogRef(prefix << shift))
        let last = LogRef(prefix << shift | (1 << shift - 1))
        return logs.ascending[begin...].prefix { logs.ref(of: $0) <= last }
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

    private static func digit(_ ref: LogRef, _ level: Int) -> UInt8 {
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

/// What this peer says of its logs in a hello, kept so that only what changed is hashed anew.
struct OwnDigest {
    let hash: SaltedHash
    /// By segment, with the head that the item is of; at most `WireLimits.wholeDigest`.
    private var items: [(head: EntryID, item: Digest.Item)] = []

    init(hash: SaltedHash) { self.hash = hash }

    /// All logs where they fit, else the root of the tree.
    mutating func root(of logs: LogTable) -> Digest {
        guard logs.count <= WireLimits.wholeDigest else {
            return .node(path: [], children: DigestTree(of: logs, hash: hash).children(of: []))
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
            return .node(path: [], children: DigestTree(of: logs, hash: hash).children(of: []))
        }
        return .whole(whole)
    }
}
