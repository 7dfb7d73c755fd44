package import MeshModel

/// A stretch of one log, newest first: each older entry is proved by the hash its successor
/// carries, the newest of a chunk by its signature.
package struct Run: Hashable, Sendable {
    package struct Item: Hashable, Sendable {
        /// Log and seq are filled in from the run.
        package let entry: UnhashedEntry
        package let signature: Signature?
        /// The body was dropped at the sender and cannot be had there; otherwise a missing body
        /// follows in pieces.
        package let isForgotten: Bool

        package init(entry: UnhashedEntry, signature: Signature?, isForgotten: Bool) {
            self.entry = entry
            self.signature = signature
            self.isForgotten = isForgotten
        }
    }

    /// Of the request that this answers.
    package let tag: UInt16
    /// Nothing follows in answer to this request.
    package var isLast: Bool
    /// The reference in the headers, also for the entries of a branch.
    package let log: LogRef
    /// The newest of the chunk, whose entry carries a signature.
    package let chunkEnd: Seq
    /// The seq of the first item; the others count down from it.
    package let newest: Seq
    /// At most `WireLimits.runEntries`; none only in the last answer.
    package let items: [Item]

    package init(
        tag: UInt16, isLast: Bool, log: LogRef, chunkEnd: Seq, newest: Seq, items: [Item]
    ) {
        self.tag = tag
        self.isLast = isLast
        self.log = log
        self.chunkEnd = chunkEnd
        self.newest = newest
        self.items = items
    }

    /// The last answer to a request of whose last range nothing is held.
    package static func nothing(for tag: UInt16, of log: LogRef) -> Run {
        Run(tag: tag, isLast: true, log: log, chunkEnd: 1, newest: 1, items: [])
    }
}

/// Part of a body that does not fit into a run message.
package struct BodyPiece: Hashable, Sendable {
    package let tag: UInt16
    /// Nothing follows in answer to this request.
    package var isLast: Bool
    package let log: LogRef
    package let seq: Seq
    package let offset: Int
    package let bytes: [UInt8]

    package init(
        tag: UInt16, isLast: Bool, log: LogRef, seq: Seq, offset: Int, bytes: [UInt8]
    ) {
        self.tag = tag
        self.isLast = isLast
        self.log = log
        self.seq = seq
        self.offset = offset
        self.bytes = bytes
    }
}

/// The answer to "whose log is this": an opening and the place of the log in the sender's digest.
package struct IndexedOpening: Hashable, Sendable {
    package let index: Int
    package let opening: Opening

    package init(index: Int, opening: Opening) {
        self.index = index
        self.opening = opening
    }
}

