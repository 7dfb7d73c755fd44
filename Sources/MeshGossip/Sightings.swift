import MeshModel

/// Who was heard and is no neighbour: senders whose frames do not open, and neighbours that are
/// gone. For people only; nothing in the protocol depends on it.
struct Sightings {
    /// When a frame that did not open last came from an address; at most `GossipLimits.sightings`.
    private var strangers: [Address: Instant] = [:]
    /// When a neighbour that was lost since had been heard last; at most `GossipLimits.sightings`.
    private var departed: [PeerID: Instant] = [:]

    mutating func heard(stranger address: Address, at now: Instant) {
        if strangers[address] == nil, strangers.count >= GossipLimits.sightings {
            strangers = strangers.filter { $0.value + GossipLimits.strangerAge > now }
            guard strangers.count < GossipLimits.sightings else { return }
        }
        strangers[address] = now
    }

    mutating func lost(_ neighbour: PeerID, heard: Instant) {
        if departed.count >= GossipLimits.sightings { departed = [:] }
        departed[neighbour] = max(heard, departed[neighbour] ?? heard)
    }

    /// Addresses from which something that does not open came lately.
    func strangers(at now: Instant) -> Int {
        strangers.count { $0.value + GossipLimits.strangerAge > now }
    }

    func lastHeard(_ peer: PeerID) -> Instant? { departed[peer] }
}
