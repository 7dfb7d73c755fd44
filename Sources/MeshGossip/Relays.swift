import MeshLog
import MeshModel
import MeshWire

/// Live entries on their way through: which were seen, and which still wait to be passed on.
struct Relays {
    struct Relay {
        let live: LiveEntry
        let origin: PeerID
        /// Who sent it to us, and whom we heard sending it since.
        var heardFrom: [NeighbourID]
    }

    /// Ids seen lately, oldest first.
    private var recent: Set<EntryID> = []
    private var recentOrder: [EntryID] = []
    private var oldest = 0
    /// At most `GossipLimits.relays`.
    private var waiting: [EntryID: Relay] = [:]
    /// Announced entries whose bodies are being fetched; passed on once stored. At most
    /// `GossipLimits.unopened`.
    private var announced: [EntryID: Relay] = [:]
    /// The same, oldest first.
    private var announcedOrder: [EntryID] = []

    func hasSeen(_ id: EntryID) -> Bool { recent.contains(id) }

    mutating func see(_ id: EntryID) {
        guard recent.insert(id).inserted else { return }
        if recentOrder.count < GossipLimits.recentEntries {
            recentOrder.append(id)
        } else {
            recent.remove(recentOrder[oldest])
            recentOrder[oldest] = id
            oldest = (oldest + 1) % recentOrder.count
        }
    }

    /// Forgets having seen an entry that was not kept, so that a later copy gets its chance.
    mutating func unsee(_ id: EntryID) { recent.remove(id) }

    subscript(id: EntryID) -> Relay? { waiting[id] }

    /// False when too many wait: the entry still travels by repair.
    mutating func add(_ relay: Relay, _ id: EntryID) -> Bool {
        guard waiting.count < GossipLimits.relays else { return false }
        waiting[id] = relay
        return true
    }

    mutating func heard(_ id: EntryID, from neighbour: NeighbourID) {
        guard !(waiting[id]?.heardFrom.contains(neighbour) ?? true) else { return }
        waiting[id]?.heardFrom.append(neighbour)
    }

    mutating func take(_ id: EntryID) -> Relay? { waiting.removeValue(forKey: id) }

    mutating func announce(_ relay: Relay, _ id: EntryID) {
        guard announced[id] == nil else { return }
        if announcedOrder.count >= GossipLimits.unopened {
            announced[announcedOrder.removeFirst()] = nil
        }
        announced[id] = relay
        announcedOrder.append(id)
    }

    func isAnnounced(_ id: EntryID) -> Bool { announced[id] != nil }

    mutating func takeAnnounced(_ id: EntryID) -> Relay? {
        guard let relay = announced.removeValue(forKey: id) else { return nil }
        announcedOrder.removeAll { $0 == id }
        return relay
    }
}

/// One link as the engine sees it.
struct Link {
    var info: LinkInfo
    /// Multicast frames sent under the present salt.
    var multicastSent: UInt32 = 0
    /// Hellos sent, for the list with every fourth.
    var hellos = 0
    /// When the next hello is due; a timer before that is late and means nothing.
    var helloDue: Instant
    /// When the next hello is due that nothing suppresses.
    var periodicDue: Instant
    /// The neighbour list changed since it was last sent.
    var listChanged = true
    /// Salts of those whose multicast digest was equal to ours, since the last new entry: whoever
    /// hears one of them has been told what a hello of ours would tell. At most
    /// `GossipLimits.neighbours`.
    var agreed: Set<UInt32> = []
    /// The last flooded entry was stored at this time, and the first of the burst.
    var newestEntryAt: Instant?
    var burstBeganAt: Instant?
    var checks: Budget

    init(info: LinkInfo, helloDue: Instant, at now: Instant) {
        self.info = info
        checks = Budget(GossipLimits.checkHellos, at: now)
        self.helloDue = helloDue
        periodicDue = helloDue
    }

    /// Time on the air of one multicast frame: preamble and headers (802.11 OFDM, UDP, IPv6) and
    /// payload.
    func airtime(ofBytes count: Int) -> Duration {
        .nanoseconds(20_000 + Int64(count + 84) * 8 * 1_000_000_000 / Int64(info.basicRate))
    }
}
