import Foundation
import Glibc
import MeshGossip
import MeshIdentity
import MeshModel
import Testing

@testable import MeshStore

/// When an epoch goes on, and when it must not.
@Suite struct MarkerTests {
    let temporary: TemporaryHome
    let room: RoomID

    init() throws {
        temporary = try TemporaryHome()
        room = try RoomID.open("ops")
    }

    /// Opens, writes `texts` in `epoch`, and is killed: nothing is closed in order.
    @discardableResult
    private func session(
        _ home: String? = nil, boot: String = "boot-1", epoch: UInt64 = 42, _ texts: String...
    ) async throws -> UInt64? {
        let (store, start) = try Store.open(temporary.options(home: home, boot: boot))
        var scribe = Scribe(start.key, epoch: epoch, room: room)
        for (token, text) in texts.enumerated() {
            let entry = scribe.write(text)
            _ = try await store.append([AppendRequest(UInt64(token), [entry], own: true)])
        }
        return start.epoch
    }

    @Test(
        "A restart keeps the epoch, also after a kill, and a start without writing changes nothing")
    func restart() async throws {
        #expect(try await session(nil, "one", "two") == nil)
        #expect(try await session() == 42)
        #expect(try await session() == 42)
    }

    @Test("A reboot opens a new epoch")
    func reboot() async throws {
        try await session(nil, "one")
        #expect(try await session(boot: "boot-2") == nil)
    }

    @Test("An older copy that was put back opens a new epoch, and so does every later start of it")
    func rolledBack() async throws {
        try await session(nil, "one")
        let backup = temporary.root + "/backup"
        try temporary.copy(temporary.home, to: backup)
        try await session(nil, epoch: 42, "one", "two")
        try overwrite(temporary.home, with: backup)
        #expect(try await session() == nil)
        #expect(try await session() == nil)
    }

    /// In place, so that the file stays the same inode: only its content can tell.
    private func overwrite(_ home: String, with backup: String) throws {
        for name in ["starling.db", "starling.db-wal", "starling.db-shm"] {
            let target = "\(home)/\(name)"
            guard let bytes = FileManager.default.contents(atPath: "\(backup)/\(name)") else {
                try? FileManager.default.removeItem(atPath: target)
                continue
            }
            let handle = FileHandle(forWritingAtPath: target)
            if let handle {
                try handle.truncate(atOffset: 0)
                try handle.write(contentsOf: bytes)
                try handle.close()
            } else {
                try bytes.write(to: URL(fileURLWithPath: target))
            }
        }
    }

    @Test(
        "A copy beside the original opens a new epoch; the original goes on until the copy writes")
    func copied() async throws {
        try await session(nil, "one")
        let copy = temporary.root + "/copy"
        try temporary.copy(temporary.home, to: copy)
        #expect(try await session(copy) == nil)
        #expect(try await session() == 42)
        #expect(try await session(copy, epoch: 43, "fresh") == nil)
        #expect(try await session() == nil)
    }

    @Test("A copy on another machine opens a new epoch")
    func elsewhere() async throws {
        try await session(nil, "one")
        var options = temporary.options()
        options.runtimeDirectory = temporary.root + "/run2"
        #expect(try Store.open(options).boot.epoch == nil)
    }

    @Test("Killed before or after a commit whose marker was announced, the epoch goes on")
    func killedAtCommit() async throws {
        let directory = temporary.runtime
        let before = Marker.Commit(number: 4, tag: 40)
        let after = Marker.Commit(number: 5, tag: 50)
        let id = [UInt8](repeating: 7, count: 16)
        func keeper() -> MarkerKeeper {
            MarkerKeeper(directory: directory, storeID: id, boot: "b", database: "/dev/null")
        }
        func storeRow(_ commit: Marker.Commit, epoch: UInt64 = 9) -> StoreRow {
            StoreRow(
                storeID: id, mesh: "m", peer: [], limitBytes: 1, epoch: epoch, commit: commit)
        }
        keeper().settle(on: storeRow(before))
        try keeper().announce(after, of: 9, after: storeRow(before))
        #expect(keeper().provenEpoch(of: storeRow(after)) == 9)
        // Settled at that start: the state before it proves nothing any more.
        #expect(keeper().provenEpoch(of: storeRow(before)) == nil)
        keeper().settle(on: storeRow(before))
        try keeper().announce(after, of: 9, after: storeRow(before))
        #expect(keeper().provenEpoch(of: storeRow(before)) == 9)
        // The commit that never was counts no more, whoever still has its file.
        #expect(keeper().provenEpoch(of: storeRow(after)) == nil)
        // Opening a new epoch: the store of the old one proves nothing.
        try keeper().announce(after, of: 10, after: storeRow(before))
        #expect(keeper().provenEpoch(of: storeRow(before)) == nil)
        #expect(keeper().provenEpoch(of: storeRow(after, epoch: 10)) == 10)
    }

    @Test("Foreign entries leave the marker alone")
    func foreign() async throws {
        let (store, boot) = try Store.open(temporary.options())
        var own = Scribe(boot.key, epoch: 42, room: room)
        let mine = own.write("mine")
        _ = try await store.append([AppendRequest(1, [mine], own: true)])
        let files = try temporary.bytes(temporary.runtime)
        var other = Scribe(.generate(), room: room)
        let entry = other.write("theirs")
        _ = try await store.append([AppendRequest(2, [entry])])
        #expect(try temporary.bytes(temporary.runtime) == files)
    }

    @Test("A marker is read back as written, and anything else is none")
    func text() throws {
        let marker = Marker(
            boot: "b-1", store: [1, 2], file: "5:6", epoch: .max,
            commit: .init(number: 3, tag: .max), pending: .init(number: 4, tag: 0))
        #expect(Marker(text: marker.text) == marker)
        // One size for all, since each is written over the one before.
        #expect(marker.text.utf8.count == Marker.size)
        var settled = marker
        #expect(settled.text.utf8.count == Marker.size)
        settled.pending = nil
        #expect(Marker(text: settled.text) == settled)
        for length in 0..<marker.text.count {
            #expect(Marker(text: String(marker.text.prefix(length))) == nil)
        }
        #expect(Marker(text: marker.text + "\n") == nil)
        #expect(Marker(text: marker.text.replacing("v1", with: "v2")) == nil)
    }

    @Test("A runtime directory that others can write in is not used")
    func openDirectory() async throws {
        try FileManager.default.createDirectory(
            atPath: temporary.runtime, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o777])
        chmod(temporary.runtime, 0o777)
        try await session(nil, "one")
        #expect(try await session() == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.runtime).isEmpty)
    }
}
