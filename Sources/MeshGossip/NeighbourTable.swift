import MeshIdentity
import MeshModel

/// All direct neighbours; at most `GossipLimits.neighbours`. After a restart or a new salt a peer
/// is here twice until the new salt is confirmed, and two machines with one key are here as two.
struct NeighbourTable {
    /// In the order in which they were found, so that iteration is the same in every process. Never
    /// nil: an optional can be changed in place through the subscript.
    private var slots: [Neighbour?] = []
    /// Of the slots, ascending.
    private var ids: [NeighbourID] = []
    private var nextID = 1
    /// Always nil: what stands for a neighbour who is not there. An accessor that made one of its
    /// own would have to ask for memory each time, since a neighbour is large.
    private var nobody: Neighbour?

    var count: Int { slots.count }
    var isFull: Bool { slots.count >= GossipLimits.neighbours }

    subscript(id: NeighbourID) -> Neighbour? {
        // A neighbour is large: looked at in place.
        _read {
            if let place = place(of: id) {
                yield slots[place]
            } else {
                yield nobody
            }
        }
        _modify {
            if let place = place(of: id) {
                yield &slots[place]
            } else {
                yield &nobody
                nobody = nil
            }
        }
    }

    private func place(of id: NeighbourID) -> Int? {
        var (low, high) = (0, ids.count)
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low < ids.count && ids[low] == id ? low : nil
    }

    /// Other entries of the same peer on the same link.
    func doubles(of id: NeighbourID) -> [NeighbourID] {
        guard let peer = self[id]?.peer, let link = self[id]?.link else { return [] }
        return all(on: link) { $0.peer == peer && $0.id != id }
    }

    mutating func add(
        _ peer: PeerID, on link: LinkID, at address: Address, salt: UInt64, hash: SaltedHash,
        at now: Instant
    ) -> NeighbourID {
        let id = NeighbourID(nextID)
        nextID += 1
        ids.append(id)
        slots.append(
            Neighbour(
                id: id, peer: peer, link: link, address: address, salt: salt, hash: hash, at: now))
        return id
    }

    @discardableResult
    mutating func remove(_ id: NeighbourID) -> Neighbour? {
        guard let place = place(of: id) else { return nil }
        ids.remove(at: place)
        return slots.remove(at: place)
    }

    /// Moves a ledger out to be changed and put back: a copy would cost more than the change.
    mutating func takeLedger(of id: NeighbourID) -> Ledger? {
        guard let place = place(of: id), let ledger = slots[place]?.ledger else { return nil }
        slots[place]?.ledger = Ledger(hash: ledger.hash)
        return ledger
    }

    /// Puts it back, with whether it shows that he lacks something.
    mutating func put(_ ledger: Ledger, of id: NeighbourID, isBehind: Bool) {
        guard let place = place(of: id) else { return }
        slots[place]?.ledger = ledger
        if !isBehind { slots[place]?.told = 0 }
    }

    func link(of id: NeighbourID) -> LinkID? { place(of: id).flatMap { slots[$0]?.link } }
    func salt(of id: NeighbourID) -> UInt64? { place(of: id).flatMap { slots[$0]?.salt } }

    /// Whether a request to him is under way.
    func isAsked(_ id: NeighbourID) -> Bool {
        place(of: id).map { slots[$0]?.fetch != nil } ?? false
    }

    /// Those who hold something of which it is another one's turn.
    func heldBack() -> [NeighbourID] { ids(where: isHeldBack(at:)) }

    /// Whether anybody but `id` does.
    func isAnyHeldBack(but id: NeighbourID) -> Bool {
        slots.indices.contains { ids[$0] != id && isHeldBack(at: $0) }
    }

    private func isHeldBack(at place: Int) -> Bool { slots[place]?.isHeldBack ?? false }

    var unknownLogs: Int {
        slots.indices.reduce(0) { $0 + (slots[$1]?.ledger.unknown.count ?? 0) }
    }

    func isConfirmed(_ id: NeighbourID) -> Bool {
        place(of: id).map { slots[$0]?.confirmedAt != nil } ?? false
    }

