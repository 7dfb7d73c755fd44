package import MeshModel

/// Something that goes wrong, or heals.
package enum Fault: Hashable, Sendable {
    /// Nodes of different groups do not hear each other from now on.
    case partition([Int])
    case heal
    case move(node: Int, to: Position)
    /// Power lost; what was durable is there again afterwards, and so is the marker.
    case crash(node: Int, downFor: Duration)
    /// The same with an empty store and the same key.
    case lose(node: Int, downFor: Duration)
    /// The same with the store as it was at this share of its life; the marker does not match.
    case rollBack(node: Int, toShare: Double, downFor: Duration)
    /// Key and store, copied to another machine: no marker there.
    case copyStore(of: Int, to: Int)
    /// The machine runs on twice, with store, marker and epoch.
    case clone(of: Int, to: Int)
    case clockJump(node: Int, by: Duration)
    /// The next transaction fails and leaves no trace.
    case diskFailure(node: Int)
    /// Frozen and resumed; the boot clock shows it.
    case freeze(node: Int, for: Duration)
    /// Somebody names a neighbour, in reach or not.
    case suggest(node: Int, other: Int)
    /// The canary: the store forgets one row that its user was told is safe.
    case dropAcceptedRow(node: Int)
}

package struct ScheduledFault: Hashable, Sendable {
    package let at: Instant
    package let fault: Fault

    package init(at: Instant, _ fault: Fault) {
        self.at = at
        self.fault = fault
    }
}

/// How many faults of each kind a run has.
package struct FaultMix: Hashable, Sendable {
    package var partitions = 0
    package var moves = 0
    package var crashes = 0
    package var losses = 0
    package var rollBacks = 0
    package var copies = 0
    package var clones = 0
    package var clockJumps = 0
    package var diskFailures = 0
    package var freezes = 0
    package var suggestions = 0
    package var droppedRows = 0

    package init() {}

    /// Nodes beyond the peers that copies and clones need.
    package var guests: Int { copies + clones }

    /// Faults between 10 % and 90 % of the run. Guests are numbered from `firstGuest`.
    package func schedule(
        peers: Int, nodes: Int, firstGuest: Int, seconds: Int, generator: inout SeededGenerator
    ) -> [ScheduledFault] {
        var draw = FaultDraw(peers: peers, seconds: seconds, generator: generator)
        for _ in 0..<partitions { draw.partition(nodes: nodes) }
        for _ in 0..<moves { draw.add { .move(node: $0.node, to: .random(&$0.generator)) } }
        for _ in 0..<crashes { draw.add { .crash(node: $0.node, downFor: $0.pause) } }
        for _ in 0..<losses { draw.add { .lose(node: $0.node, downFor: $0.pause) } }
        for _ in 0..<rollBacks {
            draw.add { .rollBack(node: $0.node, toShare: $0.share, downFor: $0.pause) }
        }
        for index in 0..<copies {
            draw.add { .copyStore(of: $0.node, to: firstGuest + index) }
        }
        for index in copies..<copies + clones {
            draw.add { .clone(of: $0.node, to: firstGuest + index) }
        }
        for _ in 0..<clockJumps { draw.add { .clockJump(node: $0.node, by: $0.jump) } }
        for _ in 0..<diskFailures { draw.add { .diskFailure(node: $0.node) } }
        for _ in 0..<freezes { draw.add { .freeze(node: $0.node, for: $0.pause) } }
        for _ in 0..<suggestions {
            draw.add {
                .suggest(node: $0.node, other: Int.random(in: 0..<peers, using: &$0.generator))
            }
        }
        for _ in 0..<droppedRows { draw.add { .dropAcceptedRow(node: $0.node) } }
        generator = draw.generator
        return draw.faults
    }
}

/// Draws the times and values of a schedule.
private struct FaultDraw {
    let peers: Int
    let seconds: Int
    var generator: SeededGenerator
    var faults: [ScheduledFault] = []

    init(peers: Int, seconds: Int, generator: SeededGenerator) {
        self.peers = peers
        self.seconds = seconds
        self.generator = generator
    }

    mutating func add(_ make: (inout Draw) -> Fault) {
        let at = instant
        var draw = Draw(
            node: Int.random(in: 0..<peers, using: &generator),
            pause: .milliseconds(Int.random(in: 50...8000, using: &generator)),
            share: Double.random(in: 0...1, using: &generator),
            jump: .seconds(Int.random(in: -40_000...4000, using: &generator)),
            generator: generator)
        let fault = make(&draw)
        generator = draw.generator
        faults.append(ScheduledFault(at: at, fault))
    }

    /// Two to four groups, healed after up to a third of the run.
    mutating func partition(nodes: Int) {
        let at = instant
        let count = Int.random(in: 2...4, using: &generator)
        let groups = (0..<nodes).map { _ in Int.random(in: 0..<count, using: &generator) }
        let length = Int.random(in: 1000...max(1001, seconds * 333), using: &generator)
        faults.append(ScheduledFault(at: at, .partition(groups)))
        faults.append(ScheduledFault(at: at + .milliseconds(length), .heal))
    }

    private var instant: Instant {
        mutating get {
            let range = seconds * 100...max(seconds * 100, seconds * 900)
            return .zero + .milliseconds(Int.random(in: range, using: &generator))
        }
    }

    struct Draw {
        let node: Int
        let pause: Duration
        let share: Double
        let jump: Duration
        var generator: SeededGenerator
    }
}
