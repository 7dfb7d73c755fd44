// modules: MeshModel MeshWire MeshIdentity MeshLog MeshGossip
import Glibc
@testable import MeshGossip
import MeshIdentity
import MeshLog
import MeshModel
import MeshWire

/// A whole engine on a real archive, an honest partner, and guests with the mesh key. The input is
/// a sequence of acts: let time pass, write, change what is inside the partner's frames, forge
/// messages, sign entries, hold or fail the disk, hand timers back at the wrong time, take the link
/// away. The engine stays within its bounds; every effect is judged as it comes
/// (`Peer`, `Proof`); in the end every draft is answered.
func fuzz(_ bytes: [UInt8]) {
    Tally.start()
    var draw = Draw(bytes)
    // Most begin with nothing: what they do is theirs, and they are faster.
    let histories = [[], [], History.short, [], [], History.long, [], History.wide]
    let subject = Peer(1, history: draw.pick(histories) ?? [])
    let partner = Peer(2, history: draw.pick(histories) ?? [])
    var acts = Acts(Air(subject: subject, partner: partner))
    if draw.isTrue() { acts.air.run(.seconds(1)) }
    // Beyond a hundred acts an input is slow and says nothing new.
    for act in 0..<100 where !draw.isEmpty {
        acts.next(&draw)
        if act % 16 == 15 { Bounds.check(subject.engine) }
    }
    subject.isHeld = false
    acts.air.isPartnerHeard = false
    acts.air.run(GossipLimits.recoverTime + .seconds(1))
    expect(subject.drafts.isEmpty, "drafts without an answer: \(subject.drafts)")
    Bounds.check(subject.engine)
    Tally.add(subject.engine.counters)
}

/// What can happen to the peer under test.
struct Acts {
    let air: Air
    private var forge: Forge
    private var tickets: UInt64 = 0

    init(_ air: Air) {
        self.air = air
        forge = Forge(air)
    }

    mutating func next(_ draw: inout Draw) {
        switch draw.below(16) {
        case 0, 1: pass(&draw)
        case 2: write(&draw, as: air.partner)
        case 3: write(&draw, as: air.subject)
        case 4, 5: air.tamper(kind: UInt8(1 + draw.below(8)), patches(&draw))
        case 6, 7, 8: speak(&draw)
        case 9: sign(&draw)
        case 10: replay(&draw)
        case 11: junk(&draw)
        case 12: timers(&draw)
        case 13: disk(&draw)
        case 14: crowd(&draw)
        default: turn(&draw)
        }
    }

    private func pass(_ draw: inout Draw) {
        let often = [1, 5, 10, 20, 50, 300, 1_000, 6_000]
        // Beyond the life of an echo, and of a salt.
        let seldom = [130_000, 950_000]
        let isSeldom = draw.byte() > 240
        air.run(.milliseconds(draw.pick(isSeldom ? seldom : often) ?? 1))
    }

    private mutating func write(_ draw: inout Draw, as peer: Peer) {
        let count = draw.pick([1, 1, 1, 2, 3, 5, 66]) ?? 1
        let room = draw.pick(Mesh.rooms) ?? .profile
        let length = draw.pick([5, 60, 600, 1300, 4096, 0, 4097]) ?? 5
        for _ in 0..<count {
            tickets += 1
            let draft = Draft(
                ticket: tickets, room: room, kind: .text,
                body: [UInt8](repeating: 97, count: length))
            peer.handle(.draftSubmitted(draft), at: air.now)
        }
    }

    private func patches(_ draw: inout Draw) -> [Air.Patch] {
        (0..<1 + draw.below(4)).map { _ in
            Air.Patch(place: draw.below(1203), value: draw.byte())
        }
    }

    /// A frame of one or two forged messages, with right bytes or some changed.
    private mutating func speak(_ draw: inout Draw) {
        let guest = Guest.all[draw.below(6)]
        let isPartner = draw.byte() & 3 == 0
        let messages = (0..<1 + draw.below(2)).compactMap { _ in forge.message(&draw, from: guest) }
        guard !messages.isEmpty else { return }
        var plain = FrameCodec.encode(messages)
        if draw.isTrue() { for patch in patches(&draw) { patch.apply(to: &plain) } }
        plain = Array(plain.prefix(WireLimits.plain))
        if isPartner {
            air.deliver(plain, as: air.partner.engine.session.salt, from: Air.partnerAddress)
        } else {
            air.deliver(plain, as: guest.salt, from: guest.address, isMulticast: draw.isTrue())
        }
    }

