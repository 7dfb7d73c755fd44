package import MeshModel
import MeshWire

/// One datagram on its way through the air.
package struct RadioFrame: Sendable {
    package let bytes: [UInt8]
    package let from: Int
    /// Nil: to all in reach.
    package let to: Int?
    /// What is inside, for the checkers and the story; nil for the hostile peer's.
    package let note: FrameNote?

    package init(bytes: [UInt8], from: Int, to: Int?, note: FrameNote? = nil) {
        self.bytes = bytes
        self.from = from
        self.to = to
        self.note = note
    }
}

/// The shared medium: carrier sense, half duplex, hidden terminals, loss, retries. A value that is
/// told when something happens and answers when to look again; the simulation keeps the clock.
///
/// Simplifications: interference reaches exactly as far as reception; a collision destroys every
/// frame involved; one acknowledged unicast is one undivided stretch of air.
package struct Radio: Sendable {
    /// A frame that waits at its sender.
    private struct Waiting: Sendable {
        let frame: RadioFrame
        var attempt = 0
        /// A copy got through, only its acknowledgement did not.
        var isReceived = false
    }

    private struct Transmission: Sendable {
        var waiting: Waiting
        let start: Instant
        /// Nodes in reach that were not transmitting themselves.
        let receivers: [Int]
    }

    /// One node's ear and mouth.
    private struct Antenna: Sendable {
        /// Frames not yet on the air, first first; at most `RadioSetup.queue`.
        var queue: [Waiting] = []
        var transmission: Transmission?
        /// An attempt is scheduled or a transmission is under way.
        var isBusy = false
        var sensesFrom = Instant.zero
        var sensesUntil = Instant.zero
        /// When two frames last met here.
        var lastCollision = Instant(nanoseconds: -1)
    }

    /// What comes of one attempt to transmit.
    package enum Attempt: Hashable, Sendable {
        case idle
        case wait(until: Instant)
        case began(end: Instant)
    }

    /// What came of one transmission.
    package struct Finished: Sendable {
        package let frame: RadioFrame
        /// Who receives it and when; with duplicates twice.
        package let receptions: [(node: Int, at: Instant)]
        /// When the sender tries its next frame.
        package let next: Instant?
    }

    package let setup: RadioSetup
    package private(set) var tally: RadioTally
    /// Turned off for the settling period.
    package var isLossy = true
    private var antennas: [Antenna]
    private var losses: LossTable
    private var generator: SeededGenerator

    package init(_ setup: RadioSetup, nodes: Int, generator: SeededGenerator) {
        self.setup = setup
        var generator = generator
        antennas = Array(repeating: Antenna(), count: nodes)
        tally = RadioTally(nodes: nodes)
        losses = LossTable(setup.loss, nodes: nodes, generator: &generator)
        self.generator = generator
    }

    /// Queues a frame. The instant of the first attempt, where none is due yet.
    package mutating func send(_ frame: RadioFrame, at now: Instant) -> Instant? {
        precondition(
            frame.bytes.count <= WireLimits.datagram, "a datagram of \(frame.bytes.count) bytes")
        guard antennas[frame.from].queue.count < setup.queue else {
            tally.dropped += 1
            return nil
        }
        antennas[frame.from].queue.append(Waiting(frame: frame))
        guard !antennas[frame.from].isBusy else { return nil }
        antennas[frame.from].isBusy = true
        return now + contention(attempt: 0)
    }

    /// The node listens and, if it hears nothing, begins. It does not hear what began less than a
    /// slot ago.
    package mutating func attempt(
        by node: Int, at now: Instant, among neighbours: [Int]
    ) -> Attempt {
        guard let first = antennas[node].queue.first else {
            antennas[node].isBusy = false
            return .idle
        }
        let heard = now - antennas[node].sensesFrom
        if antennas[node].sensesUntil > now, heard.wholeNanoseconds >= Airtime.slot {
            return .wait(
                until: antennas[node].sensesUntil + contention(attempt: first.attempt))
        }
        return begin(antennas[node].queue.removeFirst(), by: node, at: now, among: neighbours)
    }

    private mutating func begin(
        _ waiting: Waiting, by node: Int, at now: Instant, among neighbours: [Int]
    ) -> Attempt {
        let bytes = waiting.frame.bytes.count
        let length =
            waiting.frame.to == nil
            ? Airtime.multicast(bytes: bytes, rate: setup.basicRate)
            : Airtime.unicast(bytes: bytes, rate: setup.unicastRate)
        let end = now + .nanoseconds(length)
        tally.transmitted(by: node, nanoseconds: length, isMulticast: waiting.frame.to == nil)
        var receivers: [Int] = []
        receivers.reserveCapacity(neighbours.count)
        for other in neighbours {
            tally.sensed(by: other, nanoseconds: length)
            if antennas[other].transmission == nil { receivers.append(other) }
            occupy(other, from: now, until: end)
        }
        if antennas[node].sensesUntil <= now { antennas[node].sensesFrom = now }
        antennas[node].sensesUntil = max(antennas[node].sensesUntil, end)
        antennas[node].transmission = Transmission(
            waiting: waiting, start: now, receivers: receivers)
        return .began(end: end)
    }

    private mutating func occupy(_ node: Int, from now: Instant, until end: Instant) {
        if antennas[node].sensesUntil > now {
            antennas[node].lastCollision = now
            tally.collisions += 1
        } else {
            antennas[node].sensesFrom = now
        }
        antennas[node].sensesUntil = max(antennas[node].sensesUntil, end)
    }

    /// The node's transmission is over.
    package mutating func finish(by node: Int, at now: Instant) -> Finished {
        guard let sent = antennas[node].transmission else {
            preconditionFailure("node \(node) ends a transmission that it did not begin")
        }
        antennas[node].transmission = nil
        var waiting = sent.waiting
        var receptions: [(node: Int, at: Instant)] = []
        if let target = waiting.frame.to {
            let isHeard = sent.receivers.contains(target) && survives(sent, at: target)
            if isHeard && !waiting.isReceived { receive(at: target, now, &receptions) }
            waiting.isReceived = waiting.isReceived || isHeard
            if !(isHeard && !isLost(from: target, to: node)) { retry(waiting) }
        } else {
            for other in sent.receivers where survives(sent, at: other) {
                receive(at: other, now, &receptions)
            }
        }
        let next = antennas[node].queue.first.map { now + contention(attempt: $0.attempt) }
        antennas[node].isBusy = next != nil
        return Finished(frame: waiting.frame, receptions: receptions, next: next)
    }

    /// The node is switched off: what waits is gone, what is on the air ends.
    package mutating func silence(_ node: Int) { antennas[node].queue = [] }

    private mutating func retry(_ waiting: Waiting) {
        guard waiting.attempt < Airtime.retries else {
            tally.abandoned += 1
            return
        }
        var again = waiting
        again.attempt += 1
        antennas[waiting.frame.from].queue.insert(again, at: 0)
    }

    private mutating func survives(_ sent: Transmission, at node: Int) -> Bool {
        if antennas[node].lastCollision >= sent.start { return false }
        return !isLost(from: sent.waiting.frame.from, to: node)
    }

    private mutating func isLost(from a: Int, to b: Int) -> Bool {
        guard isLossy, losses.isLost(from: a, to: b, &generator) else { return false }
        tally.lost += 1
        return true
    }

    private mutating func receive(
        at node: Int, _ now: Instant, _ receptions: inout [(node: Int, at: Instant)]
    ) {
        tally.received += 1
        receptions.append((node, now + delay()))
        if setup.duplication > 0, isLossy, generator.chance(setup.duplication) {
            receptions.append((node, now + delay()))
        }
    }

    private mutating func delay() -> Duration {
        var microseconds = Int.random(in: 0...setup.jitter, using: &generator)
        if setup.reordering > 0, isLossy, generator.chance(setup.reordering) {
            microseconds += Int.random(in: 0...20_000, using: &generator)
        }
        return .microseconds(microseconds)
    }

    private mutating func contention(attempt: Int) -> Duration {
        let window = min((Airtime.window + 1) << attempt - 1, Airtime.largestWindow)
        let slots = Int64.random(in: 0...Int64(window), using: &generator)
        return .nanoseconds(Airtime.interFrame + slots * Airtime.slot)
    }
}

