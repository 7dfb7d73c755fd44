import MeshModel

/// When each neighbour's ledger is looked at for something to ask for.
///
/// One timer serves all: in a cell of thirty, twenty-nine wait for the same turn to end, and a
/// timer for each of them was a third of a simulation.
struct Looks {
    /// One for each neighbour, so at most `GossipLimits.neighbours`: an earlier look replaces a
    /// later one.
    private var dues: [NeighbourID: Instant] = [:]
    /// When the timer is due that will see to the earliest; nil while none is set.
    private var timer: Instant?

    /// Plans a look.
    mutating func plan(_ neighbour: NeighbourID, at due: Instant) {
        dues[neighbour] = min(due, dues[neighbour] ?? due)
    }

    /// The instant for which a timer has to be set now; nil when one that is set will do.
    mutating func timerToSet() -> Instant? {
        guard let earliest = dues.values.min(), timer.map({ earliest < $0 }) ?? true else {
            return nil
        }
        timer = earliest
        return earliest
    }

    /// Those whose look is due, ascending; they are planned no longer.
    mutating func take(at now: Instant) -> [NeighbourID] {
        if let timer, timer <= now { self.timer = nil }
        let due = dues.filter { $0.value <= now }.keys.sorted()
        for neighbour in due { dues[neighbour] = nil }
        return due
    }

    mutating func cancel(_ neighbour: NeighbourID) { dues[neighbour] = nil }
}
