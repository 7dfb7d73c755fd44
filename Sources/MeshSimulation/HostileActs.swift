import MeshIdentity
import MeshModel
import MeshWire

/// What the hostile peer does, act by act.
extension HostilePeer {
    // MARK: - Neighbourhood

    /// A proper hello with right echoes: it is confirmed as a neighbour, and so is asked and
    /// answered.
    mutating func hello() -> RadioFrame {
        let neighbours = heardSalts.map { Hello.Neighbour(echo: echo(of: $0), loss: 0) }
        let hello = Hello(
            wantsReply: generator.chance(0.5), isFull: false,
            port: UInt16(truncatingIfNeeded: drawn(65_535)),
            multicastSent: sealer.counter, logs: drawn(3) == 0 ? WireLimits.logs : drawn(50),
            introduction: key.introduce(salt: sealer.salt, mesh: mesh.id), neighbours: neighbours)
        return frame(of: sealed([.hello(hello)]))
    }

    /// A crowd that does not exist: fresh salts, some introduced by the real key, some unheard of.
    mutating func helloFlood() -> [RadioFrame] {
        (0..<6).map { index in
            var other = FrameSealer(mesh: mesh.key, salt: generator.next())
            let hello = Hello(
                wantsReply: true, isFull: false, port: 1, multicastSent: 1, logs: 1000,
                introduction: index % 2 == 0 ? key.introduce(salt: other.salt, mesh: mesh.id) : nil,
                neighbours: [])
            return frame(of: other.seal(FrameCodec.encode([.hello(hello)])))
        }
    }

    /// An old frame again, to all or to one, also with a bit flipped.
    mutating func replay() -> [RadioFrame] {
        guard var bytes = captured.randomElement(using: &generator) else { return [] }
        if generator.chance(0.3) { bytes[drawn(bytes.count - 1)] ^= 1 }
        let target = generator.chance(0.5) ? heardSalts.randomElement(using: &generator)?.node : nil
        return [frame(of: bytes, to: target)]
    }

    /// Asks all to send it nothing, or everything.
    mutating func prune() -> [RadioFrame] {
        guard let heard = heardSalts.randomElement(using: &generator) else { return [] }
        var origins = openings.map(\.author.raw.words.0)
        while origins.count < 8 { origins.append(generator.next()) }
        let change = EagerChange(
            echo: echo(of: heard), isEager: generator.chance(0.3),
            origins: Array(origins.prefix(WireLimits.origins)))
        return [frame(of: sealed([.eager(change)]), to: heard.node)]
    }

    // MARK: - Forgery

    /// An entry in somebody else's log: a new one signed by the wrong key, or a genuine one
    /// changed.
    mutating func forge() -> [RadioFrame] {
        guard var live = entries.randomElement(using: &generator) else { return [] }
        switch drawn(2) {
        case 0: live.entry.body = live.entry.body.map { _ in Array("I never said this".utf8) }
        case 1: live.entry.header.seq += 1
        default: live.entry.header.at = WallTime(milliseconds: generator.next())
        }
        live.entry.header.bodyLength = UInt32(live.entry.body?.count ?? 0)
        live.opening = live.opening ?? openings.randomElement(using: &generator)
        live.hops = UInt8(drawn(255))
        if generator.chance(0.5), let signature = Signature(randomBytes(64...64)) {
            live.signature = signature
        }
        return [frame(of: sealed([.entry(live)]))]
    }

    // MARK: - Own entries

    /// An ordinary message.
    mutating func say(at now: Instant, truth: inout Truth) -> [RadioFrame] {
        guard let log = ownLog() else { return [] }
        let entry = signed(in: log, after: ownLogs.heads[log]) { _ in }
        ownLogs.extended(by: entry)
        truth.recordHostile(entry, by: node, at: now)
        return [flood(entry)]
    }

