package import MeshWAMP

/// An event of a topic.
package struct APIEvent: Hashable, Sendable {
    /// The topic, also where the subscription was to a prefix.
    package let topic: String
    package let arguments: [JSON]
    package let keywords: JSONObject
}

/// How a subscription's topic selects topics.
package enum TopicMatch: String, Sendable {
    case exact
    /// Every topic that begins with this text, such as `starling.room.`.
    case prefix
}
