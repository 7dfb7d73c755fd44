import MeshIdentity
import MeshModel
import MeshWire

/// This peer's side of the air: the salt it speaks under, and which echoes prove that somebody
/// heard it.
struct Session {
    private let key: PeerKey
    private let mesh: MeshID
    private let meshKey: MeshKey
    private var sealer: FrameSealer
    private(set) var introduction: Hello.Introduction
    /// What this peer's hellos say of its logs.
    var digest: OwnDigest
    private var startedAt: Instant
    /// (time, counter) once a second, oldest first; as many as `echoAge` has seconds.
    private var marks: [(at: Instant, counter: UInt32)] = []
    /// The salt before, while it is honoured.
    private var old: (tag: UInt32, oldest: UInt32, newest: UInt32, until: Instant)?
    /// Hellos sent under this salt.
    var hellos = 0

    init(
        key: PeerKey, mesh: MeshID, meshKey: MeshKey, using generator: inout SeededGenerator,
        at now: Instant
    ) {
        self.key = key
        self.mesh = mesh
        self.meshKey = meshKey
        let salt = generator.next()
        sealer = FrameSealer(mesh: meshKey, salt: salt)
        introduction = key.introduce(salt: salt, mesh: mesh)
        digest = OwnDigest(hash: SaltedHash(salt: salt, mesh: meshKey))
        startedAt = now
    }

    var salt: UInt64 { sealer.salt }
    var saltTag: UInt32 { Echo.tag(ofSalt: sealer.salt) }

    /// - Precondition: at most `WireLimits.plain` bytes.
    mutating func seal(_ plain: [UInt8]) -> [UInt8] { sealer.seal(plain) }

    /// Whether `echo` names a frame that this peer sent lately.
    func isRecent(_ echo: Echo, at now: Instant) -> Bool {
        if echo.salt == saltTag {
            let oldest = marks.first?.counter ?? 0
            return echo.counter <= sealer.counter && echo.counter >= oldest && echo.counter > 0
        }
        guard let old, old.tag == echo.salt, now < old.until else { return false }
        return echo.counter > 0 && old.oldest...old.newest ~= echo.counter
    }

    /// Once a second. True when a new salt was taken.
    mutating func tidy(using generator: inout SeededGenerator, at now: Instant) -> Bool {
        marks.append((now, sealer.counter))
        marks.removeAll { $0.at + GossipLimits.echoAge < now }
        guard startedAt + GossipLimits.saltLife <= now || sealer.counter > .max - 1_000_000 else {
            return false
        }
        let before = (
            saltTag, marks.first?.counter ?? 0, sealer.counter, now + GossipLimits.oldSaltLife
        )
        self = Session(
            key: key, mesh: mesh, meshKey: meshKey, using: &generator, at: now)
        old = before
        return true
    }
}

/// Which counters of one salt were seen: the highest and the 1024 below it.
struct ReplayWindow: Hashable, Sendable {
    static let width: UInt32 = 1024
    private(set) var highest: UInt32 = 0
    /// The one taken last: what is echoed. Whoever has the mesh key can seal a frame with a counter
    /// that its peer has not reached; echoed, that would be refused until it has.
    private(set) var latest: UInt32 = 0
    /// Bit n of the ring stands for a counter congruent to n.
    private var ring = [UInt64](repeating: 0, count: Int(width / 64))

    /// Takes a counter once; false for a copy and for one too old to tell.
    mutating func accept(_ counter: UInt32) -> Bool {
        if counter > highest {
            let steps = min(counter - highest, Self.width)
            for step in 0..<steps { clear(counter - step) }
            highest = counter
        } else if highest - counter >= Self.width {
            return false
        }
        let (word, bit) = place(counter)
        guard ring[word] & bit == 0 else { return false }
        ring[word] |= bit
        latest = counter
        return true
    }

    private mutating func clear(_ counter: UInt32) {
        let (word, bit) = place(counter)
        ring[word] &= ~bit
    }

    private func place(_ counter: UInt32) -> (word: Int, bit: UInt64) {
        let index = counter % Self.width
        return (Int(index / 64), 1 << UInt64(index % 64))
    }
}

/// The salts heard on the air: how to open their frames, and what was seen of them.
struct Doors {
    struct Door {
        let opener: FrameOpener
        var window = ReplayWindow()
        /// Nil until the salt was introduced.
        var neighbour: NeighbourID?
        var usedAt: Instant
    }

    enum Opened {
        case plain([UInt8])
        /// Another mesh, another passphrase, or damage.
        case foreign
        case replayed
        /// Too many frames under unknown salts.
        case crowded
    }

    private let meshKey: MeshKey
    /// At most `GossipLimits.strangers` without a neighbour, and two for each neighbour.
    private var doors: [UInt64: Door] = [:]
    private var strangers = 0
    private var tries: Budget

    init(meshKey: MeshKey, at now: Instant) {
        self.meshKey = meshKey
        tries = Budget(GossipLimits.strangerFrames, at: now)
    }

    /// For the digests of whoever speaks under a salt.
    func hash(of salt: UInt64) -> SaltedHash { SaltedHash(salt: salt, mesh: meshKey) }

    /// The counter taken last under a salt, to be echoed; nil where nothing was heard under it.
    func latest(under salt: UInt64) -> UInt32? {
        doors.index(forKey: salt).map { doors.values[$0].window.latest }
    }

    /// The neighbour who introduced himself under a salt.
    func neighbour(under salt: UInt64) -> NeighbourID? {
        doors.index(forKey: salt).flatMap { doors.values[$0].neighbour }
    }

    mutating func open(_ datagram: [UInt8], _ header: FrameHeader, at now: Instant) -> Opened {
        guard let place = doors.index(forKey: header.salt) else {
            guard tries.take(at: now) else { return .crowded }
            let opener = FrameOpener(mesh: meshKey, salt: header.salt)
            guard let plain = opener.open(datagram, header: header) else { return .foreign }
            admit(Door(opener: opener, usedAt: now), salt: header.salt)
            _ = doors[header.salt]?.window.accept(header.counter)
            return .plain(plain)
        }
        guard let plain = doors.values[place].opener.open(datagram, header: header) else {
            return .foreign
        }
        guard doors.values[place].window.accept(header.counter) else { return .replayed }
        doors.values[place].usedAt = now
        return .plain(plain)
    }

    private mutating func admit(_ door: Door, salt: UInt64) {
        if strangers >= GossipLimits.strangers { evictStranger() }
        doors[salt] = door
        strangers += 1
    }

    private mutating func evictStranger() {
        // Ties are broken by salt, so that the choice does not hang on a dictionary's order.
        let oldest = doors.filter { $0.value.neighbour == nil }
            .min { ($0.value.usedAt, $0.key) < ($1.value.usedAt, $1.key) }
        guard let oldest else { return }
        doors[oldest.key] = nil
        strangers -= 1
    }

    mutating func introduce(_ salt: UInt64, as neighbour: NeighbourID) {
        guard doors[salt]?.neighbour == nil else { return }
        doors[salt]?.neighbour = neighbour
        strangers -= 1
    }

    /// The neighbour is gone. His counters stay known among the strangers', so that a recording of
    /// him is one.
    mutating func leave(_ salt: UInt64) {
        guard doors[salt]?.neighbour != nil else { return }
        if strangers >= GossipLimits.strangers { evictStranger() }
        doors[salt]?.neighbour = nil
        strangers += 1
    }
}
