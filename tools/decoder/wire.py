"""Decoders of the formats in docs/spec/wire.md, sections 2 to 7. Each returns what the vectors call
`value`, or raises Refused with the code, field and offset of section 10."""

SEQ_MAX = 2**32 - 2
LOGS_MAX = 2**20


class Refused(Exception):
    def __init__(self, code, field, offset):
        super().__init__(f"{code} in {field} at byte {offset}")
        self.code, self.field, self.offset = code, field, offset


class Reader:
    """Section 2: consumes from the front."""

    def __init__(self, data, at=0, end=None):
        self.data, self.at, self.end = data, at, len(data) if end is None else end

    def left(self):
        return self.end - self.at

    def take(self, count, field):
        if count > self.left():
            raise Refused("truncated", field, self.at)
        self.at += count
        return self.data[self.at - count:self.at]

    def hex(self, count, field):
        return self.take(count, field).hex()

    def number(self, count, field):
        return int.from_bytes(self.take(count, field), "big")

    def varint(self, field, low=0, high=2**64 - 1):
        start, value = self.at, 0
        for place in range(10):
            byte = self.take(1, field)[0]
            if place == 9 and byte > 1:
                raise Refused("tooLarge", field, start)
            value |= (byte & 127) << 7 * place
            if byte < 128:
                if byte == 0 and place > 0:
                    raise Refused("nonCanonical", field, start)
                break
        if value > high:
            raise Refused("tooLarge", field, start)
        if value < low:
            raise Refused("invalid", field, start)
        return value

    def seq(self, field):
        return self.varint(field, 1, SEQ_MAX)

    def part(self, count, field):
        start = self.at
        self.take(count, field)
        return Reader(self.data, start, self.at)

    def flags(self, known, field):
        start, flags = self.at, self.number(1, field)
        if flags & ~known:
            raise Refused("invalid", field, start)
        return flags

    def form(self, highest, field):
        start, form = self.at, self.number(1, field)
        if form > highest:
            raise Refused("invalid", field, start)
        return form

    def finish(self, field):
        if self.left():
            raise Refused("trailing", field, self.at)


def room_name_is_good(name):
    inside = b"abcdefghijklmnopqrstuvwxyz0123456789-_."
    return 1 <= len(name) <= 48 and all(c in inside for c in name) and name[0] not in b"-_."


def identity(r):
    """4.4"""
    author, epoch = r.hex(32, "author"), r.hex(8, "epoch")
    start, kind = r.at, r.number(1, "room kind")
    length = r.number(1, "room name length")
    if length > 48:
        raise Refused("tooLarge", "room name length", start + 1)
    name = r.take(length, "room name")
    if kind > 1:
        raise Refused("invalid", "room kind", start)
    if length > 0 if kind == 0 else not room_name_is_good(name):
        raise Refused("invalid", "room name", start)
    return {"author": author, "epoch": epoch, "room_kind": kind, "room": name.decode()}


# --- 5. Entries


def cites(r, log):
    start, counts = r.at, r.number(1, "cites")
    count, more = counts & 127, counts > 127
    if count > 64:
        raise Refused("tooLarge", "cites", start)
    if more and count < 64:
        raise Refused("nonCanonical", "cites", start)
    out, last = [], None
    for _ in range(count):
        at = r.at
        cite = (r.number(8, "cite log"), r.seq("cite seq"), r.number(4, "cite tag"))
        if last is not None and cite <= last:
            raise Refused("nonCanonical", "cites", at)
        last = cite
        out.append({"log": f"{cite[0]:016x}", "seq": cite[1], "tag": f"{cite[2]:08x}"})
    if any(cite["log"] == log for cite in out):
        raise Refused("invalid", "cites", start)
    if r.at - start - 1 > 1024:
        raise Refused("tooLarge", "cites", start)
    return out, more


def header(r, log=None, seq=None):
    """5.1 without the body hash; log and seq are read unless a run gives them."""
    h = {"log": r.hex(8, "log") if log is None else log}
    h["seq"] = r.seq("seq") if seq is None else seq
    start = r.at
    h["previous"] = r.hex(16, "previous")
    if (h["seq"] == 1) != (h["previous"] == "00" * 16):
        raise Refused("invalid", "previous", start)
    h["at"] = r.number(6, "at")
    h["push"] = str(r.varint("push"))
    h["cites"], h["more"] = cites(r, h["log"])
    h["kind"] = r.number(1, "kind")
    h["body_length"] = r.varint("body length", high=4096)
    return h


def body_or_hash(r, h, has_body):
    if has_body:
        return {**h, "body_hash": None, "body": r.hex(h["body_length"], "body")}
    return {**h, "body_hash": r.hex(32, "body hash"), "body": None}


def canonical_header(r):
    return {**header(r), "body_hash": r.hex(32, "body hash")}


# --- 7. Messages


def echo(r):
    return {"salt": r.hex(4, "echo salt"), "counter": r.number(4, "echo counter")}


def neighbour(r):
    out = {"echo": echo(r)}
    start, out["loss"] = r.at, r.number(1, "loss")
    if out["loss"] > 100 and out["loss"] != 255:
        raise Refused("invalid", "loss", start)
    return out


def hello(r):
    flags = r.flags(15, "hello flags")
    out = {"wants_reply": bool(flags & 4), "is_full": bool(flags & 8), "port": r.number(2, "port")}
    out["multicast_sent"] = r.varint("multicast sent", high=2**32 - 1)
    out["logs"] = r.varint("logs", high=LOGS_MAX)
    out["introduction"] = out["neighbours"] = None
    if flags & 1:
        out["introduction"] = {
            "peer": r.hex(32, "peer"), "signature": r.hex(64, "introduction signature")}
    if flags & 2:
        out["neighbours"] = [neighbour(r) for _ in range(r.varint("neighbours", high=64))]
    return out


