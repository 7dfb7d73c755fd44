import MeshCommands
import MeshModel
import MeshWAMP
import Testing

@Suite struct SendTests {
    private let peer = ScriptedPeer(Samples.answers)

    private var texts: [String] { peer.calls.flatMap { $0.keywords.texts } }

    @Test("A text is sent once, and its id begins the line")
    func text() async throws {
        let outcome = try await peer.serve { await Runner(socket: $0).run("send", "Ops", "hi") }
        #expect(outcome.output == "\(Samples.id(9))  #ops\n")
        #expect(peer.calls.map(\.keywords) == [["room": "#ops", "text": "hi"]])
    }

    @Test("Lines of the input are sent in their order, empty ones skipped")
    func lines() async throws {
        let input = Array("one\n\r\n\nzwei ü\r\n---\nlast".utf8)
        for arguments in [["send", "ops"], ["send", "ops", "-"]] {
            let outcome = try await peer.serve { socket in
                await Runner(socket: socket, input: input)
                    .run(bytes: arguments.map { Array($0.utf8) })
            }
            #expect(outcome.status == .done)
            #expect(outcome.lines.count == 4)
        }
        #expect(texts == ["one", "zwei ü", "---", "last", "one", "zwei ü", "---", "last"])
    }

    @Test(
        "A text that begins with a dash is a text, wherever the flags stand",
        arguments: [
            ["send", "ops", "-8 here"], ["send", "--json", "ops", "-8 here"],
            ["send", "ops", "-8 here", "--json"], ["send", "ops", "--", "-8 here"],
        ])
    func dash(arguments: [String]) async throws {
        try await peer.serve { socket in
            let outcome = await Runner(socket: socket).run(bytes: arguments.map { Array($0.utf8) })
            #expect(outcome.status == .done && !outcome.output.contains("OVERVIEW"))
        }
        #expect(texts == ["-8 here"])
    }

    @Test("Every line is sent though nobody reads the ids any more")
    func closedOutput() async throws {
        let lines = (1...1200).map { "line \($0)" }
        let input = Array(lines.joined(separator: "\n").utf8)
        let outcome = try await peer.serve { socket in
            await Runner(socket: socket, input: input, writes: 1).run("send", "ops", "-")
        }
        #expect(outcome.status == .done)
        #expect(texts == lines)
    }

    @Test("Every line is sent though the ids cannot be written, and the failure says how many")
    func fullOutput() async throws {
        let input = Array("one\ntwo".utf8)
        let full = OutputClosed(reason: "No space left on device")
        let outcome = try await peer.serve { socket in
            await Runner(socket: socket, input: input, writes: 0, end: full).run("send", "ops", "-")
        }
        #expect(outcome.status == .failed)
        #expect(outcome.talk.contains("No space left on device; 2 lines were sent"))
        #expect(texts == ["one", "two"])
    }

    @Test("Which peer is meant may stand before the command")
    func optionsFirst() async throws {
        try await peer.serve { socket in
            let runner = Runner(socket: nil)
            for options in [["--socket", socket], ["--json", "--socket=\(socket)"]] {
                let arguments = options + ["send", "ops", "--", "-hi"]
                let outcome = await runner.run(bytes: arguments.map { Array($0.utf8) })
                #expect(outcome.status == .done)
            }
            #expect(await runner.run("--home").status == .usage)
        }
        #expect(texts == ["-hi", "-hi"])
    }

    @Test("What looks like a flag and is none is refused, and the help says what to do")
    func unknownFlag() async throws {
        try await peer.serve { socket in
            let runner = Runner(socket: socket)
            #expect(await runner.run("send", "ops", "-x").status == .usage)
            #expect(await runner.run("send", "--help").output.contains("after --"))
        }
        #expect(peer.calls.isEmpty)
    }

