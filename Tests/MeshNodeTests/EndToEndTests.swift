import MeshModel
import MeshWAMP
import Testing

/// Whole peers in one process, on `lo`, each in a mesh of the test's own.
@Suite(.serialized) struct EndToEndTests {
    private let mesh = "test-\(UInt32.random(in: .min ... .max))"

    @Test("What one of three peers says reaches the others, and their logs are equal")
    func exchange() async throws {
        let peers = [
            try PeerBench(mesh: mesh), try PeerBench(mesh: mesh), try PeerBench(mesh: mesh),
        ]
        try await run(peers) {
            for peer in peers {
                try await peer.call("meshctl.wait", ["peers": 2, "timeout": 30])
            }
            var ids: [JSON] = []
            for (number, peer) in peers.enumerated() {
                let sent = try await peer.call(
                    "starling.send", ["room": "ops", "text": .string("from \(number)")])
                ids.append(try #require(sent.fields["id"]))
            }
            for peer in peers {
                for id in ids {
                    try await peer.call("meshctl.wait", ["entry": id, "timeout": 30])
                }
            }
            let log = try await peers[0].ids(in: "ops")
            #expect(log.count == 3)
            for peer in peers { #expect(try await peer.ids(in: "ops") == log) }
            #expect(
                try await peers[0].call("meshctl.status").fields["verdict"]?.string == "connected")
            let neighbours = try await peers[0].call("meshctl.neighbours")
            #expect(neighbours.rows?.count == 2)
            #expect(neighbours.rows?.first?.object?["interface"]?.string == "lo")
        }
    }

    @Test("What was said while a peer was cut off is there once it is back")
    func partition() async throws {
        let peers = [try PeerBench(mesh: mesh), try PeerBench(mesh: mesh)]
        try await run(peers) {
            for peer in peers {
                try await peer.call("meshctl.wait", ["peers": 1, "timeout": 30])
            }
            try await peers[1].call("meshctl.isolate", ["all": true])
            var ids: [JSON] = []
            for (number, peer) in peers.enumerated() {
                let sent = try await peer.call(
                    "starling.send", ["room": "ops", "text": .string("alone \(number)")])
                ids.append(try #require(sent.fields["id"]))
            }
            #expect(try await peers[0].ids(in: "ops").count == 1)
            try await peers[1].call("meshctl.isolate")
            for peer in peers {
                for id in ids {
                    try await peer.call("meshctl.wait", ["entry": id, "timeout": 60])
                }
                try await peer.call("meshctl.wait", ["in_sync": true, "timeout": 60])
            }
            #expect(try await peers[0].ids(in: "ops") == (try await peers[1].ids(in: "ops")))
        }
    }
}