def entry(r):
    flags = r.flags(3, "entry flags")
    out = {"hops": r.number(1, "hops"), "opening": identity(r) if flags & 2 else None}
    out["entry"] = body_or_hash(r, header(r), flags & 1)
    out["signature"] = r.hex(64, "signature")
    return out


def path(r):
    start, depth = r.at, r.number(1, "path length")
    if depth > 12:
        raise Refused("tooLarge", "path length", start)
    steps = list(r.take(depth, "path"))
    if any(step > 31 for step in steps):
        raise Refused("invalid", "path", start + 1)
    return steps


def item(r):
    return {"key": r.hex(4, "log key"), "seq": r.varint("head seq", high=SEQ_MAX),
            "head": r.hex(4, "head hash")}


def digest(r):
    form = r.form(2, "digest form")
    if form == 0:
        count = r.varint("digest items", high=110)
        return {"form": "whole", "items": [item(r) for _ in range(count)]}
    where = path(r)
    if form == 1:
        children = [r.hex(4, "digest child") for _ in range(32)]
        return {"form": "node", "path": where, "children": children}
    count = r.varint("bucket items", high=85)
    items = [{"index": r.varint("log index", high=LOGS_MAX), "item": item(r)}
             for _ in range(count)]
    return {"form": "bucket", "path": where, "items": items}


def request_range(r):
    log = r.varint("range log", high=LOGS_MAX + 1)
    ref = r.hex(8, "range reference") if log == 0 else None
    first = r.seq("range from")
    start = r.at
    length = r.varint("range length", high=2 * SEQ_MAX + 1)
    last = first + length // 2
    if last > SEQ_MAX:
        raise Refused("invalid", "range length", start)
    return {"index": log - 1 if log else None, "ref": ref, "from": first, "to": last,
            "is_proved": length % 2 == 1}


def request(r):
    def several(field, read):
        return [read() for _ in range(r.varint(field, high=64))]
    return {
        "echo": echo(r), "tag": r.number(2, "tag"),
        "ranges": several("ranges", lambda: request_range(r)),
        "openings": several("openings", lambda: r.varint("opening index", high=LOGS_MAX)),
        "opening_refs": several("opening references", lambda: r.hex(8, "opening reference")),
        "nodes": several("nodes", lambda: path(r)),
    }


def run_item(r, log, seq):
    start, flags = r.at, r.flags(7, "item flags")
    if flags & 1 and flags & 4:
        raise Refused("invalid", "item flags", start)
    inside = body_or_hash(r, header(r, log, seq), flags & 1)
    signature = r.hex(64, "signature") if flags & 2 else None
    return {"entry": inside, "is_forgotten": bool(flags & 4), "signature": signature}


def run(r):
    out = {"tag": r.number(2, "tag"), "is_last": r.form(1, "last") == 1, "log": r.hex(8, "log")}
    out["chunk_end"] = r.seq("chunk end")
    start, below = r.at, r.varint("newest", high=SEQ_MAX)
    if below >= out["chunk_end"]:
        raise Refused("invalid", "newest", start)
    newest = out["newest"] = out["chunk_end"] - below
    start, count = r.at, r.varint("items", high=64)
    if count == 0 and not out["is_last"] or count > newest:
        raise Refused("invalid", "items", start)
    out["items"] = [run_item(r, out["log"], newest - place) for place in range(count)]
    return out


def piece(r):
    out = {"tag": r.number(2, "tag"), "is_last": r.form(1, "last") == 1, "log": r.hex(8, "log")}
    out["seq"] = r.seq("piece seq")
    start, out["offset"] = r.at, r.varint("piece offset", high=4096)
    data = r.take(r.left(), "piece")
    if not data or out["offset"] + len(data) > 4096:
        raise Refused("invalid", "piece", start)
    out["bytes"] = data.hex()
    return out


def opening(r):
    form = r.form(1, "opening form")
    out = {"log": identity(r), "branch": None}
    if form:
        out["branch"] = {"seq": r.seq("branch seq"), "first": r.hex(32, "branch")}
    return out


def openings(r):
    count = r.varint("openings", high=16)
    return [{"index": r.varint("log index", high=LOGS_MAX), "opening": opening(r)}
            for _ in range(count)]


def eager(r):
    out = {"echo": echo(r), "is_eager": r.form(1, "eager") == 1}
    out["origins"] = [r.hex(8, "origin") for _ in range(r.varint("origins", high=64))]
    return out


MESSAGES = [None, hello, entry, digest, request, run, piece, openings, eager]


def plain(r):
    """7: kinds and payloads; known payloads are decoded too."""
    out = []
    while True:
        kind = r.number(1, "message kind")
        start, length = r.at, r.varint("message length", high=1203)
        length = length or r.left()
        if length == 0:
            raise Refused("invalid", "message length", start)
        part = r.part(length, "message")
        known = 1 <= kind < len(MESSAGES)
        payload = part.data[part.at:part.end].hex() if known else None
        if known:
            MESSAGES[kind](part)
            part.finish("message")
        out.append({"kind": kind, "payload": payload})
        if not r.left():
            return out


def frame_header(data):
    """6: salt and counter."""
    if len(data) < 29:
        raise Refused("truncated", "frame", len(data))
    if len(data) > 1232:
        raise Refused("tooLarge", "frame", 1232)
    if data[0] != 1:
        raise Refused("version", "version", 0)
    counter = int.from_bytes(data[9:13], "big")
    if counter == 0:
        raise Refused("invalid", "counter", 9)
    return data[1:9], counter