package enum RunCodec {
    private static let hasBody: UInt8 = 1
    private static let isSigned: UInt8 = 2
    private static let isForgotten: UInt8 = 4
    private static let known: UInt8 = 7

    package static func write(_ run: Run, to writer: inout ByteWriter) {
        writer.integer(UInt64(run.tag), 2)
        writer.byte(run.isLast ? 1 : 0)
        writer.integer(run.log.raw, 8)
        writer.varint(UInt64(run.chunkEnd))
        writer.varint(UInt64(run.chunkEnd - run.newest))
        writer.varint(run.items.count)
        for item in run.items { write(item, to: &writer) }
    }

    /// Bytes that one item adds to a run message.
    package static func length(of item: Run.Item) -> Int {
        var writer = ByteWriter()
        write(item, to: &writer)
        return writer.bytes.count
    }

    package static func readRun(from reader: inout ByteReader) throws(WireError) -> Run {
        let tag = UInt16(truncatingIfNeeded: try reader.integer(2, "tag"))
        let isLast = try readFlag(from: &reader)
        let log = LogRef(try reader.integer(8, "log"))
        let end = try reader.seq("chunk end")
        let start = reader.offset
        let below = Seq(try reader.varint("newest", limit: UInt64(ModelLimits.seq)))
        guard below < end else { throw WireError(.invalid, at: start, field: "newest") }
        let newest = end - below
        let at = reader.offset
        let count = try reader.count("items", limit: WireLimits.runEntries)
        guard count > 0 || isLast, count <= Int(newest) else {
            throw WireError(.invalid, at: at, field: "items")
        }
        var items: [Run.Item] = []
        items.reserveCapacity(count)
        for place in 0..<count {
            items.append(try readItem(log: log, seq: newest - Seq(place), from: &reader))
        }
        return Run(
            tag: tag, isLast: isLast, log: log, chunkEnd: end, newest: newest, items: items)
    }

    private static func readFlag(from reader: inout ByteReader) throws(WireError) -> Bool {
        let start = reader.offset
        let flag = try reader.byte("last")
        guard flag <= 1 else { throw WireError(.invalid, at: start, field: "last") }
        return flag == 1
    }

    package static func write(_ piece: BodyPiece, to writer: inout ByteWriter) {
        writer.integer(UInt64(piece.tag), 2)
        writer.byte(piece.isLast ? 1 : 0)
        writer.integer(piece.log.raw, 8)
        writer.varint(UInt64(piece.seq))
        writer.varint(piece.offset)
        writer.bytes(piece.bytes)
    }

    package static func readPiece(from reader: inout ByteReader) throws(WireError) -> BodyPiece {
        let tag = UInt16(truncatingIfNeeded: try reader.integer(2, "tag"))
        let isLast = try readFlag(from: &reader)
        let log = LogRef(try reader.integer(8, "log"))
        let seq = try reader.seq("piece seq")
        let start = reader.offset
        let offset = try reader.count("piece offset", limit: ModelLimits.body)
        let bytes = try reader.bytes(reader.remaining, "piece")
        guard !bytes.isEmpty, offset + bytes.count <= ModelLimits.body else {
            throw WireError(.invalid, at: start, field: "piece")
        }
        return BodyPiece(
            tag: tag, isLast: isLast, log: log, seq: seq, offset: offset, bytes: bytes)
    }

    package static func write(_ openings: [IndexedOpening], to writer: inout ByteWriter) {
        writer.varint(openings.count)
        for indexed in openings {
            writer.varint(indexed.index)
            OpeningCodec.write(indexed.opening, to: &writer)
        }
    }

    package static func readOpenings(
        from reader: inout ByteReader
    ) throws(WireError) -> [IndexedOpening] {
        let count = try reader.count("openings", limit: WireLimits.openings)
        var openings: [IndexedOpening] = []
        for _ in 0..<count {
            let index = try reader.count("log index", limit: WireLimits.logs)
            openings.append(.init(index: index, opening: try OpeningCodec.read(from: &reader)))
        }
        return openings
    }

    private static func write(_ item: Run.Item, to writer: inout ByteWriter) {
        var flags: UInt8 = 0
        if item.entry.body != nil { flags |= hasBody }
        if item.signature != nil { flags |= isSigned }
        if item.isForgotten { flags |= isForgotten }
        writer.byte(flags)
        let entry = Entry(
            header: item.entry.header, id: EntryID(.zero), body: item.entry.body, signature: nil)
        EntryCodec.write(inRun: entry, inline: true, to: &writer)
        if let signature = item.signature { writer.bytes(signature.bytes) }
    }

    private static func readItem(
        log: LogRef, seq: Seq, from reader: inout ByteReader
    ) throws(WireError) -> Run.Item {
        let start = reader.offset
        let flags = try reader.byte("item flags")
        let contradicts = flags & hasBody != 0 && flags & isForgotten != 0
        guard flags & ~known == 0, !contradicts else {
            throw WireError(.invalid, at: start, field: "item flags")
        }
        let entry = try EntryCodec.readInRun(
            log: log, seq: seq, bodyInline: flags & hasBody != 0, from: &reader)
        let at = reader.offset
        var signature: Signature?
        if flags & isSigned != 0 {
            signature = Signature(try reader.bytes(64, "signature"))
            guard signature != nil else { throw WireError(.invalid, at: at, field: "signature") }
        }
        return Run.Item(
            entry: entry, signature: signature, isForgotten: flags & isForgotten != 0)
    }
}
