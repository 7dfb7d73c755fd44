import MeshIdentity
import MeshLog
import MeshModel
import MeshWire

/// The fast plane: a new entry at once, to those whom nobody else reaches.
///
/// Coverage as in multipoint relaying and SBA (Peng and Lu, 2000), decided by the receiver: a
/// neighbour is covered when somebody whom we heard sending the entry is heard by him, by his own
/// list. Where few are uncovered, acknowledged unicasts along eager links (Plumtree, Leitão et al.,
/// 2007). Differs from both in that nothing here is needed for delivery.
extension Engine {
    // MARK: - Live entries in

    mutating func take(
        _ live: LiveEntry, from sender: NeighbourID?, isMulticast: Bool,
        _ effects: inout [Effect]
    ) {
        let entry = Entry(hashing: live.entry, signature: live.signature)
        let confirmed = sender.flatMap { neighbours.isConfirmed($0) ? $0 : nil }
        let isAwaited = live.entry.body != nil && relays.isAnnounced(entry.id)
        if relays.hasSeen(entry.id), !isAwaited {
            return takeCopy(entry, from: confirmed, isMulticast: isMulticast, &effects)
        }
        guard mayCheck(sender) else { return counters.rejected("overBudget") }
        if let opening = live.opening { learn(opening, entry.header.log) }
        guard let log = logs.log(of: entry.header.log) else {
            return keepUnopened(live, from: confirmed, &effects)
        }
        guard let verified = verifier.verify(entry, of: log) else {
            return counters.rejected("forged")
        }
        relays.see(entry.id)
        counters.flood("new")
        accept(verified, live, from: confirmed, &effects)
    }

    private mutating func mayCheck(_ sender: NeighbourID?) -> Bool {
        guard let sender, neighbours.isConfirmed(sender) else {
            return allowance.strangerChecks.take(at: clock.instant)
        }
        return neighbours[sender]?.allowance.checks.take(at: clock.instant) ?? false
            && allowance.allChecks.take(at: clock.instant)
    }

    private mutating func takeCopy(
        _ entry: Entry, from sender: NeighbourID?, isMulticast: Bool, _ effects: inout [Effect]
    ) {
        counters.flood("duplicate")
        guard let sender else { return }
        relays.heard(entry.id, from: sender)
        guard let log = logs.log(of: entry.header.log) else { return }
        if let id = logs.id(of: entry.header.log) {
            neighbours[sender]?.ledger.raise(id, to: entry.header.seq)
        }
        let isPruned = neighbours[sender]?.pruned.contains(log.author.raw.words.0) ?? true
        if !isMulticast && !isPruned { set(eager: false, log.author, from: sender, &effects) }
    }

    /// Takes an opening over if it is what the reference stands for.
    mutating func learn(_ log: LogID, _ ref: LogRef) {
        guard LogRef(of: log, mesh: mesh) == ref else { return counters.rejected("badOpening") }
        logs.open(log, ref: ref)
    }

    private mutating func keepUnopened(
        _ live: LiveEntry, from sender: NeighbourID?, _ effects: inout [Effect]
    ) {
        guard let sender else { return counters.rejected("unopened") }
        if unopened.count >= GossipLimits.unopened { unopened.removeFirst() }
        unopened.append((sender, live))
        let ref = live.entry.header.log
        neighbours[sender]?.ledger.note(unopened: ref, seq: live.entry.header.seq)
        askSoon(sender, &effects)
    }

    /// Live entries that waited for this opening.
    mutating func takeUnopened(of ref: LogRef, _ effects: inout [Effect]) {
        let ready = unopened.filter { $0.live.entry.header.log == ref }
        unopened.removeAll { $0.live.entry.header.log == ref }
        for one in ready { take(one.live, from: one.from, isMulticast: true, &effects) }
    }

