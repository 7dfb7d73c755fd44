import MeshGossip
import MeshIdentity
import MeshModel

/// What goes wrong, what is said, and how a run settles.
extension Simulation {
    func apply(_ fault: Fault) {
        guard phase == .running || fault.isForSettling else { return }
        switch fault {
        case .partition(let groups):
            air.terrain.cut(into: groups)
            evidence.tell("partition: groups \(groups)", at: now, node: -1)
            listen()
        case .heal:
            air.terrain.heal()
            evidence.tell("partition healed", at: now, node: -1)
            listen()
        case .move(let node, let position):
            air.terrain.move(node, to: position)
            listen()
        case .clockJump(let node, let by):
            peers[node].wallClock.jump(by: by)
            evidence.tell("wall clock jumps by \(by)", at: now, node: node)
        case .diskFailure(let node): peers[node].record.failsNextCommit = true
        case .freeze(let node, let length): freeze(node, for: length)
        case .suggest(let node, let other):
            guard node != other else { return }
            tell(
                .neighbourSuggested(Self.link, Self.address(of: other)), to: node, code: 7)
        case .dropAcceptedRow(let node): dropAcceptedRow(startingAt: node)
        default: applyToDisk(fault)
        }
    }

    private func applyToDisk(_ fault: Fault) {
        switch fault {
        case .crash(let node, let length):
            crash(node, for: length, "crashed, store kept")
        case .lose(let node, let length):
            guard crash(node, for: length, "crashed, store lost") else { return }
            peers[node].replaceDisk(SimulatedDisk(mesh: mesh.id))
        case .rollBack(let node, let share, let length):
            guard crash(node, for: length, "crashed, store rolled back") else { return }
            let disk = peers[node].disk
            let count = Int(Double(disk.journal.count) * share)
            peers[node].replaceDisk(disk.restored(to: count))
        case .copyStore(let node, let guest): startDouble(of: node, as: guest, epoch: nil)
        case .clone(let node, let guest):
            guard let epoch = peers[node].engine?.epoch else { return }
            evidence.cloned.insert(peers[node].key.peer)
            startDouble(of: node, as: guest, epoch: epoch)
        default: preconditionFailure("\(fault) is no fault of a disk")
        }
    }

    /// False where the node is off already.
    @discardableResult
    private func crash(_ node: Int, for length: Duration, _ text: String) -> Bool {
        guard peers[node].isOn else { return false }
        peers[node].switchOff()
        air.radio.silence(node)
        listen()
        evidence.statistics.crashes += 1
        evidence.tell(text, at: now, node: node)
        queue.add(.restart(node: node), at: now + length)
        return true
    }

    private func startDouble(of node: Int, as guest: Int, epoch: UInt64?) {
        let disk = peers[node].disk
        peers[guest].key = peers[node].key
        var copy = disk.restored(to: disk.journal.count)
        copy.epoch = epoch
        peers[guest].replaceDisk(copy)
        evidence.tell(
            "started as a \(epoch == nil ? "copy" : "clone") of node \(node)", at: now, node: guest)
        restart(guest)
    }

    func restart(_ node: Int) {
        let peer = peers[node]
        guard !peer.isOn, phase != .over else { return }
        peer.record.rowsSeen = 0
        peer.record.held = EntrySet()
        peer.record.complete = EntrySet()
        peer.record.partial = []
        peer.record.isCommitScheduled = false
        scan(node)
        peer.switchOn(mesh, rooms: rooms, epoch: peer.disk.epoch, at: now)
        listen()
        evidence.tell(
            "started with \(peer.record.held.count) entries", at: now, node: node)
        let info = LinkInfo(
            basicRate: scenario.radio.basicRate, port: UInt16(truncatingIfNeeded: 7476 + node))
        tell(.linkUp(Self.link, info), to: node, code: 8)
    }

    private func freeze(_ node: Int, for length: Duration) {
        guard peers[node].isOn else { return }
        peers[node].frozenUntil = now + length
        evidence.tell("frozen", at: now, node: node)
        queue.add(.resume(node: node, boot: peers[node].boot), at: now + length)
    }

    /// The first node from `start` on that has told its user something; its latest such row goes.
    private func dropAcceptedRow(startingAt start: Int) {
        for offset in 0..<scenario.peers {
            let peer = peers[(start + offset) % scenario.peers]
            let latest = peer.record.accepted.members.last { number in
                evidence.truth[number].entry.header.seq > 1
            }
            guard let latest else { continue }
            let id = evidence.truth[latest].id
            let journal = peer.disk.journal
            peer.dropFromDisk { journal[$0].run.contains { $0.id == id } }
            evidence.tell("its store forgets the row", at: now, node: peer.node, entries: [latest])
            return
        }
    }

    private func listen() { air.listen { peers[$0].isOn || hostile?.node == $0 } }

    // MARK: - Workload

    var rooms: [RoomID] {
        (0..<scenario.workload.rooms).compactMap { try? RoomID.open("room-\($0)") }
    }

    func submitDraft() {
        guard phase == .running else { return }
        let pause = 2_000_000 / max(0.01, scenario.workload.draftsPerSecond)
        let next = Duration.microseconds(Int.random(in: 0...Int(pause), using: &generator))
        queue.add(.draft, at: now + next)
        let awake = live.filter { peers[$0].frozenUntil <= now }
        guard let node = awake.randomElement(using: &generator),
            let room = rooms.randomElement(using: &generator)
        else { return }
        var length = Int.random(in: scenario.workload.text, using: &generator)
        if generator.chance(0.05) { length = min(length * 10, ModelLimits.body) }
        let body = (0..<length).map { _ in UInt8.random(in: 97...122, using: &generator) }
        let isNick = generator.chance(0.03)
        tickets += 1
        let draft = Draft(
            ticket: tickets, room: isNick ? .profile : room, kind: isNick ? .nick : .text,
            body: isNick ? Array(body.prefix(16)) : body)
        evidence.statistics.drafts += 1
        peers[node].record.drafts[tickets] = draft.room
        tell(.draftSubmitted(draft), to: node, code: 9)
    }

    func actHostile() {
        guard phase == .running, let node = hostile?.node else { return }
        let frames = hostile?.act(at: now, truth: &evidence.truth) ?? []
        for frame in frames {
            evidence.statistics.hostileFrames += 1
            transmit(frame)
        }
        evidence.hash.add(node << 8 | frames.count)
        let pause = Duration.milliseconds(Int.random(in: 20...400, using: &generator))
        queue.add(.hostileAct, at: now + pause)
    }

    // MARK: - Settling

    /// From here on the air is clean, everybody is on and in reach, and nobody says anything new.
    func settle() {
        phase = .settling
        evidence.tell("settling begins", at: now, node: -1)
        air.terrain.restore()
        air.radio.isLossy = false
        for peer in peers where !peer.isOn && isPeer(peer.node) && peer.boot > 0 {
            restart(peer.node)
        }
        listen()
    }

    private func isPeer(_ node: Int) -> Bool { node != hostile?.node }
}

extension Fault {
    /// The canary's store breaks when nobody writes any more.
    var isForSettling: Bool {
        if case .dropAcceptedRow = self { true } else { false }
    }
}
