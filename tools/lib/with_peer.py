#!/usr/bin/env python3
"""Runs a command beside a peer of its own on loopback that has joined #ops.

    with_peer.py FOLDER_OF_PROGRAMS COMMAND [ARGUMENT...]

`{socket}` in an argument stands for the path of the peer's socket. Exits as the command does.
"""

import subprocess
import sys

from peers import Failed, Peers


def main():
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 64
    try:
        with Peers(sys.argv[1], ["host"], "lab") as (peer,):
            peer.start()
            peer.run("starling", "join", "ops")
            command = [part.replace("{socket}", str(peer.socket)) for part in sys.argv[2:]]
            return subprocess.run(command, env=peer.env).returncode
    except Failed as failure:
        print(f"with_peer: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 1


if __name__ == "__main__":
    sys.exit(main())
