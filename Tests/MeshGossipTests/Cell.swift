import MeshGossip
import MeshIdentity
import MeshLog
import MeshModel
import Testing

/// A few engines on one perfect link in virtual time: 1 ms a frame, 1 ms a commit. What a test
/// wants lost is cut by `hears`.
struct Cell {
    struct Peer {
        var engine: Engine
        var tables: MemoryTables
        var archive: Archive<MemoryTables>
        var answers: [UInt64: Result<EntryID, DraftRefusal>] = [:]
        var reports: [Report] = []
        var isUp = true
        var sent = 0
        /// Timers that wait for answers and have not fired, and the most there ever were.
        var answerTimers = (now: 0, most: 0)
        /// Bytes that its store may take.
        var limit: UInt64
        /// Messages sent to it, by name.
        var received: [String: Int] { engine.counters.received }
        /// What the store counts: bodies and 300 bytes a row.
        var level: StoreLevel {
            let used = tables.rows.reduce(0) { $0 + 300 + UInt64($1.entry.body?.count ?? 0) }
            return StoreLevel(usedBytes: used, limitBytes: limit)
        }
        var lastFrame: [UInt8]?
        /// Bytes of the largest multicast frame since this was set to 0.
        var largest = 0
    }

    private enum Happening {
        case event(Int, Event)
        case commit(Int, [AppendRequest])
    }

    static let link = LinkID(0)
    static let mesh = MeshID(name: "test")
    static let key = MeshKey(name: "test")
    let verifier = Verifier.memoised(mesh: Cell.mesh)
    var peers: [Peer] = []
    var now = Instant.zero
    /// Whether frames of the first reach the second.
    var hears: (Int, Int) -> Bool = { _, _ in true }
    /// Frames sent, where they are to be recorded.
    var recorded: [(at: Instant, from: Int, bytes: [UInt8])]?
    /// From one peer to another.
    var latency = Duration.milliseconds(1)
    /// Milliseconds that a peer's wall clock is ahead.
    var wallAhead: (Int) -> UInt64 = { _ in 0 }
    /// Whether a peer's disk answers when entries are to be read for somebody.
    var reads: (Int) -> Bool = { _ in true }
    private var queue: [(at: Instant, order: Int, what: Happening)] = []
    private var order = 0
    private var tickets: UInt64 = 0

    init(_ count: Int, seed: UInt64 = 1) throws {
        for index in 0..<count { try add(index, seed: seed) }
    }

    mutating func add(
        _ index: Int, seed: UInt64, tables: MemoryTables = MemoryTables(), epoch: UInt64? = nil,
        keyOf other: Int? = nil, limit: UInt64 = 1 << 30, joined: Set<RoomID> = []
    ) throws {
        let byte = UInt8(other ?? index)
        guard let key = PeerKey(seed: [UInt8](repeating: byte &+ 1, count: 32)) else { return }
        let setup = EngineSetup(
            key: key, mesh: Self.mesh, meshKey: Self.key, verifier: verifier,
            segments: tables.segments(), lastTimes: [:], authorBytes: [:],
            level: StoreLevel(usedBytes: 0, limitBytes: limit), joined: joined, epoch: epoch,
            generator: SeededGenerator(seed: seed &* 1000 &+ UInt64(index)))
        let peer = Peer(
            engine: Engine(setup, at: moment(of: index)), tables: tables,
            archive: try Archive(tables: tables, mesh: Self.mesh), limit: limit)
        peers.append(peer)
        post(.event(index, .linkUp(Self.link, LinkInfo(port: UInt16(index + 1)))), after: .zero)
    }

    private func moment(of index: Int) -> Moment {
        let wall = 1_700_000_000_000 + UInt64(now.nanoseconds / 1_000_000) + wallAhead(index)
        return Moment(instant: now, wall: WallTime(milliseconds: wall))
    }

    private mutating func post(_ what: Happening, after delay: Duration) {
        order += 1
        queue.append((now + delay, order, what))
    }

