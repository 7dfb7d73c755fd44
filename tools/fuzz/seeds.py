#!/usr/bin/env python3
"""Writes the vectors as starting points: seeds.py VECTORS TARGET FOLDER."""

import hashlib
import json
import pathlib
import sys

KINDS = ["hello", "entry", "digest", "request", "run", "piece", "openings", "eager"]
FILES = {
    "frame-header": ["frame"], "header": ["header"], "opening": ["opening"],
    "plain": ["plain", *KINDS], "sealed": ["plain", "frame", *KINDS],
}

vectors, target, folder = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
folder.mkdir(parents=True, exist_ok=True)
for name in FILES.get(target, []):
    file = json.loads((vectors / f"{name}.json").read_text())
    for vector in file["accept"] + file["reject"]:
        front = bytes([KINDS.index(name) + 1, 0]) if name in KINDS else b""
        data = front + bytes.fromhex(vector["bytes"])
        (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
