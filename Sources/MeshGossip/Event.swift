package import MeshLog
package import MeshModel

/// What time it is, twice: `instant` for everything that the protocol decides, `wall` only to stamp
/// what is written and shown.
package struct Moment: Hashable, Sendable {
    package let instant: Instant
    package let wall: WallTime

    package init(instant: Instant, wall: WallTime) {
        self.instant = instant
        self.wall = wall
    }
}

/// A link: one interface, as numbered by the shell. Never reused while the engine lives.
package struct LinkID: Hashable, Comparable, Sendable {
    package let raw: Int
    package init(_ raw: Int) { self.raw = raw }
    package static func < (a: LinkID, b: LinkID) -> Bool { a.raw < b.raw }
}

/// Where a neighbour is reached by unicast on a link. Opaque to the engine: the shell's bytes.
package struct Address: Hashable, Sendable {
    package let bytes: [UInt8]
    package init(_ bytes: [UInt8]) { self.bytes = bytes }
}

package struct LinkInfo: Hashable, Sendable {
    /// Bits per second at which multicast goes out; airtime is counted with it. 6 Mb/s is the
    /// lowest OFDM rate.
    package var basicRate: Int
    /// The layer below relays by itself (802.11s, batman-adv): no relaying on top within this link.
    package var relaysBelow: Bool
    /// The port that this peer sends from on this link.
    package var port: UInt16

    package init(basicRate: Int = 6_000_000, relaysBelow: Bool = false, port: UInt16) {
        self.basicRate = basicRate
        self.relaysBelow = relaysBelow
        self.port = port
    }
}

/// One datagram as it came in.
package struct Datagram: Hashable, Sendable {
    package let link: LinkID
    package let from: Address
    package let isMulticast: Bool
    package let bytes: [UInt8]

    package init(link: LinkID, from: Address, isMulticast: Bool, bytes: [UInt8]) {
        self.link = link
        self.from = from
        self.isMulticast = isMulticast
        self.bytes = bytes
    }
}

/// A timer that the engine set; handed back unchanged when its time has come. A timer that no
/// longer means anything is a no-op.
package enum Timer: Hashable, Sendable {
    /// The next hello on a link.
    case hello(LinkID)
    /// The wait before relaying one entry is over.
    case relay(EntryID)
    /// Look at what neighbours hold, for something to ask for.
    case look
    /// Ask a neighbour again, who has not answered.
    case repair(NeighbourID)
    /// Own writing has waited long enough for its past to come back.
    case recover
    /// Once a second: forget the silent, renew budgets, change salts.
    case tidy
}

/// Something a local user or program wants to say.
package struct Draft: Hashable, Sendable {
    /// Chosen by the shell; comes back with the answer.
    package let ticket: UInt64
    package let room: RoomID
    package let kind: EntryKind
    package let body: [UInt8]

    package init(ticket: UInt64, room: RoomID, kind: EntryKind, body: [UInt8]) {
        self.ticket = ticket
        self.room = room
        self.kind = kind
        self.body = body
    }
}

/// How full the store is.
package struct StoreLevel: Hashable, Sendable {
    package let usedBytes: UInt64
    package let limitBytes: UInt64

    package init(usedBytes: UInt64, limitBytes: UInt64) {
        self.usedBytes = usedBytes
        self.limitBytes = limitBytes
    }
}

/// What became of an `Effect.append`.
package struct AppendDone: Sendable {
    package let token: UInt64
    package let appended: Appended

    package init(token: UInt64, appended: Appended) {
        self.token = token
        self.appended = appended
    }
}

/// The answer to an `Effect.read`.
package struct RunRead: Sendable {
    package let token: UInt64
    /// As `Archive.chunk` gave them: ascending.
    package let entries: [Entry]

    package init(token: UInt64, entries: [Entry]) {
        self.token = token
        self.entries = entries
    }
}

/// What happens to the engine. In the past tense: it is told, it does not ask.
package enum Event: Sendable {
    case linkUp(LinkID, LinkInfo)
    case linkDown(LinkID)
    /// Somebody may be reachable here: from mDNS, or named by the user.
    case neighbourSuggested(LinkID, Address)
    case datagramReceived(Datagram)
    case timerFired(Timer)
    case draftSubmitted(Draft)
    /// One transaction is durable. In the order of the requests.
    case appendsStored([AppendDone], level: StoreLevel)
    /// The transaction with these requests failed and left no trace, and every request made since
    /// then is dropped with it, since it may build on what failed; `segments` are what the store
    /// holds.
    case appendsFailed(tokens: [UInt64], reason: String, segments: [Segment])
    case runRead(RunRead)
    /// Rooms the user has joined; others are the first not to be pulled when the store fills.
    case roomsJoined(Set<RoomID>)
    /// The machine was frozen and resumed, perhaps as a copy: the next write opens a new epoch.
    case machineResumed
}
