package import MeshIdentity
package import MeshLog
package import MeshModel
import MeshWire

/// Where an engine starts.
package struct EngineSetup: Sendable {
    package var key: PeerKey
    package var mesh: MeshID
    package var meshKey: MeshKey
    package var verifier: Verifier
    /// What the store holds, ascending by id.
    package var segments: [Segment]
    /// The greatest time of any row in each room.
    package var lastTimes: [RoomID: UInt64]
    /// Bytes that each author occupies.
    package var authorBytes: [PeerID: UInt64]
    package var level: StoreLevel
    package var joined: Set<RoomID>
    /// The epoch to continue, where the store is proven to be the one last written; nil opens a new
    /// one at the first write.
    package var epoch: UInt64?
    package var generator: SeededGenerator

    package init(
        key: PeerKey, mesh: MeshID, meshKey: MeshKey, verifier: Verifier, segments: [Segment],
        lastTimes: [RoomID: UInt64], authorBytes: [PeerID: UInt64], level: StoreLevel,
        joined: Set<RoomID>, epoch: UInt64?, generator: SeededGenerator
    ) {
        self.key = key
        self.mesh = mesh
        self.meshKey = meshKey
        self.verifier = verifier
        self.segments = segments
        self.lastTimes = lastTimes
        self.authorBytes = authorBytes
        self.level = level
        self.joined = joined
        self.epoch = epoch
        self.generator = generator
    }
}

package struct NeighbourID: Hashable, Comparable, Sendable {
    package let raw: Int
    package init(_ raw: Int) { self.raw = raw }
    package static func < (a: NeighbourID, b: NeighbourID) -> Bool { a.raw < b.raw }
}

