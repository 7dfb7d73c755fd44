@testable import MeshGossip
import MeshIdentity
import MeshModel
import MeshWire

/// The air between the peer under test, an honest partner and guests. Every frame is opened here
/// and sealed anew, so that the fuzzer can change what is inside and it still opens; echoes are put
/// right, so that changed traffic still counts as that of a confirmed neighbour.
final class Air {
    let subject: Peer
    let partner: Peer
    private(set) var now = Instant.zero
    /// The link that both are on.
    private(set) var link = LinkID(1)
    /// What seals the frames of each salt.
    private var sealers: [UInt64: FrameSealer] = [:]
    private var openers: [UInt64: FrameOpener] = [:]
    /// The highest counter that each sender has used, by the front of his salt: what a right echo
    /// names.
    private var counters: [UInt32: UInt32] = [:]
    /// Plain texts and datagrams that the partner sent, the latest last; at most 64.
    private(set) var captured: [(salt: UInt64, plain: [UInt8], datagram: [UInt8])] = []
    /// Requests of the peer under test; at most 16.
    private(set) var requests: [Request] = []
    /// Changes to the next frames of the partner, by message kind.
    private var tampers: [(kind: UInt8, patches: [Patch])] = []
    var isPartnerHeard = true

    /// One byte of a plain text that is changed.
    struct Patch {
        let place: Int
        let value: UInt8

        func apply(to plain: inout [UInt8]) {
            if !plain.isEmpty { plain[place % plain.count] ^= value }
        }
    }

    static let subjectAddress = Address([1])
    static let partnerAddress = Address([2])

    init(subject: Peer, partner: Peer) {
        self.subject = subject
        self.partner = partner
        subject.handle(.linkUp(link, LinkInfo(port: 1)), at: now)
        partner.handle(.linkUp(link, LinkInfo(port: 2)), at: now)
    }

    // MARK: - Time

    /// Lets everything happen that is due within `duration`: timers, frames, transactions, reads.
    func run(_ duration: Duration) {
        let end = now + duration
        // Ten a virtual second are more than two peers need; a loop that does not end shows.
        for _ in 0..<2_000 {
            if settle() { continue }
            let next = (subject.timers + partner.timers).map(\.at).min()
            guard let next, next <= end else { break }
            now = max(now, next)
            if !subject.fireDue(at: now) { _ = partner.fireDue(at: now) }
        }
        now = max(now, end)
    }

    /// One thing that waits for nothing but its turn; false when all is quiet.
    private func settle() -> Bool {
        for peer in [partner, subject] {
            if !peer.sent.isEmpty {
                carry(from: peer)
                return true
            }
            if !peer.isHeld, peer.commit(at: now) || peer.answerRead(at: now) { return true }
        }
        return false
    }

    // MARK: - Frames

    private func carry(from peer: Peer) {
        let frames = peer.sent
        peer.sent = []
        for frame in frames {
            guard let header = try? FrameHeader.read(frame.bytes),
                let plain = openers[
                    header.salt, default: FrameOpener(mesh: Mesh.key, salt: header.salt)
                ].open(frame.bytes, header: header),
                let messages = try? FrameCodec.decode(plain)
            else { preconditionFailure("an engine sent a frame that does not read") }
            counters[Echo.tag(ofSalt: header.salt)] = header.counter
            if peer === subject {
                note(messages)
                guard frame.link == link, frame.to.map({ $0 == Self.partnerAddress }) ?? true
                else { continue }
            }
            let to = peer === subject ? partner : subject
            guard peer === subject || isPartnerHeard else { continue }
            var changed = FrameCodec.encode(messages.map(corrected))
            if peer === partner { tamper(&changed, messages) }
            let datagram = seal(changed, as: header.salt)
            if peer === partner { capture(header.salt, changed, datagram) }
            to.handle(
                .datagramReceived(
                    Datagram(
                        link: link,
                        from: peer === subject ? Self.subjectAddress : Self.partnerAddress,
                        isMulticast: frame.to == nil, bytes: datagram)), at: now)
        }
    }

    private func note(_ messages: [Message]) {
        for case .request(let request) in messages {
            requests = Array((requests + [request]).suffix(16))
        }
    }

    private func capture(_ salt: UInt64, _ plain: [UInt8], _ datagram: [UInt8]) {
        captured = Array((captured + [(salt, plain, datagram)]).suffix(64))
    }

    /// Changes the next frame of the partner with a message of a kind.
    func tamper(kind: UInt8, _ patches: [Patch]) {
        if tampers.count < 16 { tampers.append((kind, patches)) }
    }

    private func tamper(_ plain: inout [UInt8], _ messages: [Message]) {
        let index = tampers.firstIndex { one in messages.contains { $0.kind == one.kind } }
        guard let index else { return }
        for patch in tampers.remove(at: index).patches { patch.apply(to: &plain) }
    }

    /// To the peer under test, from somebody with the mesh key.
    func deliver(
        _ plain: [UInt8], as salt: UInt64, from address: Address, isMulticast: Bool = true
    ) {
        deliver(datagram: seal(plain, as: salt), from: address, isMulticast: isMulticast)
    }

    func deliver(datagram: [UInt8], from address: Address, isMulticast: Bool = true) {
        let datagram = Datagram(
            link: link, from: address, isMulticast: isMulticast, bytes: datagram)
        subject.handle(.datagramReceived(datagram), at: now)
    }

    private func seal(_ plain: [UInt8], as salt: UInt64) -> [UInt8] {
        sealers[salt, default: FrameSealer(mesh: Mesh.key, salt: salt)].seal(plain)
    }

    /// A right echo of the peer under test.
    var echo: Echo {
        let tag = Echo.tag(ofSalt: subject.engine.session.salt)
        return Echo(salt: tag, counter: counters[tag] ?? 0)
    }

    private func corrected(_ echo: Echo) -> Echo {
        counters[echo.salt].map { Echo(salt: echo.salt, counter: $0) } ?? echo
    }

    private func corrected(_ message: Message) -> Message {
        switch message {
        case .hello(var hello):
            hello.neighbours = hello.neighbours?.map {
                Hello.Neighbour(echo: corrected($0.echo), loss: $0.loss)
            }
            return .hello(hello)
        case .request(var request):
            request.echo = corrected(request.echo)
            return .request(request)
        case .eager(let change):
            return .eager(
                EagerChange(
                    echo: corrected(change.echo), isEager: change.isEager, origins: change.origins))
        default: return message
        }
    }

    // MARK: - The link

    /// Takes the link from the peer under test and gives it another, which is never the same again.
    func relink() {
        subject.handle(.linkDown(link), at: now)
        partner.handle(.linkDown(link), at: now)
        link = LinkID(link.raw + 1)
        subject.handle(.linkUp(link, LinkInfo(port: 1)), at: now)
        partner.handle(.linkUp(link, LinkInfo(port: 2)), at: now)
    }
}
