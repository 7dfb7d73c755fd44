import MeshModel
import MeshWire
import Testing

@testable import MeshIdentity

@Suite("Sealed frames")
struct FrameSealTests {
    private static let open = MeshKey(name: "open")

    /// What a receiver does with a datagram.
    private func receive(_ datagram: [UInt8], with key: MeshKey = open) -> [UInt8]? {
        guard let header = try? FrameHeader.read(datagram) else { return nil }
        return FrameOpener(mesh: key, salt: header.salt).open(datagram, header: header)
    }

    @Test("A sealed frame opens to its plain text", arguments: [0, 1, 100, 1203])
    func opens(count: Int) {
        var sealer = FrameSealer(mesh: Self.open, salt: 7)
        let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let datagram = sealer.seal(plain)
        #expect(datagram.count == count + WireLimits.frameOverhead)
        #expect(receive(datagram) == plain)
    }

    @Test("Every flipped bit of a frame is found")
    func tampering() {
        var sealer = FrameSealer(mesh: Self.open, salt: 7)
        let datagram = sealer.seal([1, 2, 3, 4, 5])
        for bit in 0..<datagram.count * 8 {
            #expect(receive(datagram.flipping(bit: bit)) == nil, "bit \(bit)")
        }
    }

    @Test("A frame that lost or gained bytes is found")
    func length() {
        var sealer = FrameSealer(mesh: Self.open, salt: 7)
        let datagram = sealer.seal([1, 2, 3, 4, 5])
        for count in 0..<datagram.count { #expect(receive(Array(datagram.prefix(count))) == nil) }
        #expect(receive(datagram + [0]) == nil)
    }

    @Test("A frame of another mesh or passphrase does not open")
    func otherMesh() throws {
        var sealer = FrameSealer(mesh: Self.open, salt: 7)
        let datagram = sealer.seal([1])
        #expect(receive(datagram, with: MeshKey(name: "other")) == nil)
        let phrase = try MeshKey(name: "open", passphrase: Array("secret".utf8))
        #expect(receive(datagram, with: phrase) == nil)
        var secret = FrameSealer(mesh: phrase, salt: 7)
        let hidden = secret.seal([1])
        #expect(receive(hidden, with: phrase) == [1])
        #expect(receive(hidden) == nil)
    }

    @Test("The counter goes up by one, and the same text never looks the same")
    func counters() throws {
        var sealer = FrameSealer(mesh: Self.open, salt: 7)
        let datagrams = (0..<100).map { _ in sealer.seal([1, 2, 3]) }
        let counters = try datagrams.map { try FrameHeader.read($0).counter }
        #expect(counters == Array(1...100))
        #expect(Set(datagrams.map { Array($0.dropFirst(13)) }).count == 100)
        #expect(!sealer.isSpent)
    }

    @Test("Passphrases and mesh names make different keys, with fingerprints to compare")
    func keys() throws {
        let keys = [
            MeshKey(name: "open"), MeshKey(name: "other"),
            try MeshKey(name: "open", passphrase: Array("a".utf8)),
            try MeshKey(name: "open", passphrase: Array("b".utf8)),
            try MeshKey(name: "other", passphrase: Array("a".utf8)),
        ]
        #expect(Set(keys.map(\.fingerprint)).count == keys.count)
        #expect(keys.map(\.isSecret) == [false, false, true, true, true])
        #expect(keys[0].fingerprint.count == 9)
        let again = try MeshKey(name: "open", passphrase: Array("a".utf8))
        #expect(again.fingerprint == keys[2].fingerprint)
    }
}