/// The protocol of one peer, as a value.
///
/// Contract. `handle` is the only way in; it is given one event and the time, and returns effects.
/// The caller runs all effects, in order, before it hands in the next event; effects that take time
/// (`append`, `read`) are answered by later events, `append` in the order of the requests. Timers
/// are handed back when due; late, early or repeated ones do nothing. The time never runs backwards
/// (a smaller instant is taken as the last one). Nothing is read from outside: equal events, times
/// and seed give equal effects. What a neighbour sends can never trap: it is decoded into valid
/// values, judged, and counted where it is dropped. A trap here is a bug of ours or a broken
/// promise of the caller.
///
/// The parts are values of the same shape; this type routes (one file for each flow) and holds no
/// protocol state of its own but them.
package struct Engine {
    let mesh: MeshID
    let verifier: Verifier
    var generator: SeededGenerator
    /// What this peer speaks under.
    var session: Session
    /// Salts heard.
    var doors: Doors
    var neighbours = NeighbourTable()
    /// At most a few dozen: one for each interface.
    var links: [LinkID: Link] = [:]
    var logs: LogTable
    var relays = Relays()
    var writer: Writer
    var quota: Quota
    var allowance: Allowance
    /// Who is being asked for what.
    var turns = Turns()
    var looks = Looks()
    /// Runs handed to the store, by token; at most `GossipLimits.appends`.
    var appends: [UInt64: PendingAppend] = [:]
    /// Reads for neighbours, by token; at most `GossipLimits.reads`.
    var reads: [UInt64: PendingAnswer] = [:]
    /// Live entries whose log nobody opened yet, oldest first; at most `GossipLimits.unopened`.
    var unopened: [(from: NeighbourID, live: LiveEntry)] = []
    var sightings = Sightings()
    package internal(set) var counters = Counters()
    var tokens: UInt64 = 0
    /// When the one timer to tidy up is due; nil while none is set.
    var tidyDue: Instant?
    var clock: Moment

    package init(_ setup: EngineSetup, at now: Moment) {
        mesh = setup.mesh
        verifier = setup.verifier
        generator = setup.generator
        clock = now
        session = Session(
            key: setup.key, mesh: setup.mesh, meshKey: setup.meshKey, using: &generator,
            at: now.instant)
        doors = Doors(meshKey: setup.meshKey, at: now.instant)
        logs = LogTable(setup.segments)
        let isForked = setup.segments.contains {
            $0.log.author == setup.key.peer && $0.log.epoch == setup.epoch && $0.isSplit
        }
        writer = Writer(
            key: setup.key, epoch: isForked ? nil : setup.epoch, lastTimes: setup.lastTimes)
        quota = Quota(
            level: setup.level, authorBytes: setup.authorBytes, joined: setup.joined,
            own: setup.key.peer)
        allowance = Allowance(at: now.instant)
    }

    /// The only way in. See the contract above.
    package mutating func handle(_ event: Event, at now: Moment) -> [Effect] {
        clock = Moment(instant: max(now.instant, clock.instant), wall: now.wall)
        var effects: [Effect] = []
        switch event {
        case .linkUp(let id, let info): raise(id, info, &effects)
        case .linkDown(let id): lower(id, &effects)
        case .neighbourSuggested(let link, let address):
            sendHello(on: link, to: address, wantsReply: true, &effects)
        case .datagramReceived(let datagram): receive(datagram, &effects)
        case .timerFired(let timer): fire(timer, &effects)
        case .draftSubmitted(let draft): submit(draft, &effects)
        case .appendsStored(let done, let level):
            quota.level = level
            for one in done { stored(one, &effects) }
        case .appendsFailed(let tokens, let reason, let segments):
            failed(tokens, reason, segments, &effects)
        case .runRead(let read): answer(read, &effects)
        case .roomsJoined(let rooms): quota.joined = rooms
        case .machineResumed: writer.closeEpoch()
        }
        return effects
    }

    private mutating func fire(_ timer: Timer, _ effects: inout [Effect]) {
        switch timer {
        case .hello(let link): helloDue(on: link, &effects)
        case .relay(let id): relayDue(id, &effects)
        case .look: lookDue(&effects)
        case .repair(let id): repairDue(id, &effects)
        case .recover: recoverDue(&effects)
        case .tidy: tidy(&effects)
        }
    }

    // MARK: - Frames in

    private mutating func receive(_ datagram: Datagram, _ effects: inout [Effect]) {
        counters.framesReceived += 1
        counters.bytesReceived += datagram.bytes.count
        guard links[datagram.link] != nil else { return counters.rejected("link") }
        do {
            let header = try FrameHeader.read(datagram.bytes)
            guard header.salt != session.salt else { return counters.rejected("ownEcho") }
            switch doors.open(datagram.bytes, header, at: clock.instant) {
            case .foreign:
                sightings.heard(stranger: datagram.from, at: clock.instant)
                counters.rejected("foreign")
            case .replayed: counters.rejected("replayed")
            case .crowded: counters.rejected("crowded")
            case .plain(let plain):
                let messages = try FrameCodec.decode(plain)
                note(frame: header, datagram)
                for message in messages { take(message, header, datagram, &effects) }
            }
        } catch {
            counters.rejected(error.code.rawValue)
        }
    }

    private mutating func note(frame header: FrameHeader, _ datagram: Datagram) {
        guard let id = doors.neighbour(under: header.salt) else { return }
        neighbours[id]?.noteFrame(isMulticast: datagram.isMulticast, at: clock.instant)
    }

    private mutating func take(
        _ message: Message, _ header: FrameHeader, _ datagram: Datagram, _ effects: inout [Effect]
    ) {
        counters.received(message.name)
        let sender = doors.neighbour(under: header.salt)
        switch message {
        case .hello(let hello): take(hello, header, datagram, &effects)
        case .entry(let live):
            take(live, from: sender, isMulticast: datagram.isMulticast, &effects)
        case .unknown: counters.rejected("unknownKind")
        case .request(let request):
            guard let id = sender, session.isRecent(request.echo, at: clock.instant) else {
                return counters.rejected("unconfirmed")
            }
            take(request, from: id, &effects)
        case .eager(let change):
            guard let id = sender, session.isRecent(change.echo, at: clock.instant) else {
                return counters.rejected("unconfirmed")
            }
            take(change, from: id)
        case .digest, .run, .piece, .openings:
            guard let id = sender, neighbours.isConfirmed(id) else {
                return counters.rejected("unconfirmed")
            }
            takeConfirmed(message, from: id, isMulticast: datagram.isMulticast, &effects)
        }
    }

    private mutating func takeConfirmed(
        _ message: Message, from id: NeighbourID, isMulticast: Bool, _ effects: inout [Effect]
    ) {
        switch message {
        case .digest(let digest):
            guard digest.isRoot || neighbours[id]?.fetch?.asksMore ?? false else {
                return counters.rejected("unsolicited")
            }
            guard neighbours[id]?.allowance.digests.take(at: clock.instant) ?? false,
                allowance.allDigests.take(at: clock.instant)
            else {
                return counters.rejected("overBudget")
            }
            take(digest, from: id, isMulticast: isMulticast, &effects)
        case .run(let run): take(run, from: id, &effects)
        case .piece(let piece): take(piece, from: id, &effects)
        case .openings(let openings): take(openings, from: id, &effects)
        default: preconditionFailure("\(message.name) is not routed here")
        }
    }

    // MARK: - Frames out

    /// Seals and sends; `to` nil is everybody on the link.
    mutating func send(
        _ messages: [Message], on link: LinkID, to address: Address?, _ effects: inout [Effect]
    ) {
        guard links[link] != nil else { return }
        let plain = FrameCodec.encode(messages)
        // Every message is cut to size where it is made. One that is not costs a frame and shows in
        // the counters; it must not cost the peer, since what is too long may come from others.
        guard plain.count <= WireLimits.plain else { return counters.rejected("ownTooLarge") }
        if address == nil { links[link]?.multicastSent += 1 }
        let frame = session.seal(plain)
        counters.framesSent += 1
        counters.bytesSent += frame.count
        for message in messages { counters.sent(message.name) }
        if address == nil, let airtime = links[link]?.airtime(ofBytes: frame.count) {
            counters.airtime += airtime
        }
        effects.append(.sendFrame(frame, on: link, to: address))
    }

    mutating func send(
        _ messages: [Message], to neighbour: NeighbourID, _ effects: inout [Effect]
    ) {
        guard let link = neighbours[neighbour]?.link, let address = neighbours[neighbour]?.address
        else { return }
        send(messages, on: link, to: address, &effects)
    }

    mutating func nextToken() -> UInt64 {
        tokens += 1
        return tokens
    }

    /// Links in a fixed order.
    var linkIDs: [LinkID] { links.keys.sorted() }
}