    /// A verified entry, seen for the first time.
    private mutating func accept(
        _ verified: VerifiedEntry, _ live: LiveEntry, from sender: NeighbourID?,
        _ effects: inout [Effect]
    ) {
        let ref = verified.header.log
        let id = logs.id(of: ref)
        if let id, let sender {
            neighbours[sender]?.ledger.raise(id, to: verified.header.seq)
        }
        if let sender, live.hops == 0 { compareClocks(verified, sender) }
        guard quota.admits(verified.log), id != nil || !logs.isFull else {
            relays.unsee(verified.id)
            return counters.rejected("noRoom")
        }
        guard verified.entry.body != nil else {
            // Announced: too large for one frame. Fetched from whoever sent it, and passed on then.
            // A stranger's copy without its body must not make the whole one look like a copy.
            guard let sender else { return relays.unsee(verified.id) }
            relays.announce(
                Relays.Relay(live: live, origin: verified.log.author, heardFrom: [sender]),
                verified.id)
            if id == nil {
                neighbours[sender]?.ledger.note(unopened: ref, seq: verified.header.seq)
            }
            return askSoon(sender, &effects)
        }
        append(
            [verified], source: .flood, from: sender, segment: tailSegment(for: verified),
            live: live, ref: nil, &effects)
        if id == nil, let sender, verified.header.seq > 1 {
            neighbours[sender]?.ledger.note(unopened: ref, seq: verified.header.seq - 1)
        }
        if let sender, verified.header.seq > (id.map { logs[$0].tail } ?? 0) {
            askSoon(sender, &effects)
        }
        begin(live, verified, from: sender.map { [$0] } ?? [], &effects)
    }

    /// What an entry claims is when its author wrote it: one that comes straight from him tells his
    /// clock.
    private mutating func compareClocks(_ entry: VerifiedEntry, _ sender: NeighbourID) {
        guard neighbours[sender]?.peer == entry.log.author else { return }
        let his = Int64(clamping: entry.header.at.milliseconds)
        neighbours[sender]?.clockOffset = his - Int64(clamping: clock.wall.milliseconds)
    }

    /// The segment that an entry extends at its tail; nil when it does not.
    private func tailSegment(for entry: VerifiedEntry) -> SegmentID? {
        logs.family(of: entry.header.log).first { id in
            let log = logs[id]
            return log.tail + 1 == entry.header.seq && !log.segment.isSplit
                && log.tailID.link == entry.header.previous
        }
    }

    // MARK: - Passing on

    /// Considers passing an entry on; decided when the wait is over.
    mutating func begin(
        _ live: LiveEntry, _ entry: VerifiedEntry, from: [NeighbourID], _ effects: inout [Effect]
    ) {
        guard allowance.mayRelay(entry.log.author, at: clock.instant) else {
            return counters.flood("overBudget")
        }
        var passed = live
        passed.hops = live.hops == WireLimits.hops ? live.hops : live.hops + 1
        let relay = Relays.Relay(live: passed, origin: entry.log.author, heardFrom: from)
        let uncovered = uncovered(by: relay)
        guard !uncovered.isEmpty else { return counters.flood("suppressed") }
        guard relays.add(relay, entry.id) else { return counters.flood("overBudget") }
        let wait = relayWait(uncovered: uncovered.count)
        effects.append(.setTimer(.relay(entry.id), at: clock.instant + wait))
    }

    /// Shorter for who covers more.
    private mutating func relayWait(uncovered: Int) -> Duration {
        let total = max(1, neighbours.confirmedCount())
        let longest = GossipLimits.relayWait.wholeNanoseconds
        let share = longest * Int64(total - min(uncovered, total)) / Int64(total)
        return .nanoseconds(share) + generator.duration(in: GossipLimits.relayJitter)
    }

    mutating func relayDue(_ id: EntryID, _ effects: inout [Effect]) {
        guard let relay = relays.take(id) else { return }
        let uncovered = uncovered(by: relay)
        guard !uncovered.isEmpty else { return counters.flood("suppressed") }
        pass(relay, to: uncovered, isOwn: false, &effects)
    }

    /// An own entry, durable now.
    mutating func flood(own entry: VerifiedEntry, _ effects: inout [Effect]) {
        relays.see(entry.id)
        guard let live = live(entry) else { return }
        guard allowance.ownFloods.take(at: clock.instant) else {
            return counters.flood("overBudget")
        }
        let relay = Relays.Relay(live: live, origin: entry.log.author, heardFrom: [])
        pass(relay, to: uncovered(by: relay), isOwn: true, &effects)
    }

