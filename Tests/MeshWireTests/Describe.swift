import MeshModel
import MeshWire

/// Wire values as vectors name their fields.
extension JSON {
    static func of(_ cite: Cite) -> JSON {
        ["log": .hex(cite.log.raw), "seq": .number(cite.seq), "tag": .hex(cite.tag)]
    }

    static func of(_ log: LogID) -> JSON {
        [
            "author": .hex(log.author.bytes), "epoch": .hex(log.epoch),
            "room_kind": .number(log.room.kind.rawValue), "room": .string(log.room.name),
        ]
    }

    static func of(_ opening: Opening) -> JSON {
        [
            "log": of(opening.log),
            "branch": opening.branch.map {
                ["seq": .number($0.seq), "first": .hex($0.first.raw.bytes)]
            } ?? .null,
        ]
    }

    static func of(_ link: HashLink) -> JSON {
        .hex(bigEndian(link.high, 8) + bigEndian(link.low, 8))
    }

    /// A header without its body hash, which on the air is replaced by the body.
    static func of(unhashed header: EntryHeader) -> JSON {
        [
            "log": .hex(header.log.raw), "seq": .number(header.seq),
            "previous": of(header.previous),
            "at": .number(header.at.milliseconds), "push": .decimal(header.push),
            "cites": .array(header.cites.map { of($0) }), "more": .bool(header.more),
            "kind": .number(header.kind.rawValue), "body_length": .number(header.bodyLength),
        ]
    }

    static func of(_ header: EntryHeader) -> JSON {
        guard case .object(let pairs) = of(unhashed: header) else { return .null }
        return .object(pairs + [("body_hash", .hex(header.bodyHash.bytes))])
    }

    static func of(_ entry: UnhashedEntry) -> JSON {
        guard case .object(let pairs) = of(unhashed: entry.header) else { return .null }
        let hash: JSON = entry.body == nil ? .hex(entry.header.bodyHash.bytes) : .null
        let body: JSON = entry.body.map { .hex($0) } ?? .null
        return .object(pairs + [("body_hash", hash), ("body", body)])
    }

    static func of(_ live: LiveEntry) -> JSON {
        [
            "hops": .number(live.hops), "opening": live.opening.map { of($0) } ?? .null,
            "entry": of(live.entry), "signature": .hex(live.signature.bytes),
        ]
    }

    static func of(_ echo: Echo) -> JSON {
        ["salt": .hex(echo.salt), "counter": .number(echo.counter)]
    }

    static func of(_ hello: Hello) -> JSON {
        [
            "wants_reply": .bool(hello.wantsReply), "is_full": .bool(hello.isFull),
            "port": .number(hello.port), "multicast_sent": .number(hello.multicastSent),
            "logs": .number(hello.logs),
            "introduction": hello.introduction.map {
                ["peer": .hex($0.peer.bytes), "signature": .hex($0.signature.bytes)]
            } ?? .null,
            "neighbours": hello.neighbours.map { list in
                .array(list.map { ["echo": of($0.echo), "loss": .number($0.loss)] })
            } ?? .null,
        ]
    }

    static func of(_ item: Digest.Item) -> JSON {
        ["key": .hex(item.key), "seq": .number(item.seq), "head": .hex(item.head)]
    }

    static func of(path: [UInt8]) -> JSON { .array(path.map { .number($0) }) }

    static func of(_ digest: Digest) -> JSON {
        switch digest {
        case .whole(let items):
            ["form": "whole", "items": .array(items.map { of($0) })]
        case .node(let path, let children):
            ["form": "node", "path": of(path: path), "children": .array(children.map { .hex($0) })]
        case .bucket(let path, let items):
            [
                "form": "bucket", "path": of(path: path),
                "items": .array(
                    items.map { ["index": .number($0.index), "item": of($0.item)] }),
            ]
        }
    }

    static func of(_ range: Request.Range) -> JSON {
        let (index, ref): (JSON, JSON) =
            switch range.log {
            case .index(let index): (.number(index), .null)
            case .ref(let ref): (.null, .hex(ref.raw))
            }
        return [
            "index": index, "ref": ref, "from": .number(range.from), "to": .number(range.to),
            "is_proved": .bool(range.isProved),
        ]
    }

    static func of(_ request: Request) -> JSON {
        [
            "echo": of(request.echo), "tag": .number(request.tag),
            "ranges": .array(request.ranges.map { of($0) }),
            "openings": .array(request.openings.map { .number($0) }),
            "opening_refs": .array(request.openingRefs.map { .hex($0.raw) }),
            "nodes": .array(request.nodes.map { of(path: $0) }),
        ]
    }

    static func of(_ run: Run) -> JSON {
        [
            "tag": .number(run.tag), "is_last": .bool(run.isLast), "log": .hex(run.log.raw),
            "chunk_end": .number(run.chunkEnd), "newest": .number(run.newest),
            "items": .array(
                run.items.map {
                    [
                        "entry": of($0.entry), "is_forgotten": .bool($0.isForgotten),
                        "signature": $0.signature.map { .hex($0.bytes) } ?? .null,
                    ]
                }),
        ]
    }

    static func of(_ piece: BodyPiece) -> JSON {
        [
            "tag": .number(piece.tag), "is_last": .bool(piece.isLast),
            "log": .hex(piece.log.raw), "seq": .number(piece.seq),
            "offset": .number(piece.offset), "bytes": .hex(piece.bytes),
        ]
    }

    static func of(_ openings: [IndexedOpening]) -> JSON {
        .array(openings.map { ["index": .number($0.index), "opening": of($0.opening)] })
    }

    static func of(_ change: EagerChange) -> JSON {
        [
            "echo": of(change.echo), "is_eager": .bool(change.isEager),
            "origins": .array(change.origins.map { .hex($0) }),
        ]
    }
}
