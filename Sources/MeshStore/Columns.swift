import Foundation
import GRDB
import MeshLog
import MeshModel
import MeshWire

/// One row of a result, read by position. What cannot be a value is damage, and is thrown as such:
/// a damaged file must not stop the process.
struct Columns {
    let row: GRDB.Row

    func int(_ index: Int) throws -> Int64 {
        guard let value = row[index] as Int64? else { throw damage(index, "no number") }
        return value
    }

    func optionalInt(_ index: Int) -> Int64? { row[index] as Int64? }

    func bool(_ index: Int) throws -> Bool { try int(index) != 0 }

    func uint32(_ index: Int) throws -> UInt32 {
        guard let value = UInt32(exactly: try int(index)) else { throw damage(index, "too large") }
        return value
    }

    /// A number of 64 bits that is only compared for equality.
    func bits(_ index: Int) throws -> UInt64 { UInt64(bitPattern: try int(index)) }

    /// A number that sorts: 0...2^63 - 1.
    func uint(_ index: Int) throws -> UInt64 {
        guard let value = UInt64(exactly: try int(index)) else { throw damage(index, "negative") }
        return value
    }

    func optionalBytes(_ index: Int) throws -> [UInt8]? {
        try row.withUnsafeData(atIndex: index) { $0.map(Array.init) }
    }

    func bytes(_ index: Int) throws -> [UInt8] {
        guard let bytes = try optionalBytes(index) else { throw damage(index, "no bytes") }
        return bytes
    }

    func bytes32(_ index: Int) throws -> Bytes32 {
        guard let value = try optionalBytes32(index) else { throw damage(index, "no hash") }
        return value
    }

    func optionalBytes32(_ index: Int) throws -> Bytes32? {
        try row.withUnsafeData(atIndex: index) { data in
            guard let data else { return nil }
            guard data.count == 32 else { throw damage(index, "\(data.count) bytes for 32") }
            return data.withUnsafeBytes { raw in
                Bytes32(word(raw, 0), word(raw, 8), word(raw, 16), word(raw, 24))
            }
        }
    }

    func link(_ index: Int) throws -> HashLink {
        try row.withUnsafeData(atIndex: index) { data in
            guard let data, data.count == 16 else { throw damage(index, "no hash") }
            return data.withUnsafeBytes { HashLink(high: word($0, 0), low: word($0, 8)) }
        }
    }

    func uint64(_ index: Int) throws -> UInt64 {
        try row.withUnsafeData(atIndex: index) { data in
            guard let data, data.count == 8 else { throw damage(index, "no 8 bytes") }
            return data.withUnsafeBytes { word($0, 0) }
        }
    }

    private func word(_ raw: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    func damage(_ index: Int, _ what: String) -> StoreError {
        .damagedRow("column \(Array(row.columnNames)[index]): \(what)")
    }
}

/// Values as SQLite keeps them. Unsigned numbers that sort stay below 2^63; those that are only
/// compared keep their bits; those that sort over the whole range are 8 bytes, big-endian.
enum Stored {
    static func bits(_ value: UInt64) -> Int64 { Int64(bitPattern: value) }

    static func sorting(_ value: UInt64) -> Int64 { Int64(clamping: value) }

    static func data(_ value: Bytes32) -> Data {
        let words = (
            value.words.0.bigEndian, value.words.1.bigEndian, value.words.2.bigEndian,
            value.words.3.bigEndian
        )
        return withUnsafeBytes(of: words) { Data($0) }
    }

    static func data(_ value: HashLink) -> Data {
        withUnsafeBytes(of: (value.high.bigEndian, value.low.bigEndian)) { Data($0) }
    }

    static func data(_ value: UInt64) -> Data {
        withUnsafeBytes(of: value.bigEndian) { Data($0) }
    }

    /// One byte of count and `more`, as on the air, and the cites.
    static func data(cites: [Cite], more: Bool) -> Data {
        var writer = ByteWriter(capacity: 1 + cites.count * 14)
        writer.byte(UInt8(cites.count) | (more ? 0x80 : 0))
        EntryCodec.write(cites: cites, to: &writer)
        return Data(writer.bytes)
    }

    static func cites(_ bytes: [UInt8]) throws -> (cites: [Cite], more: Bool) {
        guard let first = bytes.first else { throw StoreError.damagedRow("cites: no count") }
        if bytes.count == 1, first & 0x7F == 0 { return ([], first & 0x80 != 0) }
        do {
            var reader = ByteReader(bytes)
            _ = try reader.byte("cites")
            let cites = try EntryCodec.readCites(Int(first & 0x7F), from: &reader)
            try reader.finish("cites")
            return (cites, first & 0x80 != 0)
        } catch {
            throw StoreError.damagedRow("cites: \(error)")
        }
    }

    static func data(_ clock: VectorClock<SegmentID>) -> Data {
        var writer = ByteWriter(capacity: clock.components.count * 6)
        for component in clock.components {
            writer.varint(UInt64(component.key.index))
            writer.varint(UInt64(component.seq))
        }
        return Data(writer.bytes)
    }

    static func clock(_ bytes: [UInt8]) throws -> VectorClock<SegmentID> {
        var components: [VectorClock<SegmentID>.Component] = []
        do {
            var reader = ByteReader(bytes)
            while reader.remaining > 0 {
                let key = SegmentID(try reader.count("segment", limit: Int(UInt32.max)))
                components.append(.init(key: key, seq: try reader.seq("seq")))
            }
        } catch {
            throw StoreError.damagedRow("clock: \(error)")
        }
        return VectorClock(components)
    }
}
