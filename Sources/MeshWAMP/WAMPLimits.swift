/// Bounds on what either side of the local API accepts as bytes.
package enum WAMPLimits {
    /// Octets of one message in either direction, as RawSocket's handshake states it: 2^20. A page
    /// of the log with 1000 lines of 500 bytes fits twice.
    package static let message = 1 << (messageExponent + 9)
    /// The LENGTH nibble of the handshake: 2^(9 + 11) octets.
    package static let messageExponent = 11
    /// Levels of arrays and objects within each other. Messages of Starling use five; the parser
    /// recurses once for each, about 300 bytes of stack.
    package static let depth = 64
    /// UTF-8 bytes of a topic, procedure or error name.
    package static let uri = 255
    /// The largest id WAMP knows: 2^53, what a double still counts exactly.
    package static let id: UInt64 = 1 << 53
}
