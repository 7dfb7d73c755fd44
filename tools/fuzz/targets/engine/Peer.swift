import Glibc
@testable import MeshGossip
import MeshIdentity
import MeshLog
import MeshModel
import MeshWire

/// What all peers of one input share.
enum Mesh {
    static let id = MeshID(name: "fuzz")
    static let key = MeshKey(name: "fuzz")
    /// Remembers answers over inputs: most inputs see the same few signatures.
    static let verifier = Verifier.memoised(mesh: id)
    /// Judges what the engine wants appended, and shares no answer with the engine's own.
    static let judge = Verifier.memoised(mesh: id)
    static let rooms = [RoomID.profile] + ["ops", "lab"].compactMap { try? RoomID.open($0) }

    static func key(_ number: UInt8) -> PeerKey {
        guard let key = PeerKey(seed: [UInt8](repeating: number, count: 32)) else {
            preconditionFailure("a seed has 32 bytes")
        }
        return key
    }
}

/// One engine with its disk, and what it was promised. Holds it to its contract: every effect is
/// judged here.
final class Peer {
    let key: PeerKey
    var engine: Engine
    let tables: MemoryTables
    private var archive: Archive<MemoryTables>
    private(set) var links: Set<LinkID> = []
    /// Set and not handed back.
    private(set) var timers: [(timer: Timer, at: Instant)] = []
    /// Handed back lately.
    private(set) var spent: [Timer] = []
    private(set) var appends: [AppendRequest] = []
    private(set) var reads: [RunQuery] = []
    /// Drafts without an answer.
    private(set) var drafts: Set<UInt64> = []
    /// Frames since they were last collected.
    var sent: [(bytes: [UInt8], link: LinkID, to: Address?)] = []
    var level = StoreLevel(usedBytes: 0, limitBytes: 1 << 30)
    /// Whether the disk waits to be told.
    var isHeld = false

    init(_ number: UInt8, history: [[VerifiedEntry]]) {
        key = Mesh.key(number)
        tables = MemoryTables()
        guard var archive = try? Archive(tables: tables, mesh: Mesh.id) else {
            preconditionFailure("an empty archive")
        }
        for run in history { _ = try? archive.append(run, by: .repair, at: Self.wall(.zero)) }
        self.archive = archive
        let setup = EngineSetup(
            key: key, mesh: Mesh.id, meshKey: Mesh.key, verifier: Mesh.verifier,
            segments: tables.segments(), lastTimes: [:], authorBytes: [:], level: level,
            joined: [], epoch: nil, generator: SeededGenerator(seed: UInt64(number)))
        engine = Engine(setup, at: Moment(instant: .zero, wall: Self.wall(.zero)))
    }

    private static func wall(_ now: Instant) -> WallTime {
        WallTime(milliseconds: 1_700_000_000_000 + UInt64(max(0, now.nanoseconds) / 1_000_000))
    }

    // MARK: - Events

    func handle(_ event: Event, at now: Instant) {
        switch event {
        case .linkUp(let link, _): links.insert(link)
        case .linkDown(let link): links.remove(link)
        case .draftSubmitted(let draft): drafts.insert(draft.ticket)
        default: break
        }
        for effect in engine.handle(event, at: Moment(instant: now, wall: Self.wall(now))) {
            run(effect)
        }
    }

    /// Hands back every timer that is due; true if there was one.
    func fireDue(at now: Instant) -> Bool {
        guard let next = timers.indices.min(by: { timers[$0].at < timers[$1].at }),
            timers[next].at <= now
        else { return false }
        fire(next, at: now)
        return true
    }

    /// One handed back before its time comes back once more when that has come: that an early one
    /// does nothing is the engine's promise, and that none is forgotten is the shell's.
    func fire(_ place: Int, at now: Instant) {
        let timer = timers[place].timer
        if timers[place].at <= now { timers.remove(at: place) }
        spent = Array((spent + [timer]).suffix(16))
        handle(.timerFired(timer), at: now)
    }

