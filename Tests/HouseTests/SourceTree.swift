import Foundation

/// The files of this checkout.
enum SourceTree {
    /// The folder with Package.swift: three above this file.
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every Swift file below `Sources`, `Tests` and `tools`, by path.
    static let files: [SourceFile] = ["Sources", "Tests", "tools"].flatMap(files(below:))

    private static func files(below folder: String) -> [SourceFile] {
        let paths =
            (try? FileManager.default.subpathsOfDirectory(
                atPath: root.appending(path: folder).path)) ?? []
        return paths.filter { $0.hasSuffix(".swift") && !$0.contains(".build/") }.sorted()
            .compactMap { path in
                let url = root.appending(path: folder).appending(path: path)
                guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
                return SourceFile(path: "\(folder)/\(path)", text: text)
            }
    }
}