    @Test("A text of 4096 bytes is sent, of 4097 it is refused with size and limit")
    func size() async throws {
        try await peer.serve { socket in
            let fits = String(repeating: "x", count: 4096)
            let runner = Runner(socket: socket)
            #expect(await runner.run("send", "ops", fits).status == .done)
            let outcome = await runner.run("send", "ops", fits + "x", "--json")
            #expect(outcome.status == .failed)
            #expect(outcome.failure?["code"] == "too_long")
            #expect(
                outcome.failure?["message"] == "the text has 4097 bytes, the limit is 4096")
        }
        #expect(peer.calls.count == 1)
    }

    @Test("Lines before one that is refused are sent, and the message names its number")
    func badLine() async throws {
        let long = [UInt8](repeating: 0x78, count: 100_000)
        let input = Array("one\n".utf8) + long + Array("\nthree\n".utf8)
        try await peer.serve { socket in
            let tooLong = await Runner(socket: socket, input: input, chunk: 4096).run("send", "ops")
            #expect(tooLong.status == .failed)
            #expect(tooLong.lines.count == 1)
            #expect(
                tooLong.talk.hasPrefix(
                    "starling: line 2 has 100000 bytes, the limit is 4096; 1 line was sent\n"))
            let latin = await Runner(socket: socket, input: [0x61, 0x0A, 0xE9, 0x0A])
                .run("send", "ops", "--json")
            #expect(latin.status == .failed)
            #expect(latin.failure?["code"] == "not_utf8")
            #expect(latin.failure?["message"] == "line 2 is not valid UTF-8; 1 line was sent")
        }
        #expect(texts == ["one", "a"])
    }

    @Test("Lines that come together go out together, at most 256 of them")
    func batches() async throws {
        let lines = (0..<300).map { "line \($0)" }
        let input = Array(lines.joined(separator: "\n").utf8)
        let outcome = try await peer.serve {
            await Runner(socket: $0, input: input, chunk: 65536).run("send", "ops")
        }
        #expect(outcome.status == .done)
        #expect(outcome.lines.count == 300)
        #expect(texts == lines)
        // The last line shows to be whole only at the end of the input.
        #expect(peer.calls.map(\.keywords.texts.count) == [256, 43, 1])
    }

    @Test("A line that the peer refuses is named with its number, after the lines that were sent")
    func refusedLine() async throws {
        let peer = ScriptedPeer { _, _, keywords in
            let rows = keywords.texts.enumerated().map { place, _ -> JSON in
                place == 1
                    ? ["code": "store", "message": "the disk is full", "try": "make room"]
                    : ["id": .string(Samples.id(9))]
            }
            return .success(.rows(rows))
        }
        let outcome = try await peer.serve {
            await Runner(socket: $0, input: Array("\none\ntwo\nthree\n".utf8), chunk: 4096)
                .run("send", "ops", "--json")
        }
        #expect(outcome.status == .failed)
        #expect(outcome.lines.count == 2)
        #expect(outcome.failure?["code"] == "store")
        #expect(
            outcome.failure?["message"]
                == "line 3 was not sent: the disk is full; 2 lines were sent")
    }

    @Test("While the peer is busy the same lines are tried again")
    func busy() async throws {
        let peer = ScriptedPeer { peer, _, keywords in
            peer.calls.count < 3
                ? .failure(CallError(code: "busy", message: "busy")) : Samples.sent(keywords)
        }
        let outcome = try await peer.serve {
            await Runner(socket: $0, input: Array("one\ntwo\n".utf8), chunk: 4096)
                .run("send", "ops")
        }
        #expect(outcome.status == .done)
        #expect(outcome.lines.count == 2)
        #expect(peer.calls.map(\.keywords.texts) == Array(repeating: ["one", "two"], count: 3))
    }

    @Test("An answer for fewer lines than were sent is a failure")
    func shortAnswer() async throws {
        let peer = ScriptedPeer { _, _, _ in .success(.rows([])) }
        let outcome = try await peer.serve {
            await Runner(socket: $0, input: Array("one\n".utf8)).run("send", "ops", "--json")
        }
        #expect(outcome.failure?["code"] == "protocol")
        #expect(outcome.failure?["message"] == "the peer answered 0 of 1 lines")
    }

    @Test("Nothing to send is refused")
    func empty() async throws {
        try await peer.serve { socket in
            let runner = Runner(socket: socket)
            #expect(await runner.run("send", "ops", "").status == .failed)
            #expect(await runner.run("send", "ops", "", "--json").failure?["code"] == "empty")
            #expect(await runner.run("send", "ops", "--json").failure?["code"] == "empty")
        }
        #expect(peer.calls.isEmpty)
    }
}

extension JSONObject {
    /// Of a call of `starling.send`.
    fileprivate var texts: [String] {
        self["texts"]?.array?.compactMap(\.string) ?? [self["text"]?.string].compactMap { $0 }
    }
}

