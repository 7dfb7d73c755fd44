package import MeshGossip
package import MeshIdentity
package import MeshModel
import MeshWire

/// Somebody with the mesh key and bad intentions. It has no engine and no store: it listens, and
/// sends what an engine never would.
package struct HostilePeer {
    package let node: Int
    let key: PeerKey
    let mesh: SimulatedMesh
    var generator: SeededGenerator
    var reader: FrameReader
    /// Its main session; the others come and go.
    var sealer: FrameSealer
    /// Highest counter heard by salt and address, for echoes that are right; at most 64.
    private(set) var heardSalts: [HeardSalt] = []
    /// Frames to be replayed; at most 64, the oldest overwritten.
    private(set) var captured: [[UInt8]] = []
    private var capturedCount = 0
    /// Entries heard live; the last 64.
    private(set) var entries: [LiveEntry] = []
    /// Logs whose openings were heard; at most 64.
    private(set) var openings: [LogID] = []
    /// Requests to this peer that wait for a false answer; at most 8.
    var requests: [(request: Request, from: Int)] = []
    var ownLogs = HostileLogs()

    struct HeardSalt {
        let salt: UInt64
        let node: Int
        var counter: UInt32
    }

    /// Bound of everything it remembers.
    private static let memory = 64

    package init(
        node: Int, key: PeerKey, mesh: SimulatedMesh, generator: SeededGenerator
    ) {
        self.node = node
        self.key = key
        self.mesh = mesh
        var generator = generator
        sealer = FrameSealer(mesh: mesh.key, salt: generator.next())
        reader = FrameReader(key: mesh.key, readsRuns: false)
        self.generator = generator
    }

    /// Listens.
    package mutating func heard(_ datagram: Datagram) {
        guard let header = try? FrameHeader.read(datagram.bytes), header.salt != sealer.salt,
            let from = Simulation.node(at: datagram.from), from != node,
            let messages = reader.messages(in: datagram.bytes)
        else { return }
        capture(datagram.bytes)
        note(header, from: from)
        for message in messages {
            switch message {
            case .entry(let live):
                if entries.count == Self.memory { entries.removeFirst() }
                entries.append(live)
                if let log = live.opening { note(log) }
            case .openings(let list): for indexed in list { note(indexed.opening.log) }
            case .request(let request):
                if requests.count < 8 { requests.append((request, from)) }
            default: continue
            }
        }
    }

    private mutating func capture(_ bytes: [UInt8]) {
        if captured.count < Self.memory {
            captured.append(bytes)
        } else {
            captured[capturedCount % Self.memory] = bytes
        }
        capturedCount += 1
    }

    private mutating func note(_ log: LogID) {
        if openings.count < Self.memory, !openings.contains(log) { openings.append(log) }
    }

    private mutating func note(_ header: FrameHeader, from: Int) {
        if let index = heardSalts.firstIndex(where: { $0.salt == header.salt }) {
            heardSalts[index].counter = max(heardSalts[index].counter, header.counter)
            return
        }
        if heardSalts.count == Self.memory { heardSalts.removeFirst() }
        heardSalts.append(HeardSalt(salt: header.salt, node: from, counter: header.counter))
    }

    // MARK: - Speaking

    /// One act, drawn at random: the frames to send.
    package mutating func act(at now: Instant, truth: inout Truth) -> [RadioFrame] {
        if !requests.isEmpty { return [answerFalsely()] }
        switch Int.random(in: 0..<15, using: &generator) {
        case 0, 1, 2: return [hello()]
        case 3: return helloFlood()
        case 4: return [frame(of: sealed(plain: randomBytes(0...1200)))]
        case 5: return [frame(of: randomBytes(0...1232))]
        case 6: return replay()
        case 7: return forge()
        case 8: return say(at: now, truth: &truth)
        case 9: return equivocate(at: now, truth: &truth)
        case 10: return lie(at: now, truth: &truth)
        case 11: return [frame(of: sealed([.digest(absurdDigest())]))]
        case 12: return request()
        case 13: return [frame(of: sealed([.run(junkRun(tag: UInt16(drawn(65_535)), log: nil))]))]
        default: return prune()
        }
    }

    func frame(of bytes: [UInt8], to target: Int? = nil) -> RadioFrame {
        RadioFrame(bytes: bytes, from: node, to: target)
    }

    mutating func sealed(_ messages: [Message]) -> [UInt8] {
        sealed(plain: FrameCodec.encode(messages))
    }

    mutating func sealed(plain: [UInt8]) -> [UInt8] {
        sealer.seal(Array(plain.prefix(WireLimits.plain)))
    }

    mutating func randomBytes(_ count: ClosedRange<Int>) -> [UInt8] {
        let length = Int.random(in: count, using: &generator)
        return (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    /// 0...`limit`.
    mutating func drawn(_ limit: Int) -> Int { Int.random(in: 0...limit, using: &generator) }

    func echo(of heard: HeardSalt) -> Echo {
        Echo(salt: Echo.tag(ofSalt: heard.salt), counter: heard.counter)
    }
}

/// The hostile peer's own entries: signed by its own key, so they are genuine and may be shown.
struct HostileLogs {
    /// What the last entry of each log is, by epoch and room.
    private(set) var heads: [LogID: VerifiedEntry] = [:]
    var epoch: UInt64 = 1

    mutating func extended(by entry: VerifiedEntry) { heads[entry.log] = entry }
}
