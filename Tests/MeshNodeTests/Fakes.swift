import MeshGossip
@testable import MeshLog
import MeshModel
import MeshNode
import Synchronization

/// A queue that a test awaits: the conditions that take the place of sleeps. Waits on when its task
/// is cancelled, as a store must.
final class Waiting<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var waiter: CheckedContinuation<Element, Never>?
    }

    private let state = Mutex(State())

    func put(_ element: Element) {
        let waiter = state.withLock { state in
            let waiter = state.waiter
            state.waiter = nil
            if waiter == nil { state.elements.append(element) }
            return waiter
        }
        waiter?.resume(returning: element)
    }

    func next() async -> Element {
        await withCheckedContinuation { continuation in
            let element = state.withLock { state -> Element? in
                if !state.elements.isEmpty { return state.elements.removeFirst() }
                state.waiter = continuation
                return nil
            }
            if let element { continuation.resume(returning: element) }
        }
    }
}

/// Does what the test says for each event, and tells what came.
struct ScriptedCore: EventHandler {
    let script: @Sendable (Event) -> [Effect]
    let seen: Waiting<Event>
    var number = 7

    mutating func handle(_ event: Event, at now: Moment) -> [Effect] {
        seen.put(event)
        return script(event)
    }
}

final class FakeLinks: LinkPort {
    let sent = Waiting<[UInt8]>()
    /// Thrown as soon as the links run.
    let failure: (any Error)?

    init(failing failure: (any Error)? = nil) { self.failure = failure }

    func send(_ frame: [UInt8], on link: LinkID, to address: Address?) { sent.put(frame) }

    func run(into inbox: Inbox) async throws {
        if let failure { throw failure }
        // Until cancelled, as real links.
        let (never, continuation) = AsyncStream.makeStream(of: Void.self)
        for await _ in never {}
        withExtendedLifetime(continuation) {}
    }
}

/// A store whose every transaction waits for the test to say how it ends.
final class FakeLog: LogPort {
    enum Verdict: Sendable {
        case stored([Row])
        case failed(String)
    }

    let asked = Waiting<[UInt64]>()
    let verdicts = Waiting<Verdict>()

    func commit(_ requests: [AppendRequest]) async -> AppendResult {
        asked.put(requests.map(\.token))
        switch await verdicts.next() {
        case .stored(let rows):
            let done = requests.enumerated().map { index, request in
                var appended = Appended(outcome: .extended)
                if index == 0 { appended.lines = rows }
                return AppendDone(token: request.token, appended: appended)
            }
            return .stored(done, level: StoreLevel(usedBytes: 1, limitBytes: 2))
        case .failed(let reason): return .failed(reason: reason, segments: [])
        }
    }

    func chunk(_ query: RunQuery) async -> RunRead { RunRead(token: query.token, entries: []) }
}

/// A clock that stands still until the test moves it on.
final class FakeTime: TimePort {
    private struct State {
        var now = Instant.zero
        var suspended = Duration.zero
        var sleepers: [(deadline: Instant, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    /// A deadline for every task that starts to sleep.
    let sleeping = Waiting<Instant>()

    func now() -> Moment {
        Moment(instant: state.withLock { $0.now }, wall: WallTime(milliseconds: 1_000))
    }

    func suspended() -> Duration { state.withLock { $0.suspended } }

    func suspend(for duration: Duration) { state.withLock { $0.suspended += duration } }

    func sleep(until deadline: Instant) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if Task.isCancelled || state.now >= deadline { return true }
                    state.sleepers.append((deadline, continuation))
                    return false
                }
                if isOver { continuation.resume() } else { sleeping.put(deadline) }
            }
        } onCancel: {
            wake { _ in true }
        }
    }

    func advance(to now: Instant) {
        state.withLock { $0.now = now }
        wake { $0 <= now }
    }

    private func wake(_ isOver: (Instant) -> Bool) {
        let over = state.withLock { state in
            let over = state.sleepers.filter { isOver($0.deadline) }
            state.sleepers.removeAll { isOver($0.deadline) }
            return over
        }
        for sleeper in over { sleeper.1.resume() }
    }
}
