import MeshModel
import MeshWAMP
import Testing

@testable import MeshAPI

@Suite struct ProceduresTests {
    private func alone(_ body: (PeerBench) async throws -> Void) async throws {
        let peer = try PeerBench(mesh: "alone", links: FakeLinks())
        try await run([peer]) { try await body(peer) }
    }

    @Test("What was sent is in the log with every field that is promised, and on the room's topic")
    func sendAndLog() async throws {
        try await alone { peer in
            let sent = try await peer.call(
                "starling.send", ["room": "#Ops", "text": "hold at the ridge"])
            let id = try #require(sent.fields["id"]?.string)
            let page = try await peer.call("starling.log", ["room": "ops"])
            let line = try #require(page.rows?.first?.object)
            #expect(line["id"]?.string == id)
            #expect(line["room"]?.string == "#ops")
            #expect(line["kind"]?.string == "text")
            #expect(line["text"]?.string == "hold at the ridge")
            #expect(line["seq"]?.int == 1)
            #expect(line["epoch"]?.string?.utf8.count == 16)
            #expect(line["clock_partial"]?.bool == false)
            #expect(line["clock"]?.object?.count == 1)
            #expect(line["merged"]?.bool == false)
            for key in ["nick", "at", "received_at", "cites", "verified", "forked", "odd_time"] {
                #expect(line[key] != nil, "\(key) is missing")
            }
            let event = await peer.topics.next(of: "starling.room.ops")
            #expect(event["id"]?.string == id)
        }
    }

    @Test("A page goes on after its last id")
    func pages() async throws {
        try await alone { peer in
            var ids: [String] = []
            for number in 0..<5 {
                let sent = try await peer.call(
                    "starling.send", ["room": "ops", "text": .string("\(number)")])
                ids.append(try #require(sent.fields["id"]?.string))
            }
            let last = try await peer.call("starling.log", ["room": "ops", "n": 2])
            #expect(last.rows?.compactMap { $0.object?["id"]?.string } == Array(ids[3...]))
            let rest = try await peer.call(
                "starling.log", ["room": "ops", "after": .string(String(ids[2].prefix(16)))])
            #expect(rest.rows?.compactMap { $0.object?["id"]?.string } == Array(ids[3...]))
            #expect(rest.keywords["more"]?.bool == false)
        }
    }

    @Test(
        "A room too large for one message comes in pages, and the pages are the whole",
        arguments: ["a", "\u{7f}"])
    func largeRoom(letter: String) async throws {
        try await alone { peer in
            let text = String(repeating: letter, count: ModelLimits.body)
            var ids: [String] = []
            for _ in 0..<130 {
                let sent = try await peer.call(
                    "starling.send", ["room": "ops", "text": .string(text)])
                ids.append(try #require(sent.fields["id"]?.string))
            }
            var found: [String] = []
            var more = true
            while more {
                var keywords: JSONObject = ["room": "ops"]
                if let last = found.last { keywords["after"] = .string(last) }
                let page = try await peer.call("starling.log", keywords)
                #expect(JSONWriter.text(.array(page.rows ?? [])).utf8.count < WAMPLimits.message)
                found += page.rows?.compactMap { $0.object?["id"]?.string } ?? []
                more = page.keywords["more"]?.bool ?? false
            }
            #expect(found == ids)
        }
    }

    @Test("Several texts become entries in their order, each answered")
    func several() async throws {
        try await alone { peer in
            let texts = (0..<ModelLimits.texts).map { "text \($0)" }
            let sent = try await peer.call(
                "starling.send", ["room": "ops", "texts": .array(texts.map(JSON.string))])
            let rows = (sent.rows ?? []).compactMap(\.object)
            #expect(rows.map { $0["seq"]?.int } == Array(1...ModelLimits.texts))
            let page = try await peer.call("starling.log", ["room": "ops"])
            let lines = page.rows?.compactMap(\.object) ?? []
            #expect(lines.map { $0["text"]?.string } == texts)
            #expect(lines.map { $0["id"]?.string } == rows.map { $0["id"]?.string })
        }
    }

    @Test("Where one of several texts is none, nothing is written")
    func severalRefused() async throws {
        try await alone { peer in
            let long = String(repeating: "a", count: ModelLimits.body + 1)
            #expect(
                await peer.code(
                    "starling.send", ["room": "ops", "texts": ["one", .string(long)]])
                    == "too_long")
            let page = try await peer.call("starling.log", ["room": "ops"])
            #expect(page.rows?.isEmpty == true)
        }
    }

    @Test("A nickname is claimed and shown")
    func nick() async throws {
        try await alone { peer in
            try await peer.call("starling.nick", ["name": "Ada"])
            #expect(try await peer.call("starling.id").fields["nick"]?.string == "Ada")
            let event = await peer.topics.next(of: "starling.peers")
            #expect(event["nick"]?.string == "Ada")
            #expect(await peer.code("starling.nick", ["name": "a\u{202E}b"]) == "bad_nick")
        }
    }

    @Test("Joining and leaving show in the list of rooms")
    func join() async throws {
        try await alone { peer in
            try await peer.call("starling.join", ["room": "ops"])
            let event = await peer.topics.next(of: "starling.rooms")
            #expect(event["joined"]?.bool == true)
            var row = try #require(try await peer.call("starling.rooms").rows?.first?.object)
            #expect(row["room"]?.string == "#ops")
            #expect(row["joined"]?.bool == true)
            #expect(row["entries"]?.int == 0)
            try await peer.call("starling.send", ["room": "ops", "text": "x"])
            try await peer.call("starling.leave", ["room": "ops"])
            row = try #require(try await peer.call("starling.rooms").rows?.first?.object)
            #expect(row["joined"]?.bool == false)
            #expect(row["entries"]?.int == 1)
        }
    }

    @Test(
        "What cannot be done says why",
        arguments: [
            ("starling.send", ["room": "a b", "text": "x"], "bad_room"),
            ("starling.send", ["room": "ops"], "usage"),
            ("starling.send", ["room": "ops", "text": ""], "usage"),
            ("starling.send", ["room": "ops", "text": 7], "usage"),
            ("starling.send", ["room": "ops", "text": "x", "urgent": true], "not_built"),
            ("starling.send", ["room": "ops", "texts": []], "usage"),
            ("starling.send", ["room": "ops", "texts": ["x", ""]], "usage"),
            ("starling.send", ["room": "ops", "texts": ["x", 7]], "usage"),
            ("starling.send", ["room": "ops", "texts": "x"], "usage"),
            ("starling.send", ["room": "ops", "text": "x", "texts": ["x"]], "usage"),
            (
                "starling.send",
                [
                    "room": "ops",
                    "texts": .array(Array(repeating: "x", count: ModelLimits.texts + 1)),
                ], "usage"
            ),
            ("starling.log", [:], "usage"),
            ("starling.log", ["room": "ops", "all": true], "usage"),
            ("starling.log", ["room": "ops", "n": -1], "usage"),
            ("starling.log", ["room": "ops", "since": "yesterday"], "usage"),
            ("starling.log", ["room": "ops", "after": "00000000"], "not_found"),
            ("starling.seen", ["id": "zz"], "usage"),
            ("starling.rooms", ["colour": "red"], "usage"),
            ("starling.dm", [:], "not_built"),
            ("starling.nonsense", [:], "no_such_procedure"),
            ("meshctl.clock", ["room": "empty"], "not_found"),
            ("meshctl.wait", [:], "usage"),
            ("meshctl.wait", ["peers": 1, "timeout": 0], "timeout"),
            ("meshctl.isolate", ["all": true], "not_permitted"),
        ] as [(String, JSONObject, String)])
    func refusals(procedure: String, keywords: JSONObject, code: String) async throws {
        try await alone { peer in
            #expect(await peer.code(procedure, keywords) == code)
        }
    }

    @Test("A text over the limit is refused with the limit")
    func tooLong() async throws {
        try await alone { peer in
            let text = String(repeating: "a", count: ModelLimits.body + 1)
            #expect(
                await peer.code("starling.send", ["room": "ops", "text": .string(text)])
                    == "too_long")
        }
    }

