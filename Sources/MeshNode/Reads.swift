internal import DequeModule
import MeshGossip

/// Stretches of logs on their way from the store, some at a time, handed on in the order in which
/// they were asked for: what was marked as the last answer to a neighbour then goes out last.
struct Reads {
    /// Not begun. Bounded by what the engine lets wait for its neighbours.
    private var waiting: Deque<RunQuery> = []
    /// Begun and not handed on, oldest first; at most `NodeLimits.reads`.
    private var begun: Deque<(token: UInt64, read: RunRead?)> = []

    mutating func add(_ query: RunQuery) { waiting.append(query) }

    /// The next to begin, nil where none waits or enough are under way.
    mutating func begin() -> RunQuery? {
        guard begun.count < NodeLimits.reads, let query = waiting.popFirst() else { return nil }
        begun.append((query.token, nil))
        return query
    }

    /// What can be handed on now that this one has come.
    mutating func finish(_ read: RunRead) -> [RunRead] {
        guard let place = begun.firstIndex(where: { $0.token == read.token }) else {
            preconditionFailure("nobody asked for read \(read.token)")
        }
        begun[place].read = read
        var ready: [RunRead] = []
        while let read = begun.first?.read {
            ready.append(read)
            begun.removeFirst()
        }
        return ready
    }
}
