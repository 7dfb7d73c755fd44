// modules: MeshModel MeshWire
import MeshWire

/// A canonical header has one form: what reads is written as the same bytes.
func fuzz(_ bytes: [UInt8]) {
    guard let header = try? EntryCodec.header(canonical: bytes) else { return }
    precondition(EntryCodec.canonical(header) == bytes, "\(header)")
}
