internal import Synchronization

/// A lab aid: peers on one machine that are out of each other's reach, without privileges. Nothing
/// of it happens unless the peer was started with `--lab`.
package final class Isolation: Sendable {
    private struct State {
        var isTotal = false
        var ports: Set<UInt16> = []
    }

    private let state = Mutex(State())

    package init() {}

    /// From now on nothing goes out or comes in.
    package func cutOff() { state.withLock { $0.isTotal = true } }

    /// From now on nothing comes from these ports, and no unicast goes there. An empty set, and the
    /// end of `cutOff`, heal.
    package func cutOff(from ports: Set<UInt16>) {
        state.withLock { state in
            state.isTotal = false
            state.ports = ports
        }
    }

    package var isTotal: Bool { state.withLock { $0.isTotal } }
    package var ports: [UInt16] { state.withLock { $0.ports.sorted() } }

    func separates(from endpoint: Endpoint) -> Bool {
        state.withLock { $0.isTotal || $0.ports.contains(endpoint.port) }
    }
}
