package import MeshModel

/// Headers and entries as bytes. The canonical header is what is hashed and signed; on the air the
/// body stands in the place of its hash, which the receiver computes.
package enum EntryCodec {
    /// The canonical header: every field, the body by length and hash.
    package static func canonical(_ header: EntryHeader) -> [UInt8] {
        var writer = ByteWriter(capacity: 96 + header.cites.count * 14)
        write(place: header, to: &writer)
        write(content: header, to: &writer)
        writer.bytes32(header.bodyHash)
        return writer.bytes
    }

    package static func header(canonical bytes: [UInt8]) throws(WireError) -> EntryHeader {
        var reader = ByteReader(bytes)
        var header = try readPlaceAndContent(from: &reader)
        header.bodyHash = try reader.bytes32("body hash")
        try reader.finish("header")
        return header
    }

    // MARK: - A single entry, as it is flooded

    package static func write(live entry: Entry, to writer: inout ByteWriter) {
        write(place: entry.header, to: &writer)
        write(content: entry.header, to: &writer)
        write(bodyOf: entry, inline: entry.body != nil, to: &writer)
    }

    package static func readLive(
        from reader: inout ByteReader, bodyInline: Bool
    ) throws(WireError) -> UnhashedEntry {
        let header = try readPlaceAndContent(from: &reader)
        return try readBody(of: header, inline: bodyInline, from: &reader)
    }

    // MARK: - Entries of a run: log and seq follow from the run

    package static func write(inRun entry: Entry, inline: Bool, to writer: inout ByteWriter) {
        writer.integer(entry.header.previous.high, 8)
        writer.integer(entry.header.previous.low, 8)
        write(content: entry.header, to: &writer)
        write(bodyOf: entry, inline: inline, to: &writer)
    }

    package static func readInRun(
        log: LogRef, seq: Seq, bodyInline: Bool, from reader: inout ByteReader
    ) throws(WireError) -> UnhashedEntry {
        var header = empty(log: log, seq: seq)
        header.previous = try link(of: seq, from: &reader)
        try readContent(into: &header, from: &reader)
        return try readBody(of: header, inline: bodyInline, from: &reader)
    }

    // MARK: - Cites, also as the store keeps them

    package static func write(cites: [Cite], to writer: inout ByteWriter) {
        for cite in cites {
            writer.integer(cite.log.raw, 8)
            writer.varint(UInt64(cite.seq))
            writer.uint32(cite.tag)
        }
    }

    package static func readCites(
        _ count: Int, from reader: inout ByteReader
    ) throws(WireError) -> [Cite] {
        var cites: [Cite] = []
        cites.reserveCapacity(count)
        for _ in 0..<count {
            let start = reader.offset
            let cite = Cite(
                log: LogRef(try reader.integer(8, "cite log")), seq: try reader.seq("cite seq"),
                tag: try reader.uint32("cite tag"))
            if let last = cites.last, !(last < cite) {
                throw WireError(.nonCanonical, at: start, field: "cites")
            }
            cites.append(cite)
        }
        return cites
    }

    // MARK: - Fields

    private static func empty(log: LogRef, seq: Seq) -> EntryHeader {
        EntryHeader(
            log: log, seq: seq, previous: .none, at: WallTime(milliseconds: 0), push: 0, cites: [],
            more: false, kind: .text, bodyLength: 0, bodyHash: .zero)
    }

    private static func write(place header: EntryHeader, to writer: inout ByteWriter) {
        writer.integer(header.log.raw, 8)
        writer.varint(UInt64(header.seq))
        writer.integer(header.previous.high, 8)
        writer.integer(header.previous.low, 8)
    }

    private static func write(content header: EntryHeader, to writer: inout ByteWriter) {
        precondition(
            header.cites.count <= ModelLimits.cites, "\(header.cites.count) cites in one entry")
        writer.integer(header.at.milliseconds, 6)
        writer.varint(header.push)
        writer.byte(UInt8(header.cites.count) | (header.more ? 0x80 : 0))
        write(cites: header.cites, to: &writer)
        writer.byte(header.kind.rawValue)
        writer.varint(UInt64(header.bodyLength))
    }

    private static func write(
        bodyOf entry: Entry, inline: Bool, to writer: inout ByteWriter
    ) {
        if inline, let body = entry.body {
            writer.bytes(body)
        } else {
            writer.bytes32(entry.header.bodyHash)
        }
    }

    private static func readPlaceAndContent(
        from reader: inout ByteReader
    ) throws(WireError) -> EntryHeader {
        let log = LogRef(try reader.integer(8, "log"))
        var header = empty(log: log, seq: try reader.seq("seq"))
        header.previous = try link(of: header.seq, from: &reader)
        try readContent(into: &header, from: &reader)
        return header
    }

    private static func link(
        of seq: Seq, from reader: inout ByteReader
    ) throws(WireError) -> HashLink {
        let start = reader.offset
        guard reader.remaining >= 16 else { throw reader.error(.truncated, "previous") }
        let link = HashLink(
            high: try reader.integer(8, "previous"), low: try reader.integer(8, "previous"))
        guard (seq == 1) == (link == .none) else {
            throw WireError(.invalid, at: start, field: "previous")
        }
        return link
    }

    private static func readContent(
        into header: inout EntryHeader, from reader: inout ByteReader
    ) throws(WireError) {
        header.at = WallTime(milliseconds: try reader.integer(6, "at"))
        header.push = try reader.varint("push")
        let start = reader.offset
        let counts = try reader.byte("cites")
        guard counts & 0x7F <= UInt8(ModelLimits.cites) else {
            throw WireError(.tooLarge, at: start, field: "cites")
        }
        header.more = counts & 0x80 != 0
        guard !header.more || counts & 0x7F == UInt8(ModelLimits.cites) else {
            throw WireError(.nonCanonical, at: start, field: "cites")
        }
        header.cites = try readCites(Int(counts & 0x7F), from: &reader)
        // A log covers itself through its chain; a cite of it could only point forward.
        guard !header.cites.contains(where: { $0.log == header.log }) else {
            throw WireError(.invalid, at: start, field: "cites")
        }
        guard reader.offset - start - 1 <= WireLimits.citeBytes else {
            throw WireError(.tooLarge, at: start, field: "cites")
        }
        header.kind = EntryKind(rawValue: try reader.byte("kind"))
        header.bodyLength = UInt32(
            try reader.varint("body length", limit: UInt64(ModelLimits.body)))
    }

    private static func readBody(
        of header: EntryHeader, inline: Bool, from reader: inout ByteReader
    ) throws(WireError) -> UnhashedEntry {
        if inline {
            let body = try reader.bytes(Int(header.bodyLength), "body")
            return UnhashedEntry(header: header, body: body)
        }
        var header = header
        header.bodyHash = try reader.bytes32("body hash")
        return UnhashedEntry(header: header, body: nil)
    }
}

/// A decoded entry whose hashes are still to be computed: with a body, `header.bodyHash` is zero
/// until `MeshIdentity` fills it in.
package struct UnhashedEntry: Hashable, Sendable {
    package var header: EntryHeader
    package var body: [UInt8]?

    package init(header: EntryHeader, body: [UInt8]?) {
        self.header = header
        self.body = body
    }
}
