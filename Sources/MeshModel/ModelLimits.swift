/// Bounds on the nouns. Each is part of the wire contract (docs/spec/wire.md): a larger value is
/// refused by every peer.
package enum ModelLimits {
    /// Bytes of an open room's name: fits a terminal column and leaves a live entry's opening
    /// small.
    package static let roomName = 48
    /// Bytes of a nickname.
    package static let nick = 48
    /// Bytes of an entry's body: a page of text. 64 of them are the 256 kB of one chunk.
    package static let body = 4096
    /// Texts that one call of the local API says: a quarter of what waits for the disk, so that
    /// other programs are not kept out.
    package static let texts = 256
    /// Cites of one entry: 64 × 13 bytes stay within one datagram of 1232 bytes.
    package static let cites = 64
    /// Highest sequence number. At one entry a millisecond an epoch lasts 49 days; the peer
    /// then opens a new epoch.
    package static let seq: UInt32 = .max - 1
    /// Highest wall time in milliseconds: 48 bits, the year 10889.
    package static let wallTime: UInt64 = (1 << 48) - 1
    /// Highest time that a claim counts for, 2^62. A hostile claim at the end of 64 bits would
    /// leave no room above it for what follows; with this one, 2^63 causes in a row still fit.
    package static let claimedTime: UInt64 = 1 << 62
    /// Entries between two checkpoints: the signatures of entries whose seq this divides are kept.
    package static let checkpoint: UInt32 = 64
    /// Branches of one author's log in one epoch and room before the key counts as stolen.
    package static let branches = 4
}