    private func live(_ entry: VerifiedEntry) -> LiveEntry? {
        guard let signature = entry.entry.signature else { return nil }
        let unhashed = UnhashedEntry(header: entry.header, body: entry.entry.body)
        var live = LiveEntry(
            hops: 0, opening: entry.header.seq == 1 ? entry.log : nil, entry: unhashed,
            signature: signature)
        if FrameCodec.encode([.entry(live)]).count > WireLimits.plain { live.entry.body = nil }
        return live
    }

    /// Confirmed neighbours whom nobody who sent the entry reaches, by link.
    private func uncovered(by relay: Relays.Relay) -> [NeighbourID] {
        let senders = relay.heardFrom
        let tags = senders.compactMap { neighbours.salt(of: $0).map(Echo.tag(ofSalt:)) }
        let peers = senders.compactMap { neighbours[$0]?.peer }
        let lowLinks = senders.compactMap { neighbours.link(of: $0) }
            .filter { links[$0]?.info.relaysBelow ?? false }
        return neighbours.uncovered(
            origin: relay.origin, senders: peers, tags: tags, covered: lowLinks)
    }

    /// By whatever costs least air on each link.
    private mutating func pass(
        _ relay: Relays.Relay, to uncovered: [NeighbourID], isOwn: Bool,
        _ effects: inout [Effect]
    ) {
        let origin = relay.origin.raw.words.0
        for link in linkIDs {
            let here = uncovered.filter { neighbours.link(of: $0) == link }
            if here.count >= GossipLimits.multicastFrom {
                guard isOwn || mayMulticast(relay.live, on: link) else {
                    counters.flood("overBudget")
                    continue
                }
                counters.flood(isOwn ? "sent" : "relayed")
                send([.entry(relay.live)], on: link, to: nil, &effects)
            } else {
                for id in here where isOwn || !(neighbours[id]?.lazy.contains(origin) ?? true) {
                    counters.flood(isOwn ? "sent" : "relayedUnicast")
                    send([.entry(relay.live)], to: id, &effects)
                }
            }
        }
    }

    private mutating func mayMulticast(_ live: LiveEntry, on link: LinkID) -> Bool {
        let bytes = FrameCodec.encode([.entry(live)]).count + WireLimits.frameOverhead
        let airtime = links[link]?.airtime(ofBytes: bytes) ?? .zero
        return allowance.relayAir.take(airtime.wholeNanoseconds / 1000, at: clock.instant)
    }

    // MARK: - Eager and lazy links

    mutating func take(_ change: EagerChange, from id: NeighbourID) {
        for origin in change.origins {
            if change.isEager {
                neighbours[id]?.lazy.remove(origin)
            } else if neighbours[id]?.lazy.count ?? 0 < GossipLimits.lazyOrigins {
                neighbours[id]?.lazy.insert(origin)
            }
        }
    }

    /// Tells a neighbour whether his unicasts of one origin are wanted.
    mutating func set(
        eager isEager: Bool, _ origin: PeerID, from id: NeighbourID, _ effects: inout [Effect]
    ) {
        guard let echo = echo(of: id) else { return }
        let tag = origin.raw.words.0
        if isEager {
            neighbours[id]?.pruned.remove(tag)
        } else {
            guard neighbours[id]?.pruned.count ?? 0 < GossipLimits.lazyOrigins else { return }
            neighbours[id]?.pruned.insert(tag)
        }
        counters.flood(isEager ? "grafted" : "pruned")
        let change = EagerChange(echo: echo, isEager: isEager, origins: [tag])
        send([.eager(change)], to: id, &effects)
    }

    /// Proof for a neighbour that this peer hears him.
    func echo(of id: NeighbourID) -> Echo? {
        guard let salt = neighbours.salt(of: id), let latest = doors.latest(under: salt) else {
            return nil
        }
        return Echo(salt: Echo.tag(ofSalt: salt), counter: latest)
    }
}
