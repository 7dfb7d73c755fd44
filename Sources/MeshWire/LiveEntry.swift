package import MeshModel

/// A new entry on its way through the mesh, verifiable alone given its log's opening.
package struct LiveEntry: Hashable, Sendable {
    /// Transmissions behind it, 0 from the author; saturates.
    package var hops: UInt8
    /// With the first entry of a log, and when someone asked.
    package var opening: LogID?
    /// Without a body where that does not fit: the entry is announced and to be fetched.
    package var entry: UnhashedEntry
    package var signature: Signature

    package init(hops: UInt8, opening: LogID?, entry: UnhashedEntry, signature: Signature) {
        self.hops = hops
        self.opening = opening
        self.entry = entry
        self.signature = signature
    }
}

package enum LiveEntryCodec {
    private static let hasBody: UInt8 = 1
    private static let opens: UInt8 = 2
    private static let known: UInt8 = 3

    package static func write(_ live: LiveEntry, to writer: inout ByteWriter) {
        var flags: UInt8 = 0
        if live.entry.body != nil { flags |= hasBody }
        if live.opening != nil { flags |= opens }
        writer.byte(flags)
        writer.byte(live.hops)
        if let opening = live.opening { OpeningCodec.write(opening, to: &writer) }
        let entry = Entry(
            header: live.entry.header, id: EntryID(.zero), body: live.entry.body, signature: nil)
        EntryCodec.write(live: entry, to: &writer)
        writer.bytes(live.signature.bytes)
    }

    package static func read(from reader: inout ByteReader) throws(WireError) -> LiveEntry {
        let start = reader.offset
        let flags = try reader.byte("entry flags")
        guard flags & ~known == 0 else {
            throw WireError(.invalid, at: start, field: "entry flags")
        }
        let hops = try reader.byte("hops")
        let opening = flags & opens == 0 ? nil : try OpeningCodec.readLog(from: &reader)
        let entry = try EntryCodec.readLive(from: &reader, bodyInline: flags & hasBody != 0)
        let at = reader.offset
        guard let signature = Signature(try reader.bytes(64, "signature")) else {
            throw WireError(.invalid, at: at, field: "signature")
        }
        return LiveEntry(hops: hops, opening: opening, entry: entry, signature: signature)
    }
}

/// Prune (lazy) or graft (eager): whether the sender wants the live entries of these origins by
/// unicast along this link.
package struct EagerChange: Hashable, Sendable {
    package let echo: Echo
    package let isEager: Bool
    /// First 8 bytes of each author's key.
    package let origins: [UInt64]

    package init(echo: Echo, isEager: Bool, origins: [UInt64]) {
        self.echo = echo
        self.isEager = isEager
        self.origins = origins
    }
}

package enum EagerCodec {
    package static func write(_ change: EagerChange, to writer: inout ByteWriter) {
        HelloCodec.write(change.echo, to: &writer)
        writer.byte(change.isEager ? 1 : 0)
        writer.varint(change.origins.count)
        for origin in change.origins { writer.integer(origin, 8) }
    }

    package static func read(from reader: inout ByteReader) throws(WireError) -> EagerChange {
        let echo = try HelloCodec.readEcho(from: &reader)
        let start = reader.offset
        let flag = try reader.byte("eager")
        guard flag <= 1 else { throw WireError(.invalid, at: start, field: "eager") }
        let count = try reader.count("origins", limit: WireLimits.origins)
        var origins: [UInt64] = []
        for _ in 0..<count { origins.append(try reader.integer(8, "origin")) }
        return EagerChange(echo: echo, isEager: flag == 1, origins: origins)
    }
}
