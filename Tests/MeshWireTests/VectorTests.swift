import Foundation
import MeshModel
import Testing

@testable import MeshIdentity

/// These tests write `docs/spec/vectors` when run with `STARLING_WRITE_VECTORS=1`, and otherwise
/// compare the files with what they would write.
@Suite("Vectors")
struct VectorTests {
    @Test("The vector files are what the code says", arguments: Format.all)
    func wire(format: Format) throws { try Self.compare(format.vectors) }

    @Test("The vector files of keys, seals, signatures and names are what the code says")
    func identity() throws {
        for file in try IdentityVectors.all() { try Self.compare(file) }
    }

    @Test("No vector file is left over")
    func names() throws {
        let known = Format.all.map(\.vectors.url.lastPathComponent)
        let identity = try IdentityVectors.all().map(\.url.lastPathComponent)
        let files = try FileManager.default.contentsOfDirectory(atPath: VectorFile.folder.path())
        #expect(
            files.filter { $0.hasSuffix(".json") }.sorted() == (known + identity).sorted()
                || VectorFile.isWriting)
    }

    @Test(
        "The rejected names, keys and fingerprints are refused", .enabled(if: !VectorFile.isWriting)
    )
    func rejects() throws {
        for (name, nick) in IdentityVectors.badNicks {
            #expect(throws: NameError.self, "\(name)") { try Nickname.check(nick) }
        }
        try Self.each("room", "typed") { typed in
            #expect(throws: NameError.self, "\(typed)") { try RoomID.typed(typed) }
        }
        // No signature can be made for bytes that are no point, so nothing of theirs can verify.
        try Self.each("key", "key") { key in
            let bytes = Hex.decode(key) ?? []
            #expect(bytes == IdentityVectors.offCurve || !KeyRules.isAcceptable(bytes), "\(key)")
        }
        try Self.each("fingerprint", "typed") { typed in
            #expect(Fingerprint.isValid(typed) != true, "\(typed)")
        }
    }

    /// The decoder in `tools/decoder` shares no code with the sources; it follows the text.
    @Test(
        "The independent decoder agrees with every vector",
        .enabled(if: !VectorFile.isWriting && FileManager.default.fileExists(atPath: python)))
    func independentDecoder() throws {
        let root = VectorFile.folder.appending(path: "../../..").standardized
        let decoder = Process()
        decoder.executableURL = URL(filePath: Self.python)
        decoder.arguments = [root.appending(path: "tools/decoder/starling_decode.py").path()]
        let output = Pipe()
        decoder.standardOutput = output
        try decoder.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        decoder.waitUntilExit()
        #expect(decoder.terminationStatus == 0, "\(String(decoding: text, as: UTF8.self))")
    }

    private static let python = "/usr/bin/python3"

    private static func compare(_ file: VectorFile) throws {
        if VectorFile.isWriting {
            try Data(file.text.utf8).write(to: file.url)
        } else {
            let stored = try String(contentsOf: file.url, encoding: .utf8)
            #expect(
                stored == file.text,
                """
                \(file.name).json is out of date: write it with STARLING_WRITE_VECTORS=1 and say \
                in docs/spec/wire.md what changed
                """
            )
        }
    }

    /// One member of each rejected case of a file.
    private static func each(_ file: String, _ member: String, _ body: (String) throws -> Void)
        throws
    {
        let data = try Data(contentsOf: VectorFile.folder.appending(path: "\(file).json"))
        let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        let cases = try #require(object?["reject"] as? [[String: Any]])
        #expect(!cases.isEmpty)
        for vector in cases { try body(try #require(vector[member] as? String)) }
    }
}
