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
        var bytes = [[UInt8]](repeating: [], count: 32)
        for id in members(of: path) {
            let segment = logs[id].segment
            var writer = ByteWriter(capacity: 44)
            writer.integer(segment.ref.raw, 8)
            writer.uint32(segment.head)
            writer.bytes32(segment.headID.raw)
            bytes[Int(Self.digit(segment.ref, path.count))] += writer.bytes
        }
        return bytes.map { $0.isEmpty ? 0 : hash.tag(of: $0) }
    }

    /// Every log below a node, ascending by reference.
    func members(of path: [UInt8]) -> [SegmentID] {
        logs.ids.compactMap(logs.id(at:))
            .filter { id in
                path.enumerated().allSatisfy {
                    Self.digit(logs[id].segment.ref, $0.offset) == $0.element
                }
            }
            .sorted { logs[$0].segment.ref < logs[$1].segment.ref }
    }

    /// What to answer for a node: its logs where they fit, else its children.
    func answer(for path: [UInt8]) -> Digest {
        let members = members(of: path)
        guard members.count <= WireLimits.bucket || path.count == WireLimits.treeDepth else {
            return .node(path: path, children: children(of: path))
        }
        let items = members.prefix(WireLimits.bucket).map {
            Digest.IndexedItem(index: Int($0.index), item: item($0))
        }
        return .bucket(path: path, items: Array(items))
    }

    func item(_ id: SegmentID) -> Digest.Item {
        let segment = logs[id].segment
        return Digest.Item(
            key: hash.key(of: segment.ref), seq: segment.head,
            head: hash.head(of: segment.ref, seq: segment.head, id: segment.headID))
    }

    /// The digest that goes with a hello.
    func root() -> Digest {
        guard logs.count <= WireLimits.wholeDigest else {
            return .node(path: [], children: children(of: []))
        }
        return .whole(logs.ids.compactMap(logs.id(at:)).map(item))
    }

    private static func digit(_ ref: LogRef, _ level: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: ref.raw >> UInt64(59 - 5 * level)) & 31
    }
}
