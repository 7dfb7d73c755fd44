/// Counts since the start, by frame kind and reason. The keys are few and fixed: message names,
/// reasons of `WireError.Code`, and those in docs/spec/gossip.md.
package struct Counters: Hashable, Sendable {
    /// Messages by name.
    package private(set) var sent: [String: Int] = [:]
    package private(set) var received: [String: Int] = [:]
    /// Frames and messages by the reason for which they were dropped.
    package private(set) var rejected: [String: Int] = [:]
    /// Live entries: new, duplicate, relayed, relayedUnicast, suppressed, overBudget, pruned,
    /// grafted.
    package private(set) var flood: [String: Int] = [:]
    /// Repair: asked, answered, entries, forged, timeout, probes.
    package private(set) var repair: [String: Int] = [:]
    package internal(set) var framesSent = 0
    package internal(set) var bytesSent = 0
    package internal(set) var framesReceived = 0
    package internal(set) var bytesReceived = 0
    /// Own time on the air by multicast, at the basic rate of each link.
    package internal(set) var airtime: Duration = .zero

    package init() {}

    mutating func sent(_ name: String) { sent[name, default: 0] += 1 }
    mutating func received(_ name: String) { received[name, default: 0] += 1 }
    mutating func rejected(_ reason: String) { rejected[reason, default: 0] += 1 }
    mutating func flood(_ what: String) { flood[what, default: 0] += 1 }
    mutating func repair(_ what: String, _ count: Int = 1) { repair[what, default: 0] += count }
}
