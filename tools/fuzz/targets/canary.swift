// modules: MeshModel MeshWire
import MeshWire

/// A planted crash behind four comparisons and one decoder. If it is not found, the build is not
/// instrumented and no other target proves anything.
func fuzz(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    guard let front = try? reader.varint("front"), front == 300,
        let length = try? reader.count("length", limit: 5), length == 3,
        let word = try? reader.bytes(length, "word")
    else { return }
    precondition(word != Array("bee".utf8), "the canary sings")
}
