import MeshIdentity
import MeshModel

/// A random history of real, signed entries: several authors, rooms, epochs and profiles, cites
/// across logs, and forks. The same seed gives the same shape (ids differ: signatures do not matter
/// for them, keys are drawn from the seed).
struct History {
    let mesh = MeshID(name: "history")
    private(set) var entries: [VerifiedEntry] = []
    private var generator: SeededGenerator
    private let keys: [PeerKey]
    private var previous: [EntryID: VerifiedEntry] = [:]

    init(seed: UInt64, entries count: Int, authors: Int = 3, forks: Double = 0.05) {
        var generator = SeededGenerator(seed: seed)
        keys = (0..<authors).compactMap { _ in
            PeerKey(seed: (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
        self.generator = generator
        for _ in 0..<count { add(forks: forks) }
    }

    private mutating func add(forks: Double) {
        let key = keys.randomElement(using: &generator) ?? .generate()
        let rooms = [try? RoomID.open("ops"), try? RoomID.open("field"), .profile]
        let room = rooms.compactMap(\.self).randomElement(using: &generator) ?? .profile
        let own = entries.filter { $0.log.author == key.peer && $0.log.room == room }
        // Mostly the newest goes on; sometimes an older one, which forks; sometimes a new epoch.
        let isFork = generator.chance(forks)
        let base = isFork ? own.randomElement(using: &generator) : own.last
        let fresh = base == nil || generator.chance(0.05)
        let log =
            fresh
            ? LogID(author: key.peer, epoch: generator.next(), room: room)
            : base?.log ?? LogID(author: key.peer, epoch: 1, room: room)
        append(key, log, after: fresh ? nil : base)
    }

    private mutating func append(_ key: PeerKey, _ log: LogID, after base: VerifiedEntry?) {
        let ref = LogRef(of: log, mesh: mesh)
        let body = Array("text \(generator.next() % 1000)".utf8)
        let isNick = log.room == .profile && generator.chance(0.5)
        let header = EntryHeader(
            log: ref, seq: (base?.header.seq ?? 0) + 1, previous: base?.id.link ?? .none,
            at: WallTime(milliseconds: wallTime()), push: generator.chance(0.2) ? 400_000 : 0,
            cites: cites(in: log, ref), more: false, kind: isNick ? .nick : .text,
            bodyLength: UInt32(body.count), bodyHash: Hashing.sha256(body))
        let entry = key.sign(header: header, body: body, log: log, mesh: mesh)
        guard previous.updateValue(base ?? entry, forKey: entry.id) == nil else { return }
        entries.append(entry)
    }

    private mutating func wallTime() -> UInt64 {
        // Few values, so that many entries share a time; some clocks stand in 1970.
        let base: UInt64 = generator.chance(0.1) ? 1000 : 1_700_000_000_000
        return base + UInt64(entries.count / 4) * 60_000 + generator.next() % 3
    }

    private mutating func cites(in log: LogID, _ ref: LogRef) -> [Cite] {
        let others = entries.suffix(30).filter { $0.log.room == log.room && $0.header.log != ref }
        var cites: Set<Cite> = []
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
            guard let other = others.randomElement(using: &generator) else { break }
            cites.insert(
                Cite(log: other.header.log, seq: other.header.seq, tag: other.id.tag))
        }
        return cites.sorted()
    }

    /// Every entry in some run at least once, in random order, with duplicates; each run chained
    /// and ascending, its older entries without their signatures or bodies now and then.
    mutating func runs() -> [[VerifiedEntry]] {
        let verifier = Verifier(mesh: mesh)
        var runs: [[VerifiedEntry]] = []
        for entry in (entries + entries.prefix(entries.count / 2)).shuffled(using: &generator) {
            var run = [entry]
            var length = Int.random(in: 1...6, using: &generator)
            while length > 1, let first = run.first, first.header.seq > 1,
                let below = previous[first.id]
            {
                var bare = below.entry
                if generator.chance(0.5) { bare.signature = nil }
                // As served by somebody who has forgotten the body.
                if generator.chance(0.2) { bare.body = nil }
                run.insert(verifier.verify(bare, before: first) ?? below, at: 0)
                length -= 1
            }
            runs.append(run)
        }
        // What could not connect in this order does in the order of writing.
        return runs + entries.map { [$0] }
    }
}
