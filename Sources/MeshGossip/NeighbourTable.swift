import MeshModel

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

    /// Those who hold something of which it is another one's turn.
    func heldBack() -> [NeighbourID] {
        slots.indices.compactMap { slots[$0]?.isHeldBack ?? false ? slots[$0]?.id : nil }
    }

    var unknownLogs: Int {
        slots.indices.reduce(0) { $0 + (slots[$1]?.ledger.unknown.count ?? 0) }
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
