import MeshIdentity
import MeshLog
import MeshModel
import MeshWire

/// What this peer knows of one direct neighbour on one link.
struct Neighbour {
    let id: NeighbourID
    let peer: PeerID
    let link: LinkID
    var address: Address
    /// The salt he speaks under now.
    let salt: UInt64
    var lastHeard: Instant
    /// When he last proved, by an echo, that he hears this peer; nil for never.
    var confirmedAt: Instant?
    var isFull = false
    var reception = Reception()
    /// Percent of this peer's multicast frames that he lost; nil while he does not say.
    var lossOut: Int?
    var roundTrip: Duration?
    /// Milliseconds that his wall clock is ahead of this peer's, by the last entry of his own that
    /// came straight from him; the time on the air counts as his clock being behind.
    var clockOffset: Int64?
    /// Front of the salts that his last list named: whom he hears.
    var hears: Set<UInt32> = []
    /// Length of that list, which tells his hello interval.
    var degree = 0
    var ledger: Ledger
    var fetch: Fetch?
    /// When the timer is due that waits for his answer; nil while none is set.
    var answerDue: Instant?
    /// He holds something that another one is being asked for.
    var isHeldBack = false
    /// How often he was told in vain that he lacks something, and when last.
    var told = 0
    var toldAt: Instant?
    /// First 8 bytes of the authors whose entries he does not want pushed by unicast; at most
    /// `GossipLimits.lazyOrigins`.
    var lazy: Set<UInt64> = []
    /// The same for what this peer does not want from him; at most `GossipLimits.lazyOrigins`.
    var pruned: Set<UInt64> = []
    var allowance: Allowance

    /// What he may cause.
    struct Allowance {
        var checks: Budget
        var requests: Budget
        var digests: Budget
        var nodes: Budget
        /// One hello in answer at a time.
        var answers: Budget

        init(at now: Instant) {
            checks = Budget(GossipLimits.neighbourChecks, at: now)
            requests = Budget(GossipLimits.neighbourRequests, at: now)
            digests = Budget(GossipLimits.neighbourDigests, at: now)
            nodes = Budget(GossipLimits.neighbourNodes, at: now)
            answers = Budget(Budget.Rate(perSecond: 1, burst: 3), at: now)
        }
    }

    init(
        id: NeighbourID, peer: PeerID, link: LinkID, address: Address, salt: UInt64,
        hash: SaltedHash, at now: Instant
    ) {
        self.id = id
        self.peer = peer
        self.link = link
        self.address = address
        self.salt = salt
        lastHeard = now
        ledger = Ledger(hash: hash)
        allowance = Allowance(at: now)
    }

    var isConfirmed: Bool { confirmedAt != nil }

    mutating func take(_ hello: Hello, _ datagram: Datagram, at now: Instant) {
        address = datagram.from
        lastHeard = now
        isFull = hello.isFull
        if datagram.isMulticast { reception.take(count: hello.multicastSent) }
    }

    /// `own` is this peer in his list, by a recent echo.
    mutating func take(_ list: [Hello.Neighbour], own: Hello.Neighbour?, at now: Instant) {
        hears = Set(list.lazy.map(\.echo.salt))
        degree = list.count
        guard let own else { return }
        confirmedAt = now
        lossOut = own.loss == 255 ? nil : Int(own.loss)
    }

    mutating func noteFrame(isMulticast: Bool, at now: Instant) {
        lastHeard = now
        if isMulticast { reception.heardMulticast() }
    }

    mutating func unconfirm(after life: Duration, at now: Instant) {
        if let at = confirmedAt, at + life < now { confirmedAt = nil }
    }

    /// Whether it is time to tell him that he lacks something.
    func mayBeTold(at now: Instant) -> Bool {
        guard told > 0, let toldAt else { return true }
        let doublings = min(told - 1, GossipLimits.tellAgainDoublings)
        let pause = GossipLimits.tellAgain.wholeNanoseconds << Int64(doublings)
        return toldAt + .nanoseconds(pause) <= now
    }
}

/// How well a neighbour's multicast frames arrive.
struct Reception {
    /// Frames counted since the last hello that carried a count.
    private var heard: UInt32 = 0
    private var lastCount: UInt32?
    /// Share lost in 1/256 of a percent, smoothed over about eight hellos.
    private var smoothed: Int?

    mutating func heardMulticast() { heard += 1 }

    /// `count` is what he says he has sent, this frame included.
    mutating func take(count: UInt32) {
        defer {
            lastCount = count
            heard = 0
        }
        guard let lastCount, count > lastCount else { return }
        let sent = count - lastCount
        let lost = sent > heard ? sent - heard : 0
        let percent = Int(lost) * 25_600 / Int(sent)
        smoothed = smoothed.map { $0 + (percent - $0) / 8 } ?? percent
    }

    /// Percent; nil before the second hello.
    var loss: Int? { smoothed.map { min(100, ($0 + 128) / 256) } }
}