    @Test("Inspection works on a peer that is alone")
    func inspection() async throws {
        try await alone { peer in
            let status = try await peer.call("meshctl.status").fields
            #expect(status["verdict"]?.string == "blocked")
            #expect(status["neighbours"]?.int == 0)
            #expect(status["warnings"]?.array?.isEmpty == false)
            #expect(try await peer.call("meshctl.neighbours").rows?.isEmpty == true)
            #expect(try await peer.call("meshctl.rooms").rows?.isEmpty == true)
            let sent = try await peer.call("starling.send", ["room": "ops", "text": "x"])
            let holdings = try await peer.call("meshctl.rooms")
            #expect(holdings.rows?.first?.object?["held"]?.int == 1)
            let clocks = try await peer.call("meshctl.clock", ["room": "ops"])
            #expect(clocks.rows?.first?.object?["clock"]?.object?.count == 1)
            let stats = try await peer.call("meshctl.stats").fields
            #expect(stats["entries_stored"]?.int == 1)
            let id = try #require(sent.fields["id"])
            let seen = try await peer.call("starling.seen", ["id": id])
            #expect(seen.rows?.first?.object?["seen"]?.string == "proved")
            let people = try await peer.call("starling.peers")
            #expect(people.rows?.first?.object?["hops"]?.int == 0)
        }
    }

    @Test("Arguments may come by place")
    func positional() async throws {
        try await alone { peer in
            let result = await peer.procedures.call(
                "starling.send", arguments: ["ops", "hello"], keywords: [:])
            #expect((try? result.get())?.fields["room"]?.string == "#ops")
        }
    }
}

@Suite struct TimestampTests {
    @Test(
        "Times are written and read alike",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_826_554_003, "2000-02-29T12:15:54.003Z"),
            (1_783_080_000_000, "2026-07-03T12:00:00.000Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
        ] as [(UInt64, String)])
    func bothWays(milliseconds: UInt64, text: String) {
        #expect(Timestamp.text(WallTime(milliseconds: milliseconds)) == text)
        #expect(Timestamp.parse(text) == WallTime(milliseconds: milliseconds))
    }

    @Test("An offset is taken off, a fraction is optional")
    func offset() {
        #expect(
            Timestamp.parse("2026-07-03T14:00:00+02:00")
                == WallTime(milliseconds: 1_783_080_000_000))
        #expect(
            Timestamp.parse("2026-07-03t12:00:00.5z") == WallTime(milliseconds: 1_783_080_000_500))
    }

    @Test(
        "Anything else is refused",
        arguments: [
            "", "2026-07-03", "2026-07-03T12:00:00", "2026-02-29T12:00:00Z", "2026-13-01T12:00:00Z",
            "2026-07-03T25:00:00Z", "2026-07-03T12:00:00.Z", "2026-07-03T12:00:00Zx",
            "1969-12-31T23:59:59Z",
        ])
    func refused(text: String) {
        #expect(Timestamp.parse(text) == nil)
    }
}
