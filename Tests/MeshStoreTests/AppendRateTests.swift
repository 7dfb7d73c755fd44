import Foundation
import Glibc
import MeshGossip
import MeshIdentity
import MeshLog
import MeshModel
import Testing

@testable import MeshStore

/// Prints how fast the store takes in and shows a room; says nothing of right and wrong. Run with
/// `STARLING_RATES=1 swift test --filter AppendRate`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["STARLING_RATES"] != nil))
struct AppendRateTests {
    @Test("Rates of a room of 100,000 entries by 20 authors, in runs of 64")
    func rates() async throws {
        let temporary = try TemporaryHome()
        let room = try RoomID.open("ops")
        let clock = ContinuousClock()
        var (store, _) = try Store.open(temporary.options())
        let requests = Self.catchUp(authors: 20, rounds: 80, room)
        let entries = requests.reduce(0) { $0 + $1.run.count }
        for perBatch in [1, 8] {
            if perBatch == 8 {
                try store.close()
                try FileManager.default.removeItem(atPath: temporary.home)
                (store, _) = try Store.open(temporary.options(home: temporary.root + "/again"))
            }
            let before = Self.processTime
            let took = try await clock.measure {
                for start in stride(from: 0, to: requests.count, by: perBatch) {
                    let batch = requests[start..<min(start + perBatch, requests.count)]
                    _ = try await store.append(Array(batch))
                }
            }
            let rate = Double(entries) / (Double(took.wholeMilliseconds) / 1000)
            let busy = Double(entries) / (Self.processTime - before)
            print(
                "append: \(entries) entries, \(perBatch) runs a commit, \(Int(rate)) a second, "
                    + "\(Int(busy)) a second of processor time")
        }
        for (name, query) in Self.queries(room, requests) {
            _ = try await store.page(query)
            let took = try await clock.measure { _ = try await store.page(query) }
            print("page, \(name): \(took)")
        }
        let took = try await clock.measure { _ = try await store.seen(requests[700].run[3].id) }
        print("seen: \(took)")
        try store.close()
        let size = SystemFile.status(temporary.root + "/again/starling.db")?.st_size ?? 0
        print("file: \(Int(size) / entries) bytes an entry")
        let crashed = temporary.root + "/crashed"
        try temporary.copy(temporary.root + "/again", to: crashed)
        for (name, hasLog) in [("clean", false), ("after a crash", true)] {
            if hasLog {
                try Data([0]).write(to: URL(fileURLWithPath: crashed + "/starling.db-wal"))
            }
            let took = try clock.measure {
                _ = try Store.open(temporary.options(home: crashed))
            }
            print("open, \(name): \(took)")
        }
    }

    /// Seconds of processor time of this process; POSIX counts a million a second.
    private static var processTime: Double {
        Double(Glibc.clock()) / 1_000_000
    }

    private static func queries(
        _ room: RoomID, _ requests: [AppendRequest]
    ) -> [(String, PageQuery)] {
        let middle = requests[requests.count / 2].run[5].id
        return [
            ("last 50", PageQuery(room: room, last: 50)),
            ("last 50 without clocks", PageQuery(room: room, last: 50, clocks: .never)),
            ("50 after the middle", PageQuery(room: room, last: 50, after: middle)),
            ("all rooms, last 50", PageQuery(room: nil, last: 50)),
        ]
    }

    /// Each author writes 64 entries in a round; a tenth cites another author's newest.
    private static func catchUp(authors: Int, rounds: Int, _ room: RoomID) -> [AppendRequest] {
        var generator = SeededGenerator(seed: 1)
        var scribes = (0..<authors).map { _ in Scribe(.generate(), room: room) }
        var requests: [AppendRequest] = []
        var time: UInt64 = 1_700_000_000_000
        for _ in 0..<rounds {
            for index in scribes.indices {
                var run: [VerifiedEntry] = []
                for number in 0..<64 {
                    let other = scribes[Int.random(in: 0..<authors, using: &generator)].last
                    let isCiting = generator.chance(0.1) && other?.log != scribes[index].log
                    time += 1000
                    run.append(
                        scribes[index].write(
                            "message \(number) of some forty characters", at: time,
                            cites: isCiting ? [other].compactMap(\.self) : []))
                }
                requests.append(
                    AppendRequest(
                        token: UInt64(requests.count), run: run, source: .repair,
                        receivedAt: WallTime(milliseconds: time)))
            }
        }
        return requests
    }
}
