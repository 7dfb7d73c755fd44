import Foundation
import MeshWire
import Testing

/// The field tables of docs/spec/wire.md, held against the vectors: what the specification names
/// has a case that is accepted and one that is refused.
@Suite("Fields of the specification")
struct FieldTests {
    /// Where the fields of each table are tried: a format whose vectors hold them. A table without
    /// an entry fails the test.
    private static let formats = [
        "4.4": "opening", "5.1": "header", "6.1": "eager", "7": "plain", "7.1": "hello",
        "7.2": "entry", "7.3": "digest", "7.4": "request", "7.5": "run", "7.6": "piece",
        "7.7": "openings",
        "7.8": "eager",
    ]
    /// The frame, which is sealed: `frame` below.
    private static let frame = "6"

    @Test("Every field of a table is cut short in a value that is accepted whole")
    func accepted() throws {
        for field in try SpecField.all() where field.section != Self.frame {
            // What takes the rest of a message is never cut short.
            if field.size == "the rest" { continue }
            let format = try #require(Self.format(field.section), "section \(field.section)")
            #expect(format.fields.contains(field.name), "\(field)")
            #expect(
                format.cutShort.contains { $0.error.field.description == field.name }, "\(field)")
        }
    }

    @Test("Every field of a table that cannot hold any value is refused with a bad one")
    func refused() throws {
        for field in try SpecField.all() where field.isLimited {
            if field.section == Self.frame { continue }
            let format = try #require(Self.format(field.section), "section \(field.section)")
            let bad = format.reject.filter {
                $0.error.field.description == field.name && $0.error.code != .truncated
            }
            #expect(!bad.isEmpty, "\(field), which is \(field.range)")
        }
    }

    @Test("Every table of fields is tried, and no field is tried that the text does not name")
    func complete() throws {
        let all = try SpecField.all()
        #expect(Set(all.map(\.section)) == Set(Self.formats.keys).union([Self.frame]))
        let text = try SpecField.text()
        for format in Format.all where format.name != "varint" {
            for field in format.fields { #expect(text.contains(field), "\(field)") }
        }
    }

    @Test("What is cut short in a field of a fixed size is cut short at its first byte")
    func placeOfCut() {
        for format in Format.all {
            for sample in format.accept where format.name == "header" || format.name == "opening" {
                let cuts = (0..<sample.bytes.count).compactMap {
                    format.error(of: Array(sample.bytes.prefix($0)))
                }
                for name in ["previous", "body hash", "author", "branch"] {
                    let places = Set(cuts.filter { $0.field.description == name }.map(\.offset))
                    #expect(places.count <= 1, "\(name) of \(sample.name)")
                }
            }
        }
    }

    @Test("Each part of a frame is accepted, and refused when it is damaged")
    func frame() throws {
        let fields = try SpecField.all().filter { $0.section == Self.frame }.map(\.name)
        #expect(fields == ["version", "salt", "counter", "sealed", "tag"])
        let file = try #require(try IdentityVectors.all().first { $0.name == "frame" })
        #expect(!file.accept.isEmpty)
        let names = file.reject.compactMap { vector -> String? in
            guard case .object(let pairs) = vector else { return nil }
            return pairs.first { $0.0 == "name" }?.1.text
        }
        for field in fields {
            #expect(names.contains { $0.contains(field) }, "no refused frame names \(field)")
        }
    }

    private static func format(_ section: String) -> Format? {
        formats[section].flatMap { name in Format.all.first { $0.name == name } }
    }
}

/// A row of a field table.
private struct SpecField: CustomStringConvertible {
    let section: String
    let name: String
    let size: String
    let range: String

    var description: String { "\(name) of section \(section)" }

    /// Whether some bytes of its size are no value of it.
    var isLimited: Bool { !range.isEmpty && !["0–255", "0–2^64−1"].contains(range) }

    static func text() throws -> String {
        let url = VectorFile.folder.appending(path: "../wire.md").standardized
        return try String(contentsOf: url, encoding: .utf8)
    }

    /// Of all tables that have a column "field", top down. A row may name several fields; one that
    /// stands for fields of another table is skipped.
    static func all() throws -> [SpecField] {
        var section = ""
        var columns: [String]?
        var fields: [SpecField] = []
        for line in try text().split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("##") {
                section = String(line.split(separator: " ")[1])
                while section.hasSuffix(".") { section.removeLast() }
            }
            guard line.hasPrefix("|") else {
                columns = nil
                continue
            }
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .dropFirst().dropLast().map { $0.trimmingCharacters(in: .whitespaces) }
            guard let header = columns else {
                columns = cells
                continue
            }
            guard let place = header.firstIndex(where: { ["field", "item"].contains($0) }),
                !cells[place].hasPrefix("---"), !cells[place].contains("…"),
                !cells[place].hasPrefix("(")
            else { continue }
            let size = header.firstIndex(of: "size").map { cells[$0] } ?? ""
            let range = header.firstIndex(of: "range").map { cells[$0] } ?? ""
            for name in cells[place].split(separator: ",") {
                fields.append(
                    SpecField(
                        section: section, name: name.trimmingCharacters(in: .whitespaces),
                        size: size, range: range))
            }
        }
        return fields
    }
}
