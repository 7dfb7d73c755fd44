import MeshModel

/// Names and texts of other peers, made harmless for a terminal.
///
/// Whatever could move the cursor, turn the direction of writing, hide, or pile up over other
/// lines becomes U+FFFD, so that it is seen that something was there. JSON output escapes
/// it instead: its reader gets what was signed.
enum CleanText {
    static let replacement: Unicode.Scalar = "\u{FFFD}"
    /// Marks over one letter. Vietnamese and Hebrew take three; stacks of more cover other lines.
    static let marks = 4

    /// One line: line breaks are replaced as well.
    static func line(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        var stack = 0
        for scalar in text.unicodeScalars {
            if isMark(scalar) { stack += 1 } else { stack = 0 }
            if scalar == "\t" {
                out.append(contentsOf: "    ".unicodeScalars)
            } else if isHarmful(scalar) {
                out.append(replacement)
            } else if stack <= marks {
                out.append(scalar)
            } else if stack == marks + 1 {
                out.append(replacement)
            }
        }
        return String(out)
    }

    /// The lines of a text, each clean; a line feed, alone or after a carriage return, ends one.
    static func lines(_ text: String) -> [String] {
        let scalars = text.unicodeScalars.split(
            separator: "\n", omittingEmptySubsequences: false)
        return scalars.map { scalars in
            let text = scalars.last == "\r" ? scalars.dropLast() : scalars
            return line(String(String.UnicodeScalarView(text)))
        }
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
        if scalar.value == 0xFE0E || scalar.value == 0xFE0F { return false }
        // Blank in every font, but a symbol to Unicode.
        if scalar.value == 0x2800 { return true }
        return Nickname.isHidden(scalar) || scalar.properties.isDefaultIgnorableCodePoint
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII else { return false }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return true
        default: return false
        }
    }
}
