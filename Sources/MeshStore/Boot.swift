package import MeshGossip
package import MeshIdentity
package import MeshLog
package import MeshModel

/// Where a store is and whose.
package struct StoreOptions: Sendable {
    /// Absolute; made at the first start.
    package var home: String
    /// The mesh that the store belongs to; fixed at the first start.
    package var mesh: String
    /// For the first start only: the seed of a restored key. Nil draws a new one.
    package var seed: [UInt8]?
    /// Nil keeps what the store has; at first the smaller of 8 GiB and half of the free disk.
    package var limitBytes: UInt64?
    /// Where the marker lies: a directory that does not survive a boot, or whose files name it.
    package var runtimeDirectory: String
    /// Drawn by the kernel at each boot; nil where it is unknown: then no epoch is continued.
    package var bootID: String?

    /// - Parameter runtime: `$XDG_RUNTIME_DIR`.
    package init(
        home: String, mesh: String, seed: [UInt8]? = nil, limitBytes: UInt64? = nil,
        runtime: String?
    ) {
        self.home = home
        self.mesh = mesh
        self.seed = seed
        self.limitBytes = limitBytes
        runtimeDirectory = MarkerFile.defaultDirectory(runtime: runtime)
        bootID = MarkerFile.bootID
    }
}

/// What a store holds when it is opened: the larger part of `EngineSetup`.
package struct Boot: Sendable {
    package let key: PeerKey
    /// 16 random bytes, drawn when the store was made; a copy has the same.
    package let storeID: [UInt8]
    package let mesh: MeshID
    /// Ascending by id.
    package let segments: [Segment]
    package let lastTimes: [RoomID: UInt64]
    package let authorBytes: [PeerID: UInt64]
    package let level: StoreLevel
    package let joined: Set<RoomID>
    package let nick: String?
    /// The epoch to go on with; nil where it is not proven that this store is the one last written.
    package let epoch: UInt64?
}

/// Why requests were not kept: the arguments of `Event.appendsFailed`.
package struct AppendFailure: Error, CustomStringConvertible {
    package let error: StoreError
    package let tokens: [UInt64]
    /// What the store holds.
    package let segments: [Segment]

    package var description: String { error.description }
}

/// What `Store.forget` did.
package struct Forgotten: Hashable, Sendable {
    package let bodies: Int
    package let bytes: UInt64
    package let level: StoreLevel
}
