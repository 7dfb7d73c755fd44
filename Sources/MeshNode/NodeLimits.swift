/// Bounds on what the node keeps waiting, with their reasons.
package enum NodeLimits {
    /// Datagrams that wait for the engine: about 0.3 s of work at 15,000 signature checks a second,
    /// 5 MB. What comes on top is dropped and counted; repair brings it again.
    package static let datagrams = 4096
    /// Datagrams handed in between two looks at everything else: 5 ms of work, so that results of the
    /// store and drafts never wait long behind a burst.
    package static let batch = 64
    /// Drafts that wait for their answer. The disk is the bottleneck; beyond this the answer is `busy`.
    package static let drafts = 1024
    /// Requests of one transaction: with runs of at most 128 entries of 4 kB the worst case is 64 MB,
    /// the usual one 1 MB.
    package static let commit = 128
    /// Reads under way at once: SQLite reads run beside the writer; more would only take memory.
    package static let reads = 4
    /// Elements that wait for a listener of a stream before it is cut off: about 2 MB of rows.
    package static let backlog = 4096
    /// A jump of the boot clock against the monotonic clock that counts as a resumed machine.
    package static let resume: Duration = .seconds(1)
}
