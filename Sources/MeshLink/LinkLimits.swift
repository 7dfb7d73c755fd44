/// What the links are made of, with the reasons (docs/spec/link.md).
package enum LinkLimits {
    /// The multicast group: administratively scoped (RFC 2365, organisation-local), `S` `T` read as
    /// 74, 75.
    package static let group: (UInt8, UInt8, UInt8, UInt8) = (239, 255, 74, 75)
    /// Where everybody listens to the group; shared by all peers of a machine.
    package static let groupPort: UInt16 = 7475
    /// The first port tried for the peer's own.
    package static let ownPort: UInt16 = 7476
    /// Ports tried from there: peers that one machine can hold without being told.
    package static let ownPorts: UInt16 = 100
    /// Asked for as receive buffer: 3,000 datagrams, 0.2 s of a saturated 100 Mb/s link. The kernel
    /// grants less without privileges (net.core.rmem_max, 212,992 on Debian), which is reported.
    package static let receiveBuffer: Int32 = 4 << 20
    /// Bytes of one datagram that are read; more than any frame, so that a longer one fails as
    /// such.
    package static let datagram = 2048
    /// Datagrams read by one system call.
    package static let readBatch = 16
    /// Waits before a link that failed is opened again: doubled up to the last.
    package static let firstRetry: Duration = .milliseconds(250)
    package static let lastRetry: Duration = .seconds(8)
    /// Between two looks at where the static peers are: names may be resolved later than asked.
    package static let suggestEvery: Duration = .seconds(30)
    /// Multicast frames sent without hearing one of them before multicast counts as filtered.
    package static let echoes = 3
}
