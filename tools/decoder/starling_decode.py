#!/usr/bin/env python3
"""Reads docs/spec/vectors and checks every accept and every reject. Follows docs/spec/wire.md
section by section, shares no code with Sources, and needs nothing but Python 3.

    starling_decode.py [FOLDER]

Prints each failure and `N passed, M failed`; exits 1 if anything failed or nothing was found.
"""

import hashlib
import json
import pathlib
import sys
import unicodedata

import rfc
import wire
from wire import Reader, Refused

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
SMALL_ORDER = {
    0, 1, rfc.P - 1,
    int.from_bytes(bytes.fromhex(
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
    int.from_bytes(bytes.fromhex(
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"),
}


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def unhex(vector, *names):
    return [bytes.fromhex(vector[name]) for name in names]


def identity(log):
    """4.4, from the fields to the bytes."""
    name = log["room"].encode()
    return bytes.fromhex(log["author"] + log["epoch"]) + bytes([log["room_kind"], len(name)]) + name


# --- 3 and 4: names, keys, ids


def base32(data, count):
    bits = int.from_bytes(data, "big") >> 8 * len(data) - 5 * count
    return [bits >> 5 * (count - 1 - i) & 31 for i in range(count)]


def check_value(groups):
    """Σ x^(i+1)·d_i over GF(32) modulo x⁵ + x² + 1."""
    total = 0
    for place, group in enumerate(groups):
        for _ in range(place + 1):
            group = (group << 1) ^ (0b100101 if group & 16 else 0)
        total ^= group
    return total


def fingerprint(peer):
    groups = base32(peer, 16)
    text = "".join(ALPHABET[g] for g in groups + [check_value(groups)])
    return "-".join(text[i:i + 4] for i in range(0, 17, 4))


def typed_fingerprint(typed):
    """The 17 values, or None if it is not a whole and right fingerprint."""
    text = typed.lower().replace("-", "").replace("o", "0").replace("i", "1").replace("l", "1")
    if len(text) != 17 or any(c not in ALPHABET for c in text):
        return None
    values = [ALPHABET.index(c) for c in text]
    return values if check_value(values[:16]) == values[16] else None


def key_is_good(key):
    y = int.from_bytes(key, "little") & (2**255 - 1)
    return len(key) == 32 and y < rfc.P and y not in SMALL_ORDER and rfc.is_point(key)


def verify(peer, signature, message):
    return key_is_good(peer) and rfc.verify(peer, signature, message)


def typed_room(typed):
    name = typed[1:] if typed.startswith("#") else typed
    name = "".join(c.lower() if "A" <= c <= "Z" else c for c in name)
    return name if wire.room_name_is_good(name.encode()) else None


def nick_is_good(nick):
    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co")
    return (1 <= len(nick.encode()) <= 48 and not nick[0].isspace() and not nick[-1].isspace()
            and not any(unicodedata.category(c) in hidden for c in nick))


# --- Checks of one accepted vector: True or a reason


def check_mesh(v):
    name = v["name"].encode()
    mesh_id = sha256(b"starling mesh id v1", name)
    key = sha256(b"starling open mesh key v1", name)
    if v["passphrase"] is not None:
        key = hashlib.scrypt(v["passphrase"].encode(), salt=mesh_id, n=32768, r=8, p=1,
                             maxmem=2**26, dklen=32)
    text = "".join(
        ALPHABET[g] for g in base32(sha256(b"starling passphrase fingerprint v1", key), 8))
    return [mesh_id.hex(), key.hex(), f"{text[:4]}-{text[4:]}"] == [
        v["mesh_id"], v["key"], v["fingerprint"]]


def check_log(v):
    mesh, first = unhex(v, "mesh_id", "branch_first")
    ref = sha256(b"starling log v1", mesh, identity(v["log"]))[:8]
    branch = sha256(b"starling branch v1", ref, first)[:8]
    return [ref.hex(), branch.hex()] == [v["ref"], v["branch_ref"]]


def entry_is_signed(v):
    mesh, header, signature = unhex(v, "mesh_id", "header", "signature")
    message = b"starling entry v1" + mesh + identity(v["log"]) + header
    if "message" in v and message.hex() != v["message"]:
        return False
    ref = sha256(b"starling log v1", mesh, identity(v["log"]))[:8]
    return header[:8] == ref and verify(bytes.fromhex(v["log"]["author"]), signature, message)


def check_signature(v):
    seed, header = unhex(v, "seed", "header")
    return (rfc.public_key(seed).hex() == v["log"]["author"] and sha256(header).hex() == v["id"]
            and entry_is_signed(v))


def check_introduction(v):
    peer, mesh, salt, signature = unhex(v, "peer", "mesh_id", "salt", "signature")
    return verify(peer, signature, b"starling introduction v1" + mesh + salt)


def open_frame(v):
    key, data = unhex(v, "key", "bytes")
    salt, counter = wire.frame_header(data)
    session = rfc.hkdf32(key, salt, b"starling frame v1")
    nonce = bytes(8) + counter.to_bytes(4, "big")
    text = rfc.open_aead(session, nonce, data[13:-16], data[-16:], data[:13])
    if text is None:
        raise Refused("seal", "frame", 0)
    return {
        "salt": salt.hex(), "counter": counter, "session_key": session.hex(), "plain": text.hex()}


def check_frame(v):
    return all(v[name] == value for name, value in open_frame(v).items())


def check_digest_hash(v):
    salt, log, entry_id = unhex(v, "salt", "log", "id")
    def tag(data):
        return sha256(b"starling digest v1", salt, data)[:4].hex()
    head = tag(log + v["seq"].to_bytes(4, "big") + entry_id)
    return [tag(log), head] == [v["key"], v["head"]]


def check_fingerprint(v):
    text = fingerprint(bytes.fromhex(v["peer"]))
    values = typed_fingerprint(v["typed"])
    return (text == v["fingerprint"] and values is not None
            and "".join(ALPHABET[g] for g in values) == text.replace("-", ""))


# For each file without wire bytes: is an accepted one good, and is a rejected one.
CHECKS = {
    "mesh": (check_mesh, None),
    "log": (check_log, None),
    "signature": (check_signature, entry_is_signed),
    "introduction": (check_introduction, check_introduction),
    "digest-hash": (check_digest_hash, None),
    "fingerprint": (check_fingerprint, lambda v: typed_fingerprint(v["typed"]) is not None),
    "key": (lambda v: key_is_good(bytes.fromhex(v["key"])),) * 2,
    "room": (lambda v: typed_room(v["typed"]) == v["room"],
             lambda v: typed_room(v["typed"]) is not None),
    "nick": (lambda v: nick_is_good(v["nick"]),) * 2,
}

DECODERS = {
    "varint": lambda r: str(r.varint("varint")), "header": wire.canonical_header,
    "opening": wire.opening, "plain": wire.plain, "hello": wire.hello, "entry": wire.entry,
    "digest": wire.digest, "request": wire.request, "run": wire.run, "piece": wire.piece,
    "openings": wire.openings, "eager": wire.eager,
}


def decode(name, data):
    reader = Reader(data)
    value = DECODERS[name](reader)
    reader.finish("header" if name == "header" else "message")
    return value


def accepted(name, vector):
    """None if the vector holds, else what went wrong."""
    try:
        if name in DECODERS:
            value = decode(name, bytes.fromhex(vector["bytes"]))
            return None if value == vector["value"] else f"decoded {json.dumps(value)}"
        check = check_frame if name == "frame" else CHECKS[name][0]
        return None if check(vector) else "does not hold"
    except Refused as refused:
        return f"refused: {refused}"


def rejected(name, vector):
    try:
        if name in CHECKS:
            return "accepted" if CHECKS[name][1](vector) else None
        if name == "frame":
            open_frame(vector)
        else:
            decode(name, bytes.fromhex(vector["bytes"]))
        return "accepted"
    except Refused as refused:
        wanted = [vector["code"], vector["field"], vector.get("offset", refused.offset)]
        same = [refused.code, refused.field, refused.offset] == wanted
        return None if same else f"refused for another reason: {refused}, expected {wanted}"


def main(arguments):
    default = pathlib.Path(__file__).resolve().parents[2] / "docs/spec/vectors"
    folder = pathlib.Path(arguments[0]) if arguments else default
    passed = failed = 0
    for name in [*DECODERS, "frame", *CHECKS]:
        file = json.loads((folder / f"{name}.json").read_text())
        for check, side in ((accepted, "accept"), (rejected, "reject")):
            for place, vector in enumerate(file[side]):
                problem = check(name, vector)
                passed, failed = passed + (problem is None), failed + (problem is not None)
                if problem:
                    print(f"{name}.json {side} {place} ({vector.get('name', '')}): {problem}")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
