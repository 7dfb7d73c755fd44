import Foundation
import Logging
import MeshAPI
import MeshWAMP
import NIOCore
import Synchronization
import Testing

/// Procedures of a peer that exists only in tests.
final class TestProcedures: LocalProcedures {
    /// Calls of `meshctl.wait` that started, and those that were cancelled.
    let waits = AsyncStream<String>.makeStream()
    private let publisher = Mutex<APIServer?>(nil)

    func attach(_ server: APIServer) { publisher.withLock { $0 = server } }

    func call(
        _ procedure: String, arguments: [JSON], keywords: JSONObject
    ) async -> Result<CallResult, CallError> {
        switch procedure {
        case "meshctl.status": return .success(.fields(["verdict": "alone", "big": .large(.max)]))
        case "starling.rooms": return .success(.rows([["room": "ops"], ["room": "all"]]))
        case "starling.send":
            guard let room = keywords["room"]?.string, let text = keywords["text"]?.string else {
                return .failure(.invalidArgument("send takes room and text"))
            }
            let line: JSONObject = ["room": .string(room), "text": .string(text)]
            publisher.withLock { $0 }?.publish(
                topic: "starling.room.\(room)", keywords: line)
            return .success(.rows([["id": "e1"]]))
        case "starling.join":
            return .failure(CallError(code: "no_such_room", message: "no room", try: "look"))
        case "starling.big":
            return .success(.fields(["text": .string(String(repeating: "x", count: 2 << 20))]))
        case "meshctl.wait":
            waits.continuation.yield("started")
            let (never, hold) = AsyncStream<Void>.makeStream()
            for await _ in never {}
            withExtendedLifetime(hold) {}
            waits.continuation.yield(Task.isCancelled ? "cancelled" : "ended")
            return .success(CallResult())
        default: return .failure(.noSuchProcedure(procedure))
        }
    }
}

/// Serves the API on a socket in a directory of its own while `body` runs, and stops it cleanly.
func withServer(
    limits: APILimits = APILimits(),
    _ body: @Sendable (_ path: String, APIServer, TestProcedures) async throws -> Void
) async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/starling.sock"
    let procedures = TestProcedures()
    let server = APIServer(
        socketPath: path, procedures: procedures, limits: limits, logger: quietLogger)
    procedures.attach(server)
    let listening = AsyncStream<Void>.makeStream()
    let running = Task { try await server.run { listening.continuation.finish() } }
    for await _ in listening.stream {}
    let result: Result<Void, any Error>
    do {
        result = .success(try await body(path, server, procedures))
    } catch {
        result = .failure(error)
    }
    running.cancel()
    try await running.value
    #expect(!FileManager.default.fileExists(atPath: path))
    try result.get()
}

func temporaryDirectory() throws -> String {
    let path = FileManager.default.temporaryDirectory.path + "/starling-api-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
}

let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A client that writes any bytes and reads only when told to; it blocks.
final class RawClient {
    private let descriptor: CInt
    private var stream = RawSocketStream(role: .client)
    private var events: [RawSocketStream.Event] = []
    private(set) var isAtEnd = false

    init(_ path: String, handshake: [UInt8] = RawSocket.handshake) throws {
        descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
        write(handshake)
    }

    deinit { close(descriptor) }

    /// A second descriptor, which keeps the connection open after the client is gone.
    func duplicate() -> CInt { dup(descriptor) }

    func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    func write(_ message: WAMPMessage) {
        write(Array(RawSocket.frame(.message, message.encoded).readableBytesView))
    }

    /// The next event; nil once the connection is closed.
    func next() -> RawSocketStream.Event? {
        while events.isEmpty, !isAtEnd {
            var bytes = [UInt8](repeating: 0, count: 65536)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            if count <= 0 {
                isAtEnd = true
            } else {
                events += stream.received(ByteBuffer(bytes: bytes.prefix(count)))
            }
        }
        return events.isEmpty ? nil : events.removeFirst()
    }

    /// The next message, others skipped; nil once the connection is closed.
    func message() -> WAMPMessage? {
        while let event = next() {
            if case .message(let bytes) = event { return try? WAMPMessage.decode(bytes) }
        }
        return nil
    }

    /// Joins the realm with all roles.
    func join() throws {
        write(RouterFixture.hello)
        guard case .welcome? = message() else {
            Issue.record("no WELCOME")
            return
        }
    }
}
