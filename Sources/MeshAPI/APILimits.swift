/// Bounds of the router and its connections, with the arithmetic. One user's programs share them:
/// the socket is open to nobody else.
package struct APILimits: Sendable {
    /// Connections at a time, joined or not. A further one is refused in its handshake.
    package var connections = 128
    /// Subscriptions of one session.
    package var subscriptions = 1024
    /// Registrations of one session.
    package var registrations = 1024
    /// Calls of one session without an answer. 128 × 64 calls of a few kB each.
    package var calls = 64
    /// Local procedures running, those included whose caller has left and that have not noticed
    /// yet.
    package var localCalls = 1024
    /// Octets that wait to be written to one client: 8 messages of the largest size, some ten
    /// thousand log lines. A client that lets more gather is cut off.
    package var outbound = 8 << 20
    /// Events of the daemon that wait for the router: about 8 MB of log lines.
    package var inbox = 8192
    /// Time from connecting to HELLO, seconds.
    package var joinSeconds = 10
    /// Time that a closing connection has to take what is written to it, seconds. Five are what the
    /// daemon has to stop.
    package var closeSeconds = 2

    package init() {}
}
