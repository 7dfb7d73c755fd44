import MeshWAMP
import Synchronization

/// Events of the daemon on their way to the router's loop, from any thread, at most `limit` of
/// them. What comes when it is full is dropped and counted, and the router then tells those who
/// listen.
final class EventInbox: Sendable {
    struct Event: Sendable {
        let topic: String
        let payload: Payload
    }

    private struct State {
        var events: [Event] = []
        var lost = 0
        /// Clients connected: somebody may listen.
        var connections = 0
        /// Whether the loop was asked to take what is here.
        var isAnnounced = false
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    /// Whether the caller must ask the loop to take what is here.
    func add(_ event: Event) -> Bool {
        state.withLock { state in
            if state.events.count < limit {
                state.events.append(event)
            } else {
                state.lost += 1
            }
            defer { state.isAnnounced = true }
            return !state.isAnnounced
        }
    }

    /// An event was lost before it came here. Whether the caller must ask the loop to take what is
    /// here.
    func addLoss() -> Bool {
        state.withLock { state in
            state.lost += 1
            defer { state.isAnnounced = true }
            return !state.isAnnounced
        }
    }

    /// How many clients are connected.
    var connections: Int {
        get { state.withLock { $0.connections } }
        set { state.withLock { $0.connections = newValue } }
    }

    func takeAll() -> (events: [Event], lost: Int) {
        state.withLock { state in
            let taken = (state.events, state.lost)
            state = State(connections: state.connections)
            return taken
        }
    }
}
