/// The rooms of the house: what each may see. docs/architecture.md draws the same.
enum Modules {
    /// Of the pure ring, with what it may import from outside this package.
    static let pure: [String: Set<String>] = [
        "MeshModel": [],
        "MeshWire": [],
        "MeshIdentity": ["Crypto", "CryptoExtras", "Synchronization"],
        "MeshLog": ["OrderedCollections"],
        "MeshGossip": ["OrderedCollections", "DequeModule"],
        "MeshSimulation": ["OrderedCollections", "DequeModule", "HeapModule"],
    ]

    private static let core: Set<String> = [
        "MeshModel", "MeshWire", "MeshIdentity", "MeshLog", "MeshGossip",
    ]

    /// Every folder of `Sources`, with the modules of this package that it may import.
    static let inward: [String: Set<String>] = [
        "MeshModel": [],
        "MeshWire": ["MeshModel"],
        "MeshIdentity": ["MeshModel", "MeshWire"],
        "MeshLog": ["MeshModel", "MeshWire", "MeshIdentity"],
        "MeshGossip": ["MeshModel", "MeshWire", "MeshIdentity", "MeshLog"],
        "MeshSimulation": core,
        "MeshNode": core.union(["CLinux"]),
        "MeshLink": ["MeshModel", "MeshGossip", "MeshNode", "CLinux"],
        "MeshStore": core.union(["MeshNode", "CLinux"]),
        "MeshWAMP": [],
        "MeshAPI": ["MeshModel", "MeshLog", "MeshGossip", "MeshNode", "MeshWAMP"],
        "MeshClient": ["MeshWAMP"],
        "MeshCommands": ["MeshModel", "MeshWAMP", "MeshClient"],
        "CLinux": [],
        "starlingd": core.union(["MeshNode", "MeshLink", "MeshStore", "MeshWAMP", "MeshAPI"]),
        "starling": ["MeshCommands"],
        "meshctl": ["MeshCommands"],
        "meshsim": ["MeshModel", "MeshSimulation"],
    ]
}

/// The import lines of a file.
enum Imports {
    static func all(in file: SourceFile) -> [(module: String, line: Int)] {
        file.lines.enumerated().compactMap { index, line in
            var words = line.code.split(whereSeparator: \.isWhitespace)
            while let first = words.first, first != "import", isPrefix(first) {
                words.removeFirst()
            }
            guard words.first == "import", words.count >= 2 else { return nil }
            let kinds: Set<Substring> = [
                "class", "enum", "func", "let", "protocol", "struct", "typealias", "var",
            ]
            let path = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
            return (String(path.prefix { $0 != "." }), index + 1)
        }
    }

    private static func isPrefix(_ word: Substring) -> Bool {
        word.hasPrefix("@")
            || ["public", "package", "internal", "fileprivate", "private"].contains(word)
    }
}
