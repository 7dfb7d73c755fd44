package import MeshGossip
package import MeshIdentity
import MeshLog
package import MeshModel

/// One machine: an engine, a disk, a wall clock. The disk is a journal of transactions; the archive
/// is what they make, so a crash loses exactly what was not in the journal yet.
package final class SimulatedPeer {
    package let node: Int
    package var key: PeerKey
    /// Nil while the machine is off.
    package var engine: Engine?
    /// Whether there is an engine; asking the engine itself would copy it.
    package private(set) var isOn = false
    package var wallClock: WallClock
    package private(set) var disk: SimulatedDisk
    /// Counts starts; timers and answers of an earlier one are void.
    package private(set) var boot = 0
    /// Appends of which the transaction has not begun.
    package var waiting: [AppendRequest] = []
    /// Own entries that were written and are not durable yet.
    package var pendingOwn: [Int] = []
    /// What the checkers know of it.
    package var record: PeerRecord
    /// The engine's clock at the start of the run: every boot has one of its own.
    private var origin = Instant.zero
    package var generator: SeededGenerator
    package var frozenUntil = Instant.zero

    package init(
        node: Int, key: PeerKey, wallClock: WallClock, mesh: MeshID, generator: SeededGenerator
    ) {
        self.node = node
        self.key = key
        self.wallClock = wallClock
        disk = SimulatedDisk(mesh: mesh)
        record = PeerRecord()
        self.generator = generator
    }

    package func moment(at now: Instant) -> Moment {
        Moment(
            instant: Instant(nanoseconds: now.nanoseconds + origin.nanoseconds),
            wall: wallClock.time(at: now))
    }

    /// The simulation's time of one of the engine's instants.
    package func simulated(_ instant: Instant) -> Instant {
        Instant(nanoseconds: instant.nanoseconds - origin.nanoseconds)
    }

    package func switchOn(
        _ mesh: SimulatedMesh, rooms: [RoomID], epoch: UInt64?, at now: Instant
    ) {
        boot += 1
        origin = Instant(
            nanoseconds: Int64.random(in: 0...1_000_000_000_000, using: &generator))
        let setup = EngineSetup(
            key: key, mesh: mesh.id, meshKey: mesh.key, verifier: mesh.verifier,
            segments: disk.tables.segments(), lastTimes: disk.lastTimes(in: rooms + [.profile]),
            authorBytes: disk.authorBytes, level: disk.level, joined: Set(rooms), epoch: epoch,
            generator: SeededGenerator(seed: generator.next()))
        engine = Engine(setup, at: moment(at: now))
        isOn = true
    }

    package func switchOff() {
        boot += 1
        engine = nil
        isOn = false
        waiting = []
        pendingOwn = []
        record.drafts = [:]
    }

    /// The disk of another machine, or of another time.
    package func replaceDisk(_ other: SimulatedDisk) {
        disk = other
        record = PeerRecord()
    }

    /// The canary's fault: the disk loses transactions, and nobody takes note.
    package func dropFromDisk(_ isDropped: (Int) -> Bool) {
        let epoch = disk.epoch
        disk = disk.restored(to: disk.journal.count, dropping: isDropped)
        disk.epoch = epoch
        record.rowsSeen = disk.tables.rows.count
    }

    /// One transaction with everything that waits; what became of each request.
    package func commit() -> [AppendDone] {
        let requests = waiting
        waiting = []
        if let epoch = engine?.epoch { disk.epoch = epoch }
        return requests.map { AppendDone(token: $0.token, appended: disk.append($0)) }
    }

    package func read(_ query: RunQuery) -> [Entry] { disk.chunk(query) }
}

/// What the checkers know of one peer, without asking its engine.
package struct PeerRecord {
    /// Drafts in the engine: room by ticket.
    package var drafts: [UInt64: RoomID] = [:]
    package var accepted = EntrySet()
    package var everHeld = EntrySet()
    package var held = EntrySet()
    /// Held, and all of the past held.
    package var complete = EntrySet()
    /// Held and not complete.
    package var partial: [Int] = []
    /// Rows of the tables looked at so far.
    package var rowsSeen = 0
    package var failsNextCommit = false
    package var isCommitScheduled = false

    package init() {}

    /// Takes note of one new row.
    package mutating func add(_ number: Int) {
        held.insert(number)
        everHeld.insert(number)
        partial.append(number)
    }

    /// Finds what has become complete.
    package mutating func complete(by truth: Truth) {
        partial.removeAll { number in
            let authored = truth[number]
            guard !authored.isBottomless, authored.past.isSubset(of: held) else { return false }
            complete.insert(number)
            return true
        }
    }
}

/// What all peers of one run share.
package struct SimulatedMesh: Sendable {
    package let id: MeshID
    package let key: MeshKey
    /// One check of a signature serves all peers.
    package let verifier: Verifier

    package init(name: String) {
        id = MeshID(name: name)
        key = MeshKey(name: name).memoised
        verifier = .memoised(mesh: id)
    }
}
