"""The primitives that Python's standard library lacks, each from its RFC; slow and plain."""

import hashlib
import hmac
import struct

# --- RFC 8439: ChaCha20-Poly1305 ---------------------------------------------------------------


def _quarter(s, a, b, c, d):
    for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        s[x] = (s[x] + s[y]) & 0xFFFFFFFF
        v = s[z] ^ s[x]
        s[z] = ((v << turn) | (v >> (32 - turn))) & 0xFFFFFFFF


def _chacha_block(key, counter, nonce):
    words = b"expand 32-byte k" + key + struct.pack("<I", counter) + nonce
    start = list(struct.unpack("<16I", words))
    s = start[:]
    for _ in range(10):
        for quad in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
                     (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            _quarter(s, *quad)
    return struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(s, start)))


def _poly1305(key, message):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for i in range(0, len(message), 16):
        total = (total + int.from_bytes(message[i:i + 16] + b"\1", "little")) * r % (2**130 - 5)
    return ((total + int.from_bytes(key[16:], "little")) % 2**128).to_bytes(16, "little")


def open_aead(key, nonce, sealed, tag, associated):
    """The plain text, or None."""
    def pad(b):
        return b + bytes(-len(b) % 16)
    lengths = struct.pack("<QQ", len(associated), len(sealed))
    one_time = _chacha_block(key, 0, nonce)[:32]
    if not hmac.compare_digest(_poly1305(one_time, pad(associated) + pad(sealed) + lengths), tag):
        return None
    out = bytearray()
    for i in range(0, len(sealed), 64):
        block = _chacha_block(key, 1 + i // 64, nonce)
        out += bytes(a ^ b for a, b in zip(sealed[i:i + 64], block))
    return bytes(out)


# --- RFC 5869: HKDF-SHA256, one block ----------------------------------------------------------


def hkdf32(secret, salt, info):
    extracted = hmac.new(salt, secret, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\1", hashlib.sha256).digest()


# --- RFC 8032: Ed25519, verification without the cofactor --------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def _recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * SQRT_M1 % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign else x


def _add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _multiply(s, p):
    q = (0, 1, 1, 0)
    while s:
        if s & 1:
            q = _add(q, p)
        p = _add(p, p)
        s >>= 1
    return q


def _encode(p):
    inverse = pow(p[2], P - 2, P)
    x, y = p[0] * inverse % P, p[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _decode(key):
    number = int.from_bytes(key, "little")
    y, sign = number & (2**255 - 1), number >> 255
    x = _recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def is_point(key):
    return len(key) == 32 and _decode(key) is not None


_BASE_Y = 4 * pow(5, P - 2, P) % P
_BASE_X = _recover_x(_BASE_Y, 0)
_BASE = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % P)


def verify(key, signature, message):
    point = _decode(key)
    s = int.from_bytes(signature[32:], "little")
    if point is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    negative = (P - point[0], point[1], 1, (P - point[3]) % P)
    return _encode(_add(_multiply(s, _BASE), _multiply(k, negative))) == signature[:32]


def public_key(seed):
    """The public key of a seed."""
    a = bytearray(hashlib.sha512(seed).digest()[:32])
    a[0] &= 248
    a[31] = a[31] & 127 | 64
    return _encode(_multiply(int.from_bytes(a, "little"), _BASE))
