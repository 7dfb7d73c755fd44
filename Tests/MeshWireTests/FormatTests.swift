import Foundation
import MeshModel
import MeshWire
import Testing

@Suite("Wire formats")
struct FormatTests {
    @Test(
        "Each accepted value decodes to itself and encodes to the same bytes", arguments: Format.all
    )
    func accepts(format: Format) throws {
        for sample in format.accept {
            let recoded = try format.recode(sample.bytes)
            #expect(recoded.value == sample.value, "\(sample.name)")
            #expect(recoded.bytes == sample.bytes, "\(sample.name)")
        }
    }

    @Test("Each bad value is refused with its code, field and place", arguments: Format.all)
    func rejects(format: Format) {
        for bad in format.reject {
            #expect(format.error(of: bad.bytes) == bad.error, "\(bad.name)")
        }
    }

    @Test("Every field is missed where the bytes end before it", arguments: Format.all)
    func cutShort(format: Format) {
        let cut = format.cutShort + format.reject.filter { $0.error.code == .truncated }
        #expect(format.fields.isSubset(of: cut.map { $0.error.field.description }))
    }

    @Test(
        "No strict prefix of an accepted value is a value, but of what runs to the end",
        arguments: Format.all.filter(\.hasEnd))
    func prefixes(format: Format) {
        for sample in format.accept {
            for count in 0..<sample.bytes.count {
                let error = format.error(of: Array(sample.bytes.prefix(count)))
                #expect(error?.code == .truncated, "\(sample.name), \(count) bytes")
            }
        }
    }

    @Test("A byte after the end is refused", arguments: Format.all.filter(\.hasEnd))
    func trailing(format: Format) {
        for sample in format.accept {
            let error = format.error(of: sample.bytes + [0])
            #expect(error?.code == .trailing, "\(sample.name)")
            #expect(error?.offset == sample.bytes.count, "\(sample.name)")
        }
    }

    @Test("Values drawn at random survive the way out and back", arguments: Format.all)
    func roundTrips(format: Format) throws {
        for seed in UInt64(1)...300 {
            var generator = SeededGenerator(seed: seed)
            let drawn = format.draw(&generator)
            let recoded = try format.recode(drawn.bytes)
            #expect(recoded == drawn, "seed \(seed)")
        }
    }

    /// Flipped, cut and lengthened bytes: whatever still decodes is a value like any other.
    @Test("Damaged bytes are refused or are another value that survives", arguments: Format.all)
    func damage(format: Format) throws {
        for seed in UInt64(1)...300 {
            var generator = SeededGenerator(seed: seed)
            var bytes = format.draw(&generator).bytes
            for _ in 0...generator.count(3) where !bytes.isEmpty {
                let place = Int(generator.next() % UInt64(bytes.count))
                bytes[place] ^= 1 << UInt8(generator.next() % 8)
            }
            if generator.chance(0.3) { bytes.removeLast(min(bytes.count, 1)) }
            guard format.name != "plain", let value = try? format.recode(bytes) else { continue }
            #expect(try format.recode(value.bytes) == value, "seed \(seed)")
        }
    }

    @Test("A message of an unknown kind is skipped, and those around it are kept")
    func unknownMessage() throws {
        let known = try FrameCodec.decode([3, 0, 0, 0])
        let mixed = try FrameCodec.decode([99, 2, 1, 2, 3, 2, 0, 0, 200, 0, 5])
        #expect(mixed == [.unknown(kind: 99)] + known + [.unknown(kind: 200)])
    }

    @Test(
        "A varint is as long as the writer says", arguments: [0, 1, 127, 128, 16383, 16384, .max])
    func varintLength(value: UInt64) {
        #expect(ByteWriter.varintLength(value) == varint(value).count)
    }
}

@Suite("Frame header")
struct FrameHeaderTests {
    private static let least = FrameHeader(salt: 0x0102_0304_0506_0708, counter: 1)

    @Test("A header reads back from a whole datagram", arguments: [1, 2, 0xFFFF_FFFF] as [UInt32])
    func accepts(counter: UInt32) throws {
        let header = FrameHeader(salt: .max, counter: counter)
        let datagram = header.bytes + [UInt8](repeating: 0, count: 16)
        #expect(try FrameHeader.read(datagram) == header)
    }

    @Test("The longest datagram is accepted and one byte more is refused")
    func longest() throws {
        let datagram = Self.least.bytes + [UInt8](repeating: 0, count: 1232 - 13)
        #expect(try FrameHeader.read(datagram) == Self.least)
        #expect(throws: WireError(.tooLarge, at: 1232, field: "frame")) {
            try FrameHeader.read(datagram + [0])
        }
    }

    @Test("A datagram without room for the tag is refused", arguments: 0..<29)
    func truncated(count: Int) {
        let datagram = (Self.least.bytes + [UInt8](repeating: 0, count: 16)).prefix(count)
        #expect(throws: WireError(.truncated, at: count, field: "frame")) {
            try FrameHeader.read(Array(datagram))
        }
    }

    @Test(
        "Another version is refused before anything else is read",
        arguments: [0, 2, 255] as [UInt8])
    func version(version: UInt8) {
        let datagram = [version] + [UInt8](repeating: 0, count: 28)
        #expect(throws: WireError(.version, at: 0, field: "version")) {
            try FrameHeader.read(datagram)
        }
    }

    @Test("Counter 0 is refused")
    func counter() {
        let datagram = [1] + [UInt8](repeating: 0, count: 28)
        #expect(throws: WireError(.invalid, at: 9, field: "counter")) {
            try FrameHeader.read(datagram)
        }
    }
}
