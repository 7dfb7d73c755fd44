import MeshIdentity
import MeshLog
import MeshModel
import MeshWire

/// Answering the requests of confirmed neighbours.
extension Engine {
    mutating func take(_ request: Request, from id: NeighbourID, _ effects: inout [Effect]) {
        let ranges = Self.distinct(request.ranges).prefix(GossipLimits.askRanges)
        let price = Int64(max(1, ranges.count))
        guard neighbours[id]?.allowance.requests.take(price, at: clock.instant) ?? false else {
            return counters.rejected("overBudget")
        }
        // A right echo in a request confirms as well as one in a hello.
        let wasConfirmed = neighbours.isConfirmed(id)
        neighbours[id]?.confirmedAt = clock.instant
        neighbours[id]?.told = 0
        if !wasConfirmed { confirmed(id, &effects) }
        counters.repair("answered")
        openings(for: request, id, &effects)
        for path in Self.distinct(request.nodes).prefix(GossipLimits.askNodes)
        where path.count < WireLimits.treeDepth {
            guard mayServeNode(to: id) else {
                counters.rejected("overBudget")
                break
            }
            let digest = DigestTree(of: logs, hash: session.digest.hash).answer(for: path)
            send([.digest(digest)], to: id, &effects)
        }
        let first = tokens + 1
        for range in ranges {
            guard reads.count < GossipLimits.reads,
                reads.values.count(where: { $0.neighbour == id }) < GossipLimits.readsOfOne
            else { return counters.rejected("busy") }
            guard let segment = segment(of: range.log) else { continue }
            let token = nextToken()
            reads[token] = PendingAnswer(
                neighbour: id, tag: request.tag, request: first,
                base: logs[segment].segment.base)
            effects.append(
                .read(
                    RunQuery(
                        token: token, segment: segment, from: range.from, to: range.to,
                        isProved: range.isProved)))
        }
        // What no log here stands for is no read: it is said at once that nothing is held of it.
        for case .ref(let ref) in ranges.map(\.log) where logs.id(of: ref) == nil {
            send([.run(.nothing(for: request.tag, of: ref))], to: id, &effects)
        }
    }

    private mutating func mayServeNode(to id: NeighbourID) -> Bool {
        neighbours[id]?.allowance.nodes.take(at: clock.instant) ?? false
            && allowance.allNodes.take(at: clock.instant)
    }

    /// What is asked for twice is answered once.
    private static func distinct<Asked: Hashable>(_ asked: [Asked]) -> [Asked] {
        var seen: Set<Asked> = []
        return asked.filter { seen.insert($0).inserted }
    }

    private func segment(of log: Request.Range.Log) -> SegmentID? {
        switch log {
        case .index(let index): logs.id(at: index)
        case .ref(let ref): logs.id(of: ref)
        }
    }

    private mutating func openings(
        for request: Request, _ id: NeighbourID, _ effects: inout [Effect]
    ) {
        let asked =
            request.openings.compactMap(logs.id(at:))
            + request.openingRefs.compactMap(logs.id(of:))
        var answer: [IndexedOpening] = []
        for segment in asked.prefix(WireLimits.openings).map({ logs[$0].segment }) {
            let branch = segment.branch.map { Opening.Branch(seq: segment.first, first: $0) }
            let opening = Opening(log: segment.log, branch: branch)
            answer.append(IndexedOpening(index: Int(segment.id.index), opening: opening))
        }
        // Sixteen of the longest openings take 16 × 125 bytes: two frames.
        for part in [answer.prefix(8), answer.dropFirst(8)] where !part.isEmpty {
            send([.openings(Array(part))], to: id, &effects)
        }
    }

