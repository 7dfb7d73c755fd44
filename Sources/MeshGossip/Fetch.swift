import MeshIdentity
import MeshLog
import MeshModel
import MeshWire

/// One request to one neighbour and what has come of it. At most `GossipLimits.askRanges` chunks of
/// 64 entries, so at most a few hundred kilobytes.
struct Fetch {
    /// As it was sent first.
    let request: Request
    let askedAt: Instant
    /// Of the last datagram that answered.
    var heardAt: Instant
    var chunks: [Chunk]
    /// Openings and nodes that were asked for too and have not come. Counted, since they come in
    /// several frames: asking on after the first would double the requests with every answer.
    var awaited: Int
    /// Some of them have.
    var hasMore = false
    var tries = 1
    /// The answer said that it was complete.
    var isAnswered = false

    var tag: UInt16 { request.tag }
    var asksMore: Bool { awaited > 0 }

    /// A stretch of one log on its way here: verified from the newest downward.
    struct Chunk {
        let log: LogID
        let base: LogRef
        /// As a digest names it: the base, or of a branch its own.
        let ref: LogRef
        /// All of it is held, but for bodies.
        var isForBodies = false
        /// The log here that it is meant for; nil when nothing of it is held.
        let segment: SegmentID?
        let range: Request.Range
        /// Known once the first run message came.
        private(set) var end: Seq?
        /// Not judged yet, by seq: what came before its successor. At most 64.
        private var waiting: [Seq: Run.Item] = [:]
        /// Descending from `end`, each proved by the one before it.
        private(set) var proved: [VerifiedEntry] = []
        /// Bodies that come in pieces, by seq and offset.
        private var pieces: [Seq: [Int: [UInt8]]] = [:]
        /// Entries whose body the sender no longer has.
        private var forgotten: Set<Seq> = []

        init(
            log: LogID, base: LogRef, ref: LogRef, segment: SegmentID?, range: Request.Range
        ) {
            self.log = log
            self.base = base
            self.ref = ref
            self.segment = segment
            self.range = range
        }

        var from: Seq { range.from }
        var hasBegun: Bool { end != nil }

        /// The lowest seq proved, or one past the end.
        private var low: Seq? { proved.last?.header.seq ?? end.map { $0 + 1 } }

        /// Whether every entry is proved and has its body.
        var isComplete: Bool { low == from && lacksBody.isEmpty }

        /// Proved entries that still lack their body, newest first.
        private var lacksBody: [Seq] {
            proved.filter { $0.entry.body == nil && !forgotten.contains($0.header.seq) }
                .map(\.header.seq)
        }

        /// The entries, ascending.
        var run: [VerifiedEntry] { proved.reversed() }

        /// Whether judging a run means checking a signature: that of its newest entry, while
        /// nothing is proved.
        func checksSignature(of run: Run) -> Bool {
            proved.isEmpty && run.newest >= run.chunkEnd
        }

        /// What came brought something, nothing, or what no author signed.
        enum Judged { case new, known, forged }

        mutating func take(_ run: Run, _ verifier: Verifier) -> Judged {
            guard run.log == base, run.chunkEnd >= from else { return .known }
            // The first message fixes the end; one far above the range would not bound the work.
            // Until that is proved, a later answer may fix it anew.
            var hasMoved = false
            if proved.isEmpty, end != run.chunkEnd,
                run.chunkEnd - from < 2 * ModelLimits.checkpoint
            {
                hasMoved = end != nil
                end = run.chunkEnd
                waiting = [:]
            }
            guard let low else { return .known }
            var isNew = false
            for (place, item) in run.items.enumerated() {
                let seq = run.newest - Seq(place)
                guard seq >= from, seq < low else { continue }
                if waiting.updateValue(item, forKey: seq) == nil { isNew = true }
            }
            // An end that moves to and fro is no progress until something is proved.
            if hasMoved { isNew = false }
            return prove(verifier) ? isNew ? .new : .known : .forged
        }

        /// Moves entries from `waiting` to `proved` as far as the proof reaches; false when one is
        /// no author's.
        private mutating func prove(_ verifier: Verifier) -> Bool {
            while let low, low > from, let item = waiting.removeValue(forKey: low - 1) {
                let entry = Entry(hashing: item.entry, signature: item.signature)
                let verified: VerifiedEntry?
                if let successor = proved.last {
                    verified = verifier.verify(entry, before: successor)
                } else {
                    verified = verifier.verify(entry, of: log)
                }
                guard let verified else { return false }
                proved.append(verified)
                if item.isForgotten { forgotten.insert(verified.header.seq) }
            }
            return true
        }

        mutating func take(_ piece: BodyPiece) -> Judged {
            guard piece.log == base,
                let index = proved.firstIndex(where: { $0.header.seq == piece.seq }),
                proved[index].entry.body == nil
            else { return .known }
            let known = pieces[piece.seq, default: [:]]
                .updateValue(piece.bytes, forKey: piece.offset)
            let parts = (pieces[piece.seq] ?? [:]).sorted { $0.key < $1.key }
            let length = Int(proved[index].header.bodyLength)
            guard parts.reduce(0, { $0 + $1.value.count }) >= length else {
                return known == nil ? .new : .known
            }
            pieces[piece.seq] = nil
            guard let whole = proved[index].attaching(body: parts.flatMap(\.value)) else {
                return .forged
            }
            proved[index] = whole
            return .new
        }

        /// What to ask for to complete the chunk; nil when it is complete.
        var rest: Request.Range? {
            guard let low else { return range }
            guard low > from else {
                // Eight bodies of four pieces are one answer.
                let lacking = lacksBody.prefix(8)
                guard let top = lacking.first, let bottom = lacking.last else { return nil }
                return Request.Range(log: range.log, from: bottom, to: top, isProved: true)
            }
            // What waits below the first hole need not come again.
            let start = waiting.keys.max().map { $0 + 1 } ?? from
            guard !proved.isEmpty else {
                return Request.Range(log: range.log, from: start, to: max(start, range.to))
            }
            return Request.Range(log: range.log, from: start, to: low - 1, isProved: true)
        }
    }
}
