import Foundation
import MeshAPI
import MeshClient
import Testing

@Suite("The socket's file") struct UnixSocketFileTests {
    private func makeServer(_ path: String) -> APIServer {
        APIServer(socketPath: path, procedures: TestProcedures(), logger: quietLogger)
    }

    @Test("only the owner may open the socket")
    func hasMode() async throws {
        try await withServer { path, _, _ in
            var status = stat()
            #expect(lstat(path, &status) == 0)
            #expect(status.st_mode & 0o7777 == 0o600)
            #expect(status.st_mode & S_IFMT == S_IFSOCK)
        }
    }

    @Test("a second server is refused, and the first goes on")
    func refusesSecond() async throws {
        try await withServer { path, _, _ in
            await #expect(throws: APIServerError.alreadyServed(path: path)) {
                try await makeServer(path).run()
            }
            let client = try await APIClient.connect(socketPath: path)
            _ = try await client.call("meshctl.status")
        }
    }

    @Test("a socket nobody listens on is replaced")
    func replacesStale() async throws {
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/starling.sock"
        let stale = try UnixSocketFile.listen(on: path)
        close(stale.descriptor)
        #expect(FileManager.default.fileExists(atPath: path))
        let error = await #expect(throws: ClientError.self) {
            try await APIClient.connect(socketPath: path)
        }
        #expect(error == .noPeer(path: path, reason: "nobody listens there"))
        let fresh = try UnixSocketFile.listen(on: path)
        #expect(throws: APIServerError.alreadyServed(path: path)) {
            try UnixSocketFile.listen(on: path)
        }
        close(fresh.descriptor)
    }

    @Test("a file that is no socket is left alone")
    func leavesFiles() throws {
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/starling.sock"
        #expect(FileManager.default.createFile(atPath: path, contents: Data("keep".utf8)))
        #expect(throws: APIServerError.notASocket(path: path)) {
            try UnixSocketFile.listen(on: path)
        }
        #expect(FileManager.default.contents(atPath: path) == Data("keep".utf8))
    }

    @Test("a path the system cannot take is refused with its length")
    func refusesLongPaths() {
        let path = "/tmp/" + String(repeating: "x", count: 103)
        #expect(throws: APIServerError.pathTooLong(path: path)) {
            try UnixSocketFile.listen(on: path)
        }
        #expect(APIServerError.pathTooLong(path: path).description.contains("108 bytes"))
    }

    @Test("a directory that does not exist is named in the error")
    func refusesMissingDirectory() {
        let error = #expect(throws: APIServerError.self) {
            try UnixSocketFile.listen(on: "/nowhere/starling.sock")
        }
        #expect(error?.description.contains("/nowhere/starling.sock") ?? false)
    }

    @Test("a client says when there is no peer")
    func findsNobody() async throws {
        let path = "/nowhere/starling.sock"
        await #expect(throws: ClientError.noPeer(path: path, reason: "there is no such socket")) {
            try await APIClient.connect(socketPath: path)
        }
    }
}