    /// A stretch was read: cut into frames, newest first, bodies that fit inline.
    mutating func answer(_ read: RunRead, _ effects: inout [Effect]) {
        guard let pending = reads.removeValue(forKey: read.token),
            neighbours[pending.neighbour] != nil
        else { return }
        // Reads may come back in another order than they were asked for.
        let isLast = !reads.values.contains { $0.request == pending.request }
        var frames = AnswerFrames(tag: pending.tag, log: pending.base)
        for message in frames.cut(read.entries, isLast: isLast) {
            send([message], to: pending.neighbour, &effects)
        }
    }
}

/// Cuts a stretch of a log into messages of one frame each.
struct AnswerFrames {
    let tag: UInt16
    let log: LogRef

    /// A body beyond this travels in pieces, so that at least two items fit into a frame.
    static let inlineBody = 500
    /// Room for one message: the plain text less kind and length.
    static let room = WireLimits.plain - 2
    /// Tag, flag, log, chunk end, newest, count.
    static let runOverhead = 2 + 1 + 8 + 5 + 5 + 1
    /// Flags, previous, at, push, cite count, kind, body length, body hash, signature.
    static let itemOverhead = 1 + 16 + 6 + 10 + 1 + 1 + 2 + 32 + 64
    /// Tag, flag, log, seq, offset.
    static let pieceOverhead = 2 + 1 + 8 + 5 + 2

    mutating func cut(_ entries: [Entry], isLast: Bool) -> [Message] {
        var messages = runs(of: entries)
        for entry in entries.reversed() { messages += pieces(of: entry) }
        messages = Array(messages.prefix(GossipLimits.answerFrames))
        guard isLast else { return messages }
        // Said aloud: silence would cost the asker the time of four requests.
        messages.append(messages.popLast()?.asLast ?? .run(.nothing(for: tag, of: log)))
        return messages
    }

    private func runs(of entries: [Entry]) -> [Message] {
        guard let end = entries.last?.header.seq else { return [] }
        var messages: [Message] = []
        var items: [Run.Item] = []
        var newest = end
        var used = Self.runOverhead
        func flush() {
            guard !items.isEmpty else { return }
            messages.append(
                .run(
                    Run(
                        tag: tag, isLast: false, log: log, chunkEnd: end, newest: newest,
                        items: items)))
            newest -= Seq(items.count)
            items = []
            used = Self.runOverhead
        }
        for entry in entries.reversed() {
            let item = item(entry, isEnd: entry.header.seq == end)
            let length = RunCodec.length(of: item)
            if used + length > Self.room || items.count == WireLimits.runEntries { flush() }
            items.append(item)
            used += length
        }
        flush()
        return messages
    }

    private func item(_ entry: Entry, isEnd: Bool) -> Run.Item {
        let isCheckpoint = entry.header.seq % ModelLimits.checkpoint == 0
        return Run.Item(
            entry: UnhashedEntry(
                header: entry.header, body: isInline(entry) ? entry.body : nil),
            signature: isEnd || isCheckpoint ? entry.signature : nil,
            isForgotten: entry.body == nil)
    }

    /// Whether the body travels with its header: it is short, and both fit into one frame.
    private func isInline(_ entry: Entry) -> Bool {
        guard let body = entry.body, body.count <= Self.inlineBody else { return false }
        return Self.runOverhead + Self.itemOverhead + entry.header.cites.count * 16 + body.count
            <= Self.room
    }

    private func pieces(of entry: Entry) -> [Message] {
        guard let body = entry.body, !isInline(entry) else { return [] }
        let size = Self.room - Self.pieceOverhead
        return stride(from: 0, to: body.count, by: size).map { offset in
            .piece(
                BodyPiece(
                    tag: tag, isLast: false, log: log, seq: entry.header.seq, offset: offset,
                    bytes: Array(body[offset..<min(offset + size, body.count)])))
        }
    }
}

extension Message {
    /// The same, marked as the last of an answer.
    fileprivate var asLast: Message {
        switch self {
        case .run(var run):
            run.isLast = true
            return .run(run)
        case .piece(var piece):
            piece.isLast = true
            return .piece(piece)
        default: return self
        }
    }
}
