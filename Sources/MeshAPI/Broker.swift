package import MeshWAMP

/// Who listens to what. A subscription is shared by all sessions that ask for the same topic in the
/// same way. Its bounds are the sessions times `APILimits.subscriptions`.
package struct Broker {
    /// How a subscription's topic selects topics (advanced profile, pattern-based subscriptions).
    package enum Match: String, Sendable {
        case exact
        /// Every topic whose text begins with this one.
        case prefix
        /// An empty component stands for any one component.
        case wildcard
    }

    private struct Pattern: Hashable {
        let match: Match
        let topic: String

        func selects(_ other: String) -> Bool {
            switch match {
            case .exact: return topic == other
            case .prefix: return other.utf8.starts(with: topic.utf8)
            case .wildcard:
                let mine = topic.split(separator: ".", omittingEmptySubsequences: false)
                let theirs = other.split(separator: ".", omittingEmptySubsequences: false)
                return mine.count == theirs.count
                    && zip(mine, theirs).allSatisfy { $0.isEmpty || $0 == $1 }
            }
        }
    }

    private struct Subscription {
        let id: WAMPID
        let pattern: Pattern
        /// In the order they subscribed; at most one place for each session.
        var subscribers: [ConnectionID]
    }

    /// The subscriptions by id; ids grow, so that sorting them gives the order of their making.
    private var subscriptions: [WAMPID: Subscription] = [:]
    private var exact: [String: WAMPID] = [:]
    /// Prefix and wildcard patterns in the order of their making; every publication looks at each.
    private var patterns: [WAMPID] = []
    private var byPattern: [Pattern: WAMPID] = [:]
    /// The subscriptions of each session: its bound is `APILimits.subscriptions`.
    private var held: [ConnectionID: [WAMPID]] = [:]
    private var lastID: WAMPID = 0

    package init() {}

    /// Whether there is any subscription.
    package var hasListeners: Bool { !subscriptions.isEmpty }

    /// The subscriptions `connection` holds.
    package func count(of connection: ConnectionID) -> Int { held[connection]?.count ?? 0 }

    /// Whether the session holds any subscription that selects a topic of the peer itself.
    package func listensToPeer(_ connection: ConnectionID) -> Bool {
        held[connection, default: []].contains { id in
            subscriptions[id].map {
                $0.pattern.match != .exact || Namespace.isLocal($0.pattern.topic)
            } ?? false
        }
    }

    /// The subscription's id: the same one again where the session already has it.
    package mutating func subscribe(
        _ connection: ConnectionID, to topic: String, match: Match
    ) -> WAMPID {
        let pattern = Pattern(match: match, topic: topic)
        let id = find(pattern) ?? make(pattern)
        guard !held[connection, default: []].contains(id) else { return id }
        subscriptions[id]?.subscribers.append(connection)
        held[connection, default: []].append(id)
        return id
    }

    private func find(_ pattern: Pattern) -> WAMPID? {
        pattern.match == .exact ? exact[pattern.topic] : byPattern[pattern]
    }

    private mutating func make(_ pattern: Pattern) -> WAMPID {
        lastID += 1
        subscriptions[lastID] = Subscription(id: lastID, pattern: pattern, subscribers: [])
        if pattern.match == .exact {
            exact[pattern.topic] = lastID
        } else {
            patterns.append(lastID)
            byPattern[pattern] = lastID
        }
        return lastID
    }

    /// False where the session holds no such subscription.
    package mutating func unsubscribe(_ connection: ConnectionID, from id: WAMPID) -> Bool {
        guard let place = held[connection]?.firstIndex(of: id) else { return false }
        held[connection]?.remove(at: place)
        drop(connection, from: id)
        return true
    }

    /// Forgets all of a session.
    package mutating func leave(_ connection: ConnectionID) {
        for id in held.removeValue(forKey: connection) ?? [] { drop(connection, from: id) }
    }

    private mutating func drop(_ connection: ConnectionID, from id: WAMPID) {
        guard var subscription = subscriptions[id] else { return }
        subscription.subscribers.removeAll { $0 == connection }
        subscriptions[id] = subscription.subscribers.isEmpty ? nil : subscription
        guard subscription.subscribers.isEmpty else { return }
        if subscription.pattern.match == .exact {
            exact[subscription.pattern.topic] = nil
        } else {
            patterns.removeAll { $0 == id }
            byPattern[subscription.pattern] = nil
        }
    }

    /// The EVENT for each subscriber of `topic`, once for each subscription that selects it.
    ///
    /// - Parameter excluded: the publisher, where it does not want its own event.
    package func events(
        on topic: String, publication: WAMPID, _ payload: Payload, excluded: ConnectionID?
    ) -> [RouterEffect] {
        let matching =
            [exact[topic]].compactMap(\.self)
            + patterns.filter { subscriptions[$0]?.pattern.selects(topic) ?? false }
        var effects: [RouterEffect] = []
        for subscription in matching.compactMap({ subscriptions[$0] }) {
            let details: JSONObject =
                subscription.pattern.match == .exact ? [:] : ["topic": .string(topic)]
            let event = WAMPMessage.event(
                subscription: subscription.id, publication: publication, details: details, payload)
            for subscriber in subscription.subscribers where subscriber != excluded {
                effects.append(.send(subscriber, event))
            }
        }
        return effects
    }
}
