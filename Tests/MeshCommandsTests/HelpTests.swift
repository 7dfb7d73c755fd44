import Foundation
import MeshCommands
import MeshWAMP
import MeshModel
import Testing

@Suite struct HelpTests {
    static let starling = [
        "", "id", "id backup", "id restore", "nick", "rooms", "join", "leave", "send", "log",
        "chat", "peers", "dm", "seen", "forget", "verify", "block", "unblock", "room",
        "room create", "room invite", "room remove", "room members", "web", "wipe", "export",
        "check",
    ]
    static let meshctl = [
        "", "status", "links", "neighbours", "topology", "rooms", "clock", "sync", "ping", "trace",
        "stats", "events", "doctor", "capture", "decode", "roster", "bugreport", "wait",
    ]

    @Test("The help of every command of starling ends with an example", arguments: starling)
    func starlingHelp(_ command: String) async throws {
        try await expectHelp(of: command, .starling, "starling")
    }

    @Test("The help of every command of meshctl ends with an example", arguments: meshctl)
    func meshctlHelp(_ command: String) async throws {
        try await expectHelp(of: command, .meshctl, "meshctl")
    }

    private func expectHelp(
        of command: String, _ program: Program, _ name: String
    ) async throws {
        let words = command.split(separator: " ").map { Array($0.utf8) }
        let outcome = await Runner(program: program).run(bytes: words + [Array("--help".utf8)])
        #expect(outcome.status == .done)
        #expect(outcome.talk.isEmpty)
        let end = outcome.output.components(separatedBy: "\nEXAMPLE:\n").last ?? ""
        #expect(end.hasPrefix("  "))
        #expect(end.contains(name))
        let file = ([name] + command.split(separator: " ").map(String.init))
            .joined(separator: "-")
        try Golden.expect(outcome.output, "help/\(file).txt")
    }

    @Test("help log says the same as log --help, and neighbors the same as neighbours")
    func synonyms() async {
        let a = await Runner().run("help", "log")
        let b = await Runner().run("log", "--help")
        #expect(a.output == b.output)
        let c = await Runner(program: .meshctl).run("neighbors", "--help")
        let d = await Runner(program: .meshctl).run("neighbours", "--help")
        #expect(c.output == d.output)
    }

    @Test("--version says the program and its version")
    func version() async {
        #expect(await Runner().run("--version").output == "starling \(Version.text)\n")
        #expect(
            await Runner(program: .meshctl).run("--version").output == "meshctl \(Version.text)\n")
    }

    @Test(
        "A command that is not built yet says so and exits 1",
        arguments: [
            ["chat"], ["chat", "ops"], ["dm", "x", "hi"], ["forget", "ops", "--before", "3d"],
            ["verify", "x"], ["block", "x"], ["unblock", "x"], ["room", "create", "ops"],
            ["room", "invite", "ops", "x"], ["room", "remove", "ops", "x"],
            ["room", "members", "ops"], ["web"], ["wipe"], ["export", "ops"], ["check", "f"],
            ["id", "backup", "f"], ["id", "restore", "f"], ["send", "ops", "x", "--urgent"],
            ["send", "ops", "x", "--wait", "2", "--timeout", "3"], ["log", "@drone-2"],
        ])
    func notBuilt(_ arguments: [String]) async {
        let bytes = (arguments + ["--json"]).map { Array($0.utf8) }
        let outcome = await Runner().run(bytes: bytes)
        #expect(outcome.status == .failed)
        #expect(outcome.failure?["code"] == "not_built")
        #expect(outcome.failure?["message"]?.string?.contains("is not built yet") == true)
        #expect(outcome.failure?["try"]?.string?.isEmpty == false)
        #expect(outcome.output.isEmpty)
    }

    @Test(
        "A command of meshctl that is not built yet says so and exits 1",
        arguments: [
            ["topology", "--dot"], ["sync"], ["sync", "--watch", "2"], ["ping", "x", "-c", "3"],
            ["trace", "3fa94c10"], ["events", "--follow"], ["doctor"],
            ["capture", "-i", "wlan0", "-w", "f"], ["decode", "f"], ["roster"], ["bugreport", "f"],
        ])
    func notBuiltInMeshctl(_ arguments: [String]) async {
        let outcome = await Runner(program: .meshctl).run(bytes: arguments.map { Array($0.utf8) })
        #expect(outcome.status == .failed)
        #expect(
            outcome.talk.hasPrefix("meshctl: meshctl \(arguments[0]) is not built yet\n  try: "))
    }
}
