import Foundation
import GRDB
import Glibc
import MeshGossip
import MeshIdentity
import MeshLog
import MeshModel
import Testing

@testable import MeshStore

/// Opening: what is refused, and that it is left as it was.
@Suite struct HomeTests {
    let temporary: TemporaryHome
    let room: RoomID

    init() throws {
        temporary = try TemporaryHome()
        room = try RoomID.open("ops")
    }

    private func code(_ options: StoreOptions) -> StoreError.Code? {
        do {
            _ = try Store.open(options)
            return nil
        } catch {
            return (error as? StoreError)?.code
        }
    }

    /// A store with `count` entries, closed, or as a crash would leave it.
    private func fill(_ count: Int, crashed: Bool = false) async throws {
        let source = temporary.root + "/source"
        let (store, boot) = try Store.open(temporary.options(home: source))
        var scribe = Scribe(boot.key, room: room)
        for token in 0..<count {
            let entry = scribe.write("line \(token) \(String(repeating: "x", count: 500))")
            _ = try await store.append([AppendRequest(UInt64(token), [entry])])
        }
        if !crashed { try store.close() }
        try temporary.copy(source, to: temporary.home)
    }

    @Test("The home, the key and the database are private")
    func modes() throws {
        let (store, _) = try Store.open(temporary.options())
        #expect(SystemFile.status(temporary.home).map { $0.st_mode & 0o777 } == 0o700)
        for name in ["starling.key", "starling.db", "starling.lock", "starling.db-wal"] {
            let status = SystemFile.status("\(temporary.home)/\(name)")
            #expect(status.map { $0.st_mode & 0o777 } == 0o600, "\(name)")
        }
        try store.close()
    }

    @Test("A second peer on the same store is refused and told which process has it")
    func lock() throws {
        let (store, _) = try Store.open(temporary.options())
        let error = #expect(throws: StoreError.self) { try Store.open(temporary.options()) }
        #expect(error?.code == .locked)
        #expect(error?.message.contains("process \(getpid())") ?? false)
        try store.close()
    }

    @Test("Damage is refused and every byte stays", arguments: [true, false])
    func damage(crashed: Bool) async throws {
        try await fill(60, crashed: crashed)
        let path = temporary.home + "/starling.db"
        let wal = path + "-wal"
        let target = crashed ? wal : path
        var bytes = try Data(contentsOf: URL(fileURLWithPath: target))
        if crashed {
            // A crash in a store whose pages were moved, then damage in the file itself.
            let (store, _) = try Store.open(temporary.options())
            try store.close()
            bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            try Data([0]).write(to: URL(fileURLWithPath: wal))
        }
        for offset in stride(from: 4096, to: bytes.count, by: 256) {
            for place in offset..<min(offset + 40, bytes.count) { bytes[place] = 0xA5 }
        }
        try bytes.write(to: URL(fileURLWithPath: path))
        let before = try temporary.bytes(temporary.home)
        let error = #expect(throws: StoreError.self) { try Store.open(temporary.options()) }
        #expect(error?.code == .damaged)
        #expect(error?.advice.isEmpty == false)
        let after = try temporary.bytes(temporary.home)
        #expect(after.keys.sorted() == before.keys.sorted())
        #expect(after == before)
    }

    @Test("A file that is cut short, empty or something else is refused as it is")
    func notADatabase() async throws {
        try await fill(60)
        let url = URL(fileURLWithPath: temporary.home + "/starling.db")
        let whole = try Data(contentsOf: url)
        for bytes in [whole.prefix(whole.count / 2), Data(), Data("hello".utf8), whole.prefix(50)] {
            try bytes.write(to: url)
            let before = try temporary.bytes(temporary.home)
            #expect(code(temporary.options()) == .damaged)
            #expect(try temporary.bytes(temporary.home) == before)
        }
        try whole.write(to: url)
        #expect(code(temporary.options()) == nil)
    }

    @Test("A store that was closed is whole in its database file")
    func closedWhole() async throws {
        try await fill(3)
        let wal = temporary.home + "/starling.db-wal"
        #expect(SystemFile.status(wal).map { $0.st_size } ?? 0 == 0)
        if SystemFile.status(wal) != nil { try FileManager.default.removeItem(atPath: wal) }
        #expect(try Store.open(temporary.options()).boot.segments.first?.head == 3)
    }