@Suite struct LogTests {
    @Test("The log as people and programs see it")
    func golden() async throws {
        try await ScriptedPeer(Samples.answers).serve { socket in
            let runner = Runner(socket: socket)
            try Golden.expect(await runner.run("log", "ops").output, "output/log.txt")
            try Golden.expect(
                await runner.run("log", "ops", "--clock", "--ids").output, "output/log-clock.txt")
            try Golden.expect(await runner.run("log", "--all").output, "output/log-all.txt")
            try Golden.expect(await runner.run("log", "ops", "--json").output, "output/log.jsonl")
            var coloured = runner
            coloured.isTerminal = true
            try Golden.expect(await coloured.run("log", "ops").output, "output/log-colour.txt")
        }
    }

    @Test("Options become keyword arguments")
    func keywords() async throws {
        let peer = ScriptedPeer { _, _, _ in .success(.rows([])) }
        try await peer.serve { socket in
            let runner = Runner(socket: socket)
            _ = await runner.run("log", "#OPS", "-n", "5", "--since", "1h30m", "--clock")
            _ = await runner.run(
                "log", "--all", "--after", "3fa9", "--since", "2026-07-03T14:00:00+02:00")
        }
        #expect(
            peer.calls(of: "starling.log") == [
                ["room": "#ops", "n": 5, "since": "2026-07-03T10:30:00.000Z", "clock": true],
                ["all": true, "since": "2026-07-03T12:00:00.000Z", "after": "3fa9"],
            ])
    }

    @Test("A room in which nothing was said is told from a name mistyped; programs read nothing")
    func empty() async throws {
        let peer = ScriptedPeer { _, _, _ in .success(.rows([])) }
        try await peer.serve { socket in
            let runner = Runner(socket: socket)
            let outcome = await runner.run("log", "osp")
            #expect(outcome.status == .done && outcome.output.isEmpty)
            #expect(outcome.talk == "nothing has been said in #osp, as far as this peer knows\n")
            for arguments in [["log", "osp", "--json"], ["log", "osp", "-n", "0"]] {
                #expect(await runner.run(bytes: arguments.map { Array($0.utf8) }).talk.isEmpty)
            }
        }
    }

    @Test("A long log is fetched in parts")
    func parts() async throws {
        let peer = ScriptedPeer { _, _, keywords in
            let isFirst = keywords["after"] == nil
            let line = Samples.line(isFirst ? 1 : 2, text: "x")
            var result = CallResult.rows([.object(line), .object(Samples.gap)])
            result.keywords["more"] = .bool(isFirst)
            return .success(result)
        }
        let outcome = try await peer.serve { await Runner(socket: $0).run("log", "ops", "-n", "9") }
        #expect(outcome.lines.count == 5)
        #expect(
            peer.calls(of: "starling.log") == [
                ["room": "#ops", "n": 9], ["room": "#ops", "after": .string(Samples.id(1))],
            ])
    }

    @Test("Two people with one name are told apart, whoever is on show")
    func impostor() async throws {
        let peer = ScriptedPeer { _, procedure, _ in
            let line = Samples.line(1, text: "it is me")
            guard procedure == "starling.peers" else { return .success(.rows([.object(line)])) }
            let other: JSON = [
                "peer": .string(String(repeating: "ab", count: 32)), "nick": line["nick"] ?? .null,
            ]
            return .success(.rows([other]))
        }
        let outcome = try await peer.serve { await Runner(socket: $0).run("log", "ops") }
        let nick = try #require(Samples.line(1, text: "it is me")["nick"]?.string)
        #expect(outcome.lines.contains { $0.contains("\(nick)~") })
    }

    @Test("Following goes on where the page ends, and shows no line twice")
    func follow() async throws {
        let peer = ScriptedPeer { peer, _, _ in
            for number in 1...3 {
                peer.publish("starling.room.ops", Samples.line(UInt8(number), text: "x"))
            }
            peer.publish("starling.room.other", Samples.line(8, text: "elsewhere"))
            peer.publish("starling.room.ops", Samples.gap)
            peer.publish("starling.room.ops", Samples.gap)
            peer.publish("starling.room.ops", Samples.line(4, text: "x"))
            peer.publish("starling.room.ops", Samples.line(5, text: "nobody reads this"))
            return .success(.rows([1, 2].map { .object(Samples.line($0, text: "x")) }))
        }
        let outcome = try await peer.serve { socket in
            await Runner(socket: socket, writes: 4)
                .run("log", "ops", "-n", "2", "--follow", "--json")
        }
        // The page and three events are four writes; the fifth finds nobody.
        let rows = try outcome.lines.map { try JSONObject.parse(String($0)) }
        #expect(rows.map { $0["seq"]?.int } == [1, 2, 3, nil, 4])
        #expect(rows[3]["kind"] == "gap")
    }
}
