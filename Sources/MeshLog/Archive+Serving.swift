package import MeshModel

/// Reading stretches of a log for those who lack them.
extension Archive {
    /// The entries `from...` of a log for someone who lacks them, ascending and ending at one that
    /// carries a signature, or at `to` where the asker holds the proof of that one. At most
    /// `ModelLimits.checkpoint` entries past the next checkpoint; empty where nothing is held.
    package func chunk(
        _ id: SegmentID, from: Seq, to: Seq, isProved: Bool
    ) throws -> [Entry] {
        var path = try path(to: id, from: from)
        guard let start = path.first, from >= start.first else { return [] }
        // `from` and `to` are the asker's word, up to the end of their range: no sums in 32 bits.
        let block = UInt64((from - 1) / ModelLimits.checkpoint) * UInt64(ModelLimits.checkpoint)
        let target = Seq(min(UInt64(to), block + UInt64(ModelLimits.checkpoint)))
        var entries: [Entry] = []
        var next = from
        while let segment = path.first {
            let beyond = isProved ? 0 : ModelLimits.checkpoint
            let last = min(UInt64(segment.head), UInt64(target) + UInt64(beyond))
            for entry in try tables.entries(segment.id, from: next, to: Seq(last)) {
                entries.append(entry)
                let isEnd = isProved ? entry.header.seq == to : entry.signature != nil
                if entry.header.seq >= target && isEnd { return entries }
            }
            next = max(next, segment.head + 1)
            path.removeFirst()
            // A trunk may end without a signature: any branch proves it.
            if path.isEmpty, segment.isSplit, let branch = try anyBranch(of: segment) {
                path = [branch]
            }
        }
        return trimmed(entries)
    }

    /// The segments from the one that holds `from` down to `id`.
    private func path(to id: SegmentID, from: Seq) throws -> [Segment] {
        var path = [try tables.segment(id)]
        while let first = path.first, from < first.first, let parent = first.parent {
            path.insert(try tables.segment(parent), at: 0)
        }
        return path
    }

    private func anyBranch(of segment: Segment) throws -> Segment? {
        try tables.segments(ofBase: segment.base).first {
            $0.parent == segment.id && !$0.isEmpty
        }
    }

    private func trimmed(_ entries: [Entry]) -> [Entry] {
        guard let end = entries.lastIndex(where: { $0.signature != nil }) else { return [] }
        return Array(entries[...end])
    }
}