    /// One transaction with all that waits; true if anything did.
    func commit(at now: Instant) -> Bool {
        let requests = appends
        guard !requests.isEmpty else { return false }
        appends = []
        let done = requests.map { request in
            guard
                let appended = try? archive.append(
                    request.run, by: request.source, at: request.receivedAt)
            else { preconditionFailure("tables in memory do not fail") }
            Tally.note("archive \(appended.outcome)".prefix { $0 != "(" })
            return AppendDone(token: request.token, appended: appended)
        }
        handle(.appendsStored(done, level: level), at: now)
        return true
    }

    func failCommit(at now: Instant) {
        let tokens = appends.map(\.token)
        guard !tokens.isEmpty else { return }
        appends = []
        let segments = tables.segments()
        handle(.appendsFailed(tokens: tokens, reason: "disk", segments: segments), at: now)
    }

    /// Answers the read that waits longest; true if there was one.
    func answerRead(at now: Instant, twice: Bool = false) -> Bool {
        guard !reads.isEmpty else { return false }
        let query = reads.removeFirst()
        guard
            let entries = try? archive.chunk(
                query.segment, from: query.from, to: query.to, isProved: query.isProved)
        else { preconditionFailure("tables in memory do not fail") }
        for _ in 0..<(twice ? 2 : 1) {
            handle(.runRead(RunRead(token: query.token, entries: entries)), at: now)
        }
        return true
    }

    // MARK: - Effects

    private func run(_ effect: Effect) {
        switch effect {
        case .sendFrame(let bytes, let link, let to):
            expect(links.contains(link), "a frame on link \(link.raw), which is down")
            expect(bytes.count <= WireLimits.datagram, "a frame of \(bytes.count) bytes")
            sent.append((bytes, link, to))
        case .setTimer(let timer, let at): timers.append((timer, at))
        case .append(let request):
            Proof.check(request)
            Canary.listen(request)
            appends.append(request)
        case .read(let query): reads.append(query)
        case .answerDraft(let ticket, let answer): answered(ticket, answer)
        case .report: break
        }
    }

    private func answered(_ ticket: UInt64, _ answer: Result<EntryID, DraftRefusal>) {
        expect(drafts.remove(ticket) != nil, "draft \(ticket) is answered twice")
        guard case .success(let id) = answer else { return }
        expect(tables.link(id: id) != nil, "draft \(ticket) is accepted and not held")
    }
}

/// That a run was proven before it is to be kept, found out again from its bytes.
enum Proof {
    static func check(_ request: AppendRequest) {
        guard let last = request.run.last else { preconditionFailure("an empty run") }
        expect(
            Mesh.judge.verify(last.entry, of: last.log) != nil, "no signature at \(last.id)")
        for (entry, next) in zip(request.run, request.run.dropFirst()) {
            expect(next.header.previous == entry.id.link, "\(entry.id) is not before it")
            expect(next.header.seq == entry.header.seq + 1, "\(entry.id) at no place of it")
            expect(next.log == entry.log, "\(entry.id) is of another log")
        }
        for one in request.run {
            let hash = Hashing.sha256(EntryCodec.canonical(one.header))
            expect(EntryID(hash) == one.id, "\(one.id) is not its header's hash")
            guard let body = one.entry.body else { continue }
            expect(body.count == Int(one.header.bodyLength), "the body of \(one.id)")
            expect(Hashing.sha256(body) == one.header.bodyHash, "the body of \(one.id)")
        }
    }
}

/// A planted crash at the end of a confirmed path, behind a flag: a long body that was asked for,
/// came in pieces and was put together. If it is not found, nothing behind it was looked at.
enum Canary {
    private static let sings = getenv("STARLING_FUZZ_CANARY") != nil

    static func listen(_ request: AppendRequest) {
        guard sings, request.source == .repair else { return }
        let longest = request.run.compactMap { $0.entry.body?.count }.max() ?? 0
        expect(longest <= WireLimits.plain, "the canary sings")
    }
}
