package import MeshLog
package import MeshModel

/// What the local API reads of the durable log. Each call sees everything committed before it.
///
/// Errors are the store's own, with a message for people, and `FindError` where an id is looked up.
package protocol LogViews: Sendable {
    /// A page of the merged log of a room, or of all.
    func page(_ query: PageQuery) async throws -> RoomPage
    /// Rows just taken in, as lines, in the merged order of the given rows.
    func lines(for rows: [Row], clocks: PageQuery.Clocks) async throws -> [RoomLine]
    func seen(_ id: EntryID) async throws -> Seen
    func rooms() async throws -> [RoomSummary]
    /// Head, last complete entry and clock of every log of a room.
    func clocks(in room: RoomID) async throws -> [LogClock]
    /// All segments, ascending by id.
    func segments() async throws -> [Segment]
    /// The entry whose id begins with these hexadecimal digits.
    func find(_ prefix: String) async throws -> EntryID
    /// Those of these entries that are held.
    func rows(_ ids: [EntryID]) async throws -> [EntryID: Row]
    /// The latest nickname that a peer claimed.
    func nick(of peer: PeerID) async throws -> String?
    /// Rooms that the user has joined.
    func joined() async throws -> Set<RoomID>
    func setJoined(_ room: RoomID, _ isJoined: Bool) async throws
}
