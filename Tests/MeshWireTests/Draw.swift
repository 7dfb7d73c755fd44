import MeshModel
import MeshWire

/// Wire values drawn at random: small numbers often, each limit now and then.
extension SeededGenerator {
    mutating func number(_ limit: UInt64) -> UInt64 {
        switch next() % 8 {
        case 0: limit
        case 1: 0
        case 2: UInt64.random(in: 0...limit, using: &self)
        default: UInt64.random(in: 0...min(limit, 300), using: &self)
        }
    }

    mutating func count(_ limit: Int) -> Int {
        chance(0.05) ? limit : Int.random(in: 0...min(limit, 5), using: &self)
    }

    mutating func seq() -> Seq { Seq(max(1, number(UInt64(ModelLimits.seq)))) }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    mutating func bytes32() -> Bytes32 { Bytes32(next(), next(), next(), next()) }

    mutating func short() -> UInt32 { UInt32(truncatingIfNeeded: next()) }

    mutating func signature() -> Signature {
        Signature(bytes(64)) ?? Sample.signature
    }

    mutating func room() -> RoomID {
        let letters = Array("abcxyz0189".utf8)
        let count = 1 + self.count(ModelLimits.roomName - 1)
        let name = (0..<count).map { _ in letters[Int(next() % 10)] }
        let room = try? RoomID.open(String(decoding: name, as: UTF8.self))
        return chance(0.3) ? .profile : room ?? .profile
    }

    mutating func log() -> LogID { LogID(author: PeerID(bytes32()), epoch: next(), room: room()) }

    mutating func opening() -> Opening {
        let branch = Opening.Branch(seq: seq(), first: EntryID(bytes32()))
        return Opening(log: log(), branch: chance(0.3) ? branch : nil)
    }

    mutating func path() -> [UInt8] {
        (0..<count(WireLimits.treeDepth)).map { _ in UInt8(next() % 32) }
    }

    mutating func item() -> Digest.Item {
        Digest.Item(key: short(), seq: Seq(number(UInt64(ModelLimits.seq))), head: short())
    }

    mutating func index() -> Int { Int(number(UInt64(WireLimits.logs))) }

    mutating func echo() -> Echo { Echo(salt: short(), counter: short()) }

    mutating func header(log: LogRef? = nil, seq wanted: Seq? = nil) -> EntryHeader {
        let seq = wanted ?? self.seq()
        let count = count(ModelLimits.cites)
        var cites: Set<Cite> = []
        while cites.count < count {
            cites.insert(Cite(log: LogRef(next()), seq: max(1, self.seq() >> 4), tag: short()))
        }
        return EntryHeader(
            log: log ?? LogRef(next()), seq: seq,
            previous: seq == 1 ? .none : HashLink(high: next(), low: next()),
            at: WallTime(milliseconds: number(ModelLimits.wallTime)), push: number(.max),
            cites: cites.sorted(), more: count == ModelLimits.cites && chance(0.5),
            kind: EntryKind(rawValue: UInt8(truncatingIfNeeded: next())),
            bodyLength: UInt32(number(UInt64(ModelLimits.body))), bodyHash: bytes32())
    }

    mutating func entry(log: LogRef? = nil, seq: Seq? = nil) -> UnhashedEntry {
        var header = header(log: log, seq: seq)
        guard chance(0.6) else { return UnhashedEntry(header: header, body: nil) }
        let body = bytes(count(700))
        header.bodyLength = UInt32(body.count)
        header.bodyHash = .zero
        return UnhashedEntry(header: header, body: body)
    }

    mutating func live() -> LiveEntry {
        LiveEntry(
            hops: UInt8(number(255)), opening: chance(0.3) ? log() : nil, entry: entry(),
            signature: signature())
    }

    mutating func hello() -> Hello {
        let neighbours: [Hello.Neighbour]? = chance(0.5) ? nil : neighbours()
        return Hello(
            wantsReply: chance(0.5), isFull: chance(0.5), port: UInt16(number(65535)),
            multicastSent: UInt32(number(UInt64(UInt32.max))), logs: index(),
            introduction: chance(0.5)
                ? nil : .init(peer: PeerID(bytes32()), signature: signature()),
            neighbours: neighbours)
    }

    private mutating func neighbours() -> [Hello.Neighbour] {
        (0..<count(WireLimits.neighbourItems)).map { _ in
            Hello.Neighbour(echo: echo(), loss: chance(0.2) ? 255 : UInt8(number(100)))
        }
    }

    mutating func digest() -> Digest {
        switch next() % 3 {
        case 0: .whole((0..<count(WireLimits.wholeDigest)).map { _ in item() })
        case 1: .node(path: path(), children: (0..<32).map { _ in short() })
        default:
            .bucket(
                path: path(),
                items: (0..<count(WireLimits.bucket)).map { _ in
                    Digest.IndexedItem(index: index(), item: item())
                })
        }
    }

    mutating func request() -> Request {
        Request(
            echo: echo(), tag: UInt16(number(65535)),
            ranges: (0..<count(WireLimits.requestItems)).map { _ in
                let (a, b) = (seq(), seq())
                let log: Request.Range.Log = chance(0.7) ? .index(index()) : .ref(LogRef(next()))
                return Request.Range(
                    log: log, from: min(a, b), to: max(a, b), isProved: chance(0.5))
            },
            openings: (0..<count(WireLimits.requestItems)).map { _ in index() },
            openingRefs: (0..<count(WireLimits.requestItems)).map { _ in LogRef(next()) },
            nodes: (0..<count(WireLimits.requestItems)).map { _ in path() })
    }

    mutating func run() -> Run {
        let end = seq()
        let newest = end - Seq(number(UInt64(min(end - 1, 63))))
        let log = LogRef(next())
        let count = 1 + count(min(WireLimits.runEntries, Int(newest)) - 1)
        let items = (0..<count).map { place in
            let entry = entry(log: log, seq: newest - Seq(place))
            return Run.Item(
                entry: entry, signature: chance(0.3) ? signature() : nil,
                isForgotten: entry.body == nil && chance(0.5))
        }
        return Run(
            tag: UInt16(number(65535)), isLast: chance(0.5), log: log, chunkEnd: end,
            newest: newest, items: items)
    }

    mutating func piece() -> BodyPiece {
        let bytes = bytes(1 + count(900))
        return BodyPiece(
            tag: UInt16(number(65535)), isLast: chance(0.5), log: LogRef(next()), seq: seq(),
            offset: Int(number(UInt64(ModelLimits.body - bytes.count))), bytes: bytes)
    }

    mutating func openings() -> [IndexedOpening] {
        (0..<count(WireLimits.openings)).map { _ in
            IndexedOpening(index: index(), opening: opening())
        }
    }

    mutating func eager() -> EagerChange {
        EagerChange(
            echo: echo(), isEager: chance(0.5),
            origins: (0..<count(WireLimits.origins)).map { _ in next() })
    }
}
