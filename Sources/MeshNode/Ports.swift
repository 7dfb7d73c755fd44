package import MeshGossip
package import MeshLog
package import MeshModel

/// The protocol as the node drives it: `Engine`, or in a test a script of one.
package protocol EventHandler: Sendable {
    /// The effects are to be run in order, all of them, before the next event.
    mutating func handle(_ event: Event, at now: Moment) -> [Effect]
}

extension Engine: EventHandler {}

/// The interfaces of this machine, as far as the node needs them.
package protocol LinkPort: Sendable {
    /// Sends to everybody on the link (`address` nil) or to one address. Never waits; what cannot
    /// go out at once is dropped and counted.
    func send(_ frame: [UInt8], on link: LinkID, to address: Address?)
    /// Follows the interfaces and hands every link event and datagram to `inbox` until cancelled.
    /// - Throws: where the peer cannot work at all, such as a port that was asked for and is taken.
    func run(into inbox: Inbox) async throws
}

/// What became of one transaction.
package enum AppendResult: Sendable {
    /// In the order of the requests.
    case stored([AppendDone], level: StoreLevel)
    /// It left no trace; `segments` are what the store holds.
    case failed(reason: String, segments: [Segment])
}

/// The durable log, as far as the node needs it.
package protocol LogPort: Sendable {
    /// All requests in one transaction, durable on return. Never more than one call at a time; runs
    /// to its end even when the calling task is cancelled.
    func commit(_ requests: [AppendRequest]) async -> AppendResult
    /// The chunk asked for; empty where nothing is held or reading failed.
    func chunk(_ query: RunQuery) async -> RunRead
}

/// The clocks of this machine.
package protocol TimePort: Sendable {
    func now() -> Moment
    /// How long the machine has been suspended since it booted: the boot clock less the monotonic
    /// one.
    func suspended() -> Duration
    /// Returns at `deadline`, or early when the calling task is cancelled.
    func sleep(until deadline: Instant) async
}
