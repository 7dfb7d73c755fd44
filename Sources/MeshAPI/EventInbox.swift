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
        /// Somebody has subscribed to something.
        var hasListeners = false
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

    /// Whether anybody has subscribed to anything.
    var hasListeners: Bool {
        get { state.withLock { $0.hasListeners } }
        set { state.withLock { $0.hasListeners = newValue } }
    }

    func takeAll() -> (events: [Event], lost: Int) {
        state.withLock { state in
            let taken = (state.events, state.lost)
            state = State(hasListeners: state.hasListeners)
            return taken
        }
    }
}
