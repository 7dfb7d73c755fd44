import Foundation
import Glibc
import MeshGossip
import MeshIdentity
import MeshLog
import MeshModel

@testable import MeshStore

/// A directory of one test with a home and a runtime directory; removed with the value.
final class TemporaryHome {
    let root: String

    init() throws {
        var template = Array("/tmp/starling-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
        root = String(cString: template)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    var home: String { root + "/home" }
    var runtime: String { root + "/run" }

    func options(home: String? = nil, boot: String = "boot-1") -> StoreOptions {
        var options = StoreOptions(home: home ?? self.home, mesh: "history", runtime: nil)
        options.runtimeDirectory = runtime
        options.bootID = boot
        return options
    }

    /// Copies all files of a home, open or not: what a crash at this moment would leave.
    func copy(_ home: String, to other: String) throws {
        try FileManager.default.createDirectory(
            atPath: other, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: home)
        where !name.hasSuffix("-shm") {
            let target = "\(other)/\(name)"
            try? FileManager.default.removeItem(atPath: target)
            try FileManager.default.copyItem(atPath: "\(home)/\(name)", toPath: target)
        }
    }

    /// The bytes of every file of a home but the lock.
    func bytes(_ home: String) throws -> [String: Data] {
        var found: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: home)
        where name != "starling.lock" {
            found[name] = try Data(contentsOf: URL(fileURLWithPath: "\(home)/\(name)"))
        }
        return found
    }
}

/// Writes one log of a peer, one entry after the other.
struct Scribe {
    let key: PeerKey
    let log: LogID
    let mesh = MeshID(name: "history")
    private(set) var last: VerifiedEntry?

    init(_ key: PeerKey, epoch: UInt64 = 1, room: RoomID) {
        self.key = key
        log = LogID(author: key.peer, epoch: epoch, room: room)
    }

    mutating func write(
        _ text: String, at: UInt64 = 1_700_000_000_000, cites: [VerifiedEntry] = [],
        kind: EntryKind = .text
    ) -> VerifiedEntry {
        let body = Array(text.utf8)
        let header = EntryHeader(
            log: LogRef(of: log, mesh: mesh), seq: (last?.header.seq ?? 0) + 1,
            previous: last?.id.link ?? .none, at: WallTime(milliseconds: at), push: 0,
            cites: cites.map {
                Cite(log: $0.header.log, seq: $0.header.seq, tag: $0.id.tag)
            }.sorted(), more: false, kind: kind, bodyLength: UInt32(body.count),
            bodyHash: Hashing.sha256(body))
        let entry = key.sign(header: header, body: body, log: log, mesh: mesh)
        last = entry
        return entry
    }
}

extension AppendRequest {
    init(_ token: UInt64, _ run: [VerifiedEntry], own: Bool = false) {
        self.init(
            token: token, run: run, source: own ? .own : .flood,
            receivedAt: WallTime(milliseconds: 1_700_000_000_000))
    }
}
