// modules: MeshModel MeshWire
import MeshWire

/// A plain text decodes to messages or is refused; messages encode to bytes that decode to them.
func fuzz(_ bytes: [UInt8]) {
    guard let messages = try? FrameCodec.decode(bytes) else { return }
    let known = messages.filter { message in
        if case .unknown = message { return false }
        return true
    }
    guard !known.isEmpty else { return }
    let again = try? FrameCodec.decode(FrameCodec.encode(known))
    precondition(again == known, "\(known)")
}