/// Which directed link loses the next frame.
struct LossTable: Sendable {
    private let model: LossModel
    private let nodes: Int
    /// Asymmetric: the probability of each directed link. Bursty: 1 in the bad state.
    private var links: [Double]

    init(_ model: LossModel, nodes: Int, generator: inout SeededGenerator) {
        self.model = model
        self.nodes = nodes
        switch model {
        case .none, .independent: links = []
        case .bursty: links = Array(repeating: 0, count: nodes * nodes)
        case .asymmetric(let mean):
            links = (0..<nodes * nodes).map { _ in
                min(0.95, mean * 2 * Double.random(in: 0...1, using: &generator))
            }
        }
    }

    mutating func isLost(from a: Int, to b: Int, _ generator: inout SeededGenerator) -> Bool {
        switch model {
        case .none: return false
        case .independent(let p): return generator.chance(p)
        case .asymmetric: return generator.chance(links[a * nodes + b])
        case .bursty(let mean, let burst):
            let isBad = links[a * nodes + b] > 0
            let enter = mean / (burst * max(0.01, 1 - mean))
            let change = generator.chance(isBad ? 1 / burst : enter)
            if change { links[a * nodes + b] = isBad ? 0 : 1 }
            return isBad != change
        }
    }
}

/// What the radio did, in counts and time on the air.
package struct RadioTally: Hashable, Sendable {
    package private(set) var multicasts = 0
    /// Attempts, retries included.
    package private(set) var unicasts = 0
    package var received = 0
    package var lost = 0
    package var collisions = 0
    /// Dropped at a full queue.
    package var dropped = 0
    /// Unicasts given up after the last retry.
    package var abandoned = 0
    /// Nanoseconds that each node transmitted.
    package private(set) var sent: [Int64]
    /// Nanoseconds during which each node could hear others: the load of its cell without its own.
    package private(set) var heard: [Int64]

    package init(nodes: Int) {
        sent = Array(repeating: 0, count: nodes)
        heard = sent
    }

    mutating func transmitted(by node: Int, nanoseconds: Int64, isMulticast: Bool) {
        sent[node] += nanoseconds
        if isMulticast { multicasts += 1 } else { unicasts += 1 }
    }

    mutating func sensed(by node: Int, nanoseconds: Int64) { heard[node] += nanoseconds }
}
