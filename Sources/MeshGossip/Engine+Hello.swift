import MeshIdentity
import MeshLog
import MeshModel
import MeshWire

/// Links coming and going, hellos out and in, and who counts as a neighbour.
extension Engine {
    // MARK: - Links

    mutating func raise(_ id: LinkID, _ info: LinkInfo, _ effects: inout [Effect]) {
        let due = clock.instant + generator.duration(in: GossipLimits.helloSoon)
        links[id] = Link(info: info, helloDue: due, at: clock.instant)
        effects.append(.setTimer(.hello(id), at: due))
        if tidyDue == nil { tidySoon(&effects) }
    }

    mutating func lower(_ id: LinkID, _ effects: inout [Effect]) {
        links[id] = nil
        for neighbour in neighbours.all(on: id) { lose(neighbour, &effects) }
    }

    // MARK: - Hellos out

    /// Between hellos with so many neighbours; grows linearly between the two ends.
    static func helloInterval(neighbours: Int) -> Duration {
        let fast = GossipLimits.helloFast.wholeMilliseconds
        let slow = GossipLimits.helloSlow.wholeMilliseconds
        let low = GossipLimits.helloFastNeighbours
        let span = GossipLimits.helloSlowNeighbours - low
        let steps = Int64(min(max(neighbours - low, 0), span))
        return .milliseconds(fast + (slow - fast) * steps / Int64(span))
    }

    mutating func helloDue(on id: LinkID, _ effects: inout [Effect]) {
        guard let link = links[id], link.helloDue <= clock.instant else { return }
        let isPeriodic = link.periodicDue <= clock.instant
        links[id]?.burstBeganAt = nil
        guard isPeriodic else {
            let isDone = sendCheck(on: id, &effects)
            let later =
                isDone ? link.periodicDue : min(link.periodicDue, clock.instant + .seconds(1))
            return schedule(hello: later, on: id, &effects)
        }
        sendHello(on: id, to: nil, wantsReply: false, &effects)
        let next = nextPeriodic(on: id)
        links[id]?.periodicDue = next
        schedule(hello: next, on: id, &effects)
    }

    /// A hello for the sake of its digest, to those who are not known to hold what is held here.
    /// False when it has to wait.
    private mutating func sendCheck(on id: LinkID, _ effects: inout [Effect]) -> Bool {
        guard let link = links[id] else { return true }
        let lagging = neighbours.laggards(
            on: id, agreed: link.agreed, logs: logs, at: clock.instant)
        let isForAll = link.listChanged || neighbours.all(on: id).isEmpty
        guard isForAll || !lagging.isEmpty else {
            counters.flood("checkSuppressed")
            return true
        }
        if isForAll || lagging.count >= GossipLimits.multicastFrom {
            guard links[id]?.checks.take(at: clock.instant) ?? false else {
                counters.flood("checkOverBudget")
                return false
            }
            sendHello(on: id, to: nil, wantsReply: false, &effects)
        } else {
            for neighbour in lagging {
                sendHello(on: id, to: neighbours[neighbour]?.address, wantsReply: false, &effects)
            }
        }
        for neighbour in lagging {
            neighbours[neighbour]?.told += 1
            neighbours[neighbour]?.toldAt = clock.instant
        }
        return true
    }

    private mutating func nextPeriodic(on id: LinkID) -> Instant {
        let interval = Self.helloInterval(neighbours: neighbours.confirmedCount(on: id))
        let quarter = Duration.nanoseconds(interval.wholeNanoseconds / 4)
        return clock.instant + generator.duration(in: interval - quarter...interval + quarter)
    }

    private mutating func schedule(hello due: Instant, on id: LinkID, _ effects: inout [Effect]) {
        links[id]?.helloDue = due
        effects.append(.setTimer(.hello(id), at: due))
    }

    /// Brings the next hello on a link forward, never back.
    mutating func hasten(hello due: Instant, on id: LinkID, _ effects: inout [Effect]) {
        guard let link = links[id], due < link.helloDue else { return }
        schedule(hello: due, on: id, &effects)
    }

