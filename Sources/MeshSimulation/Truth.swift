package import MeshIdentity
package import MeshModel

/// One entry as it was really written, whatever any engine says of it.
package struct Authored: Sendable {
    /// Its place in the truth: 0, 1, 2 in the order of writing.
    package let number: Int
    package let entry: VerifiedEntry
    /// The node that wrote it; of a key that runs twice this tells the two apart.
    package let node: Int
    package let at: Instant
    /// All that causes it, directly or not, without itself.
    package let past: EntrySet
    /// All that the author held complete when he wrote; more than `past` only where the header says
    /// `more`.
    package let held: EntrySet
    /// It, or something in its past, cites what does not exist: nobody can ever complete it.
    package let isBottomless: Bool
    package let isHostile: Bool
    /// When it became durable at its author, and when its user was told.
    package fileprivate(set) var durableAt: Instant?
    package fileprivate(set) var acceptedAt: Instant?

    package var id: EntryID { entry.id }
    package var room: RoomID { entry.log.room }
}

/// Who wrote what, and what he held when he did: recorded as it happens, independent of every
/// archive.
package struct Truth: Sendable {
    package private(set) var entries: [Authored] = []
    private var numbers: [EntryID: Int] = [:]
    private var places: [Cite: Int] = [:]
    private var rooms: [RoomID: EntrySet] = [:]
    /// Which entry stands at each place of each honest log.
    private var durable: [Place: EntryID] = [:]

    private struct Place: Hashable {
        let log: LogRef
        let seq: Seq
    }

    package init() {}

    package func number(of id: EntryID) -> Int? { numbers[id] }
    package func entries(in room: RoomID) -> EntrySet { rooms[room] ?? EntrySet() }
    package subscript(number: Int) -> Authored { entries[number] }

    package func knows(_ number: Int) -> Bool { entries.indices.contains(number) }

    /// Names an entry in a finding: its number, author's node and text.
    package func label(_ number: Int) -> String {
        let authored = entries[number]
        let header = authored.entry.header
        return
            "#\(number) (\(authored.id) by node \(authored.node), "
            + "log \(header.log) seq \(header.seq))"
    }

    /// An honest author writes while he holds `held` of the room complete.
    @discardableResult
    package mutating func recordHonest(
        _ entry: VerifiedEntry, by node: Int, at now: Instant, holding held: EntrySet
    ) -> Int {
        let past = entry.header.more ? stated(by: entry).past : held
        return record(entry, node, now, past: past, held: held, isBottomless: false, hostile: false)
    }

    /// A hostile author holds what his header says.
    @discardableResult
    package mutating func recordHostile(
        _ entry: VerifiedEntry, by node: Int, at now: Instant
    ) -> Int {
        let (past, isBottomless) = stated(by: entry)
        return record(
            entry, node, now, past: past, held: past, isBottomless: isBottomless, hostile: true)
    }

    private mutating func record(
        _ entry: VerifiedEntry, _ node: Int, _ now: Instant, past: EntrySet, held: EntrySet,
        isBottomless: Bool, hostile: Bool
    ) -> Int {
        if let known = numbers[entry.id] { return known }
        let number = entries.count
        entries.append(
            Authored(
                number: number, entry: entry, node: node, at: now, past: past, held: held,
                isBottomless: isBottomless, isHostile: hostile))
        numbers[entry.id] = number
        let header = entry.header
        places[Cite(log: header.log, seq: header.seq, tag: entry.id.tag)] = number
        rooms[entry.log.room, default: EntrySet()].insert(number)
        return number
    }

    /// The closure of what the header points at.
    private func stated(by entry: VerifiedEntry) -> (past: EntrySet, isBottomless: Bool) {
        var past = EntrySet()
        var isBottomless = false
        func add(_ number: Int?) {
            guard let number, entries[number].room == entry.log.room else {
                isBottomless = true
                return
            }
            past.insert(number)
            past.formUnion(entries[number].past)
            if entries[number].isBottomless { isBottomless = true }
        }
        let header = entry.header
        for cite in header.cites { add(places[cite]) }
        if header.seq > 1 {
            add(
                rooms[entry.log.room]?.members.first {
                    let other = entries[$0].entry
                    return other.header.log == header.log && other.header.seq + 1 == header.seq
                        && other.id.link == header.previous
                })
        }
        return (past, isBottomless)
    }

    /// The entry is durable at its author. The other entry at its place, where there already is
    /// one.
    package mutating func becameDurable(_ number: Int, at now: Instant) -> EntryID? {
        entries[number].durableAt = now
        let entry = entries[number].entry
        let place = Place(log: entry.header.log, seq: entry.header.seq)
        if let other = durable[place], other != entry.id { return other }
        durable[place] = entry.id
        return nil
    }

    package mutating func accepted(_ number: Int, at now: Instant) {
        entries[number].acceptedAt = now
    }

    /// Leaves of the tree that the entries of one log form: 1 without a fork.
    package func branches(of log: LogID) -> Int {
        let members = entries(in: log.room).members.map { entries[$0].entry }
            .filter { $0.log == log }
        let continued = Set(members.filter { $0.header.seq > 1 }.map(\.header.previous))
        return members.filter { !continued.contains($0.id.link) }.count
    }
}
