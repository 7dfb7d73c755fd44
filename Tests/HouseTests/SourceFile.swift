/// One Swift file as the style rules see it: each line as it stands, and the same line split into
/// code and comment. What stands in string literals is neither.
struct SourceFile {
    struct Line {
        let text: String
        /// Without comments and without the content of string literals.
        var code = ""
        /// What follows `//`, or stands in `/* */`.
        var comment = ""

        /// Nothing but a comment.
        var isComment: Bool { !comment.isEmpty && code.allSatisfy(\.isWhitespace) }
    }

    /// From the root of the package, such as `Sources/MeshModel/Entry.swift`.
    let path: String
    /// Line n at index n - 1.
    let lines: [Line]

    init(path: String, text: String) {
        self.path = path
        var splitter = CodeSplitter()
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { splitter.split(String($0)) }
    }

    /// `Sources`, `Tests` or `tools`.
    var area: Substring { path.prefix { $0 != "/" } }

    /// The folder below `Sources` or `Tests`; nil for a file beside them.
    var module: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 ? String(parts[1]) : nil
    }

    /// The file's name without `.swift`.
    var name: Substring {
        let last = path.split(separator: "/").last ?? ""
        return last.hasSuffix(".swift") ? last.dropLast(6) : last
    }
}

/// Splits lines into code and comment. Keeps, from line to line, what it is in the middle of.
struct CodeSplitter {
    private enum Place: Equatable {
        case code
        case blockComment
        /// In a literal that began with `hashes` times `#` and one or three quotes.
        case literal(hashes: Int, isLong: Bool)
        /// In `\( )` of a literal, with so many parentheses open.
        case interpolation(depth: Int)
    }

    /// Innermost last; never empty.
    private var places: [Place] = [.code]
    private var rest: Substring = ""
    private var line = SourceFile.Line(text: "")

    mutating func split(_ text: String) -> SourceFile.Line {
        line = SourceFile.Line(text: text)
        rest = text[...]
        while !rest.isEmpty {
            switch places.last ?? .code {
            case .code: readCode()
            case .interpolation(let depth): readInterpolation(depth)
            case .blockComment: readBlockComment()
            case .literal(let hashes, let isLong): readLiteral(hashes, isLong)
            }
        }
        // A literal of one line ends with it, whatever was missed.
        while case .literal(_, isLong: false) = places.last { places.removeLast() }
        return line
    }

    private mutating func readCode() {
        if take("//") {
            line.comment += rest
            rest = ""
        } else if take("/*") {
            places.append(.blockComment)
        } else if !beginLiteral() {
            line.code.append(rest.removeFirst())
        }
    }

    private mutating func readInterpolation(_ depth: Int) {
        if beginLiteral() { return }
        let character = rest.removeFirst()
        line.code.append(character)
        let now = depth + (character == "(" ? 1 : character == ")" ? -1 : 0)
        places[places.count - 1] = .interpolation(depth: now)
        if now == 0 { places.removeLast() }
    }

    private mutating func readBlockComment() {
        if take("*/") {
            places.removeLast()
        } else {
            line.comment.append(rest.removeFirst())
        }
    }

    private mutating func readLiteral(_ hashes: Int, _ isLong: Bool) {
        let marks = String(repeating: "#", count: hashes)
        if take("\\" + marks + "(") {
            line.code += "("
            places.append(.interpolation(depth: 1))
        } else if take((isLong ? "\"\"\"" : "\"") + marks) {
            line.code += "\""
            places.removeLast()
        } else if hashes == 0, take("\\") {
            if !rest.isEmpty { rest.removeFirst() }
        } else {
            rest.removeFirst()
        }
    }

    private mutating func beginLiteral() -> Bool {
        let hashes = rest.prefix { $0 == "#" }.count
        let marks = String(repeating: "#", count: hashes)
        for quotes in ["\"\"\"", "\""] where rest.hasPrefix(marks + quotes) {
            rest.removeFirst(hashes + quotes.count)
            line.code += "\""
            places.append(.literal(hashes: hashes, isLong: quotes.count == 3))
            return true
        }
        return false
    }

    private mutating func take(_ prefix: String) -> Bool {
        guard rest.hasPrefix(prefix) else { return false }
        rest.removeFirst(prefix.count)
        return true
    }
}
