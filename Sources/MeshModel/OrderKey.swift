/// The place of an entry in the merged room log: sorted by (time, author, epoch, seq, id).
///
/// `time(e) = max(at + push, 1 + the largest time of its direct causes)`: the direct causes are the
/// previous entry of the log and the cited entries, each once its own causes are all held. So the
/// order extends happened-before whatever any clock claims, and is a function of the held set
/// alone. (What has missing causes does not count yet: the 4-byte tag of a cite can be ground into
/// a cycle, which is never complete, and a time that counts is final, so that none is counted
/// twice.)
package struct OrderKey: Hashable, Comparable, Sendable {
    package let time: UInt64
    package let author: PeerID
    package let epoch: UInt64
    package let seq: Seq
    package let id: EntryID

    package init(time: UInt64, author: PeerID, epoch: UInt64, seq: Seq, id: EntryID) {
        self.time = time
        self.author = author
        self.epoch = epoch
        self.seq = seq
        self.id = id
    }

    package static func < (a: OrderKey, b: OrderKey) -> Bool {
        if a.time != b.time { return a.time < b.time }
        if a.author != b.author { return a.author < b.author }
        if a.epoch != b.epoch { return a.epoch < b.epoch }
        if a.seq != b.seq { return a.seq < b.seq }
        return a.id < b.id
    }

    /// The time of an entry that claims `claimed` and whose latest held direct cause has time
    /// `cause`.
    package static func time(claimed: UInt64, latestCause cause: UInt64?) -> UInt64 {
        guard let cause else { return claimed }
        let after = cause == .max ? .max : cause + 1
        return max(claimed, after)
    }
}
