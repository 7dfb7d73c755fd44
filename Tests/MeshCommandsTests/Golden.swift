import Foundation
import Testing

/// Text that is kept under `Golden`. With `STARLING_RECORD=1` it is written anew instead of
/// compared; what changed then shows in the diff.
enum Golden {
    private static let directory = URL(filePath: #filePath)
        .deletingLastPathComponent().appending(path: "Golden")

    static func expect(
        _ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let file = directory.appending(path: name)
        if ProcessInfo.processInfo.environment["STARLING_RECORD"] == "1" {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            return
        }
        let expected = try String(decoding: Data(contentsOf: file), as: UTF8.self)
        #expect(text == expected, "\(name)", sourceLocation: sourceLocation)
    }
}
