import MeshWAMP

/// Results as the API gives them.
enum Samples {
    static let alice = String(repeating: "a1", count: 32)
    static let drone = String(repeating: "d2", count: 32)
    static let mallory = String(repeating: "e3", count: 32)

    static func id(_ number: UInt8) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: digits.count == 1 ? "0" + digits : digits, count: 32)
    }

    /// A line of a log.
    static func line(
        _ number: UInt8, by author: String = alice, _ nick: JSON = "alice",
        at: String = "2026-07-03T10:00:00.000Z", text: JSON, marks: [String] = []
    ) -> JSONObject {
        [
            "id": .string(id(number)), "room": "#ops", "author": .string(author), "nick": nick,
            "epoch": "00000000000000e1", "seq": JSON(number), "at": .string(at),
            "received_at": "2026-07-03T10:30:00.000Z", "kind": "text", "text": text, "cites": [],
            "clock_partial": JSON(marks.contains("clock_partial")),
            "clock": [
                "\(alice)/00000000000000e1": JSON(number),
                "\(drone)/5c1e000000000000": 2,
            ],
            "merged": JSON(marks.contains("merged")), "verified": false,
            "forked": JSON(marks.contains("forked")),
            "odd_time": JSON(marks.contains("odd_time")), "forgotten": false,
        ]
    }

    static let gap: JSONObject = [
        "room": "#ops", "author": .string(drone), "nick": "drone-2", "epoch": "5c1e000000000000",
        "kind": "gap", "from_seq": 3, "to_seq": 5, "reason": "above", "before": .string(id(4)),
    ]

    /// Two days, late and odd lines, a gap, a shared name, wide text, several lines.
    static let log: [JSONObject] = [
        line(1, at: "2026-07-02T22:58:00.000Z", text: "camp reached"),
        line(2, by: drone, "drone-2", at: "2026-07-02T23:59:59.999Z", text: "battery 61 %"),
        line(3, at: "2026-07-03T00:00:00.000Z", text: "first\nsecond", marks: ["merged"]),
        gap,
        line(
            4, by: drone, "drone-2", at: "2026-07-03T10:04:00.000Z", text: "無線 ok",
            marks: ["merged", "clock_partial"]),
        line(5, by: mallory, "alice", at: "2026-07-03T10:05:00.000Z", text: "I am alice"),
        line(
            6, by: drone, "drone-2", at: "1970-01-01T00:03:00.000Z", text: "rebooted",
            marks: ["odd_time", "forked"]),
        line(7, by: mallory, .null, at: "2026-07-03T10:07:00.000Z", text: "\u{1B}[2Jgone\u{202E}"),
    ]

    static let identity: JSONObject = [
        "peer": .string(alice), "fingerprint": "m6gt-38d1-m6gt-38d1-x", "nick": "alice",
        "mesh": "open",
    ]

    static let rooms: [JSONObject] = [
        [
            "room": "#logistics", "joined": false, "entries": 12, "authors": 3,
            "last_at": "2026-07-01T12:00:00.000Z", "missing": 0,
        ],
        [
            "room": "#ops", "joined": true, "entries": 12345, "authors": 17,
            "last_at": "2026-07-03T11:59:30.000Z", "missing": 4,
        ],
        [
            "room": "#quiet", "joined": true, "entries": 0, "authors": 0, "last_at": nil,
            "missing": 0,
        ],
    ]

    static let peers: [JSONObject] = [
        [
            "peer": .string(alice), "fingerprint": "m6gt-38d1-m6gt-38d1-x", "nick": "alice",
            "verified": false, "self": true, "reachable": true, "hops": 0, "last_heard_at": nil,
        ],
        [
            "peer": .string(drone), "fingerprint": "t79d-5mpj-t79d-5mpj-y", "nick": "無人機",
            "verified": false, "self": false, "reachable": true, "hops": 1,
            "last_heard_at": "2026-07-03T11:59:57.000Z",
        ],
        [
            "peer": .string(mallory), "fingerprint": "wfhy-7rwf-wfhy-7rwf-z", "nick": nil,
            "verified": false, "self": false, "reachable": nil, "hops": nil, "last_heard_at": nil,
        ],
    ]

    static let seen: CallResult = {
        var result = CallResult.rows([
            .object([
                "peer": .string(drone), "fingerprint": "t79d-5mpj-t79d-5mpj-y", "nick": "drone-2",
                "seen": "proved",
            ]),
            .object([
                "peer": .string(mallory), "fingerprint": "wfhy-7rwf-wfhy-7rwf-z", "nick": nil,
                "seen": "unknown",
            ]),
        ])
        result.keywords["id"] = .string(id(7))
        result.keywords["room"] = "#ops"
        result.keywords["author"] = .string(alice)
        result.keywords["seq"] = 7
        return result
    }()

    static let status: JSONObject = [
        "verdict": "alone", "next": "nobody is heard: start another peer on the same network",
        "peer": .string(alice), "fingerprint": "m6gt-38d1-m6gt-38d1-x", "nick": "alice",
        "mesh": "open", "passphrase": nil, "uptime_s": 7980, "neighbours": 0, "rooms": 2,
        "entries": 120, "in_sync": false, "behind_entries": 0, "missing_entries": 3,
        "store_used_bytes": 1_234_567, "store_limit_bytes": 8_589_934_592,
        "airtime_ms": 1520.25, "airtime_share": 0.019, "epoch": "00000000000000e1",
        "socket": "/home/alice/.local/share/starling/starling.sock", "links": 2, "links_up": 1,
        "warnings": ["anyone near can read: the mesh open has no passphrase"],
    ]

    static let links: [JSONObject] = [
        [
            "interface": "wlan0", "kind": "adhoc", "state": "up", "reason": nil,
            "addresses": ["fe80::1"], "port": 7476, "multicast": "works", "bytes_sent": 123_456,
            "bytes_received": 999, "frames_sent": 12, "frames_received": 3, "echoes": 1,
            "sends_failed": 0, "isolated": 0, "receive_buffer_bytes": 425_984,
            "airtime_share": 0.019,
        ],
        [
            "interface": "eth0", "kind": "wired", "state": "down", "reason": "no address yet",
            "addresses": [], "port": nil, "multicast": nil, "bytes_sent": 0, "bytes_received": 0,
            "frames_sent": 0, "frames_received": 0, "echoes": 0, "sends_failed": 0, "isolated": 0,
            "receive_buffer_bytes": nil, "airtime_share": nil,
        ],
    ]

    static let neighbours: [JSONObject] = [
        [
            "peer": .string(drone), "fingerprint": "t79d-5mpj-t79d-5mpj-y", "nick": "drone-2",
            "interface": "wlan0", "address": "[fe80::2%wlan0]:7476", "found_by": "multicast",
            "confirmed": true, "loss_in": 4, "loss_out": nil, "rtt_ms": 3.254,
            "last_heard_at": "2026-07-03T11:59:57.000Z", "in_sync": false, "behind_entries": 12,
            "full": false, "signal_dbm": nil, "clock_offset_ms": nil,
        ]
    ]

    static let holdings: [JSONObject] = [
        [
            "room": "#ops", "author": .string(alice), "nick": "alice",
            "epoch": "00000000000000e1", "log": .string("\(alice)/00000000000000e1"), "held": 17,
            "known": 20, "missing": 3, "complete": 17, "forked": false, "closed": false,
            "lacking": [["peer": .string(drone), "nick": "drone-2", "held": 12, "lacks": 5]],
        ],
        [
            "room": "#ops", "author": .string(drone), "nick": nil, "epoch": "5c1e000000000000",
            "log": .string("\(drone)/5c1e000000000000"), "held": 2, "known": 2, "missing": 0,
            "complete": 2, "forked": true, "closed": false, "lacking": [],
        ],
    ]

    static let clocks: [JSONObject] = [
        [
            "author": .string(alice), "nick": "alice", "epoch": "00000000000000e1",
            "log": .string("\(alice)/00000000000000e1"), "head": 17, "head_id": .string(id(7)),
            "complete": 17,
            "clock": ["\(alice)/00000000000000e1": 17, "\(drone)/5c1e000000000000": 2],
        ],
        [
            "author": .string(drone), "nick": nil, "epoch": "5c1e000000000000",
            "log": .string("\(drone)/5c1e000000000000"), "head": 2, "head_id": .string(id(8)),
            "complete": 2, "clock": ["\(drone)/5c1e000000000000": 2],
        ],
    ]

    static let stats: JSONObject = [
        "frames_sent": 12, "bytes_sent": 3456, "sent": ["hello": 9, "entry": 3],
        "rejected": ["foreign": 2], "airtime_ms": 5.25,
    ]

    /// Answers every procedure of a command with its sample.
    static let answers: ScriptedPeer.Script = { _, procedure, keywords in
        switch procedure {
        case "starling.id": .success(.fields(identity))
        case "starling.nick": .success(.fields(["nick": keywords["name"] ?? .null]))
        case "starling.rooms": rows(rooms)
        case "starling.join":
            .success(.fields(["room": keywords["room"] ?? .null, "joined": true]))
        case "starling.leave":
            .success(.fields(["room": keywords["room"] ?? .null, "joined": false]))
        case "starling.send": sent(keywords)
        case "starling.log": rows(log)
        case "starling.peers": rows(peers)
        case "starling.seen": .success(seen)
        case "meshctl.status": .success(.fields(status))
        case "meshctl.links": rows(links)
        case "meshctl.neighbours": rows(neighbours)
        case "meshctl.rooms": rows(holdings)
        case "meshctl.clock": rows(clocks)
        case "meshctl.stats": .success(.fields(stats))
        case "meshctl.wait": .success(.fields(["neighbours": 2, "waited_ms": 1230]))
        default: .failure(.noSuchProcedure(procedure))
        }
    }

    static func sent(_ keywords: JSONObject) -> ScriptedPeer.Answer {
        let fields: JSONObject = [
            "id": .string(Samples.id(9)), "room": keywords["room"] ?? .null,
        ]
        guard let texts = keywords["texts"]?.array else { return .success(.fields(fields)) }
        return rows(texts.map { _ in fields })
    }

    private static func rows(_ rows: [JSONObject]) -> ScriptedPeer.Answer {
        .success(.rows(rows.map(JSON.object)))
    }
}
