internal import Synchronization

/// A listener let more than `NodeLimits.backlog` elements wait and was cut off.
package struct SlowListener: Error {}

/// One source, any number of listeners, each with a bounded backlog of its own.
package final class Broadcast<Element: Sendable>: Sendable {
    private struct State {
        var listeners: [ObjectIdentifier: Listener<Element>] = [:]
        var isFinished = false
    }

    private let state = Mutex(State())

    package init() {}

    /// A listener for what is sent from now on.
    package func listen() -> Listener<Element> {
        let listener = Listener<Element> { [weak self] id in
            self?.state.withLock { $0.listeners[id] = nil }
        }
        let isFinished = state.withLock { state in
            if !state.isFinished { state.listeners[ObjectIdentifier(listener)] = listener }
            return state.isFinished
        }
        if isFinished { listener.finish() }
        return listener
    }

    func send(_ elements: [Element]) {
        guard !elements.isEmpty else { return }
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.put(elements) }
    }

    func finish() {
        let listeners = state.withLock { state in
            state.isFinished = true
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.finish() }
    }
}

/// The receiving end of a broadcast. One task takes out.
package final class Listener<Element: Sendable>: Sendable {
    private struct State {
        /// At most `NodeLimits.backlog`.
        var waiting: [Element] = []
        var isCutOff = false
        var isFinished = false
        /// The consumer, while it waits.
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let leave: @Sendable (ObjectIdentifier) -> Void

    fileprivate init(leave: @escaping @Sendable (ObjectIdentifier) -> Void) { self.leave = leave }

    /// All that has come since the last call, at least one; nil at the end of the source, or when
    /// the calling task is cancelled.
    /// - Throws: `SlowListener`, after which nothing more comes.
    package func next() async throws(SlowListener) -> [Element]? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    let isReady = !state.waiting.isEmpty || state.isFinished || state.isCutOff
                    if !isReady { state.waiter = continuation }
                    return isReady
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            finish()
        }
        let (elements, isCutOff) = state.withLock { state in
            defer { state.waiting = [] }
            return (state.waiting, state.isCutOff)
        }
        if isCutOff { throw SlowListener() }
        return elements.isEmpty ? nil : elements
    }

    fileprivate func put(_ elements: [Element]) {
        change { state in
            guard !state.isFinished, !state.isCutOff else { return }
            if state.waiting.count + elements.count > NodeLimits.backlog {
                state.isCutOff = true
                state.waiting = []
            } else {
                state.waiting += elements
            }
        }
        if state.withLock({ $0.isCutOff }) { leave(ObjectIdentifier(self)) }
    }

    fileprivate func finish() {
        change { $0.isFinished = true }
        leave(ObjectIdentifier(self))
    }

    private func change(_ body: (inout State) -> Void) {
        let waiter = state.withLock { state in
            body(&state)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
