import MeshWAMP
import Testing

@Suite("JSON") struct JSONTests {
    static func parse(_ text: String) throws(JSONError) -> JSON {
        try JSONParser.parse(Array(text.utf8))
    }

    static let accepted: [(String, JSON)] = [
        ("null", nil), (" true ", true), ("false", false), ("0", 0), ("-0", 0), ("-17", -17),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .large(1 << 63)), ("18446744073709551615", .large(.max)),
        ("1.5", 1.5), ("1e3", .number(1000)), ("-2.5E-1", -0.25), ("\"\"", ""),
        (#""a\n\"\\\/\b\f\r\t""#, .string("a\n\"\\/\u{8}\u{C}\r\t")),
        (#""\u00e9\ud83d\ude00\u0000""#, .string("é😀\0")), ("\"ü\"", "ü"),
        ("[]", []), ("[1, [2] ,{}]", [1, [2], [:]]),
        (#"{"b":1,"a":{"c":null}}"#, ["b": 1, "a": ["c": nil]]),
    ]

    @Test("a JSON text is read as the value it stands for", arguments: accepted)
    func accepts(text: String, value: JSON) throws {
        #expect(try Self.parse(text) == value)
    }

    static let rejected: [(String, JSONError.Code)] = [
        ("", .truncated), (" ", .truncated), ("tru", .truncated), ("trap", .unexpected),
        ("1 2", .trailing), ("[1,]", .unexpected), ("[1", .truncated), ("[1 2]", .unexpected),
        ("{\"a\":1,}", .unexpected), ("{a:1}", .unexpected), ("{\"a\" 1}", .unexpected),
        ("{\"a\":1,\"a\":2}", .duplicate), ("\"a", .truncated), ("\"\n\"", .unexpected),
        ("\"\\x\"", .unexpected), ("\"\\u12\"", .unexpected), ("\"\\ud800\"", .encoding),
        ("\"\\ud800\\n\"", .encoding), ("\"\\udc00\"", .encoding), ("01", .unexpected),
        ("-", .truncated), ("1.", .truncated), ("1.e", .unexpected), (".5", .unexpected),
        ("+1", .unexpected), ("1e", .truncated), ("18446744073709551616", .range),
        ("-9223372036854775809", .range), ("1e999", .range), ("NaN", .unexpected),
        ("\u{FEFF}1", .unexpected), ("/**/1", .unexpected),
    ]

    @Test("what is no JSON text is refused with the reason", arguments: rejected)
    func rejects(text: String, code: JSONError.Code) {
        let error = #expect(throws: JSONError.self) { try Self.parse(text) }
        #expect(error?.code == code)
    }

    @Test("bytes that are not UTF-8 are refused")
    func rejectsEncoding() {
        for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xC3]] {
            let error = #expect(throws: JSONError.self) {
                try JSONParser.parse([0x22] + bytes + [0x22])
            }
            #expect(error?.code == .encoding)
        }
    }

    @Test("levels are accepted up to the limit and no further")
    func boundsDepth() throws {
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        _ = try Self.parse(nested(WAMPLimits.depth))
        let error = #expect(throws: JSONError.self) {
            try Self.parse(nested(WAMPLimits.depth + 1))
        }
        #expect(error?.code == .depth)
        #expect(throws: JSONError.self) {
            try Self.parse(String(repeating: "{\"a\":", count: 100_000))
        }
    }

    @Test("what is written reads back the same, keys in their order")
    func roundTrips() throws {
        for (_, value) in Self.accepted {
            #expect(try Self.parse(JSONWriter.text(value)) == value)
        }
        let text = #"{"z":18446744073709551615,"a":[-1,1e+16,"\u001f\"\\é"],"m":{}}"#
        #expect(JSONWriter.text(try Self.parse(text)) == text)
        #expect(JSONWriter.text(.number(.infinity)) == "null")
    }

    @Test("what a terminal would obey or hide is written escaped, and reads back the same")
    func escapesControls() throws {
        let value = JSON.string(
            "a\u{7f}\u{9b}31m\u{200b}\u{202e}\u{2066}\u{feff}\u{ad}\u{61c}\u{fff9}\u{e0041}é🐦")
        let text = JSONWriter.text(value)
        let escapes = #"a\u007f\u009b31m\u200b\u202e\u2066\ufeff\u00ad\u061c\ufff9\udb40\udc41"#
        #expect(text == "\"\(escapes)é🐦\"")
        #expect(try Self.parse(text) == value)
    }

    @Test("an object sets, replaces and removes by key")
    func editsObjects() {
        var object: JSONObject = ["a": 1, "b": 2]
        object["a"] = 3
        object["c"] = 4
        object["b"] = nil
        #expect(object == ["a": 3, "c": 4])
        #expect(object["b"] == nil)
    }
}