    @Test("An emptied database does not take its log along")
    func emptied() async throws {
        try await fill(3, crashed: true)
        try Data().write(to: URL(fileURLWithPath: temporary.home + "/starling.db"))
        let before = try temporary.bytes(temporary.home)
        #expect(before["starling.db-wal"]?.isEmpty == false)
        #expect(code(temporary.options()) == .damaged)
        #expect(try temporary.bytes(temporary.home) == before)
    }

    @Test("A store without one of its tables is damaged")
    func tableMissing() async throws {
        try await fill(1)
        let queue = try DatabaseQueue(path: temporary.home + "/starling.db")
        try await queue.write { try $0.execute(sql: "DROP TABLE segment") }
        try queue.close()
        #expect(code(temporary.options()) == .damaged)
    }

    @Test("What is no place for a home is refused, and not as a fault of the disk")
    func noPlace() throws {
        #expect(code(temporary.options(home: "/dev/null/home")) == .noPlace)
        #expect(code(temporary.options(home: "/proc/home")) == .noPlace)
    }

    @Test("A lost database or key is not replaced by a new one")
    func lostParts() async throws {
        try await fill(1)
        let database = temporary.home + "/starling.db"
        let key = temporary.home + "/starling.key"
        try FileManager.default.moveItem(atPath: database, toPath: database + ".away")
        #expect(code(temporary.options()) == .missing)
        #expect(SystemFile.status(database) == nil)
        try FileManager.default.moveItem(atPath: database + ".away", toPath: database)
        try FileManager.default.moveItem(atPath: key, toPath: key + ".away")
        #expect(code(temporary.options()) == .keyMissing)
        #expect(SystemFile.status(key) == nil)
        try FileManager.default.moveItem(atPath: key + ".away", toPath: key)
        #expect(code(temporary.options()) == nil)
    }

    @Test("The store of another mesh, another key or a later version is refused")
    func strangers() async throws {
        try await fill(1)
        var options = temporary.options()
        options.mesh = "elsewhere"
        #expect(code(options) == .otherMesh)
        let key = URL(fileURLWithPath: temporary.home + "/starling.key")
        let own = try Data(contentsOf: key)
        try Data(PeerKey.generate().seed).write(to: key)
        chmod(key.path, 0o600)
        #expect(code(temporary.options()) == .otherKey)
        try own.write(to: key)
        chmod(key.path, 0o644)
        #expect(code(temporary.options()) == .badKey)
        chmod(key.path, 0o600)
        let queue = try DatabaseQueue(path: temporary.home + "/starling.db")
        try await queue.write {
            try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 later')")
        }
        try queue.close()
        #expect(code(temporary.options()) == .newer)
    }

    @Test("An interrupted first start goes on with its key at any step")
    func interruptedStart() throws {
        let key = PeerKey.generate()
        try FileManager.default.createDirectory(
            atPath: temporary.home, withIntermediateDirectories: true)
        let new = temporary.home + "/starling.key.new"
        try SystemFile.write(key.seed, to: new, flags: 0, isDurable: false)
        #expect(try Store.open(temporary.options()).boot.key.peer == key.peer)
        #expect(SystemFile.status(new) == nil)
        // With the database made and the key not renamed.
        let path = temporary.home + "/starling.key"
        try FileManager.default.moveItem(atPath: path, toPath: new)
        #expect(try Store.open(temporary.options()).boot.key.peer == key.peer)
        // With an empty database file.
        try FileManager.default.moveItem(atPath: path, toPath: new)
        try FileManager.default.removeItem(atPath: temporary.home + "/starling.db")
        try SystemFile.write(
            [], to: temporary.home + "/starling.db", flags: 0, isDurable: false)
        #expect(try Store.open(temporary.options()).boot.key.peer == key.peer)
    }

    @Test("A restored key makes a new store of that peer")
    func restored() throws {
        let key = PeerKey.generate()
        var options = temporary.options()
        options.seed = key.seed
        let boot = try Store.open(options).boot
        #expect(boot.key.peer == key.peer)
        #expect(boot.epoch == nil)
    }
}
