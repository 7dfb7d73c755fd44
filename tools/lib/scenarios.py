"""The frame of a tool that plays scenarios with real peers: each by its name, a line for each, a verdict.
Python 3 standard library only.
"""

import argparse
import pathlib
import sys
import time

from peers import Failed

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Skipped(Exception):
    """What a scenario needs is not to be had here; the text says what. Never counted as passed."""


def run(tool, doc, scenarios):
    """`scenarios` maps a name to a function that takes the folder of the programs and returns a line of
    figures. Exits 0 when all that were played passed, 1 otherwise."""
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="NAME", action="append", choices=list(scenarios),
                        help=f"of {', '.join(scenarios)}; may be repeated")
    parser.add_argument("--bin", default=ROOT / ".build" / "release", help="folder of the programs")
    options = parser.parse_args()
    passed, failed, skipped = [], [], []
    for name in options.only or scenarios:
        print(f"{tool}: {name} ...", file=sys.stderr, flush=True)
        begin = time.monotonic()
        try:
            figures = scenarios[name](options.bin)
            passed.append(name)
            print(f"PASS {name}: {figures} ({time.monotonic() - begin:.0f} s)", flush=True)
        except Skipped as reason:
            skipped.append(name)
            print(f"SKIP {name}: {reason}", flush=True)
        except Failed as failure:
            failed.append(name)
            print(f"FAIL {name}: {failure}\n  again: tools/{tool} --only {name}", flush=True)
        except KeyboardInterrupt:
            return 1
    print(f"{tool}: {len(passed)} passed, {len(failed)} failed, {len(skipped)} skipped")
    return 0 if passed and not failed else 1


def need(holds, what):
    """Failed, saying what did not hold."""
    if not holds:
        raise Failed(what)
