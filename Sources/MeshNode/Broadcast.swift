internal import Synchronization

/// A listener took longer than `NodeLimits.backlog` elements and was cut off.
package struct SlowListener: Error {}

/// One source, any number of listeners, each with a bounded backlog of its own.
package final class Broadcast<Element: Sendable>: Sendable {
    package typealias Stream = AsyncThrowingStream<Element, any Error>

    private struct State {
        var next = 0
        var listeners: [Int: Stream.Continuation] = [:]
        var isFinished = false
    }

    private let state = Mutex(State())

    package init() {}

    /// Ends when the source does; throws `SlowListener` when `NodeLimits.backlog` elements are waiting.
    package func listen() -> Stream {
        let (stream, continuation) = Stream.makeStream(
            bufferingPolicy: .bufferingOldest(NodeLimits.backlog))
        let number = state.withLock { state -> Int? in
            guard !state.isFinished else { return nil }
            state.next += 1
            state.listeners[state.next] = continuation
            return state.next
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.listeners[number] = nil }
        }
        return stream
    }

    func send(_ element: Element) {
        for (number, listener) in state.withLock({ $0.listeners }) {
            guard case .dropped = listener.yield(element) else { continue }
            state.withLock { $0.listeners[number] = nil }
            listener.finish(throwing: SlowListener())
        }
    }

    func finish() {
        let listeners = state.withLock { state in
            state.isFinished = true
            let listeners = state.listeners
            state.listeners = [:]
            return listeners
        }
        for listener in listeners.values { listener.finish() }
    }
}
