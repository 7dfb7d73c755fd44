package import MeshIdentity
package import MeshLog
package import MeshModel

/// Entries to be kept, durably, before anything is said of them.
package struct AppendRequest: Sendable {
    /// Comes back in `AppendDone`.
    package let token: UInt64
    /// Ascending, chained, of one log.
    package let run: [VerifiedEntry]
    package let source: Source
    package let receivedAt: WallTime

    package init(token: UInt64, run: [VerifiedEntry], source: Source, receivedAt: WallTime) {
        self.token = token
        self.run = run
        self.source = source
        self.receivedAt = receivedAt
    }
}

/// A stretch of a log to be read for a neighbour: the arguments of `Archive.chunk`.
package struct RunQuery: Hashable, Sendable {
    package let token: UInt64
    package let segment: SegmentID
    package let from: Seq
    package let to: Seq
    package let isProved: Bool

    package init(token: UInt64, segment: SegmentID, from: Seq, to: Seq, isProved: Bool) {
        self.token = token
        self.segment = segment
        self.from = from
        self.to = to
        self.isProved = isProved
    }
}

/// Why a draft was not accepted. Nothing of it is kept.
package enum DraftRefusal: Error, Hashable, Sendable {
    /// More drafts are waiting for the disk than `GossipLimits.drafts`.
    case busy
    /// The store is full, the reserve for own entries too.
    case full
    case tooLong(bytes: Int, limit: Int)
    /// The store could not write; its reason.
    case failed(String)
}

/// Something worth a line in the timeline that `meshctl events` shows.
package enum Report: Hashable, Sendable {
    case neighbourFound(NeighbourID, PeerID, LinkID)
    case neighbourLost(NeighbourID, PeerID, LinkID)
    case forkFound(LogID)
    case logClosed(LogID)
    case epochOpened(UInt64)
}

/// What the engine wants done. In the imperative; to be run in order, all of them, before the next
/// event.
package enum Effect: Sendable {
    /// To everybody on the link (`to` nil) or to one address. May be lost.
    case sendFrame([UInt8], on: LinkID, to: Address?)
    case setTimer(Timer, at: Instant)
    /// Answer with `Event.appendsStored` or `.appendsFailed`; several may share one transaction.
    case append(AppendRequest)
    /// Answer with `Event.runRead`.
    case read(RunQuery)
    /// The draft is durable (and on its way), or refused.
    case answerDraft(ticket: UInt64, Result<EntryID, DraftRefusal>)
    case report(Report)
}
