import Foundation
import Logging
import MeshAPI
import MeshCommands
import MeshModel
import MeshWAMP
import Synchronization

/// A peer that exists only in tests: it answers by a script and writes down what it was asked.
final class ScriptedPeer: LocalProcedures {
    typealias Answer = Result<CallResult, CallError>
    typealias Script = @Sendable (ScriptedPeer, String, JSONObject) -> Answer

    struct Call: Hashable {
        let procedure: String
        let keywords: JSONObject
    }

    private let script: Script
    private let log = Mutex<[Call]>([])
    private let server = Mutex<APIServer?>(nil)

    init(_ script: @escaping Script) { self.script = script }

    var calls: [Call] { log.withLock { $0 } }

    /// Keyword arguments of the calls of one procedure.
    func calls(of procedure: String) -> [JSONObject] {
        calls.filter { $0.procedure == procedure }.map(\.keywords)
    }

    func call(
        _ procedure: String, arguments: [JSON], keywords: JSONObject
    ) async -> Answer {
        log.withLock { $0.append(Call(procedure: procedure, keywords: keywords)) }
        return script(self, procedure, keywords)
    }

    /// An event for whoever listens.
    func publish(_ topic: String, _ fields: JSONObject) {
        server.withLock { $0 }?.publish(topic: topic, keywords: fields)
    }

    /// Serves on a socket of its own while `body` runs.
    func serve<T: Sendable>(
        _ body: @Sendable (_ socket: String) async throws -> T
    ) async throws -> T {
        let directory = "/tmp/starling-cli-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = APIServer(
            socketPath: directory + "/starling.sock", procedures: self,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        self.server.withLock { $0 = server }
        let listening = AsyncStream<Void>.makeStream()
        let running = Task { try await server.run { listening.continuation.finish() } }
        for await _ in listening.stream {}
        let result: Result<T, any Error>
        do { result = .success(try await body(server.socketPath)) } catch {
            result = .failure(error)
        }
        running.cancel()
        try await running.value
        return try result.get()
    }
}

/// What a program did.
struct Outcome: Sendable {
    let output: String
    let talk: String
    let status: MeshCommands.ExitStatus

    var lines: [Substring] { output.split(separator: "\n") }
    /// The error object of `--json`.
    var failure: JSONObject? { (try? JSONParser.parse(Array(talk.utf8)))?.object }
}

/// An output that is remembered, and that goes away after some writes where it is told to.
final class MemoryOutput: OutputPort {
    private let text = Mutex<(output: String, talk: String, writes: Int)>(("", "", 0))
    let isTerminal: Bool
    let columns = 80
    private let limit: Int
    private let end: OutputClosed

    init(isTerminal: Bool, limit: Int, end: OutputClosed) {
        self.isTerminal = isTerminal
        self.limit = limit
        self.end = end
    }

    var output: String { text.withLock { $0.output } }
    var talk: String { text.withLock { $0.talk } }

    func write(_ text: String) throws(OutputClosed) {
        let isOpen = self.text.withLock { state in
            state.writes += 1
            guard state.writes <= limit else { return false }
            state.output += text
            return true
        }
        guard isOpen else { throw end }
    }

    func say(_ text: String) { self.text.withLock { $0.talk += text } }
}

/// An input that is read in pieces.
final class MemoryInput: InputPort {
    private let rest: Mutex<[[UInt8]]>

    init(_ bytes: [UInt8], chunk: Int) {
        rest = Mutex(
            stride(from: 0, to: bytes.count, by: chunk).map {
                Array(bytes[$0..<min($0 + chunk, bytes.count)])
            })
    }

    func read() -> [UInt8] { rest.withLock { $0.isEmpty ? [] : $0.removeFirst() } }
}

/// Runs a program in surroundings where it is noon of 2026-07-03 and UTC.
struct Runner: Sendable {
    var program = Program.starling
    var socket: String?
    var environment = ["HOME": "/home/nobody"]
    var input: [UInt8] = []
    var chunk = 7
    var isTerminal = false
    /// Writes after which nobody reads the output any more.
    var writes = Int.max
    /// What they fail with from then on.
    var end = OutputClosed()

    static let noon = WallTime(milliseconds: 1_783_080_000_000)

    func run(_ arguments: String...) async -> Outcome {
        await run(bytes: arguments.map { Array($0.utf8) })
    }

    func run(bytes arguments: [[UInt8]]) async -> Outcome {
        var environment = environment
        if let socket { environment["STARLING_SOCKET"] = socket }
        let output = MemoryOutput(isTerminal: isTerminal, limit: writes, end: end)
        let status = await program.run(
            in: Surroundings(
                arguments: arguments, environment: environment, output: output,
                input: MemoryInput(input, chunk: chunk), now: { Self.noon }, zone: .utc,
                pause: { _ in }))
        return Outcome(output: output.output, talk: output.talk, status: status)
    }
}

extension JSONObject {
    /// The object that `text` is.
    static func parse(_ text: String) throws -> JSONObject {
        struct NoObject: Error {}
        guard let object = try JSONParser.parse(Array(text.utf8)).object else { throw NoObject() }
        return object
    }
}
