package import MeshLog
package import MeshModel

/// One room as one peer would print it: what the checkers compare.
package struct ShownLog: Sendable {
    package struct Line: Hashable, Sendable {
        /// Number in the truth; nil for an entry that nobody wrote.
        package let number: Int?
        package let id: EntryID
        package let log: LogID
        package let header: EntryHeader
        package let body: [UInt8]?
        package let time: UInt64
        package let isComplete: Bool
        package let isLoose: Bool
        package let arrival: UInt64

        package init(
            number: Int?, id: EntryID, log: LogID, header: EntryHeader, body: [UInt8]?,
            time: UInt64, isComplete: Bool, isLoose: Bool, arrival: UInt64
        ) {
            self.number = number
            self.id = id
            self.log = log
            self.header = header
            self.body = body
            self.time = time
            self.isComplete = isComplete
            self.isLoose = isLoose
            self.arrival = arrival
        }
    }

    package let node: Int
    package let room: RoomID
    /// In the order in which they are printed.
    package var lines: [Line]

    package init(node: Int, room: RoomID, lines: [Line]) {
        self.node = node
        self.room = room
        self.lines = lines
    }

    /// Numbers of all lines that somebody wrote.
    package var held: EntrySet { EntrySet(lines.lazy.compactMap(\.number)) }

    /// Every room that the tables hold, ascending.
    package static func all(of tables: MemoryTables, node: Int, truth: Truth) -> [ShownLog] {
        var byRoom: [RoomID: [(key: OrderKey, index: Int)]] = [:]
        for (index, row) in tables.rows.enumerated() {
            byRoom[row.log.room, default: []].append((row.key, index))
        }
        return byRoom.keys.sorted().map { room in
            let sorted = (byRoom[room] ?? []).sorted { $0.key < $1.key }
            let lines = sorted.map { line(tables.rows[$0.index], truth) }
            return ShownLog(node: node, room: room, lines: lines)
        }
    }

    private static func line(_ row: Row, _ truth: Truth) -> Line {
        Line(
            number: truth.number(of: row.entry.id), id: row.entry.id, log: row.log,
            header: row.entry.header, body: row.entry.body, time: row.time,
            isComplete: row.isComplete, isLoose: row.isLoose, arrival: row.arrival)
    }
}
