import Foundation
import MeshModel

/// One file of `docs/spec/vectors`: what it is about, and its cases, one to a line group.
struct VectorFile: Sendable {
    let name: String
    let about: String
    let accept: [JSON]
    let reject: [JSON]

    /// The folder in this checkout.
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/spec/vectors")

    var url: URL { Self.folder.appending(path: "\(name).json") }

    var text: String {
        """
        {
          "about": \(JSON.string(about).text),
          "accept": \(Self.lines(accept)),
          "reject": \(Self.lines(reject))
        }

        """
    }

    private static func lines(_ cases: [JSON]) -> String {
        guard !cases.isEmpty else { return "[]" }
        return "[\n" + cases.map(group).joined(separator: ",\n") + "\n  ]"
    }

    /// Each member of a case on a line of its own.
    private static func group(_ vector: JSON) -> String {
        guard case .object(let pairs) = vector else { return "    \(vector.text)" }
        let members = pairs.map { "      \(JSON.string($0).text): \($1.text)" }
        return "    {\n" + members.joined(separator: ",\n") + "\n    }"
    }

    /// Whether the generator is asked to write instead of compare.
    static var isWriting: Bool {
        ProcessInfo.processInfo.environment["STARLING_WRITE_VECTORS"] == "1"
    }
}

extension JSON {
    static func hex(_ bytes: some Sequence<UInt8>) -> JSON { .string(Hex.encode(bytes)) }

    static func hex(_ value: UInt64) -> JSON { hex(bigEndian(value, 8)) }

    static func hex(_ value: UInt32) -> JSON { hex(bigEndian(UInt64(value), 4)) }

    static func decimal(_ value: UInt64) -> JSON { .string(String(value)) }

    static func number(_ value: some BinaryInteger) -> JSON { .int(Int(value)) }
}

/// The low `count` bytes of `value`, most significant first.
func bigEndian(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - $0))) }
}
