// modules: MeshModel MeshWire
import MeshWire

/// An opening has one form, since it is hashed: what reads is written as the same bytes.
func fuzz(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    guard let opening = try? OpeningCodec.read(from: &reader) else { return }
    var writer = ByteWriter()
    OpeningCodec.write(opening, to: &writer)
    precondition(writer.bytes.elementsEqual(bytes.prefix(reader.offset)), "\(opening)")
}