    /// A signed entry straight to both, so that it is part of what they later compare.
    private mutating func sign(_ draw: inout Draw) {
        guard let live = forge.live(&draw) else { return }
        let plain = Array(FrameCodec.encode([.entry(live)]).prefix(WireLimits.plain))
        var sealer = FrameSealer(mesh: Mesh.key, salt: UInt64(forge.entries.count) &+ draw.number())
        let datagram = Datagram(
            link: air.link, from: Guest.all[0].address, isMulticast: true,
            bytes: sealer.seal(plain))
        let whom = draw.below(3)
        if whom != 1 { air.partner.handle(.datagramReceived(datagram), at: air.now) }
        if whom != 2 { air.subject.handle(.datagramReceived(datagram), at: air.now) }
    }

    /// A frame of the partner again: as it was, or sealed anew by a guest with changes.
    private func replay(_ draw: inout Draw) {
        guard let old = draw.pick(air.captured) else { return }
        guard draw.isTrue() else {
            return air.deliver(datagram: old.datagram, from: Air.partnerAddress)
        }
        var plain = old.plain
        for patch in patches(&draw) { patch.apply(to: &plain) }
        let salt = draw.isTrue() ? old.salt : Guest.all[draw.below(6)].salt
        air.deliver(plain, as: salt, from: Air.partnerAddress)
    }

    /// Bytes as they are: as a datagram, or sealed, as a message of some kind.
    private func junk(_ draw: inout Draw) {
        guard draw.isTrue() else {
            let datagram = draw.bytes(draw.below(64))
            return air.deliver(datagram: datagram, from: Guest.all[0].address)
        }
        var writer = ByteWriter(capacity: 80)
        let kind = draw.byte() % 10
        writer.byte(kind)
        writer.byte(0)
        if kind == 4 || kind == 8 {
            writer.uint32(air.echo.salt)
            writer.uint32(air.echo.counter)
        }
        writer.bytes(draw.bytes(draw.below(64)))
        air.deliver(writer.bytes, as: air.partner.engine.session.salt, from: Air.partnerAddress)
    }

    /// A timer before its time, or once more.
    private func timers(_ draw: inout Draw) {
        let subject = air.subject
        if draw.isTrue(), !subject.timers.isEmpty {
            subject.fire(draw.below(subject.timers.count), at: air.now)
        } else if let timer = draw.pick(subject.spent) {
            subject.handle(.timerFired(timer), at: air.now)
        }
    }

    private func disk(_ draw: inout Draw) {
        let subject = air.subject
        switch draw.below(6) {
        case 0: subject.isHeld.toggle()
        case 1: _ = subject.commit(at: air.now)
        case 2: subject.failCommit(at: air.now)
        case 3: _ = subject.answerRead(at: air.now, twice: draw.isTrue())
        case 4:
            let percent = draw.pick([0, 49, 50, 79, 80, 89, 90, 99, 100, 200]) ?? 0
            subject.level = StoreLevel(usedBytes: UInt64(percent) * 1000, limitBytes: 100_000)
        default: subject.level = StoreLevel(usedBytes: draw.number(), limitBytes: draw.number())
        }
    }

    /// Many at once: guests who say hello and may prove that they hear, or more strangers than the
    /// table of strangers holds.
    private func crowd(_ draw: inout Draw) {
        guard let count = draw.pick([3, 4, 5, 10, 20, 140, 300]), count < 300 else {
            for guest in Guest.all { air.deliver([99, 0, 1], as: guest.salt, from: guest.address) }
            return
        }
        for guest in Guest.all.prefix(count) {
            let hello = forge.hello(&draw, from: guest)
            air.deliver(FrameCodec.encode([.hello(hello)]), as: guest.salt, from: guest.address)
        }
    }

    private func turn(_ draw: inout Draw) {
        switch draw.below(6) {
        case 0: air.relink()
        case 1: air.subject.handle(.roomsJoined(Set(Mesh.rooms.prefix(draw.below(3)))), at: air.now)
        case 2: air.subject.handle(.machineResumed, at: air.now)
        case 3: air.isPartnerHeard.toggle()
        case 4:
            let address = Address([UInt8(2 + draw.below(9))])
            air.subject.handle(.neighbourSuggested(air.link, address), at: air.now)
        default: air.subject.handle(.timerFired(.recover), at: .zero)
        }
    }
}

/// What the inputs of a run reached, printed in the end: the proof that confirmed paths are walked.
enum Tally {
    nonisolated(unsafe) private static var counts: [String: Int] = [:]
    nonisolated(unsafe) private static var isStarted = false

    static func start() {
        guard !isStarted else { return }
        isStarted = true
        atexit { Tally.show() }
    }

    static func note(_ name: some StringProtocol) { counts[String(name), default: 0] += 1 }

    static func add(_ counters: Counters) {
        let parts = [
            ("received", counters.received), ("sent", counters.sent), ("flood", counters.flood),
            ("repair", counters.repair), ("rejected", counters.rejected),
        ]
        for (part, values) in parts {
            for (name, count) in values { counts["\(part) \(name)", default: 0] += count }
        }
    }

    private static func show() {
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
            print("reached: \(name) \(count)")
        }
    }
}
