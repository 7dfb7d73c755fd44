import MeshGossip
import MeshLog
import MeshModel
import MeshNode
import MeshWAMP

/// Lines of a room log as programs read them (docs/spec/api.md, "Lines").
enum LineJSON {
    static func object(_ line: RoomLine) -> JSONObject {
        switch line {
        case .entry(let line): object(line)
        case .gap(let line): object(line)
        }
    }

    static func object(_ line: EntryLine) -> JSONObject {
        let row = line.row
        let header = row.entry.header
        var fields: JSONObject = [
            "id": .string(row.entry.id.hex), "room": .string(row.log.room.description),
            "author": .string(row.log.author.hex), "nick": JSON(line.nick),
            "epoch": .string(Show.epoch(row.log.epoch)), "seq": JSON(header.seq),
            "at": Show.time(header.at), "received_at": Show.time(row.receivedAt),
            "kind": .string(header.kind.name), "text": text(row.entry),
            "cites": .array(header.cites.map(cite)), "clock_partial": .bool(line.isClockPartial),
        ]
        if let clock = line.clock { fields["clock"] = .object(Show.clock(clock)) }
        fields["merged"] = .bool(row.merged)
        // Nobody can be verified yet.
        fields["verified"] = false
        fields["forked"] = .bool(line.isForked)
        fields["odd_time"] = .bool(line.hasOddTime)
        fields["forgotten"] = .bool(row.entry.body == nil)
        if header.kind != .text, let body = row.entry.body {
            fields["body"] = .string(Hex.encode(body))
        }
        return fields
    }

    static func object(_ gap: GapLine) -> JSONObject {
        [
            "room": .string(gap.room.description), "author": JSON(gap.author?.hex),
            "nick": JSON(gap.nick), "epoch": JSON(gap.epoch.map(Show.epoch)), "kind": "gap",
            "from_seq": JSON(gap.from), "to_seq": JSON(gap.to),
            "reason": .string(gap.reason.rawValue), "before": .string(gap.before.hex),
        ]
    }

    /// Null for what is no text, and for what was forgotten. Bytes that are not UTF-8 are shown as
    /// U+FFFD: the author's program is broken, and his other words are still wanted.
    private static func text(_ entry: Entry) -> JSON {
        guard entry.header.kind == .text, let body = entry.body else { return .null }
        return .string(String(decoding: body, as: UTF8.self))
    }

    private static func cite(_ cite: Cite) -> JSON {
        .object([
            "log": .string(cite.log.description), "seq": JSON(cite.seq),
            "tag": .string(Show.hex(cite.tag)),
        ])
    }
}

/// Values as programs read them.
enum Show {
    static func time(_ time: WallTime) -> JSON { .string(Timestamp.text(time)) }

    /// 16 hexadecimal digits: 64 bits do not fit a double.
    static func epoch(_ epoch: UInt64) -> String { hex(epoch) }

    static func hex(_ value: some FixedWidthInteger & UnsignedInteger) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: value.bitWidth / 4 - text.count) + text
    }

    static func clock(_ clock: VectorClock<BranchID>) -> JSONObject {
        JSONObject(clock.components.map { ($0.key.text, JSON($0.seq)) })
    }

    static func milliseconds(_ duration: Duration) -> JSON {
        .number(Double(duration.wholeNanoseconds / 1000) / 1000)
    }

    static func counts(_ counts: [String: Int]) -> JSON {
        let fields = counts.sorted { $0.key < $1.key }.map { (snakeCase($0.key), JSON($0.value)) }
        return .object(JSONObject(fields))
    }

    /// Names of counters are those of cases in Swift.
    private static func snakeCase(_ name: String) -> String {
        name.reduce(into: "") { text, letter in
            text += letter.isUppercase ? "_" + letter.lowercased() : String(letter)
        }
    }
}
