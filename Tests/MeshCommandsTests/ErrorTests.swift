import MeshCommands
import MeshModel
import MeshWAMP
import Testing

@Suite struct ErrorTests {
    @Test("Without a peer the socket that was tried is named, and how to start one; exit 69")
    func noPeer() async {
        let outcome = await Runner(environment: ["HOME": "/nowhere"]).run("rooms")
        #expect(outcome.status == .noPeer)
        #expect(
            outcome.talk == """
                starling: no peer answers on /nowhere/.local/share/starling/starling.sock: \
                there is no such socket
                  try: start one with: starlingd

                """)
        let named = await Runner().run("rooms", "--home", "/nowhere/b", "--json")
        #expect(named.status == .noPeer)
        #expect(named.failure?.keys == ["code", "message", "try"])
        #expect(named.failure?["code"] == "no_peer")
        #expect(named.failure?["message"]?.string?.contains("/nowhere/b/starling.sock") == true)
        #expect(named.failure?["try"] == "start one with: starlingd --home /nowhere/b")
    }

    @Test(
        "Wrong usage exits 64",
        arguments: [
            [], ["nonsense"], ["rooms", "--nonsense"], ["rooms", "x"], ["join"], ["log"],
            ["log", "ops", "--all"], ["log", "ops", "-n", "x"], ["log", "ops", "-n", "-1"],
            ["log", "ops", "--since", "yesterday"], ["send"], ["send", "ops", "a", "b"],
            ["join", "bad room"], ["join", "#"], ["join", "Ünicode"], ["nick", ""], ["room"],
            ["rooms", "--home", ""], ["rooms", "--socket", String(repeating: "x", count: 108)],
        ])
    func usage(_ arguments: [String]) async {
        let outcome = await Runner().run(bytes: arguments.map { Array($0.utf8) })
        #expect(outcome.status == .usage)
        #expect(outcome.output.isEmpty)
        #expect(outcome.talk.hasPrefix("starling: "))
        #expect(outcome.talk.contains("\n  try: "))
    }

    @Test("Wrong usage with --json is an object")
    func usageAsJSON() async {
        let outcome = await Runner().run("log", "--all", "-n", "x", "--json")
        #expect(outcome.status == .usage)
        #expect(outcome.failure?["code"] == "usage")
        #expect(outcome.failure?["try"] == "starling log --help")
    }

    @Test("A command that does not exist is named, whatever follows it")
    func noCommand() async {
        let outcome = await Runner().run("nonsense", "--json")
        #expect(outcome.status == .usage)
        #expect(outcome.failure?["message"] == "there is no command \"nonsense\"")
    }

    @Test("What was typed is quoted in one line, and cut where it is long")
    func quoted() async {
        let outcome = await Runner().run("join", "a\n\u{202E}b")
        #expect(outcome.talk.split(separator: "\n").count == 2)
        #expect(!outcome.talk.contains("\u{202E}"))
        let long = await Runner().run("join", String(repeating: "x", count: 5000))
        #expect(long.talk.count < 700)
    }

    @Test("--watch=S counts where another flag follows")
    func watch() async {
        for arguments in [["--watch=0", "--json"], ["--json", "--watch=0"], ["--watch", "0"]] {
            let outcome = await Runner(program: .meshctl).run(
                bytes: (["status"] + arguments).map { Array($0.utf8) })
            #expect(outcome.status == .usage)
        }
    }

    @Test("A room name that is refused says the rule")
    func roomName() async {
        let outcome = await Runner().run("join", "two words", "--json")
        #expect(outcome.failure?["code"] == "bad_room")
        #expect(
            outcome.failure?["message"]
                == "\"two words\" is no room name: the character at byte 3 is not allowed")
    }

    @Test(
        "Errors of the API become exit codes",
        arguments: [
            ("timeout", MeshCommands.ExitStatus.checkFailed), ("usage", .usage), ("full", .failed),
            ("not_permitted", .notPermitted), ("not_found", .failed),
        ])
    func callErrors(_ code: String, _ status: MeshCommands.ExitStatus) async throws {
        let peer = ScriptedPeer { _, _, _ in
            .failure(CallError(code: code, message: "it \u{1B}[31mfailed", try: "again"))
        }
        try await peer.serve { socket in
            let text = await Runner(socket: socket).run("seen", "3fa94c10")
            #expect(text.status == status)
            #expect(text.talk == "starling: it \u{FFFD}[31mfailed\n  try: again\n")
            let json = await Runner(socket: socket).run("seen", "3fa94c10", "--json")
            #expect(json.status == status)
            #expect(json.failure?["code"] == .string(code))
            #expect(json.failure?["message"] == "it \u{1B}[31mfailed")
        }
    }

    @Test("An argument that is not UTF-8 is refused in one line")
    func arguments() async {
        let bytes = [Array("send".utf8), Array("ops".utf8), [0x68, 0xFF]]
        let outcome = await Runner().run(bytes: bytes)
        #expect(outcome.status == .usage)
        #expect(outcome.talk.hasPrefix("starling: argument 3 is not valid UTF-8\n"))
    }

    @Test("A reader that goes away is success")
    func closedOutput() async throws {
        try await ScriptedPeer(Samples.answers).serve { socket in
            let outcome = await Runner(socket: socket, writes: 0).run("log", "ops")
            #expect(outcome.status == .done)
            #expect(outcome.talk.isEmpty)
        }
    }

    @Test("An output that cannot be written is a failure")
    func fullOutput() async throws {
        try await ScriptedPeer(Samples.answers).serve { socket in
            let full = OutputClosed(reason: "No space left on device")
            let outcome = await Runner(socket: socket, writes: 0, end: full).run("log", "ops")
            #expect(outcome.status == .failed)
            #expect(outcome.talk.contains("cannot be written: No space left on device\n"))
        }
    }
}

