internal import HeapModule
import MeshGossip
import MeshModel

/// The engine's timers, earliest first, and which tasks already sleep for them.
///
/// Tasks sleep for ever earlier deadlines only: a later timer needs none of its own until the tasks
/// before it have woken. Those that wake for nothing are harmless.
struct Timers {
    private struct Item: Comparable {
        let deadline: Instant
        /// Keeps timers of one deadline in the order in which they were set.
        let number: UInt64
        let timer: Timer

        static func < (a: Item, b: Item) -> Bool {
            (a.deadline, a.number) < (b.deadline, b.number)
        }
        static func == (a: Item, b: Item) -> Bool { a.number == b.number }
    }

    /// Bounded by what the engine sets: one for each link, neighbour and entry that waits for its
    /// relay.
    private var heap = Heap<Item>()
    private var number: UInt64 = 0
    /// Deadlines that tasks sleep for, strictly descending.
    private var sleepers: [Instant] = []

    mutating func set(_ timer: Timer, at deadline: Instant) {
        number += 1
        heap.insert(Item(deadline: deadline, number: number, timer: timer))
    }

    /// The next timer that is due.
    mutating func popDue(at now: Instant) -> Timer? {
        guard let first = heap.min, first.deadline <= now else { return nil }
        heap.removeMin()
        return first.timer
    }

    /// The deadline for which a task has to be set to sleep now; nil where one sleeps already.
    mutating func armed(at now: Instant) -> Instant? {
        while let last = sleepers.last, last <= now { sleepers.removeLast() }
        guard let next = heap.min?.deadline else { return nil }
        if let last = sleepers.last, last <= next { return nil }
        sleepers.append(next)
        return next
    }
}
