import MeshModel
import MeshWire
import Synchronization

/// What was computed from the mesh key lately, for `MeshKey.memoised`: the hundreds of peers of a
/// simulation share one opening of a frame and one hash of a head.
final class FrameMemo: Sendable {
    private struct Place: Hashable {
        let salt: UInt64
        let counter: UInt32
    }

    /// What a digest tag is of: a log (no seq), or its head, which may be 0.
    struct Hashed: Hashable {
        let salt: UInt64
        let log: LogRef
        let seq: Seq?
        let id: Bytes32

        /// References and ids are hashes: a part of them tells them apart.
        func hash(into hasher: inout Hasher) {
            hasher.combine(salt ^ log.raw)
            hasher.combine(id.words.0)
        }
    }

    private struct Answers {
        /// At most 4096 × about 1 kB, 4 MB; then it starts afresh.
        var frames: [Place: (datagram: [UInt8], plain: [UInt8]?)] = [:]
        /// At most 65,536 × about 100 bytes, 6 MB; then it starts afresh.
        var hashes: [Hashed: UInt32] = [:]
    }

    private let answers = Mutex(Answers())

    func plain(
        of datagram: [UInt8], _ header: FrameHeader, otherwise open: () -> [UInt8]?
    ) -> [UInt8]? {
        let place = Place(salt: header.salt, counter: header.counter)
        if let known = answers.withLock({ $0.frames[place] }), known.datagram == datagram {
            return known.plain
        }
        let plain = open()
        note(datagram, header, plain: plain)
        return plain
    }

    /// `plain` is what is sealed in a datagram; nil where nothing is.
    func note(_ datagram: [UInt8], _ header: FrameHeader, plain: [UInt8]?) {
        let place = Place(salt: header.salt, counter: header.counter)
        answers.withLock { answers in
            if answers.frames.count >= 4096 { answers.frames.removeAll() }
            answers.frames[place] = (datagram, plain)
        }
    }

    func hash(of hashed: Hashed, otherwise compute: () -> UInt32) -> UInt32 {
        if let known = answers.withLock({ $0.hashes[hashed] }) { return known }
        let hash = compute()
        answers.withLock { answers in
            if answers.hashes.count >= 65_536 { answers.hashes.removeAll() }
            answers.hashes[hashed] = hash
        }
        return hash
    }
}
