/// The bodies of a file, found by counting braces: functions, initialisers, subscripts and computed
/// properties.
enum Functions {
    /// Where a declaration stands, and its lines from there to its closing brace.
    static func all(in file: SourceFile) -> [(line: Int, lines: Int)] {
        file.lines.indices.compactMap { index in
            guard declares(file.lines[index].code) else { return nil }
            return end(of: file, from: index).map { (index + 1, $0 - index + 1) }
        }
    }

    private static func declares(_ code: String) -> Bool {
        if code.contains(word: "func ") || code.contains(word: "deinit") { return true }
        let start = code.drop { $0 == " " }
        let words = start.split { $0 == " " || $0 == "(" || $0 == "<" || $0 == "?" || $0 == "!" }
        let modifiers: Set<Substring> = [
            "public", "package", "internal", "fileprivate", "private", "static", "mutating",
            "override", "convenience", "required", "nonisolated", "lazy", "final", "isolated",
        ]
        let first = words.first { !modifiers.contains($0) && !$0.hasPrefix("@") }
        return first == "init" || first == "subscript"
            || (first == "var" && code.hasSuffix("{"))
    }

    /// The index of the line with the closing brace; nil for a declaration without a body.
    private static func end(of file: SourceFile, from start: Int) -> Int? {
        var (parentheses, braces) = (0, 0)
        for index in start..<file.lines.count {
            let code = file.lines[index].code
            if index > start, braces == 0, parentheses == 0, begins(code) { return nil }
            for character in code {
                switch character {
                case "(", "[": parentheses += 1
                case ")", "]": parentheses -= 1
                case "{" where parentheses == 0 || braces > 0: braces += 1
                case "}":
                    if braces == 0 && parentheses == 0 { return nil }
                    if braces > 0 { braces -= 1 }
                    if braces == 0 && parentheses == 0 { return index }
                default: break
                }
            }
        }
        return nil
    }

    /// Whether a line begins something new rather than going on with a signature.
    private static func begins(_ code: String) -> Bool {
        let start = code.drop { $0 == " " }
        return
            !(start.hasPrefix("{") || start.hasPrefix(")") || start.hasPrefix("->")
            || start.hasPrefix("where") || start.hasPrefix("throws") || start.hasPrefix("async")
            || start.hasPrefix("rethrows"))
    }
}
