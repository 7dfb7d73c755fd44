internal import DequeModule
package import MeshGossip
internal import Synchronization

/// Everything that waits for the engine, in two lanes.
///
/// Policy: datagrams are dropped and counted beyond `NodeLimits.datagrams`, since the air loses
/// them too; events (drafts, results of the store, links) are never dropped, and are bounded by
/// what causes them. Events go first, so a datagram of a link that is gone may come after its end.
///
/// Any thread puts in; one task takes out. One lock for a batch, no task switch for a datagram.
package final class Inbox: Sendable {
    private struct State {
        var events: [Event] = []
        var datagrams: Deque<Datagram> = []
        var dropped = 0
        /// Something happened since the last `wait`.
        var isAwake = false
        var isClosed = false
        /// The consumer, while it waits.
        var waiter: CheckedContinuation<Void, Never>?
    }

    /// What one look takes out.
    struct Batch {
        let events: [Event]
        let datagrams: [Datagram]
        let isClosed: Bool
    }

    private let state = Mutex(State())

    package init() {}

    /// Never dropped.
    package func put(_ event: Event) {
        wake { $0.events.append(event) }
    }

    /// Several that stay together and in this order.
    func put(_ events: [Event]) {
        wake { $0.events += events }
    }

    /// Drops what does not fit.
    package func offer(_ datagrams: some Collection<Datagram> & Sendable) {
        guard !datagrams.isEmpty else { return }
        wake { state in
            guard !state.isClosed else { return }
            let room = max(0, NodeLimits.datagrams - state.datagrams.count)
            state.datagrams.append(contentsOf: datagrams.prefix(room))
            state.dropped += max(0, datagrams.count - room)
        }
    }

    /// Lets the consumer look again: a timer is due or somebody wants to inspect.
    func wake() { wake { _ in } }

    /// From now on datagrams are ignored; what was put in is still handed out.
    package func close() {
        wake {
            $0.isClosed = true
            $0.datagrams.removeAll()
        }
    }

    /// Datagrams dropped so far because the queue was full.
    package var dropped: Int { state.withLock { $0.dropped } }

    /// Returns once something has happened since the last call.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.isAwake { return true }
                precondition(state.waiter == nil, "two consumers of one inbox")
                state.waiter = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
        state.withLock { $0.isAwake = false }
    }

    /// All events and up to `NodeLimits.batch` datagrams.
    func take() -> Batch {
        state.withLock { state in
            let events = state.events
            state.events = []
            let count = min(NodeLimits.batch, state.datagrams.count)
            let datagrams = Array(state.datagrams.prefix(count))
            state.datagrams.removeFirst(count)
            if !state.datagrams.isEmpty { state.isAwake = true }
            return Batch(events: events, datagrams: datagrams, isClosed: state.isClosed)
        }
    }

    private func wake(_ change: (inout State) -> Void) {
        let waiter = state.withLock { state in
            change(&state)
            state.isAwake = true
            let waiter = state.waiter
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }
}
