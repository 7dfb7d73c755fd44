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
    /// Front of the salts that his last list named: whom he hears.
    var hears: Set<UInt32> = []
    /// Length of that list, which tells his hello interval.
    var degree = 0
    var ledger: Ledger
    var fetch: Fetch?
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
        /// One hello in answer at a time.
        var answers: Budget

        init(at now: Instant) {
            checks = Budget(GossipLimits.neighbourChecks, at: now)
            requests = Budget(GossipLimits.neighbourRequests, at: now)
            answers = Budget(Budget.Rate(perSecond: 1, burst: 3), at: now)
        }
    }

    init(
        id: NeighbourID, peer: PeerID, link: LinkID, address: Address, salt: UInt64, at now: Instant
    ) {
        self.id = id
        self.peer = peer
        self.link = link
        self.address = address
        self.salt = salt
        lastHeard = now
        ledger = Ledger(salt: salt)
        allowance = Allowance(at: now)
    }

    var isConfirmed: Bool { confirmedAt != nil }
    var saltTag: UInt32 { Echo.tag(ofSalt: salt) }

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

/// What a neighbour is known to hold, by his digests.
struct Ledger {
    struct Item: Hashable {
        /// The place of the log in his digest; nil when only a flooded entry told of it.
        var index: Int?
        var seq: Seq
        /// His head agrees with what is held here, as far as that can be told.
        var agrees: Bool
    }

    /// For the hashes in his digests.
    let hash: SaltedHash
    /// By segment here.
    private(set) var items: [SegmentID: Item] = [:]
    /// Indices whose log is not known here, with the head seq; ascending.
    private(set) var unknown: [Int: Seq] = [:]
    /// Openings he gave for indices, until the first entry makes a segment of them. At most
    /// `WireLimits.wholeDigest`.
    private(set) var opened: [Int: Opening] = [:]
    /// References that a flooded entry named and nobody opened yet. At most
    /// `GossipLimits.unopened`.
    private(set) var unopened: [LogRef: Seq] = [:]
    /// Nodes of his hash tree to ask for. At most `WireLimits.requestItems`.
    var nodes: [[UInt8]] = []
    /// Digest keys of this peer's logs under his salt, for the first `keyed` of them.
    private var keys: [UInt32: SegmentID] = [:]
    private var keyed = 0
    /// His last digest showed nothing that is lacking here or there.
    var inSync = false

    init(salt: UInt64) { hash = SaltedHash(salt: salt) }

    subscript(id: SegmentID) -> Item? { items[id] }

    /// The log that a digest key stands for.
    mutating func segment(for key: UInt32, in logs: LogTable) -> SegmentID? {
        while keyed < logs.count, let id = logs.id(at: keyed) {
            keys[hash.key(of: logs[id].segment.ref)] = id
            keyed += 1
        }
        return keys[key]
    }

    mutating func note(_ id: SegmentID, _ item: Item) {
        items[id] = item
        if let index = item.index { settle(unknown: index) }
    }

    mutating func note(unknown index: Int, seq: Seq) {
        guard unknown.count < WireLimits.wholeDigest || unknown[index] != nil else { return }
        unknown[index] = seq
    }

    mutating func note(opened index: Int, _ opening: Opening) {
        guard opened.count < WireLimits.wholeDigest || opened[index] != nil else { return }
        opened[index] = opening
    }

    mutating func note(unopened ref: LogRef, seq: Seq) {
        guard unopened.count < GossipLimits.unopened || unopened[ref] != nil else { return }
        unopened[ref] = max(seq, unopened[ref] ?? 0)
    }

    mutating func settle(unknown index: Int) {
        unknown[index] = nil
        opened[index] = nil
    }

    /// Indices of logs that he opened and of which nothing is held, ascending.
    var openedUnknown: [(index: Int, opening: Opening, seq: Seq)] {
        opened.sorted { $0.key < $1.key }.compactMap { index, opening in
            unknown[index].map { (index, opening, $0) }
        }
    }

    /// Indices whose opening is still to be asked for, ascending.
    var toOpen: [Int] { unknown.keys.filter { opened[$0] == nil }.sorted() }

    mutating func settle(unopened ref: LogRef) { unopened[ref] = nil }

    /// He holds at least `seq` of a log, as a flooded entry shows.
    mutating func raise(_ id: SegmentID, to seq: Seq) {
        if let item = items[id] {
            if item.seq < seq {
                items[id] = Item(index: item.index, seq: seq, agrees: item.agrees)
            }
        } else {
            items[id] = Item(index: nil, seq: seq, agrees: true)
        }
    }

    /// What he claimed could not be had from him: believe it no longer, until he claims it again.
    mutating func lower(_ id: SegmentID, to seq: Seq) {
        if let item = items[id], item.seq > seq {
            items[id] = Item(index: item.index, seq: seq, agrees: item.agrees)
        }
    }
}

/// All direct neighbours; at most `GossipLimits.neighbours`. After a restart or a new salt a peer
/// is here twice until the new salt is confirmed.
struct NeighbourTable {
    /// In the order in which they were found, so that iteration is the same in every process. Never
    /// nil: an optional can be changed in place through the subscript.
    private var slots: [Neighbour?] = []
    private var places: [NeighbourID: Int] = [:]
    private var nextID = 1

    var count: Int { slots.count }
    var isFull: Bool { slots.count >= GossipLimits.neighbours }

    subscript(id: NeighbourID) -> Neighbour? {
        get { places[id].flatMap { slots[$0] } }
        _modify {
            if let place = places[id] {
                yield &slots[place]
            } else {
                var none: Neighbour?
                yield &none
            }
        }
    }

    /// Other entries of the same peer on the same link.
    func doubles(of id: NeighbourID) -> [Neighbour] {
        guard let one = self[id] else { return [] }
        return all(on: one.link).filter { $0.peer == one.peer && $0.id != id }
    }

    mutating func add(
        _ peer: PeerID, on link: LinkID, at address: Address, salt: UInt64, at now: Instant
    ) -> NeighbourID {
        let id = NeighbourID(nextID)
        nextID += 1
        places[id] = slots.count
        slots.append(
            Neighbour(id: id, peer: peer, link: link, address: address, salt: salt, at: now))
        return id
    }

    @discardableResult
    mutating func remove(_ id: NeighbourID) -> Neighbour? {
        guard let place = places.removeValue(forKey: id) else { return nil }
        let gone = slots.remove(at: place)
        for later in place..<slots.count {
            if let id = slots[later]?.id { places[id] = later }
        }
        return gone
    }

    func isConfirmed(_ id: NeighbourID) -> Bool {
        places[id].map { slots[$0]?.confirmedAt != nil } ?? false
    }

    /// How many proved to hear this peer, on one link or on all.
    func confirmedCount(on link: LinkID? = nil) -> Int {
        slots.indices.count { isConfirmed(at: $0, on: link) }
    }

    /// Those that proved to hear this peer, on one link or on all.
    func confirmed(on link: LinkID? = nil) -> [Neighbour] {
        slots.indices.compactMap { isConfirmed(at: $0, on: link) ? slots[$0] : nil }
    }

    func all(on link: LinkID? = nil) -> [Neighbour] {
        slots.indices.compactMap { link == nil || slots[$0]?.link == link ? slots[$0] : nil }
    }

    private func isConfirmed(at place: Int, on link: LinkID?) -> Bool {
        slots[place]?.confirmedAt != nil && (link == nil || slots[place]?.link == link)
    }
}
