package import MeshIdentity
package import MeshLog
package import MeshModel

/// Where an engine starts.
package struct EngineSetup: Sendable {
    package var key: PeerKey
    package var mesh: MeshID
    package var meshKey: MeshKey
    package var verifier: Verifier
    /// What the store holds, ascending by id.
    package var segments: [Segment]
    /// The greatest time of any row in each room.
    package var lastTimes: [RoomID: UInt64]
    /// Bytes that each author occupies.
    package var authorBytes: [PeerID: UInt64]
    package var level: StoreLevel
    package var joined: Set<RoomID>
    /// The epoch to continue, where the store is proven to be the one last written; nil opens a new one at
    /// the first write.
    package var epoch: UInt64?
    package var generator: SeededGenerator

    package init(
        key: PeerKey, mesh: MeshID, meshKey: MeshKey, verifier: Verifier, segments: [Segment],
        lastTimes: [RoomID: UInt64], authorBytes: [PeerID: UInt64], level: StoreLevel,
        joined: Set<RoomID>, epoch: UInt64?, generator: SeededGenerator
    ) {
        self.key = key
        self.mesh = mesh
        self.meshKey = meshKey
        self.verifier = verifier
        self.segments = segments
        self.lastTimes = lastTimes
        self.authorBytes = authorBytes
        self.level = level
        self.joined = joined
        self.epoch = epoch
        self.generator = generator
    }
}

package struct NeighbourID: Hashable, Comparable, Sendable {
    package let raw: Int
    package init(_ raw: Int) { self.raw = raw }
    package static func < (a: NeighbourID, b: NeighbourID) -> Bool { a.raw < b.raw }
}

package struct Engine {
    package init(_ setup: EngineSetup, at now: Moment) {}

    package mutating func handle(_ event: Event, at now: Moment) -> [Effect] { [] }

    /// The epoch of this peer's writing; nil before the first write after an unproven start. The shell
    /// keeps it with the store's marker.
    package var epoch: UInt64? { nil }

    // For inspection.
    package var neighbours: [NeighbourView] { [] }
    package var counters: Counters { Counters() }
    /// What every confirmed neighbour is known to hold of a segment, by his last digest.
    package func reported(of segment: SegmentID) -> [(peer: PeerID, seq: Seq)] { [] }
    /// Highest seq heard of, by digest, cite or frame, for each log of which not all is held.
    package var missing: [(log: LogID, held: Seq, known: Seq)] { [] }
}

/// A neighbour as `meshctl neighbours` shows him.
package struct NeighbourView: Sendable {
    package let id: NeighbourID
    package let peer: PeerID
    package let link: LinkID
    package let address: Address
    package let isConfirmed: Bool
    package let lastHeard: Instant
    /// Percent, nil where unknown.
    package let lossIn: Int?
    package let lossOut: Int?
    package let roundTrip: Duration?
    package let inSync: Bool
    /// Entries that he holds and this peer does not.
    package let behind: Int
    package let hears: Int
}

/// Counts since the start, by frame kind and reason.
package struct Counters: Hashable, Sendable {
    /// Messages by name: sent, received, and entries relayed, suppressed, duplicate.
    package var sent: [String: Int] = [:]
    package var received: [String: Int] = [:]
    package var rejected: [String: Int] = [:]
    package var flood: [String: Int] = [:]
    package var framesSent = 0
    package var bytesSent = 0
    package var framesReceived = 0
    package var bytesReceived = 0
    /// Own time on the air, by the basic rate of each link.
    package var airtime: Duration = .zero

    package init() {}
}
