package import MeshModel

/// What the sender holds, log by log, under keys of its session salt.
package enum Digest: Hashable, Sendable {
    /// Every log in the order of the sender's index, from 0; at most `WireLimits.wholeDigest`.
    case whole([Item])
    /// The 32 children of one node of the hash tree; an empty path is the root.
    case node(path: [UInt8], children: [UInt32])
    /// All logs below one node, with their index; at most `WireLimits.bucket`.
    case bucket(path: [UInt8], items: [IndexedItem])

    package struct Item: Hashable, Sendable {
        /// Keyed hash of the log reference.
        package let key: UInt32
        /// 0 where no entry connects to the start of the log yet.
        package let seq: Seq
        /// Keyed hash of the log reference, the head's seq and the head's id.
        package let head: UInt32

        package init(key: UInt32, seq: Seq, head: UInt32) {
            self.key = key
            self.seq = seq
            self.head = head
        }
    }

    package struct IndexedItem: Hashable, Sendable {
        package let index: Int
        package let item: Item

        package init(index: Int, item: Item) {
            self.index = index
            self.item = item
        }
    }
}

package enum DigestCodec {
    package static func write(_ digest: Digest, to writer: inout ByteWriter) {
        switch digest {
        case .whole(let items):
            writer.byte(0)
            writer.varint(items.count)
            for item in items { write(item, to: &writer) }
        case .node(let path, let children):
            precondition(children.count == 32, "\(children.count) children of a digest node")
            writer.byte(1)
            write(path: path, to: &writer)
            for child in children { writer.uint32(child) }
        case .bucket(let path, let items):
            writer.byte(2)
            write(path: path, to: &writer)
            writer.varint(items.count)
            for entry in items {
                writer.varint(entry.index)
                write(entry.item, to: &writer)
            }
        }
    }

    /// Bytes that items of a whole digest take beside its form and count.
    package static func length(of items: some Sequence<Digest.Item>) -> Int {
        items.reduce(0) { $0 + 8 + ByteWriter.varintLength(UInt64($1.seq)) }
    }

    /// Bytes that items of a bucket take beside its form, path and count.
    package static func length(of items: some Sequence<Digest.IndexedItem>) -> Int {
        items.reduce(0) {
            $0 + ByteWriter.varintLength(UInt64($1.index)) + length(of: [$1.item])
        }
    }

    package static func read(from reader: inout ByteReader) throws(WireError) -> Digest {
        let start = reader.offset
        switch try reader.byte("digest form") {
        case 0:
            let count = try reader.count("digest items", limit: WireLimits.wholeDigest)
            var items: [Digest.Item] = []
            items.reserveCapacity(count)
            for _ in 0..<count { items.append(try readItem(from: &reader)) }
            return .whole(items)
        case 1:
            let path = try readPath(from: &reader)
            var children: [UInt32] = []
            for _ in 0..<32 { children.append(try reader.uint32("digest child")) }
            return .node(path: path, children: children)
        case 2:
            let path = try readPath(from: &reader)
            let count = try reader.count("bucket items", limit: WireLimits.bucket)
            var items: [Digest.IndexedItem] = []
            for _ in 0..<count {
                let index = try reader.count("log index", limit: WireLimits.logs)
                items.append(.init(index: index, item: try readItem(from: &reader)))
            }
            return .bucket(path: path, items: items)
        default: throw WireError(.invalid, at: start, field: "digest form")
        }
    }

    private static func write(_ item: Digest.Item, to writer: inout ByteWriter) {
        writer.uint32(item.key)
        writer.varint(UInt64(item.seq))
        writer.uint32(item.head)
    }

    private static func readItem(from reader: inout ByteReader) throws(WireError) -> Digest.Item {
        Digest.Item(
            key: try reader.uint32("log key"),
            seq: Seq(try reader.varint("head seq", limit: UInt64(ModelLimits.seq))),
            head: try reader.uint32("head hash"))
    }

    /// Five bits a level, one byte each.
    package static func write(path: [UInt8], to writer: inout ByteWriter) {
        writer.byte(UInt8(path.count))
        writer.bytes(path)
    }

    package static func readPath(from reader: inout ByteReader) throws(WireError) -> [UInt8] {
        let start = reader.offset
        let depth = Int(try reader.byte("path length"))
        guard depth <= WireLimits.treeDepth else {
            throw WireError(.tooLarge, at: start, field: "path length")
        }
        let path = try reader.bytes(depth, "path")
        guard path.allSatisfy({ $0 < 32 }) else {
            throw WireError(.invalid, at: start + 1, field: "path")
        }
        return path
    }
}
