#!/usr/bin/env python3
"""Wraps comment lines that are longer than the columns of the house, which swift format leaves alone.

    wrap_comments.py FILE...

What does not fit goes to the front of the next line of the same paragraph, so that little changes.
Comments after code are left as they are; the style test reports them.
"""

import re
import sys

COLUMNS = 100
COMMENT = re.compile(r"^( *///? )(\S.*)$")
# Lists, headings, tables, fences, commands and waivers keep their lines.
KEPT = re.compile(r"^([-*|#>]|\d+\.|```| {2,}|style:|swift-)")


def parts(line):
    """The prefix and the words of a comment that may be wrapped, else None."""
    match = COMMENT.match(line)
    return match.groups() if match else None


def continues(line, prefix):
    """Whether `line` goes on with the paragraph of a comment that has this prefix."""
    found = parts(line)
    return found is not None and found[0] == prefix and not KEPT.match(found[1])


def cut(text, room):
    """Splits before the last word that does not fit; the rest is empty where no word break helps."""
    place = text.rfind(" ", 0, room + 1)
    return (text[:place], text[place + 1:]) if place > 0 else (text, "")


def wrap(lines):
    lines = list(lines)
    index = 0
    while index < len(lines):
        found = parts(lines[index])
        if found and len(lines[index]) > COLUMNS:
            prefix, text = found
            kept, rest = cut(text, COLUMNS - len(prefix))
            if rest:
                # Below a list item, the text that is pushed down keeps under the item's own text.
                item = re.match(r"^([-*]|\d+\.) ", text)
                below = prefix + (" " * len(item.group(0)) if item else "")
                lines[index] = prefix + kept
                following = lines[index + 1] if index + 1 < len(lines) else ""
                if not item and continues(following, prefix):
                    lines[index + 1] = prefix + rest + " " + parts(following)[1]
                else:
                    lines.insert(index + 1, below + rest)
        index += 1
    return lines


def main():
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            before = file.read()
        after = "\n".join(wrap(before.split("\n")))
        if after != before:
            with open(path, "w", encoding="utf-8") as file:
                file.write(after)
            print(f"wrapped {path}")


if __name__ == "__main__":
    main()