/// A run on its way to the store.
struct PendingAppend {
    let base: LogRef
    /// The segment whose tail it moved; nil for the first of a log.
    let segment: SegmentID?
    let source: Source
    let from: NeighbourID?
    let firstSeq: Seq
    let lastID: EntryID
    /// What is passed on if it is a flooded entry.
    let live: LiveEntry?
    let bytes: UInt64
    /// The log it was asked for, as the digest named it, and what the neighbour claims of it where
    /// it was not known here.
    let ref: LogRef?
    var claim: Ledger.Item?
    /// The segment it was asked for.
    let target: SegmentID?
}

/// A stretch of a log being read for a neighbour.
struct PendingAnswer {
    let neighbour: NeighbourID
    let tag: UInt16
    /// The first token of the request; the last frame of what is read last for it says so.
    let request: UInt64
    let base: LogRef
}

/// Budgets that no single neighbour owns.
struct Allowance {
    var allChecks: Budget
    var strangerChecks: Budget
    var strangerAnswers: Budget
    var relayAir: Budget
    var ownFloods: Budget
    var allNodes: Budget
    var allDigests: Budget
    /// By author; at most `GossipLimits.authorBudgets`, then begun anew.
    private var authors: [PeerID: Budget] = [:]

    init(at now: Instant) {
        allChecks = Budget(GossipLimits.allChecks, at: now)
        strangerChecks = Budget(GossipLimits.strangerChecks, at: now)
        strangerAnswers = Budget(GossipLimits.strangerAnswers, at: now)
        relayAir = Budget(GossipLimits.relayAir, at: now)
        ownFloods = Budget(GossipLimits.ownFloods, at: now)
        allNodes = Budget(GossipLimits.allNodes, at: now)
        allDigests = Budget(GossipLimits.allDigests, at: now)
    }

    mutating func mayRelay(_ author: PeerID, at now: Instant) -> Bool {
        if authors[author] == nil {
            if authors.count >= GossipLimits.authorBudgets { authors.removeAll() }
            authors[author] = Budget(GossipLimits.authorRelays, at: now)
        }
        return authors[author]?.take(at: now) ?? false
    }
}

/// What the store has room for.
struct Quota {
    var level: StoreLevel {
        didSet { if Self.band(of: oldValue) != Self.band(of: level) { generation += 1 } }
    }
    private var authorBytes: [PeerID: UInt64]
    var joined: Set<RoomID> { didSet { generation += 1 } }
    private let own: PeerID
    /// Changes whenever what was refused may be taken.
    private(set) var generation = 0

    init(
        level: StoreLevel, authorBytes: [PeerID: UInt64], joined: Set<RoomID>, own: PeerID
    ) {
        self.level = level
        self.authorBytes = authorBytes
        self.joined = joined
        self.own = own
    }

    /// The store takes nothing foreign.
    var isFull: Bool { percent >= GossipLimits.foreignPercent }
    /// Not even own entries fit.
    var isExhausted: Bool { percent >= 100 }

    private var percent: UInt64 { Self.percent(of: level) }

    private static func percent(of level: StoreLevel) -> UInt64 {
        level.limitBytes == 0 ? 100 : level.usedBytes / max(1, level.limitBytes / 100)
    }

    /// How many of the thresholds of `admits` a level has passed.
    private static func band(of level: StoreLevel) -> Int {
        let thresholds = [50, GossipLimits.joinedOnlyPercent, GossipLimits.foreignPercent, 100]
        return thresholds.count { percent(of: level) >= $0 }
    }

    func admits(_ log: LogID) -> Bool {
        if log.author == own { return !isExhausted }
        if isFull { return false }
        let isWanted = log.room == .profile || joined.contains(log.room)
        if percent >= GossipLimits.joinedOnlyPercent && !isWanted { return false }
        let isCrowded = percent >= 50
        return !isCrowded
            || authorBytes[log.author] ?? 0 < level.limitBytes / GossipLimits.authorShare
    }

    mutating func note(_ bytes: Int64, of author: PeerID) {
        let (sum, isBelow) = authorBytes[author, default: 0].addingReportingOverflow(
            UInt64(bitPattern: bytes))
        authorBytes[author] = bytes < 0 && !isBelow ? 0 : sum
    }
}
