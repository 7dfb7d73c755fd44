package import MeshModel

/// What the sender lacks and asks one neighbour for. Answered only if the echo is right.
package struct Request: Hashable, Sendable {
    /// Entries `from`...`to` of one log, `from <= to`.
    package struct Range: Hashable, Sendable {
        package enum Log: Hashable, Sendable {
            /// The place of the log in the answering peer's digest.
            case index(Int)
            /// The log's reference, where no digest has named it yet.
            case ref(LogRef)
        }

        package let log: Log
        package let from: Seq
        package let to: Seq
        /// The sender knows the hash of `to` already: the answer need not end at a signature.
        package let isProved: Bool

        package init(log: Log, from: Seq, to: Seq, isProved: Bool = false) {
            precondition(from <= to, "a range from \(from) to \(to)")
            self.log = log
            self.from = from
            self.to = to
            self.isProved = isProved
        }
    }

    package var echo: Echo
    /// Chosen by the sender; the answer carries it.
    package var tag: UInt16
    package var ranges: [Range]
    /// Logs, by index, whose openings are not known.
    package var openings: [Int]
    /// Logs, by reference, whose openings are not known.
    package var openingRefs: [LogRef]
    /// Nodes of the digest tree to descend into.
    package var nodes: [[UInt8]]

    package init(
        echo: Echo, tag: UInt16, ranges: [Range] = [], openings: [Int] = [],
        openingRefs: [LogRef] = [], nodes: [[UInt8]] = []
    ) {
        self.echo = echo
        self.tag = tag
        self.ranges = ranges
        self.openings = openings
        self.openingRefs = openingRefs
        self.nodes = nodes
    }
}

package enum RequestCodec {
    package static func write(_ request: Request, to writer: inout ByteWriter) {
        HelloCodec.write(request.echo, to: &writer)
        writer.integer(UInt64(request.tag), 2)
        writer.varint(request.ranges.count)
        for range in request.ranges { write(range, to: &writer) }
        writer.varint(request.openings.count)
        for index in request.openings { writer.varint(index) }
        writer.varint(request.openingRefs.count)
        for ref in request.openingRefs { writer.integer(ref.raw, 8) }
        writer.varint(request.nodes.count)
        for path in request.nodes { DigestCodec.write(path: path, to: &writer) }
    }

    package static func read(from reader: inout ByteReader) throws(WireError) -> Request {
        var request = Request(
            echo: try HelloCodec.readEcho(from: &reader),
            tag: UInt16(truncatingIfNeeded: try reader.integer(2, "tag")))
        let limit = WireLimits.requestItems
        for _ in 0..<(try reader.count("ranges", limit: limit)) {
            request.ranges.append(try readRange(from: &reader))
        }
        for _ in 0..<(try reader.count("openings", limit: limit)) {
            request.openings.append(try reader.count("opening index", limit: WireLimits.logs))
        }
        for _ in 0..<(try reader.count("opening references", limit: limit)) {
            request.openingRefs.append(LogRef(try reader.integer(8, "opening reference")))
        }
        for _ in 0..<(try reader.count("nodes", limit: limit)) {
            request.nodes.append(try DigestCodec.readPath(from: &reader))
        }
        return request
    }

    /// The index plus one, or 0 and the reference; `from`; the number of entries less one, times
    /// two, plus one if proved.
    private static func write(_ range: Request.Range, to writer: inout ByteWriter) {
        switch range.log {
        case .index(let index): writer.varint(index + 1)
        case .ref(let ref):
            writer.varint(0)
            writer.integer(ref.raw, 8)
        }
        writer.varint(UInt64(range.from))
        writer.varint(UInt64(range.to - range.from) << 1 | (range.isProved ? 1 : 0))
    }

    private static func readRange(
        from reader: inout ByteReader
    ) throws(WireError) -> Request.Range {
        let index = try reader.count("range log", limit: WireLimits.logs + 1)
        let log: Request.Range.Log =
            index > 0
            ? .index(index - 1) : .ref(LogRef(try reader.integer(8, "range reference")))
        let from = try reader.seq("range from")
        let start = reader.offset
        let length = try reader.varint("range length", limit: UInt64(ModelLimits.seq) << 1 | 1)
        let more = length >> 1
        guard UInt64(from) + more <= UInt64(ModelLimits.seq) else {
            throw WireError(.invalid, at: start, field: "range length")
        }
        return Request.Range(
            log: log, from: from, to: from + Seq(more), isProved: length & 1 == 1)
    }
}