@Suite struct PeerLocationTests {
    private func location(
        _ home: String?, _ socket: String?, _ environment: [String: String]
    ) throws -> PeerLocation {
        try PeerLocation(home: home, socket: socket, environment: environment)
    }

    @Test("The flag wins over the variable, the variable over XDG_DATA_HOME, that over HOME")
    func home() throws {
        var environment = ["HOME": "/h"]
        #expect(try location(nil, nil, environment).home == "/h/.local/share/starling")
        environment["XDG_DATA_HOME"] = "/x"
        #expect(try location(nil, nil, environment).home == "/x/starling")
        environment["STARLING_HOME"] = "/s"
        #expect(try location(nil, nil, environment).home == "/s")
        #expect(try location("/f", nil, environment).home == "/f")
        #expect(try location("/f/", nil, environment).socket == "/f/starling.sock")
    }

    @Test("The socket is the flag's, else the variable's, else in the store")
    func socket() throws {
        var environment = ["HOME": "/h"]
        #expect(try location("/f", nil, environment).socket == "/f/starling.sock")
        environment["STARLING_SOCKET"] = "/run/s"
        #expect(try location("/f", nil, environment).socket == "/run/s")
        #expect(try location("/f", "/t", environment).socket == "/t")
        #expect(try location(nil, "/t", [:]).socket == "/t")
    }

    @Test("Relative XDG_DATA_HOME and empty variables count as not set")
    func ignored() throws {
        let environment = ["HOME": "/h", "XDG_DATA_HOME": "data", "STARLING_HOME": ""]
        #expect(try location(nil, nil, environment).home == "/h/.local/share/starling")
    }

    @Test("Without any place, with an empty flag or a path too long there is an error")
    func refused() {
        #expect(throws: PeerLocationError.noHome) { try location(nil, nil, [:]) }
        #expect(throws: PeerLocationError.empty) { try location("", nil, ["HOME": "/h"]) }
        let long = "/" + String(repeating: "s", count: 107)
        #expect(throws: PeerLocationError.socketTooLong(path: long, bytes: 108)) {
            try location(nil, long, ["HOME": "/h"])
        }
    }
}
