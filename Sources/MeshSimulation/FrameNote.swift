package import MeshIdentity
package import MeshModel
package import MeshWire

/// What a frame says, read once when it is sent.
package struct FrameNote: Hashable, Sendable {
    /// Names of its messages.
    package let kinds: [String]
    /// Entries flooded in it, whole.
    package let live: [EntryID]
    /// Entries served in it; found only while a story is told.
    package let served: [EntryID]
}

/// Opens any frame of the mesh, as somebody with the mesh key could.
package struct FrameReader {
    private let key: MeshKey
    /// One for each salt seen; a run has a few hundred.
    private var openers: [UInt64: FrameOpener] = [:]
    /// Whether served entries are hashed as well.
    private let readsRuns: Bool

    package init(key: MeshKey, readsRuns: Bool) {
        self.key = key
        self.readsRuns = readsRuns
    }

    /// The messages of a frame; nil when it is none of this mesh.
    package mutating func messages(in datagram: [UInt8]) -> [Message]? {
        guard let header = try? FrameHeader.read(datagram) else { return nil }
        let opener = openers[header.salt] ?? FrameOpener(mesh: key, salt: header.salt)
        openers[header.salt] = opener
        guard let plain = opener.open(datagram, header: header) else { return nil }
        return try? FrameCodec.decode(plain)
    }

    package mutating func note(_ datagram: [UInt8]) -> FrameNote? {
        guard let messages = messages(in: datagram) else { return nil }
        var (live, served): ([EntryID], [EntryID]) = ([], [])
        for message in messages {
            switch message {
            case .entry(let entry):
                live.append(Entry(hashing: entry.entry, signature: entry.signature).id)
            case .run(let run) where readsRuns:
                served += run.items.map { Entry(hashing: $0.entry, signature: nil).id }
            default: continue
            }
        }
        return FrameNote(kinds: messages.map(\.name), live: live, served: served)
    }
}
