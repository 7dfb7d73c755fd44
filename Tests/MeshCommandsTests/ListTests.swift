import MeshCommands
import MeshWAMP
import Testing

@Suite struct ListTests {
    static let starling = [
        "id", "nick alice", "rooms", "join ops", "leave ops", "peers", "seen 07070707",
    ]
    static let meshctl = [
        "status", "links", "neighbours", "rooms", "clock ops", "stats", "wait --peers 2",
    ]

    @Test("What starling prints for people and for programs", arguments: starling)
    func starlingOutput(_ command: String) async throws {
        try await expectOutput(of: command, .starling, "starling")
    }

    @Test("What meshctl prints for people and for programs", arguments: meshctl)
    func meshctlOutput(_ command: String) async throws {
        try await expectOutput(of: command, .meshctl, "meshctl")
    }

    private func expectOutput(
        of command: String, _ program: Program, _ name: String
    ) async throws {
        let words = command.split(separator: " ").map { Array($0.utf8) }
        let noun = command.split(separator: " ").first ?? ""
        try await ScriptedPeer(Samples.answers).serve { socket in
            let runner = Runner(program: program, socket: socket)
            let text = await runner.run(bytes: words)
            #expect(text.status == .done)
            try Golden.expect(text.output, "output/\(name)-\(noun).txt")
            let json = await runner.run(bytes: words + [Array("--json".utf8)])
            #expect(json.status == .done)
            #expect(json.talk.isEmpty)
            for line in json.lines { _ = try JSONObject.parse(String(line)) }
            try Golden.expect(json.output, "output/\(name)-\(noun).jsonl")
        }
    }

    @Test("An empty list is told to people on standard error, and to programs by no lines")
    func empty() async throws {
        try await ScriptedPeer { _, _, _ in .success(.rows([])) }.serve { socket in
            let text = await Runner(socket: socket).run("rooms")
            #expect(text.output.isEmpty)
            #expect(text.talk == "no rooms yet; starling send ROOM TEXT makes one\n")
            let json = await Runner(socket: socket).run("rooms", "--json")
            #expect(json.output.isEmpty)
            #expect(json.talk.isEmpty)
        }
    }

    @Test("Colour is for terminals, and never with NO_COLOR or a dumb one")
    func colour() async throws {
        try await ScriptedPeer(Samples.answers).serve { socket in
            var runner = Runner(socket: socket, isTerminal: true)
            #expect(await runner.run("peers").output.contains("\u{1B}["))
            #expect(await !runner.run("peers", "--json").output.contains("\u{1B}["))
            runner.environment["NO_COLOR"] = "1"
            #expect(await !runner.run("peers").output.contains("\u{1B}["))
            runner.environment = ["HOME": "/h", "TERM": "dumb"]
            #expect(await !runner.run("peers").output.contains("\u{1B}["))
            runner = Runner(socket: socket)
            #expect(await !runner.run("peers").output.contains("\u{1B}["))
        }
    }

    @Test("--watch looks again until nobody reads")
    func watch() async throws {
        let peer = ScriptedPeer(Samples.answers)
        try await peer.serve { socket in
            let runner = Runner(program: .meshctl, socket: socket, writes: 3)
            let outcome = await runner.run("stats", "--json", "--watch")
            #expect(outcome.lines.count == 3)
            #expect(outcome.status == .done)
            #expect(await runner.run("stats", "--watch", "0").status == .usage)
        }
        #expect(peer.calls.count == 4)
    }

    @Test("meshctl wait hands its conditions on")
    func wait() async throws {
        let peer = ScriptedPeer(Samples.answers)
        try await peer.serve { socket in
            let runner = Runner(program: .meshctl, socket: socket)
            _ = await runner.run(
                "wait", "--peers", "2", "--in-sync", "--entry", "3fa94c10", "--timeout", "1.5")
            #expect(await runner.run("wait").status == .usage)
        }
        #expect(
            peer.calls.map(\.keywords) == [
                ["peers": 2, "in_sync": true, "entry": "3fa94c10", "timeout": 1.5]
            ])
    }
}