    /// Two entries at one place, each to somebody else or both to all.
    mutating func equivocate(at now: Instant, truth: inout Truth) -> [RadioFrame] {
        guard let log = ownLog() else { return [] }
        let pair = (0..<2).map { _ in signed(in: log, after: ownLogs.heads[log]) { _ in } }
        for entry in pair { truth.recordHostile(entry, by: node, at: now) }
        if generator.chance(0.5), let kept = pair.last { ownLogs.extended(by: kept) }
        // After some forks the log is closed; go on in another.
        if generator.chance(0.2) { ownLogs.epoch += 1 }
        return pair.map { entry in
            flood(entry, to: heardSalts.randomElement(using: &generator)?.node)
        }
    }

    /// An own entry that cites what is not there, or claims a time or push at the end of its range.
    mutating func lie(at now: Instant, truth: inout Truth) -> [RadioFrame] {
        guard let log = ownLog() else { return [] }
        let lie = drawn(3)
        let cite = Cite(
            log: LogRef(generator.next()), seq: Seq(1 + drawn(1 << 20)),
            tag: UInt32(truncatingIfNeeded: generator.next()))
        let below = UInt64(drawn(1000))
        let entry = signed(in: log, after: ownLogs.heads[log]) { header in
            switch lie {
            case 0:
                header.cites = (header.cites + [cite]).sorted()
            case 1: header.push = .max
            case 2: header.at = WallTime(milliseconds: .max)
            default: header.push = ModelLimits.claimedTime - below
            }
        }
        ownLogs.extended(by: entry)
        if generator.chance(0.3) { ownLogs.epoch += 1 }
        truth.recordHostile(entry, by: node, at: now)
        return [flood(entry)]
    }

    private mutating func ownLog() -> LogID? {
        guard let other = openings.randomElement(using: &generator) else { return nil }
        return LogID(author: key.peer, epoch: ownLogs.epoch, room: other.room)
    }

    private mutating func signed(
        in log: LogID, after last: VerifiedEntry?, change: (inout EntryHeader) -> Void
    ) -> VerifiedEntry {
        let body = randomBytes(1...60).map { 97 + $0 % 26 }
        let cites = entries.suffix(2).filter { live in
            openings.contains {
                $0.room == log.room && LogRef(of: $0, mesh: mesh.id) == live.entry.header.log
            }
        }.map(cite(of:))
        var header = EntryHeader(
            log: LogRef(of: log, mesh: mesh.id), seq: (last?.header.seq ?? 0) + 1,
            previous: last?.id.link ?? .none,
            at: WallTime(milliseconds: UInt64(WallClock.begin)), push: 0,
            cites: Array(Set(cites)).sorted(), more: false, kind: .text,
            bodyLength: UInt32(body.count), bodyHash: Hashing.sha256(body))
        change(&header)
        return key.sign(header: header, body: body, log: log, mesh: mesh.id)
    }

    private func cite(of live: LiveEntry) -> Cite {
        let id = Entry(hashing: live.entry, signature: nil).id
        return Cite(log: live.entry.header.log, seq: live.entry.header.seq, tag: id.tag)
    }

    private mutating func flood(_ verified: VerifiedEntry, to target: Int? = nil) -> RadioFrame {
        guard let signature = verified.entry.signature else {
            preconditionFailure("a signed entry has a signature")
        }
        let live = LiveEntry(
            hops: 0, opening: verified.log,
            entry: UnhashedEntry(header: verified.header, body: verified.entry.body),
            signature: signature)
        return frame(of: sealed([.entry(live)]), to: target)
    }

    // MARK: - Repair

