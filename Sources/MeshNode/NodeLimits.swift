/// Bounds on what the node keeps waiting, with their reasons.
package enum NodeLimits {
    /// Datagrams that wait for the engine: about 0.3 s of work at 15,000 signature checks a second,
    /// 5 MB. What comes on top is dropped and counted; repair brings it again.
    package static let datagrams = 4096
    /// Datagrams handed in between two looks at everything else: 5 ms of work, so that results of
    /// the store and drafts never wait long behind a burst.
    package static let batch = 64
    /// Drafts that wait for their answer. The disk is the bottleneck; beyond this the answer is
    /// `busy`.
    package static let drafts = 1024
    /// Entries after which a transaction takes no more requests: 0.1 s of writing, so that a draft
    /// does not wait long behind a repair.
    package static let commit = 1024
    /// Reads under way at once: SQLite reads run beside the writer; more would only take memory.
    package static let reads = 4
    /// Elements that wait for a listener before it is cut off: several transactions. Rows of 600
    /// bytes are 5 MB; of the largest entries, while somebody listens and cannot keep up, 32 MB.
    package static let backlog = 8192
    /// A jump of the boot clock against the monotonic clock that counts as a resumed machine.
    package static let resume: Duration = .seconds(1)
}
