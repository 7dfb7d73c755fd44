import MeshWAMP

// Topics.
extension Router {
    mutating func subscribe(
        _ id: ConnectionID, _ request: WAMPID, _ options: JSONObject, _ topic: String
    ) -> [RouterEffect] {
        let text = options["match"].map { $0.string ?? "" } ?? Broker.Match.exact.rawValue
        guard let match = Broker.Match(rawValue: text) else {
            return refuse(
                id, .subscribe, request,
                .invalidArgument("match is neither exact, prefix nor wildcard"))
        }
        guard isTopic(topic, match) else {
            return refuse(id, .subscribe, request, invalidURI("topic"))
        }
        guard broker.count(of: id) < limits.subscriptions else {
            return refuse(
                id, .subscribe, request, limitReached(limits.subscriptions, "subscriptions"))
        }
        let subscription = broker.subscribe(id, to: topic, match: match)
        return [.send(id, .subscribed(request: request, subscription: subscription))]
    }

    /// A prefix may end with a dot, a wildcard pattern have empty components.
    private func isTopic(_ topic: String, _ match: Broker.Match) -> Bool {
        switch match {
        case .exact: WAMPURI.isValid(topic)
        case .prefix: WAMPURI.isValid(topic.hasSuffix(".") ? String(topic.dropLast()) : topic)
        case .wildcard: WAMPURI.isValid(topic, allowingEmpty: true)
        }
    }

    mutating func unsubscribe(
        _ id: ConnectionID, _ request: WAMPID, _ subscription: WAMPID
    ) -> [RouterEffect] {
        guard broker.unsubscribe(id, from: subscription) else {
            let error = CallError(
                uri: WAMPURI.noSuchSubscription,
                message: "this session has no subscription \(subscription)")
            return refuse(id, .unsubscribe, request, error)
        }
        return [.send(id, .unsubscribed(request: request))]
    }

    /// Only a publisher that asked for acknowledgement is told how it went, as the standard says.
    mutating func publish(
        _ id: ConnectionID, _ request: WAMPID, _ options: JSONObject, _ topic: String,
        _ payload: Payload
    ) -> [RouterEffect] {
        let acknowledges = options["acknowledge"]?.bool ?? false
        let error = WAMPURI.isValid(topic) ? Namespace.refusal(of: topic) : invalidURI("topic")
        if let error {
            return acknowledges ? refuse(id, .publish, request, error) : []
        }
        let publication = newID()
        let isExcluded = options["exclude_me"]?.bool ?? true
        let events = broker.events(
            on: topic, publication: publication, payload, excluded: isExcluded ? id : nil)
        guard acknowledges else { return events }
        return events + [.send(id, .published(request: request, publication: publication))]
    }
}