    /// Sends a hello with this peer's digest, to everybody on the link or to one address.
    mutating func sendHello(
        on id: LinkID, to address: Address?, wantsReply: Bool, echoing first: NeighbourID? = nil,
        _ effects: inout [Effect]
    ) {
        guard let link = links[id] else { return }
        session.hellos += 1
        links[id]?.hellos += 1
        let isAlone = address != nil
        // A check hello to somebody who is confirmed needs neither.
        let meets = isAlone && (wantsReply || first != nil)
        let lists =
            meets || !isAlone && (link.listChanged || link.hellos % GossipLimits.listEvery == 0)
        let introduces = lists || session.hellos <= GossipLimits.introductions
        if !isAlone { links[id]?.listChanged = false }
        let hello = Hello(
            wantsReply: wantsReply, isFull: quota.isFull, port: link.info.port,
            multicastSent: link.multicastSent + (isAlone ? 0 : 1), logs: logs.count,
            introduction: introduces ? session.introduction : nil,
            neighbours: lists ? neighbourList(on: id, first: first) : nil)
        let digest = session.digest.root(of: logs)
        let both = [Message.hello(hello), .digest(digest)]
        if FrameCodec.encode(both).count <= WireLimits.plain {
            send(both, on: id, to: address, &effects)
        } else {
            send([.hello(hello)], on: id, to: address, &effects)
            send([.digest(digest)], on: id, to: address, &effects)
        }
    }

    /// Whom this peer hears on a link; a rotating part where not all fit.
    private func neighbourList(on id: LinkID, first: NeighbourID?) -> [Hello.Neighbour] {
        var heard = neighbours.heard(on: id)
        if let first, let index = heard.firstIndex(where: { $0.id == first }) {
            heard.swapAt(0, index)
        }
        if heard.count > WireLimits.neighbourItems, first == nil {
            let turn = (links[id]?.hellos ?? 0) * WireLimits.neighbourItems % heard.count
            heard = Array(heard[turn...] + heard[..<turn])
        }
        return heard.prefix(WireLimits.neighbourItems).map { one in
            let counter = doors.latest(under: one.salt) ?? 0
            return Hello.Neighbour(
                echo: Echo(salt: Echo.tag(ofSalt: one.salt), counter: counter),
                loss: one.loss.map { UInt8($0) } ?? 255)
        }
    }

    // MARK: - Hellos in

    mutating func take(
        _ hello: Hello, _ header: FrameHeader, _ datagram: Datagram, _ effects: inout [Effect]
    ) {
        guard let id = introduced(hello, header, datagram, &effects) else {
            return solicit(datagram, &effects)
        }
        let wasConfirmed = neighbours.isConfirmed(id)
        neighbours[id]?.take(hello, datagram, at: clock.instant)
        if let list = hello.neighbours { take(list, from: id) }
        let isConfirmed = neighbours.isConfirmed(id)
        if isConfirmed && !wasConfirmed { confirmed(id, &effects) }
        if !isConfirmed || hello.wantsReply { reply(to: id, wantsReply: !isConfirmed, &effects) }
    }

    private mutating func take(_ list: [Hello.Neighbour], from id: NeighbourID) {
        let own = list.last { session.isRecent($0.echo, at: clock.instant) }
        neighbours[id]?.take(list, own: own, at: clock.instant)
    }

    /// The neighbour behind a salt, met now or before; nil while nobody has vouched for it.
    private mutating func introduced(
        _ hello: Hello, _ header: FrameHeader, _ datagram: Datagram, _ effects: inout [Effect]
    ) -> NeighbourID? {
        if let known = doors.neighbour(under: header.salt) { return known }
        guard let introduction = hello.introduction else { return nil }
        guard allowance.strangerChecks.take(at: clock.instant) else {
            counters.rejected("crowded")
            return nil
        }
        guard verifier.verify(introduction, salt: header.salt) else {
            counters.rejected("forgedIntroduction")
            return nil
        }
        guard makeRoom(&effects) else {
            counters.rejected("crowded")
            return nil
        }
        // A restart or a new salt is another entry beside the old one, which goes once the new one
        // is confirmed: a replayed hello of yesterday's salt cannot push a neighbour out.
        let id = neighbours.add(
            introduction.peer, on: datagram.link, at: datagram.from, salt: header.salt,
            hash: doors.hash(of: header.salt), at: clock.instant)
        doors.introduce(header.salt, as: id)
        return id
    }

