import MeshIdentity
import MeshModel
import MeshWire
import Testing

@testable import MeshGossip

@Suite struct FetchTests {
    private let mesh = MeshID(name: "fetch")
    private let key = PeerKey.generate()

    private func chain(_ length: Seq, in log: LogID) -> [VerifiedEntry] {
        var chain: [VerifiedEntry] = []
        for seq in 1...length {
            let body = Array("entry \(seq)".utf8)
            let header = EntryHeader(
                log: LogRef(of: log, mesh: mesh), seq: seq, previous: chain.last?.id.link ?? .none,
                at: WallTime(milliseconds: UInt64(seq)), push: 0, cites: [], more: false,
                kind: .text, bodyLength: UInt32(body.count), bodyHash: Hashing.sha256(body))
            chain.append(key.sign(header: header, body: body, log: log, mesh: mesh))
        }
        return chain
    }

    /// Some entries of a chain as one message, ascending.
    private func run(_ entries: ArraySlice<VerifiedEntry>, of chain: [VerifiedEntry]) -> Run {
        let items = entries.reversed().map { entry in
            Run.Item(
                entry: UnhashedEntry(header: entry.header, body: entry.entry.body),
                signature: entry.id == chain.last?.id ? entry.entry.signature : nil,
                isForgotten: false)
        }
        return Run(
            tag: 1, isLast: false, log: chain[0].header.log,
            chunkEnd: chain[chain.count - 1].header.seq,
            newest: entries[entries.endIndex - 1].header.seq, items: items)
    }

    @Test("A chunk costs one check of a signature, in whatever order its frames come")
    func signatures() {
        let log = LogID(author: key.peer, epoch: 7, room: .profile)
        let chain = chain(64, in: log)
        let top = run(chain[48...], of: chain)
        let middle = run(chain[20..<48], of: chain)
        let bottom = run(chain[..<20], of: chain)
        for order in [[top, middle, bottom], [bottom, middle, top], [middle, top, bottom]] {
            var chunk = Fetch.Chunk(
                log: log, base: chain[0].header.log, ref: chain[0].header.log, segment: nil,
                range: Request.Range(log: .ref(chain[0].header.log), from: 1, to: 64))
            var checks = 0
            for run in order {
                if chunk.checksSignature(of: run) { checks += 1 }
                #expect(chunk.take(run, Verifier(mesh: mesh)) == .new)
            }
            #expect(checks == 1)
            #expect(chunk.isComplete)
            // The same frame again is proved already.
            #expect(!chunk.checksSignature(of: top))
            #expect(chunk.take(top, Verifier(mesh: mesh)) == .known)
        }
    }

    @Test("The same frame again, or one of another stretch, brings nothing")
    func nothingNew() {
        let log = LogID(author: key.peer, epoch: 7, room: .profile)
        let chain = chain(4, in: log)
        var chunk = Fetch.Chunk(
            log: log, base: chain[0].header.log, ref: chain[0].header.log, segment: nil,
            range: Request.Range(log: .ref(chain[0].header.log), from: 3, to: 4))
        let below = Run(
            tag: 1, isLast: true, log: chain[0].header.log, chunkEnd: 2, newest: 2,
            items: run(chain[..<2], of: chain).items)
        #expect(chunk.take(below, Verifier(mesh: mesh)) == .known)
        #expect(!chunk.hasBegun)
        let low = run(chain[2..<3], of: chain)
        #expect(chunk.take(low, Verifier(mesh: mesh)) == .new)
        #expect(chunk.take(low, Verifier(mesh: mesh)) == .known)
    }
}
