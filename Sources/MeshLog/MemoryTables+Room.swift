package import MeshModel

// Plain scans: the reference for the indexed reads of the SQLite tables.
extension MemoryTables: RoomTables {
    package func rooms() -> [RoomSummary] {
        Dictionary(grouping: rows, by: \.log.room).map { room, rows in
            RoomSummary(
                room: room, entries: rows.count, authors: Set(rows.map(\.log.author)).count,
                lastAt: rows.max { $0.key < $1.key }?.entry.header.at
                    ?? WallTime(milliseconds: 0))
        }.sorted { $0.room < $1.room }
    }

    package func segments(in room: RoomID) -> [Segment] {
        segments().filter { $0.log.room == room }
    }

    private func ordered(_ room: RoomID) -> [Row] {
        rows.filter { $0.log.room == room }.sorted { $0.key < $1.key }
    }

    package func rows(in room: RoomID, after key: OrderKey?, limit: Int) -> [Row] {
        let all = ordered(room)
        return Array(all.filter { row in key.map { row.key > $0 } ?? true }.prefix(limit))
    }

    package func rows(in room: RoomID, before key: OrderKey?, limit: Int) -> [Row] {
        let all = ordered(room).reversed()
        return Array(all.filter { row in key.map { row.key < $0 } ?? true }.prefix(limit))
    }

    package func oddRows(in room: RoomID, receivedSince time: WallTime, limit: Int) -> [Row] {
        Array(ordered(room).filter { $0.hasOddTime && $0.receivedAt >= time }.prefix(limit))
    }

    package func held(id: EntryID) -> Row? { link(id: id).map { row(arrival: $0.arrival) } }

    package func ids(from low: EntryID, to high: EntryID, limit: Int) -> [EntryID] {
        Array(rows.map(\.entry.id).filter { low <= $0 && $0 <= high }.sorted().prefix(limit))
    }

    package func looseLinks(ofBase base: LogRef) -> [RowLink] {
        (loose[base] ?? []).compactMap { link(arrival: $0) }
            .sorted { ($0.seq, $0.arrival) < ($1.seq, $1.arrival) }
    }

    package func waiters(on log: LogRef, above seq: Seq, limit: Int) -> [Waiter] {
        let all = waiting.filter { $0.key.log == log && $0.key.seq > seq }
            .flatMap { cite, arrivals in arrivals.map { Waiter(seq: cite.seq, arrival: $0) } }
        return Array(
            all.sorted { ($0.seq, $0.arrival) < ($1.seq, $1.arrival) }.prefix(limit))
    }

    package func nickRow(of author: PeerID) -> Row? {
        rows.filter {
            $0.log.room == .profile && $0.log.author == author
                && $0.entry.header.kind == .nick
        }.max { $0.key < $1.key }
    }
}
