"""What is wrong with a rulebook, said so that its author can put it right.

A finding names file, line, key path, what was found and what is allowed. Checks collect findings
instead of stopping at the first, because somebody who writes a rulebook has several typos at once.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from ledger.errors import RulebookError
from ledger.text import safe

SHOWN = 5
MANY = 200
"""Findings after which nobody looks for more: each costs a look for what may have been meant."""
# Compiled where they are used: a sound file needs none of them.
_HEADER = r"\s*(\[{1,2})\s*([^\[\]]+?)\s*\]{1,2}\s*(?:#.*)?$"
_KEY = r"\s*([^=#\[{]+?)\s*="
_BARE = r"[0-9A-Za-z_-]+"


class Finding(Struct, frozen=True):
    """`path` is a key path (`nodes.8.stops.0.days`), empty where the whole file is meant."""

    path: str
    text: str
    line: int = 0

    def sentence(self, file: str) -> str:
        """The finding as a person reads it."""
        where = f"{file}, line {self.line}" if self.line else file
        return safe(": ".join(part for part in (where, self.path, self.text) if part))


class BrokenRulebookError(RulebookError):
    """One or more findings in one file; the message shows the first few, one per line."""

    def __init__(self, file: str, findings: Sequence[Finding]) -> None:
        self.file = file
        self.findings = tuple(findings)
        lines = [finding.sentence(file) for finding in findings[:SHOWN]]
        if len(findings) > SHOWN:
            lines.append(f"{file}: and {len(findings) - SHOWN} more")
        super().__init__("\n".join(lines))


def near(word: str, allowed: Iterable[str]) -> str:
    """`; did you mean "below"?`, or the words allowed where none is near and they are few."""
    from difflib import get_close_matches

    words = sorted(allowed)
    matches = get_close_matches(word, words, n=1, cutoff=0.6)
    if matches:
        return f'; did you mean "{matches[0]}"?'
    return f"; allowed: {', '.join(words)}" if 0 < len(words) <= 16 else ""


def located(text: str, findings: Iterable[Finding]) -> list[Finding]:
    """The findings with the line on which each key, or the nearest table around it, stands."""
    lines: dict[str, int] = {}
    for key, line in _lines(text):
        path = key
        while path and path not in lines:  # a table without a line of its own: its first key's
            lines[path] = line
            path = path.rpartition(".")[0]
    return [f if f.line else Finding(f.path, f.text, _line(lines, f.path)) for f in findings]


def _line(lines: dict[str, int], path: str) -> int:
    while path and path not in lines:
        path = path.rpartition(".")[0]
    return lines.get(path, 0)


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """(key path, line) of each header and each key that begins a line. Near enough to point at."""
    table, counts = "", dict[str, int]()
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(_HEADER, line):
            table = _path(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = f"{table}.{counts[table]}"
            yield table, number
        elif key := re.match(_KEY, line):
            path = _path(key[1])
            yield f"{table}.{path}" if table else path, number


def _path(key: str) -> str:
    return ".".join(re.findall(_BARE, key))
