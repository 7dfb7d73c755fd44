// modules: MeshModel MeshWire
import MeshWire

/// The clear part of a datagram reads or is refused; what reads is the front of the datagram.
func fuzz(_ bytes: [UInt8]) {
    guard let header = try? FrameHeader.read(bytes) else { return }
    precondition(header.bytes.elementsEqual(bytes.prefix(FrameHeader.length)), "\(header)")
}
