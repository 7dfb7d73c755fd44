/// The rules, each a value. What they are for: CONTRIBUTING.md, "House rules".
enum HouseRules {
    static let all: [StyleRule] = [
        imports, arrows, effects, clocks, randomness, sleeps, traps, fileLength, lineLength,
        functionLength, leftovers, names,
    ]

    static let fileLines = 400
    static let columns = 100
    static let functionLines = 70

    // MARK: - The two rings

    /// The pure ring imports what the table allows and nothing else.
    static let imports = StyleRule(name: "import", applies: isPure) { file in
        let allowed = Modules.pure[file.module ?? ""] ?? []
        return Imports.all(in: file).filter { !$0.module.hasPrefix("Mesh") }
            .filter { !allowed.contains($0.module) }
            .map { file.breach($0.line, "the pure ring does not import \($0.module)") }
    }

    /// Arrows between modules point inward only.
    static let arrows = StyleRule(name: "arrow", applies: { $0.area == "Sources" }) { file in
        guard let module = file.module, let allowed = Modules.inward[module] else {
            return [file.breach(1, "this module is not in the table of Modules.swift")]
        }
        return Imports.all(in: file)
            .filter { Modules.inward[$0.module] != nil || $0.module.hasPrefix("Mesh") }
            .filter { !allowed.contains($0.module) }
            .map { file.breach($0.line, "\(module) does not import \($0.module)") }
    }

    /// No tasks and no output in the pure ring.
    static let effects = needles(
        "effect", ["async", "await", "Task {", "Task(", "print(", "DispatchQueue"],
        "the pure ring is a value: it waits for nothing and prints nothing", where: isPure)

    /// No clock in the pure ring.
    static let clocks = needles(
        "clock",
        [
            "Date(", "Date.now", "ContinuousClock", "SuspendingClock", "clock_gettime",
            "gettimeofday", "DispatchTime", "ProcessInfo", "time(nil",
        ],
        "the pure ring is told the time", where: isPure)

    /// No randomness of the system in the pure ring.
    static let randomness = StyleRule(name: "random", applies: isPure) { file in
        let named = [
            "SystemRandomNumberGenerator", "UUID(", "arc4random", "getrandom", "drand48",
            ".random()", ".randomElement()", ".shuffle()", ".shuffled()", "PrivateKey()",
        ]
        let message = "the pure ring is handed a generator"
        return file.lines.indices.compactMap { index in
            let code = file.lines[index].code
            if named.contains(where: code.contains(word:)) {
                return file.breach(index + 1, message)
            }
            guard code.contains(".random(in:") else { return nil }
            let call = file.lines[index..<min(index + 3, file.lines.count)].map(\.code).joined()
            return call.contains("using:") ? nil : file.breach(index + 1, message)
        }
    }

    private static func isPure(_ file: SourceFile) -> Bool {
        file.area == "Sources" && file.module.map { Modules.pure[$0] != nil } ?? false
    }

    // MARK: - What goes wrong at run time

    /// A test that sleeps is slow when it passes and wrong when the machine is busy.
    static let sleeps = StyleRule(name: "sleep", applies: { $0.area == "Tests" }) { file in
        file.lines.enumerated().compactMap { index, line in
            let isDeclared = line.code.contains(word: "func sleep(")
            let sleeps = ["sleep(", "usleep(", "nanosleep("].contains(
                where: line.code.contains(word:))
            return sleeps && !isDeclared
                ? file.breach(index + 1, "wait for a condition instead of sleeping") : nil
        }
    }

    /// Traps and unproved promises.
    static let traps = needles(
        "trap", ["fatalError", "try!", "as!", "@unchecked Sendable", "nonisolated(unsafe)"],
        "a trap, or a promise that the compiler cannot check", where: { $0.area == "Sources" })

    // MARK: - Size and names

    static let fileLength = StyleRule(name: "file-length", applies: isSwift) { file in
        let count = file.lines.count - (file.lines.last?.text.isEmpty ?? false ? 1 : 0)
        return count > fileLines ? [file.breach(1, "\(count) lines, \(fileLines) is the end")] : []
    }

    static let lineLength = StyleRule(name: "line-length", applies: isSwift) { file in
        file.lines.enumerated().compactMap { index, line in
            line.text.count > columns
                ? file.breach(index + 1, "\(line.text.count) columns, \(columns) is the end") : nil
        }
    }

    static let functionLength = StyleRule(name: "function-length", applies: isSwift) { file in
        Functions.all(in: file).filter { $0.lines > functionLines }
            .map { file.breach($0.line, "\($0.lines) lines, \(functionLines) is the end") }
    }

    /// Work that was put off belongs into an issue.
    static let leftovers = StyleRule(name: "leftover", applies: isSwift) { file in
        file.lines.enumerated().compactMap { index, line in
            ["TO" + "DO", "FIX" + "ME", "XX" + "X"].contains(where: line.comment.contains(word:))
                ? file.breach(index + 1, "a note of work to do") : nil
        }
    }

    /// Names that say nothing of what a file is.
    static let names = StyleRule(name: "name", applies: isSwift) { file in
        let empty = ["Util", "Helper", "Manager", "Common"]
        return empty.contains { file.name.contains($0) }
            ? [file.breach(1, "'\(file.name)' does not say what it is")] : []
    }

    private static func isSwift(_ file: SourceFile) -> Bool { true }

    private static func needles(
        _ name: String, _ needles: [String], _ message: String,
        where applies: @escaping @Sendable (SourceFile) -> Bool
    ) -> StyleRule {
        StyleRule(name: name, applies: applies) { file in
            file.lines.enumerated().compactMap { index, line in
                needles.first(where: line.code.contains(word:))
                    .map { file.breach(index + 1, "\($0): \(message)") }
            }
        }
    }
}

extension SourceFile {
    func breach(_ line: Int, _ message: String) -> Breach {
        Breach(path: path, line: line, message: message)
    }
}

extension String {
    /// Whether `needle` occurs where no identifier goes on into it or out of it.
    func contains(word needle: String) -> Bool {
        guard let first = needle.first, let last = needle.last else { return false }
        var from = startIndex
        while let range = self[from...].firstRange(of: needle) {
            let before = range.lowerBound > startIndex ? self[index(before: range.lowerBound)] : " "
            let after = range.upperBound < endIndex ? self[range.upperBound] : " "
            let isFront = !first.isPartOfName || !before.isPartOfName
            let isBack = !last.isPartOfName || !after.isPartOfName
            if isFront && isBack { return true }
            from = index(after: range.lowerBound)
        }
        return false
    }
}

extension Character {
    fileprivate var isPartOfName: Bool { isLetter || isNumber || self == "_" }
}