    /// How many proved to hear this peer, on one link or on all.
    func confirmedCount(on link: LinkID? = nil) -> Int {
        slots.indices.count { isConfirmed(at: $0, on: link) }
    }

    /// Those that proved to hear this peer, on one link or on all.
    func confirmed(
        on link: LinkID? = nil, where isMeant: (borrowing Neighbour) -> Bool = { _ in true }
    ) -> [NeighbourID] {
        slots.indices.filter { isConfirmed(at: $0, on: link) && holds(isMeant, at: $0) }
            .map { ids[$0] }
    }

    func all(
        on link: LinkID? = nil, where isMeant: (borrowing Neighbour) -> Bool = { _ in true }
    ) -> [NeighbourID] {
        slots.indices
            .filter { (link == nil || slots[$0]?.link == link) && holds(isMeant, at: $0) }
            .map { ids[$0] }
    }

    /// Of whom nothing was heard for so many of his hello intervals, which follow from how many he
    /// hears.
    func silent(at now: Instant, interval: (Int) -> Duration, times: Int) -> [NeighbourID] {
        ids { place in
            guard let heard = slots[place]?.lastHeard, let degree = slots[place]?.degree else {
                return false
            }
            let patience = interval(degree).wholeNanoseconds * Int64(times)
            return heard + .nanoseconds(patience) < now
        }
    }

    /// A proof that somebody hears this peer lasts for `life`.
    mutating func unconfirm(after life: Duration, at now: Instant) {
        for place in slots.indices { slots[place]?.unconfirm(after: life, at: now) }
    }

    /// Confirmed neighbours on a link who may be told, by what they said and sent, that they lack
    /// something, and hear none of `agreed`, who have just said what a hello of this peer would
    /// say.
    func laggards(
        on link: LinkID, agreed: Set<UInt32>, logs: LogTable, at now: Instant
    ) -> [NeighbourID] {
        ids { place in
            isConfirmed(at: place, on: link) && slots[place]?.isFull == false
                && slots[place]?.hears.isDisjoint(with: agreed) ?? false
                && slots[place]?.mayBeTold(at: now) ?? false
                && slots[place]?.ledger.lacksAny(of: logs) ?? false
        }
    }

    private func ids(where isMeant: (Int) -> Bool) -> [NeighbourID] {
        slots.indices.filter(isMeant).map { ids[$0] }
    }

    // Questions about many at once are answered here, by the fields they need: handing a neighbour
    // out copies all of it.

    /// Confirmed neighbours other than `origin` and `senders` who hear none of `tags` and are on
    /// none of `covered`.
    func uncovered(
        origin: PeerID, senders: [PeerID], tags: [UInt32], covered: [LinkID]
    ) -> [NeighbourID] {
        slots.indices.filter { place in
            guard isConfirmed(at: place, on: nil), let peer = slots[place]?.peer,
                let link = slots[place]?.link
            else { return false }
            return peer != origin && !senders.contains(peer) && !covered.contains(link)
                && !tags.contains { slots[place]?.hears.contains($0) ?? false }
        }.map { ids[$0] }
    }

    /// Whom this peer hears on a link, with the loss of his frames.
    func heard(on link: LinkID) -> [(id: NeighbourID, salt: UInt64, loss: Int?)] {
        slots.indices.compactMap { place in
            guard slots[place]?.link == link, let salt = slots[place]?.salt else { return nil }
            return (ids[place], salt, slots[place]?.reception.loss)
        }
    }

    /// Whether all that proved to hear this peer are so.
    func allConfirmed(_ isSo: (borrowing Neighbour) -> Bool) -> Bool {
        slots.indices.allSatisfy { !isConfirmed(at: $0, on: nil) || holds(isSo, at: $0) }
    }

    private func holds(_ isMeant: (borrowing Neighbour) -> Bool, at place: Int) -> Bool {
        switch slots[place] {
        case .some(let neighbour): isMeant(neighbour)
        case nil: false
        }
    }

    private func isConfirmed(at place: Int, on link: LinkID?) -> Bool {
        slots[place]?.confirmedAt != nil && (link == nil || slots[place]?.link == link)
    }
}