    /// A full table gives up the unconfirmed neighbour heard longest ago, never a confirmed one.
    private mutating func makeRoom(_ effects: inout [Effect]) -> Bool {
        guard neighbours.isFull else { return true }
        let stale = neighbours.all { !$0.isConfirmed }
            .min { (lastHeard($0), $0) < (lastHeard($1), $1) }
        guard let stale else { return false }
        lose(stale, &effects)
        return true
    }

    private func lastHeard(_ id: NeighbourID) -> Instant { neighbours[id]?.lastHeard ?? .zero }

    private mutating func solicit(_ datagram: Datagram, _ effects: inout [Effect]) {
        guard allowance.strangerAnswers.take(at: clock.instant) else { return }
        sendHello(on: datagram.link, to: datagram.from, wantsReply: true, &effects)
    }

    private mutating func reply(
        to id: NeighbourID, wantsReply: Bool, _ effects: inout [Effect]
    ) {
        guard let link = neighbours[id]?.link, let address = neighbours[id]?.address,
            neighbours[id]?.allowance.answers.take(at: clock.instant) ?? false
        else { return }
        if !neighbours.isConfirmed(id) {
            guard allowance.strangerAnswers.take(at: clock.instant) else { return }
        }
        sendHello(on: link, to: address, wantsReply: wantsReply, echoing: id, &effects)
    }

    mutating func confirmed(_ id: NeighbourID, _ effects: inout [Effect]) {
        guard let peer = neighbours[id]?.peer, let link = neighbours[id]?.link,
            let address = neighbours[id]?.address
        else { return }
        let doubles = neighbours.doubles(of: id)
        let wasKnown = doubles.contains(where: neighbours.isConfirmed)
        // From one address it is one machine with a new salt. From two they are two machines with
        // one key, or one that moved: who is silent is lost soon enough, and who is not has to be
        // served.
        for double in doubles where neighbours[double]?.address == address { drop(double) }
        links[link]?.listChanged = true
        wakeHeldBack(&effects)
        guard !wasKnown else { return }
        effects.append(.report(.neighbourFound(id, peer, link)))
    }

    mutating func lose(_ id: NeighbourID, _ effects: inout [Effect]) {
        let isDouble = neighbours.doubles(of: id).contains(where: neighbours.isConfirmed)
        guard let gone = drop(id) else { return }
        wakeHeldBack(&effects)
        if gone.isConfirmed, !isDouble {
            effects.append(.report(.neighbourLost(id, gone.peer, gone.link)))
        }
    }

    @discardableResult
    private mutating func drop(_ id: NeighbourID) -> Neighbour? {
        guard let gone = neighbours.remove(id) else { return nil }
        doors.leave(gone.salt)
        sightings.lost(gone.peer, heard: gone.lastHeard)
        turns.endAll(of: id)
        looks.cancel(id)
        if gone.isConfirmed { links[gone.link]?.listChanged = true }
        return gone
    }

    // MARK: - Once a second

    mutating func tidy(_ effects: inout [Effect]) {
        guard let due = tidyDue, due <= clock.instant else { return }
        tidyDue = nil
        guard !links.isEmpty else { return }
        tidySoon(&effects)
        if session.tidy(using: &generator, at: clock.instant) { introduceAgain(&effects) }
        let silent = neighbours.silent(
            at: clock.instant, interval: Self.helloInterval(neighbours:),
            times: GossipLimits.lostAfterHellos)
        for id in silent { lose(id, &effects) }
        neighbours.unconfirm(after: GossipLimits.confirmedLife, at: clock.instant)
    }

    private mutating func tidySoon(_ effects: inout [Effect]) {
        let due = clock.instant + .seconds(1)
        tidyDue = due
        effects.append(.setTimer(.tidy, at: due))
    }

    /// Under a new salt everybody has to be told who it stands for.
    private mutating func introduceAgain(_ effects: inout [Effect]) {
        for id in linkIDs {
            links[id]?.multicastSent = 0
            links[id]?.listChanged = true
            hasten(
                hello: clock.instant + generator.duration(in: GossipLimits.helloSoon), on: id,
                &effects)
        }
    }
}
