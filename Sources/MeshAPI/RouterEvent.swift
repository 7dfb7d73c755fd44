package import MeshWAMP

/// One connection of one transport; never used twice.
package struct ConnectionID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let number: UInt64

    package init(_ number: UInt64) { self.number = number }

    package static func < (a: ConnectionID, b: ConnectionID) -> Bool { a.number < b.number }

    package var description: String { "connection \(number)" }
}

/// One call of a local procedure; never used twice.
package struct LocalCallID: Hashable, Sendable {
    package let number: UInt64

    package init(_ number: UInt64) { self.number = number }
}

/// What happens to the router. Events of a connection come between its `connected` and its
/// `disconnected`; others, and those after a `close` effect, change nothing.
package enum RouterEvent: Sendable {
    /// A transport is ready to carry messages.
    case connected(ConnectionID)
    case received(ConnectionID, WAMPMessage)
    /// Something arrived that is no message.
    case violated(ConnectionID, ProtocolViolation)
    /// The transport is gone.
    case disconnected(ConnectionID)
    /// The client did not read, and what waits for it exceeds its bound.
    case fellBehind(ConnectionID)
    /// Time to join is over; changes nothing where the client joined.
    case joinTimedOut(ConnectionID)
    /// A message of a `send` effect was not sent: it is larger than the client accepts.
    case tooLarge(ConnectionID, WAMPMessage)
    case localCallFinished(LocalCallID, Result<CallResult, CallError>)
    /// An event of the peer itself.
    case published(topic: String, Payload)
    /// Events of the peer were dropped before they reached the router.
    case eventsLost(Int)
    /// The router ends: nobody joins any more.
    case stopped
}

/// What the router wants done, in this order.
package enum RouterEffect: Hashable, Sendable {
    case send(ConnectionID, WAMPMessage)
    /// Close the transport once what was sent has been written; nothing more comes for it.
    case close(ConnectionID)
    /// As `close`, but what still waits is dropped and only this last message is written.
    case cutOff(ConnectionID, WAMPMessage)
    case startCall(LocalCallID, procedure: String, Payload)
    case cancelCall(LocalCallID)
}