    /// Real logs with heads that nobody wrote, and logs that do not exist.
    mutating func absurdDigest() -> Digest {
        let hash = SaltedHash(salt: sealer.salt)
        if generator.chance(0.3) {
            return .node(path: [], children: (0..<32).map { _ in UInt32(drawn(1 << 31)) })
        }
        var items = openings.map { log in
            Digest.Item(
                key: hash.key(of: LogRef(of: log, mesh: mesh.id)), seq: ModelLimits.seq - 1,
                head: UInt32(drawn(1 << 31)))
        }
        while items.count < WireLimits.wholeDigest {
            items.append(
                Digest.Item(
                    key: UInt32(drawn(1 << 31)), seq: Seq(1 + drawn(1 << 30)),
                    head: UInt32(drawn(1 << 31))))
        }
        return .whole(Array(items.prefix(WireLimits.wholeDigest)))
    }

    /// Asks a neighbour, with a right echo, for as much as a request can.
    mutating func request() -> [RadioFrame] {
        guard let heard = heardSalts.randomElement(using: &generator) else { return [] }
        var request = Request(echo: echo(of: heard), tag: UInt16(drawn(65_535)))
        request.ranges = openings.map { log in
            Request.Range(log: .ref(LogRef(of: log, mesh: mesh.id)), from: 1, to: ModelLimits.seq)
        }
        request.openings = (0..<32).map { $0 }
        request.nodes = [[], [1], [31, 31]]
        return [frame(of: sealed([.request(request)]), to: heard.node)]
    }

    /// A genuine entry that was asked for, as if its body had been forgotten.
    private mutating func strip(for request: Request) -> Run? {
        for range in request.ranges {
            guard let log = log(of: range),
                let live = entries.last(where: {
                    $0.entry.header.log == log && $0.entry.header.seq == range.from
                })
            else { continue }
            let entry = UnhashedEntry(header: live.entry.header, body: nil)
            let item = Run.Item(entry: entry, signature: live.signature, isForgotten: true)
            return Run(
                tag: request.tag, isLast: true, log: log, chunkEnd: range.from,
                newest: range.from, items: [item])
        }
        return nil
    }

    /// Its digests list the openings that it heard, in order.
    private func log(of range: Request.Range) -> LogRef? {
        switch range.log {
        case .ref(let ref): ref
        case .index(let index):
            openings.indices.contains(index) ? LogRef(of: openings[index], mesh: mesh.id) : nil
        }
    }

    /// An answer to a real request that carries junk.
    mutating func answerFalsely() -> RadioFrame {
        let (request, from) = requests.removeFirst()
        if let run = strip(for: request) { return frame(of: sealed([.run(run)]), to: from) }
        let log = request.ranges.compactMap { range -> LogRef? in
            if case .ref(let ref) = range.log { return ref }
            return nil
        }.first
        if generator.chance(0.3) {
            let opening = Opening(
                log: openings.randomElement(using: &generator)
                    ?? LogID(author: key.peer, epoch: 1, room: .profile))
            let index = request.openings.first ?? drawn(100)
            return frame(
                of: sealed([.openings([IndexedOpening(index: index, opening: opening)])]), to: from)
        }
        return frame(of: sealed([.run(junkRun(tag: request.tag, log: log))]), to: from)
    }

    /// A run in the middle of a real log: hashes that do not fit, a signature of nothing.
    mutating func junkRun(tag: UInt16, log: LogRef?) -> Run {
        let log =
            log ?? openings.randomElement(using: &generator).map { LogRef(of: $0, mesh: mesh.id) }
            ?? LogRef(generator.next())
        let end = Seq(2 + drawn(200))
        let header = EntryHeader(
            log: log, seq: end, previous: HashLink(high: generator.next(), low: 1),
            at: WallTime(milliseconds: 0), push: 0, cites: [], more: false, kind: .text,
            bodyLength: 4, bodyHash: .zero)
        let item = Run.Item(
            entry: UnhashedEntry(header: header, body: Array("junk".utf8)),
            signature: Signature(randomBytes(64...64)), isForgotten: false)
        return Run(
            tag: tag, isLast: generator.chance(0.5), log: log, chunkEnd: end, newest: end,
            items: [item])
    }
}
