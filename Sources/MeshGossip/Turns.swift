import MeshModel

/// Whose turn it is to be asked, so that a cell in which thirty peers hold what is lacking here
/// gets one request and not thirty.
///
/// A log is asked of one neighbour at a time. What a digest names and nobody here can tell apart
/// (unknown keys, nodes of a tree: their hashes are salted by each sender) is asked of one
/// neighbour at a time, the *scout*; what he opened is known in the digests of all others too. A
/// turn ends when it was used, and by itself after `GossipLimits.turn`: who answers slowly, or
/// never, costs others that long and no more.
struct Turns {
    private struct Turn {
        /// Nil: nobody is to be asked.
        let holder: NeighbourID?
        let until: Instant
    }

    /// By reference, held or not; at most `GossipLimits.askRanges` + `WireLimits.openings` for each
    /// neighbour.
    private var logs: [LogRef: Turn] = [:]
    private var scout: Turn?

    /// Whether `neighbour` may be asked for a log.
    func isOpen(_ log: LogRef, to neighbour: NeighbourID, at now: Instant) -> Bool {
        logs[log].map { $0.holder == neighbour || $0.until <= now } ?? true
    }

    /// Whether any log of these is being asked for, or on its way to the disk.
    func isTaken(in refs: ClosedRange<LogRef>, at now: Instant) -> Bool {
        logs.contains { refs.contains($0.key) && now < $0.value.until }
    }

    /// Whether `neighbour` may be asked for what only his own digest names. Whoever has had his
    /// turn lets those go first who wait.
    func isScoutOpen(to neighbour: NeighbourID, at now: Instant, othersWait: Bool) -> Bool {
        guard let scout else { return true }
        if scout.holder == neighbour { return now < scout.until || !othersWait }
        return scout.until <= now
    }

    mutating func take(_ log: LogRef, for neighbour: NeighbourID, at now: Instant) {
        logs[log] = Turn(holder: neighbour, until: now + GossipLimits.turn)
    }

    /// To go on as the scout does not prolong the turn.
    mutating func takeScout(for neighbour: NeighbourID, at now: Instant) {
        if let scout, scout.holder == neighbour, now < scout.until { return }
        scout = Turn(holder: neighbour, until: now + GossipLimits.turn)
    }

    /// It has come and is on its way to the disk.
    mutating func close(_ log: LogRef) {
        logs[log] = Turn(holder: nil, until: Instant(nanoseconds: .max))
    }

    mutating func end(_ log: LogRef) { logs[log] = nil }

    /// False when it was not his turn.
    @discardableResult
    mutating func endScout(of neighbour: NeighbourID) -> Bool {
        guard scout?.holder == neighbour else { return false }
        scout = nil
        return true
    }

    mutating func endAll(of neighbour: NeighbourID) {
        logs = logs.filter { $0.value.holder != neighbour }
        endScout(of: neighbour)
    }
}
