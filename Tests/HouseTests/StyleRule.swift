import Testing

/// One rule of the house, and where it is broken.
struct StyleRule: Sendable, CustomTestStringConvertible {
    /// What a waiver names.
    let name: String
    /// Which files it holds for.
    let applies: @Sendable (SourceFile) -> Bool
    let check: @Sendable (SourceFile) -> [Breach]

    var testDescription: String { name }

    /// The breaches that no waiver excuses.
    func breaches(in file: SourceFile) -> [Breach] {
        guard applies(file) else { return [] }
        return check(file).filter { breach in
            !Waiver.all(in: file).contains { $0.rule == name && $0.covers(breach.line, in: file) }
        }
    }
}

/// A place where a rule is broken.
struct Breach: Hashable, CustomStringConvertible {
    let path: String
    /// From 1.
    let line: Int
    let message: String

    var description: String { "\(path):\(line): \(message)" }
}

/// A comment `// style: <rule>: <reason>` on the line of a breach or in the comment right above it.
struct Waiver: Hashable {
    let rule: String
    let reason: String
    /// From 1.
    let line: Int

    static func all(in file: SourceFile) -> [Waiver] {
        file.lines.enumerated().compactMap { index, line in
            let comment = line.comment.drop { $0 == "/" || $0 == " " }
            guard comment.hasPrefix("style:") else { return nil }
            let parts = comment.dropFirst(6).split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            func trimmed(_ part: Substring) -> String {
                let front = part.drop(while: \.isWhitespace)
                return String(front.reversed().drop(while: \.isWhitespace).reversed())
            }
            return Waiver(
                rule: trimmed(parts[0]), reason: parts.count > 1 ? trimmed(parts[1]) : "",
                line: index + 1)
        }
    }

    func covers(_ breach: Int, in file: SourceFile) -> Bool {
        if line == breach { return true }
        guard line < breach else { return false }
        return file.lines[line - 1..<breach - 1].allSatisfy(\.isComment)
    }

    /// What is wrong with the waivers of a file: no such rule, no reason, or nothing to excuse.
    static func faults(in file: SourceFile, rules: [StyleRule]) -> [Breach] {
        all(in: file).compactMap { waiver in
            let fault: String
            if let rule = rules.first(where: { $0.name == waiver.rule }) {
                if waiver.reason.count < 10 {
                    fault = "a waiver of '\(waiver.rule)' without a reason"
                } else if rule.applies(file),
                    rule.check(file).contains(where: { waiver.covers($0.line, in: file) })
                {
                    return nil
                } else {
                    fault = "a waiver of '\(waiver.rule)' that excuses nothing"
                }
            } else {
                fault = "a waiver of '\(waiver.rule)', which is no rule"
            }
            return Breach(path: file.path, line: waiver.line, message: fault)
        }
    }
}
