import MeshModel
import MeshWire

/// Bounds and times of the protocol, each with its reason. Times marked "guess" are not derived
/// from a measurement.
package enum GossipLimits {
    // Hellos (docs/spec/gossip.md, "Hellos").
    /// With two neighbours or fewer.
    static let helloFast: Duration = .milliseconds(4_800)
    /// With ten or more: thirty peers in a cell then cost 1.25 hellos a second.
    static let helloSlow: Duration = .seconds(24)
    static let helloFastNeighbours = 2
    static let helloSlowNeighbours = 10
    /// On a link event and at the start, spread so that a room full of machines does not shout at
    /// once.
    static let helloSoon: ClosedRange<Duration> = .milliseconds(10) ... .milliseconds(150)
    /// After the last new entry, one check hello per cell.
    static let checkDelay: ClosedRange<Duration> = .milliseconds(300) ... .milliseconds(500)
    /// A stream of entries puts the check off no longer than this. Guess.
    static let checkAtMost: Duration = .seconds(2)
    /// A difference that an entry of this age may explain is not one yet.
    static let floodTime: Duration = .seconds(2)
    /// To somebody who lags behind.
    static let mendDelay: ClosedRange<Duration> = .milliseconds(40) ... .milliseconds(250)
    /// A neighbour is gone after so many of his hello intervals: 0.3^5 is 0.2 % at 30 % loss.
    static let lostAfterHellos = 5
    /// Introductions in the first hellos under a salt; later ones on demand and with every fourth.
    static let introductions = 3
    static let listEvery = 4

    // Sessions.
    static let saltLife: Duration = .seconds(15 * 60)
    /// An echo of a counter this old still counts: three slow hellos and two losses.
    static let echoAge: Duration = .seconds(120)
    /// The salt before the present one is honoured that long.
    static let oldSaltLife: Duration = .seconds(120)

    /// A confirmation lasts so long: three lists at the slowest interval.
    static let confirmedLife: Duration = .seconds(300)

    // Tables.
    /// On all links together; 128 × about 20 kB, and 64 bytes for each log held here.
    static let neighbours = 128
    /// Salts of senders who have not introduced themselves: 256 × 300 bytes.
    static let strangers = 256
    /// Logs held or learned of: 2^16 × about 250 bytes are 16 MB.
    static let segments = 65_536
    /// Openings known without a held entry. 4096 × 150 bytes.
    static let openings = 4_096
    /// Entries seen lately, so that a copy costs no signature check: 4096 × 40 bytes.
    static let recentEntries = 4_096
    /// Entries that wait to be relayed. Guess: a second of 50 peers talking at once.
    static let relays = 1_024
    /// Live entries of a log whose opening is still to come. 64 × 1.2 kB.
    static let unopened = 64
    /// Drafts that wait for the disk, and runs from others.
    package static let drafts = 1_024
    static let appends = 4_096
    /// Reads of the store under way for neighbours.
    static let reads = 256
    /// Of them for one neighbour: two requests.
    static let readsOfOne = 48
    /// Changes below a tree node that are tried to explain another's hash of it: he may not have
    /// got them yet. Each costs 44 bytes for every log of a bucket to hash. Guess.
    static let undone = 4
    /// Tree nodes of one neighbour that were looked into and had nothing. 1024 × 60 bytes.
    static let barren = 1_024
    /// How long that is believed of one.
    static let barrenLife: Duration = .seconds(120)
    /// Tree nodes in one request, each of which costs a look at every log and a frame.
    static let askNodes = 8
    /// Bytes of runs on their way to the disk above which nothing more is asked for.
    static let appendBytes: UInt64 = 16 << 20
    /// Origins that one neighbour does not want pushed: 4096 × 8 bytes.
    static let lazyOrigins = 4_096
    /// Logs of one neighbour that are not wanted here and need not be opened again. 4096 × 4 bytes.
    static let unwanted = 4_096
    /// Branches by reference that turned out to be what is held. 1024 × 16 bytes.
    static let aliases = 1_024

    // Flooding.
    /// With so many neighbours uncovered, one multicast costs less air than unicasts.
    static let multicastFrom = 4
    /// The wait before a relay: the longest for who covers least. A 200-byte frame takes 0.4 ms at
    /// 6 Mb/s, so 40 ms lets dozens go first.
    static let relayWait: Duration = .milliseconds(40)
    static let relayJitter: ClosedRange<Duration> = .milliseconds(1) ... .milliseconds(10)

    // Repair.
    /// Wait before a request, so that a cell does not ask at once and a late frame may still come.
    static let askDelay: ClosedRange<Duration> = .milliseconds(5) ... .milliseconds(40)
    /// Silence after which a request is asked again.
    static let askAgain: Duration = .milliseconds(300)
    /// Requests without any answer before the neighbour is left alone until his next digest.
    static let askTries = 4
    /// How long one neighbour is asked for something before another may be asked for it too: as
    /// long as it takes to find that somebody does not answer.
    static let turn: Duration = .milliseconds(1_500)
    /// Logs asked for in one request, and entries that they may add up to.
    static let askRanges = 24
    static let askEntries: Seq = 256
    /// Datagrams in answer to one request: 40 × 1232 bytes fit into the smallest stock receive
    /// buffer.
    static let answerFrames = 40
    /// A disagreement about one log is looked into no more often than this.
    static let probePause: Duration = .seconds(10)

    // Budgets: per second, and burst.
    /// Signature checks for one neighbour: 5 % of a core.
    static let neighbourChecks = Budget.Rate(perSecond: 750, burst: 1_500)
    /// Signature checks for all neighbours together: a quarter of a core.
    static let allChecks = Budget.Rate(perSecond: 4_000, burst: 8_000)
    /// Signature checks for all strangers together.
    static let strangerChecks = Budget.Rate(perSecond: 100, burst: 200)
    /// Frames under unknown salts that are tried at all: 5 µs each.
    static let strangerFrames = Budget.Rate(perSecond: 2_000, burst: 4_000)
    /// Answers to strangers.
    static let strangerAnswers = Budget.Rate(perSecond: 20, burst: 40)
    /// Ranges served to one neighbour, a request without any counting as one: 1000 × 64 entries are
    /// three times what a core verifies.
    static let neighbourRequests = Budget.Rate(perSecond: 1_000, burst: 1_000)
    /// Nodes of the digest tree served to one neighbour and to all: each hashes 44 bytes for every
    /// log below it.
    static let neighbourNodes = Budget.Rate(perSecond: 200, burst: 400)
    static let allNodes = Budget.Rate(perSecond: 400, burst: 800)
    /// Hellos by multicast beside the periodic ones, on one link. An insider can seem to lack
    /// something at any time: 1.2 kB a second are 0.2 % of the air.
    static let checkHellos = Budget.Rate(perSecond: 1, burst: 10)
    /// Who was told that he lacks something, and neither asks nor catches up, is told again after
    /// so long, then after twice that, and so on seven times.
    static let tellAgain: Duration = .milliseconds(500)
    static let tellAgainDoublings = 6
    /// Digests looked at for one neighbour: each is compared with every log.
    static let neighbourDigests = Budget.Rate(perSecond: 20, burst: 40)
    /// The same for all neighbours together: thirty in a cell cause twelve a second.
    static let allDigests = Budget.Rate(perSecond: 200, burst: 400)
    /// Live entries of one author relayed; more still travel by repair.
    static let authorRelays = Budget.Rate(perSecond: 20, burst: 100)
    /// Strangers, and neighbours that are gone, that people may ask for. 1024 × 48 bytes.
    static let sightings = 1_024
    /// A sender whose frames do not open counts as near for so long.
    static let strangerAge: Duration = .seconds(60)
    /// Own entries sent live; more still travel by repair. 100 multicasts a second take 4 % of the
    /// air, and a neighbour checks 750 signatures a second of us.
    static let ownFloods = Budget.Rate(perSecond: 100, burst: 200)
    /// Authors whose relays are counted at a time. 1024 × 60 bytes.
    static let authorBudgets = 1_024
    /// Own share of the air for relaying, in microseconds of airtime: 30 %, with bursts of half a
    /// second.
    static let relayAir = Budget.Rate(perSecond: 300_000, burst: 500_000)

    // The store.
    /// Share kept for own entries: foreign ones stop at 90 %.
    static let foreignPercent: UInt64 = 90
    /// From here on, rooms that were not joined are no longer pulled.
    static let joinedOnlyPercent: UInt64 = 80
    /// One author's share of the store, once half of it is used.
    static let authorShare: UInt64 = 16

    // Writing.
    /// Own logs are fetched back for so long before the first write of a new epoch.
    static let recoverTime: Duration = .seconds(3)
}
