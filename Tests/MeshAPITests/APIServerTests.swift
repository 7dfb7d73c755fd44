import Foundation
import MeshAPI
import MeshClient
import MeshWAMP
import NIOCore
import Testing

@Suite("The API on its socket") struct APIServerTests {
    @Test("a client calls, and gets fields, rows and errors with code, message and remedy")
    func calls() async throws {
        try await withServer { path, _, _ in
            let client = try await APIClient.connect(socketPath: path)
            let status = try await client.call("meshctl.status")
            #expect(status.fields == ["verdict": "alone", "big": .large(.max)])
            let rooms = try await client.call("starling.rooms", keywords: ["n": 1])
            #expect(rooms.rows == [["room": "ops"], ["room": "all"]])
            let failed = await #expect(throws: ClientError.self) {
                try await client.call("starling.join")
            }
            let error = CallError(code: "no_such_room", message: "no room", try: "look")
            #expect(failed == .call(error))
            for name in ["meshctl.nothing", "com.nothing"] {
                let missing = await #expect(throws: ClientError.self) {
                    try await client.call(name)
                }
                guard case .call(let error)? = missing else { continue }
                #expect(error.uri == "wamp.error.no_such_procedure")
                #expect(error.code == "no_such_procedure")
            }
            await client.close()
            await #expect(throws: ClientError.disconnected(reason: "this program closed it")) {
                try await client.call("meshctl.status")
            }
        }
    }

    @Test("events of the peer reach a subscriber, also by prefix")
    func subscribes() async throws {
        try await withServer { path, server, _ in
            let client = try await APIClient.connect(socketPath: path)
            let exact = try await client.subscribe("starling.room.ops")
            let prefix = try await client.subscribe("starling.room.", match: .prefix)
            _ = try await client.call("starling.send", keywords: ["room": "ops", "text": "hi"])
            for stream in [exact, prefix] {
                var events = stream.makeAsyncIterator()
                let event = try await events.next()
                #expect(event?.topic == "starling.room.ops")
                #expect(event?.keywords == ["room": "ops", "text": "hi"])
            }
            await client.close()
        }
    }

    @Test("one client's procedure is called by another, and one's event heard by another")
    func routesBetweenClients() async throws {
        try await withServer { path, _, _ in
            let callee = try RawClient(path)
            try callee.join()
            callee.write(.register(request: 1, options: [:], procedure: "com.add"))
            guard case .registered? = callee.message() else {
                throw ClientError.notPermitted(path: "")
            }
            let client = try await APIClient.connect(socketPath: path)
            let heard = try await client.subscribe("com.heard")
            async let sum = client.call("com.add", arguments: [1, 2])
            guard case .invocation(let request, _, _, let payload)? = callee.message() else {
                Issue.record("no INVOCATION")
                return
            }
            #expect(payload.arguments == [1, 2])
            callee.write(.yield(request: request, options: [:], Payload(arguments: [3])))
            #expect(try await sum.arguments == [3])
            callee.write(.publish(request: 2, options: [:], topic: "com.heard", payload))
            var events = heard.makeAsyncIterator()
            #expect(try await events.next()?.arguments == [1, 2])
        }
    }

    @Test("a long call does not hold up others, and ends when its caller cancels or leaves")
    func runsCallsTogether() async throws {
        try await withServer { path, _, procedures in
            var waits = procedures.waits.stream.makeAsyncIterator()
            let client = try await APIClient.connect(socketPath: path)
            let waiting = Task { try await client.call("meshctl.wait") }
            #expect(await waits.next() == "started")
            _ = try await client.call("meshctl.status")
            waiting.cancel()
            let error = await #expect(throws: ClientError.self) { try await waiting.value }
            guard case .call(let reason)? = error else { return }
            #expect(reason.uri == WAMPURI.canceled)
            #expect(await waits.next() == "cancelled")
            let leaving = Task { try await client.call("meshctl.wait") }
            #expect(await waits.next() == "started")
            await client.close()
            #expect(await waits.next() == "cancelled")
            await #expect(throws: ClientError.self) { try await leaving.value }
        }
    }

    @Test("stopping ends calls under way and tells clients why")
    func stops() async throws {
        let outcome = AsyncStream<ClientError?>.makeStream()
        try await withServer { path, _, procedures in
            var waits = procedures.waits.stream.makeAsyncIterator()
            let client = try await APIClient.connect(socketPath: path)
            Task {
                do throws(ClientError) {
                    _ = try await client.call("meshctl.wait")
                } catch {
                    outcome.continuation.yield(error)
                }
                outcome.continuation.finish()
            }
            #expect(await waits.next() == "started")
        }
        for await error in outcome.stream {
            // The reason is written before the socket closes; whether it is read before that is the
            // kernel's to say.
            guard case .disconnected = error else {
                Issue.record("the call ended with \(String(describing: error))")
                continue
            }
        }
    }

    @Test("a result larger than a message fails the call, and the session goes on")
    func failsLargeResults() async throws {
        try await withServer { path, _, _ in
            let client = try await APIClient.connect(socketPath: path)
            let error = await #expect(throws: ClientError.self) {
                try await client.call("starling.big")
            }
            guard case .call(let reason)? = error else { return }
            #expect(reason.code == "too_large")
            let large = JSON.string(String(repeating: "x", count: WAMPLimits.message))
            let refused = await #expect(throws: ClientError.self) {
                try await client.call("meshctl.status", arguments: [large])
            }
            guard case .call(let own)? = refused else { return }
            #expect(own.code == "too_large")
            _ = try await client.call("meshctl.status")
        }
    }

    @Test("a client that does not read is cut off with the reason, and others go on")
    func cutsOffSlowReaders() async throws {
        var limits = APILimits()
        limits.outbound = 256 << 10
        limits.closeSeconds = 60
        try await withServer(limits: limits) { path, server, _ in
            let slow = try RawClient(path)
            try slow.join()
            slow.write(.subscribe(request: 1, options: [:], topic: "starling.room.ops"))
            guard case .subscribed? = slow.message() else {
                Issue.record("not subscribed")
                return
            }
            let text = JSON.string(String(repeating: "x", count: 10_000))
            for _ in 0..<200 { server.publish(topic: "starling.room.ops", arguments: [text]) }
            // The second answer comes after a whole turn of the router's loop, and so after the
            // events were handed on.
            let client = try await APIClient.connect(socketPath: path)
            for _ in 0..<2 { _ = try await client.call("meshctl.status") }
            var last: WAMPMessage?
            var count = 0
            while let message = slow.message() {
                last = message
                count += 1
            }
            guard case .abort(_, let reason)? = last else {
                Issue.record("ended with \(String(describing: last?.kind))")
                return
            }
            #expect(reason == "starling.error.too_slow")
            #expect(count < 200)
            _ = try await client.call("meshctl.status")
        }
    }

    @Test("a client that never reads does not hold up stopping")
    func stopsWithoutReader() async throws {
        var limits = APILimits()
        limits.closeSeconds = 0
        let kept = AsyncStream<CInt>.makeStream()
        try await withServer(limits: limits) { path, server, _ in
            let client = try RawClient(path)
            try client.join()
            client.write(.subscribe(request: 1, options: [:], topic: "starling.rooms"))
            guard case .subscribed? = client.message() else { return }
            let text = JSON.string(String(repeating: "x", count: 100_000))
            for _ in 0..<20 { server.publish(topic: "starling.rooms", arguments: [text]) }
            kept.continuation.yield(client.duplicate())
        }
        kept.continuation.finish()
        for await descriptor in kept.stream { close(descriptor) }
    }

    @Test("as many connections as the limit are served, and one more is refused")
    func boundsConnections() async throws {
        var limits = APILimits()
        limits.connections = 1
        try await withServer(limits: limits) { path, _, _ in
            let client = try await APIClient.connect(socketPath: path)
            let extra = try RawClient(path)
            #expect(extra.next() == .refused(.tooManyConnections))
            #expect(extra.next() == nil)
            await #expect(throws: ClientError.self) {
                try await APIClient.connect(socketPath: path)
            }
            _ = try await client.call("meshctl.status")
        }
    }

    @Test("PING is answered with its own octets")
    func answersPing() async throws {
        try await withServer { path, _, _ in
            let client = try RawClient(path)
            _ = client.next()
            client.write(Array(RawSocket.frame(.ping, [1, 2, 3]).readableBytesView))
            #expect(client.next() == .pong([1, 2, 3]))
        }
    }

    @Test("a client sends what it likes, its session ends, and others go on")
    func survivesNonsense() async throws {
        try await withServer { path, _, _ in
            let good = try await APIClient.connect(socketPath: path)
            let frames: [[UInt8]] = [
                Array("[1]".utf8), Array("nonsense".utf8), [], [0xFF], Array("[48,1]".utf8),
                Array(String(repeating: "[", count: 10_000).utf8),
            ]
            for frame in frames {
                let bad = try RawClient(path)
                try bad.join()
                bad.write(Array(RawSocket.frame(.message, frame).readableBytesView))
                guard case .abort(_, WAMPURI.protocolViolation)? = bad.message() else {
                    Issue.record("not refused: \(frame.prefix(20))")
                    continue
                }
                #expect(bad.message() == nil)
            }
            let loud = try RawClient(path)
            try loud.join()
            loud.write([0, 0xFF, 0xFF, 0xFF])
            guard case .abort(_, WAMPURI.protocolViolation)? = loud.message() else {
                Issue.record("a frame of 16 MiB was not refused")
                return
            }
            let other = try RawClient(path, handshake: Array("GET / HTTP/1.1\r\n\r\n".utf8))
            #expect(other.next() == nil)
            let packed = try RawClient(path, handshake: [0x7F, 0xF2, 0, 0])
            #expect(packed.next() == .refused(.serializerUnsupported))
            _ = try await good.call("meshctl.status")
        }
    }
}
