#!/usr/bin/env python3
"""Three peers on this machine: they meet over loopback, talk, one is cut off, all talk on, the cut heals,
and they hold the same log. Run by `tools/start --demo`.

    demo.py FOLDER_OF_PROGRAMS

Exits 0 when the three logs are equal and lines were merged, 1 otherwise, saying what differed.
"""

import os
import shutil
import sys
import unicodedata

from peers import Failed, Peers, differences

ROOM = "ops"
NAMES = ["anna", "ben", "carla"]
WAIT = 30
# `merged` marks what arrived by repair while a later line had been on show for 10 s.
SHOWN_SECONDS = 10


def step(text):
    print(f"demo: {text}", file=sys.stderr, flush=True)


def everybody_has(peers, ids):
    for peer in peers:
        for id in ids:
            peer.run("meshctl", "wait", "--entry", id, "--timeout", WAIT, timeout=WAIT + 10)


def play(peers):
    anna, ben, carla = peers
    step("starting three peers on loopback, each with a home of its own")
    for peer in peers:
        peer.start()
    step("waiting until each has found the two others")
    for peer in peers:
        peer.run("meshctl", "wait", "--peers", 2, "--timeout", WAIT, timeout=WAIT + 10)
    for peer in peers:
        peer.run("starling", "join", ROOM)

    step("all three talk")
    together = [
        anna.send(ROOM, "anna here, on the ridge"),
        ben.send(ROOM, "ben here, at the river"),
        carla.send(ROOM, "carla here, with the boat"),
    ]
    everybody_has(peers, together)

    step("carla is cut off: she hears nobody, nobody hears her")
    carla.cut_off()
    ahead = [
        anna.send(ROOM, "carla, do you read?"),
        ben.send(ROOM, "she is behind the hill"),
    ]
    everybody_has([anna, ben], ahead)
    alone = [
        carla.send(ROOM, "anyone? the boat leaks"),
        carla.send(ROOM, "pulling it ashore"),
    ]
    later = [anna.send(ROOM, "we wait at the bridge")]
    everybody_has([anna, ben], later)
    step(f"both sides read what they have for {SHOWN_SECONDS} s")
    let_pass(anna, SHOWN_SECONDS + 1)

    step("the cut is healed; the logs merge")
    carla.heal()
    everybody_has(peers, together + ahead + alone + later)
    for peer in peers:
        peer.run("meshctl", "wait", "--in-sync", "--timeout", WAIT, timeout=WAIT + 10)
    return [peer.log(ROOM) for peer in peers], alone


def let_pass(peer, seconds):
    """Returns after so many seconds: `meshctl wait` for more peers than there are times out with 2."""
    try:
        peer.run("meshctl", "wait", "--peers", 99, "--timeout", seconds)
    except Failed as failure:
        if "ended with 2" not in str(failure):
            raise


# --- What came of it

def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def column(row, room):
    mark = "+" if row.get("merged") else " "
    if row.get("kind") == "gap":
        text = f"{mark} (gap: {row.get('from_seq')} to {row.get('to_seq')})"
    else:
        text = f"{mark} {row.get('nick') or row['author'][:8]}: {row.get('text', '')}"
    while width(text) > room:
        text = text[:-2] + "…"
    return text + " " * (room - width(text))


def show(logs):
    room = max(24, (shutil.get_terminal_size((120, 24)).columns - 6) // 3)
    print(" │ ".join(f"  {name}'s log".ljust(room) for name in NAMES))
    print("─┼─".join("─" * room for _ in NAMES))
    for place in range(max(map(len, logs))):
        cells = [column(log[place], room) if place < len(log) else " " * room for log in logs]
        print(" │ ".join(cells).rstrip())
    print("+ merged: it arrived by repair, above or between lines that had been on show for a while")


def verdict(logs, alone):
    """The verdict's line, or raises."""
    found = differences(dict(zip(NAMES, logs)))
    ids = {row.get("id") for row in logs[0]}
    found += [f"entry {id} is nowhere" for id in alone if id not in ids]
    found += [
        f"{name} shows a gap" for name, log in zip(NAMES, logs)
        if any(row.get("kind") == "gap" for row in log)]
    merged = {row["id"] for log in logs for row in log if row.get("merged")}
    if not merged:
        found.append("no line is marked as merged")
    if found:
        raise Failed("the logs are not equal:\n" + "\n".join(f"  {line}" for line in found))
    return f"three equal logs: {len(logs[0])} lines, {len(merged)} merged"


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 64
    try:
        with Peers(sys.argv[1], NAMES, "demo", ["--lab"]) as peers:
            logs, alone = play(peers)
        show(logs)
        print(verdict(logs, alone))
        return 0
    except Failed as failure:
        print(f"demo: failed: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("demo: interrupted; the peers are stopped and their homes removed", file=sys.stderr)
        return 1


if __name__ == "__main__":
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has had enough of it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 0
    sys.exit(code)
