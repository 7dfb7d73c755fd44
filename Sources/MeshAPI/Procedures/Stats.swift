import MeshGossip
import MeshLog
import MeshModel
import MeshNode
import MeshWAMP

/// Counters, and waiting for what they count.
extension PeerProcedures {
    func stats() async throws -> Outcome {
        let (counters, sizes) = try await node.inspect { ($0.counters, $0.tableSizes) }
        let counts = node.counts
        return .fields([
            "frames_sent": JSON(counters.framesSent), "bytes_sent": JSON(counters.bytesSent),
            "frames_received": JSON(counters.framesReceived),
            "bytes_received": JSON(counters.bytesReceived),
            "sent": Show.counts(counters.sent), "received": Show.counts(counters.received),
            "rejected": Show.counts(counters.rejected), "flood": Show.counts(counters.flood),
            "repair": Show.counts(counters.repair), "tables": Show.counts(Self.fields(of: sizes)),
            "airtime_ms": Show.milliseconds(counters.airtime),
            "datagrams_dropped": JSON(counts.datagramsDropped),
            "transactions": JSON(counts.transactions),
            "transactions_failed": JSON(counts.transactionsFailed),
            "entries_stored": JSON(counts.entriesStored), "reads": JSON(counts.reads),
        ])
    }

    private static func fields(of sizes: TableSizes) -> [String: Int] {
        [
            "neighbours": sizes.neighbours, "segments": sizes.segments, "appends": sizes.appends,
            "reads": sizes.reads, "unopened": sizes.unopened, "unknown": sizes.unknown,
        ]
    }

    /// Between two looks of `wait`: short against what people notice, long against a look's cost.
    private static let lookEvery: Duration = .milliseconds(50)

    /// Returns as soon as all that was asked for holds; error `timeout` otherwise.
    func wait(_ arguments: Arguments) async throws -> Outcome {
        let peers = try arguments.number("peers", in: 0...1000)
        let inSync = try arguments.flag("in_sync")
        let entry = try arguments.string("entry")
        guard peers != nil || inSync || entry != nil else {
            throw CallError.usage("say what to wait for: peers, in_sync or entry")
        }
        let begin = time.now().instant
        let deadline = try arguments.seconds("timeout").map { begin + $0 }
        while true {
            let picture = try await picture()
            var holds = picture.confirmed.count >= peers ?? 0
            if inSync { holds = holds && picture.inSync && !picture.confirmed.isEmpty }
            if holds, let entry { holds = try await isHeld(entry) }
            let now = time.now().instant
            if holds {
                return .fields([
                    "neighbours": JSON(picture.confirmed.count),
                    "waited_ms": JSON((now - begin).wholeMilliseconds),
                ])
            }
            if let deadline, now >= deadline {
                throw try await late(picture, entry)
            }
            await time.sleep(until: min(now + Self.lookEvery, deadline ?? now + Self.lookEvery))
            try Task.checkCancellation()
        }
    }

    private func late(_ picture: Picture, _ entry: String?) async throws -> CallError {
        let count = picture.confirmed.count
        let neighbours = "\(count) \(count == 1 ? "neighbour" : "neighbours")"
        if let entry, try await !isHeld(entry) {
            return CallError(
                code: "timeout",
                message: "no entry that begins with \(entry) has arrived within the time; "
                    + "\(neighbours)",
                try: "starling log ROOM --ids shows what is here")
        }
        return CallError(
            code: "timeout",
            message: "not within the time: \(neighbours), \(picture.missing) entries missing",
            try: "meshctl status says what is in the way")
    }

    private func isHeld(_ prefix: String) async throws -> Bool {
        do {
            _ = try await views.find(prefix)
            return true
        } catch FindError.unknown {
            return false
        }
    }
}