    mutating func say(_ text: String, as index: Int, in room: String = "ops") throws -> UInt64 {
        tickets += 1
        let draft = Draft(
            ticket: tickets, room: try RoomID.open(room), kind: .text, body: Array(text.utf8))
        post(.event(index, .draftSubmitted(draft)), after: .zero)
        return tickets
    }

    mutating func tell(_ index: Int, _ event: Event) { post(.event(index, event), after: .zero) }

    /// Runs for a virtual time.
    mutating func run(_ duration: Duration) throws {
        let end = now + duration
        while let next = queue.indices.min(by: {
            (queue[$0].at, queue[$0].order) < (queue[$1].at, queue[$1].order)
        }), queue[next].at <= end {
            let item = queue.remove(at: next)
            now = max(now, item.at)
            try happen(item.what)
        }
        now = end
    }

    private mutating func happen(_ what: Happening) throws {
        switch what {
        case .event(let index, let event):
            if case .timerFired(.repair) = event { peers[index].answerTimers.now -= 1 }
            guard peers[index].isUp else { return }
            let effects = peers[index].engine.handle(event, at: moment(of: index))
            for effect in effects { try run(effect, of: index) }
        case .commit(let index, let requests):
            let done = try requests.map {
                AppendDone(
                    token: $0.token,
                    appended: try peers[index].archive.append(
                        $0.run, by: $0.source, at: $0.receivedAt))
            }
            let level = peers[index].level
            try happen(.event(index, .appendsStored(done, level: level)))
        }
    }

    private mutating func run(_ effect: Effect, of index: Int) throws {
        switch effect {
        case .sendFrame(let bytes, _, let to):
            peers[index].sent += 1
            peers[index].lastFrame = bytes
            recorded?.append((now, index, bytes))
            if to == nil { peers[index].largest = max(peers[index].largest, bytes.count) }
            #expect(bytes.count <= 1232)
            for other in peers.indices where other != index && hears(index, other) {
                if let to, to.bytes != [UInt8(other)] { continue }
                let datagram = Datagram(
                    link: Self.link, from: Address([UInt8(index)]), isMulticast: to == nil,
                    bytes: bytes)
                post(.event(other, .datagramReceived(datagram)), after: latency)
            }
        case .setTimer(let timer, let at):
            if case .repair = timer {
                peers[index].answerTimers.now += 1
                let (now, most) = peers[index].answerTimers
                peers[index].answerTimers.most = max(now, most)
            }
            post(.event(index, .timerFired(timer)), after: max(.zero, at - now))
        case .append(let request): post(.commit(index, [request]), after: .milliseconds(1))
        case .read(let query):
            guard reads(index) else { return }
            let entries = try peers[index].archive.chunk(
                query.segment, from: query.from, to: query.to, isProved: query.isProved)
            post(
                .event(index, .runRead(RunRead(token: query.token, entries: entries))),
                after: .milliseconds(1))
        case .answerDraft(let ticket, let result): peers[index].answers[ticket] = result
        case .report(let report): peers[index].reports.append(report)
        }
    }

    /// A datagram from somebody who is no peer of the cell.
    mutating func receive(_ bytes: [UInt8], from address: UInt8, at index: Int) {
        let datagram = Datagram(
            link: Self.link, from: Address([address]), isMulticast: false, bytes: bytes)
        tell(index, .datagramReceived(datagram))
    }

    func lastFrame(of index: Int) -> [UInt8]? { peers[index].lastFrame }

    func author(_ index: Int) -> PeerID? {
        PeerKey(seed: [UInt8](repeating: UInt8(index) &+ 1, count: 32))?.peer
    }

    /// The merged log of one peer: ids in order.
    func log(_ index: Int) -> [EntryID] {
        peers[index].tables.rows.sorted { $0.key < $1.key }.map(\.entry.id)
    }

    func texts(_ index: Int) -> [String] {
        peers[index].tables.rows.sorted { $0.key < $1.key }.map {
            String(decoding: $0.entry.body ?? [], as: UTF8.self)
        }
    }
}
