// modules: MeshModel MeshWire MeshIdentity
import MeshIdentity
import MeshModel
import MeshWire

private let mesh = MeshID(name: "open")
private let key = MeshKey(name: "open")
private let verifier = Verifier(mesh: mesh)

/// What a receiver does with a datagram before the engine sees it: open it as it came, and sealed
/// by us as somebody of the mesh would; hash and verify what it says.
func fuzz(_ bytes: [UInt8]) {
    receive(bytes)
    guard bytes.count <= WireLimits.plain else { return }
    var sealer = FrameSealer(mesh: key, salt: 7)
    let datagram = sealer.seal(bytes)
    precondition(receive(datagram) == bytes, "a sealed frame of \(bytes.count) bytes")
}

@discardableResult
private func receive(_ datagram: [UInt8]) -> [UInt8]? {
    guard let header = try? FrameHeader.read(datagram),
        let plain = FrameOpener(mesh: key, salt: header.salt).open(datagram, header: header)
    else { return nil }
    for message in (try? FrameCodec.decode(plain)) ?? [] { judge(message, salt: header.salt) }
    return plain
}

private func judge(_ message: Message, salt: UInt64) {
    switch message {
    case .entry(let live):
        let entry = Entry(hashing: live.entry, signature: live.signature)
        guard let log = live.opening, let verified = verifier.verify(entry, of: log) else { return }
        precondition(verified.header.log == LogRef(of: log, mesh: mesh), "\(log)")
    case .hello(let hello):
        if let introduction = hello.introduction { _ = verifier.verify(introduction, salt: salt) }
    case .run(let run):
        for item in run.items { _ = Entry(hashing: item.entry, signature: item.signature) }
    default: return
    }
}
