import MeshGossip
import MeshIdentity
package import MeshModel

/// A whole mesh in one process, on one thread, from one seed.
///
/// Contract: `run` once. Every draw comes from generators that follow from the scenario's seed,
/// every iteration is over ordered collections, and nothing asks for a clock; so two runs of one
/// scenario make the same trace hash.
package final class Simulation {
    /// What is still to happen.
    enum Happening {
        case attempt(node: Int)
        case transmitted(node: Int)
        case received(node: Int, Datagram)
        case timer(node: Int, boot: Int, Timer)
        case commit(node: Int, boot: Int)
        case read(node: Int, boot: Int, RunQuery)
        case restart(node: Int)
        case resume(node: Int, boot: Int)
        case draft
        case hostileAct
        case fault(Fault)
        case sample
        case settle
    }

    package let scenario: Scenario
    let mesh = SimulatedMesh(name: "simulation")
    var queue = EventQueue<Happening>()
    package internal(set) var now = Instant.zero
    var air: Air
    /// By node; the hostile one never has an engine.
    package internal(set) var peers: [SimulatedPeer]
    var hostile: HostilePeer?
    package internal(set) var evidence: Evidence
    var reader: FrameReader
    /// Draws for workload, disks and the moments of the peers.
    var generator: SeededGenerator
    /// Tickets given out.
    var tickets: UInt64 = 0
    var phase = Phase.running

    enum Phase: Hashable { case running, settling, over }

    package init(_ scenario: Scenario, tellsStory: Bool = false) {
        self.scenario = scenario
        var generator = SeededGenerator(seed: scenario.seed)
        let terrain = Terrain(
            scenario.topology, peers: scenario.peers, guests: scenario.guests,
            generator: &generator)
        let radio = Radio(
            scenario.radio, nodes: scenario.nodes,
            generator: SeededGenerator(seed: generator.next()))
        air = Air(radio: radio, terrain: terrain)
        evidence = Evidence(nodes: scenario.nodes, tellsStory: tellsStory)
        reader = FrameReader(key: mesh.key, readsRuns: tellsStory)
        peers = []
        self.generator = generator
        for node in 0..<scenario.nodes { peers.append(makePeer(node)) }
        if scenario.hasHostile {
            let draws = SeededGenerator(seed: self.generator.next())
            hostile = HostilePeer(
                node: scenario.peers, key: makeKey(), mesh: mesh, generator: draws)
        }
        schedule()
    }

    private func makePeer(_ node: Int) -> SimulatedPeer {
        let isWrong = generator.chance(scenario.wrongClocks)
        let kinds = WallClock.Kind.allCases
        let kind = isWrong ? kinds[Int.random(in: 1..<kinds.count, using: &generator)] : .right
        let clock = WallClock(kind, generator: &generator)
        return SimulatedPeer(
            node: node, key: makeKey(), wallClock: clock, mesh: mesh.id,
            generator: SeededGenerator(seed: generator.next()))
    }

    private func makeKey() -> PeerKey {
        let seed = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        guard let key = PeerKey(seed: seed) else { preconditionFailure("a seed has 32 bytes") }
        return key
    }

    private func schedule() {
        for node in 0..<scenario.peers {
            let start = Duration.milliseconds(Int.random(in: 0...2000, using: &generator))
            queue.add(.restart(node: node), at: .zero + start)
        }
        let faults = scenario.faults.schedule(
            peers: scenario.peers, nodes: scenario.nodes, firstGuest: scenario.firstGuest,
            seconds: scenario.seconds, generator: &generator)
        queue.add(.settle, at: .zero + .seconds(scenario.seconds))
        for fault in faults { queue.add(.fault(fault.fault), at: fault.at) }
        queue.add(.draft, at: .zero + .seconds(1))
        queue.add(.sample, at: .zero + .seconds(2))
        if hostile != nil { queue.add(.hostileAct, at: .zero + .seconds(1)) }
    }

    /// Runs to the end of the settling and checks everything.
    package func run() -> RunResult {
        while phase != .over, let next = queue.next() {
            now = next.at
            evidence.statistics.events += 1
            handle(next.payload)
        }
        checkEnd()
        return RunResult(scenario: scenario, evidence: evidence)
    }

    private func handle(_ happening: Happening) {
        switch happening {
        case .attempt(let node): attempt(by: node)
        case .transmitted(let node): transmitted(by: node)
        case .received(let node, let datagram): received(datagram, at: node)
        case .timer(let node, let boot, let timer):
            guard isCurrent(node, boot), !postpone(happening, node) else { return }
            tell(.timerFired(timer), to: node, code: 1)
        case .commit(let node, let boot):
            guard isCurrent(node, boot), !postpone(happening, node) else { return }
            commit(at: node)
        case .read(let node, let boot, let query):
            guard isCurrent(node, boot), !postpone(happening, node) else { return }
            let entries = peers[node].read(query)
            tell(.runRead(RunRead(token: query.token, entries: entries)), to: node, code: 2)
        case .restart(let node): restart(node)
        case .resume(let node, let boot):
            guard isCurrent(node, boot) else { return }
            evidence.tell("resumed", at: now, node: node)
            tell(.machineResumed, to: node, code: 3)
        case .draft: submitDraft()
        case .hostileAct: actHostile()
        case .fault(let fault): apply(fault)
        case .sample: sample()
        case .settle: settle()
        }
    }

    private func isCurrent(_ node: Int, _ boot: Int) -> Bool { peers[node].boot == boot }

    /// What befalls a frozen machine befalls it when it is resumed.
    private func postpone(_ happening: Happening, _ node: Int) -> Bool {
        guard peers[node].frozenUntil > now else { return false }
        queue.add(happening, at: peers[node].frozenUntil)
        return true
    }

    /// Honest nodes that are switched on, ascending.
    var live: [Int] { peers.indices.filter { peers[$0].isOn } }

    // MARK: - The engine's side

    /// Hands an event to an engine and runs its effects. `code` stands for the event in the trace
    /// hash.
    func tell(_ event: Event, to node: Int, code: Int) {
        let peer = peers[node]
        guard peer.isOn else { return }
        evidence.hash.add(UInt64(bitPattern: now.nanoseconds))
        evidence.hash.add(node << 8 | code)
        let effects = peer.engine?.handle(event, at: peer.moment(at: now)) ?? []
        for effect in effects { run(effect, of: node) }
    }
}
