import Foundation
import Testing

/// Runs `tools/interop/wamp_clients.py` against the API, where `STARLING_INTEROP_PYTHON` names a
/// Python that has its requirements.
@Suite("Clients that others wrote") struct InteropTests {
    static let python = ProcessInfo.processInfo.environment["STARLING_INTEROP_PYTHON"]

    @Test("Autobahn and xconn work unchanged", .enabled(if: python != nil))
    func speaksToForeignClients() async throws {
        let python = try #require(Self.python)
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../tools/interop/wamp_clients.py").standardizedFileURL.path
        try await withServer { path, _, _ in
            let process = Process()
            process.executableURL = URL(filePath: python)
            process.arguments = [script, path]
            let ended = AsyncStream<Int32>.makeStream()
            process.terminationHandler = {
                ended.continuation.yield($0.terminationStatus)
                ended.continuation.finish()
            }
            try process.run()
            var codes = ended.stream.makeAsyncIterator()
            #expect(await codes.next() == 0)
        }
    }
}
