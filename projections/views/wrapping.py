"""Lines of at most so many columns, broken as a printer would; Chinese characters take two."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

WIDTH = 120
"""Columns where no terminal says how many it has."""
_WIDE = "\u2e80-\u2fff\u3040-\ua4cf\uac00-\ud7a3\uf900-\ufaff"
_OPENING = "（“‘【《「『([<"
_CLOSING = "；，。：、！？）”’】》」』;,.:!?)\\]>%°"
_PIECE = re.compile(
    rf"[{re.escape(_OPENING)}]*"
    r"(?:\d{4}-\d\d(?:-\d\d(?: \d\d:\d\d(?::\d\d)?)?)?"  # a date, a time
    rf"|[+−]?[\d.,]+[{_WIDE}]?(?: [→−+=×] [\d.,]+[{_WIDE}]?)*"  # a sum, a figure with its unit
    rf"|[^\s{_WIDE}{re.escape(_OPENING)}]+|[{_WIDE}]|(?=\s|$))"
    rf"[{_CLOSING}]*\s*"
)
"""What stays on one line, with the marks that may not begin the next and the blanks behind it."""


def columns(text: str) -> int:
    """How many columns of a terminal a text takes: of plain letters there is no need to look."""
    if text.isascii():
        return len(text)
    return sum(
        2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in text
    )


def pad(text: str, width: int) -> str:
    """Fill up to a width in columns."""
    return text + " " * max(width - columns(text), 1)


def breaks(text: str, width: int) -> list[int]:
    """Where the lines of one paragraph end, in characters; the last end is that of the text.

    Dates, sums and figures with their units stay whole, and no line begins with a closing mark.
    What is wider than a line by itself is cut.
    """
    if columns(text) <= width:
        return [len(text)] if text else []
    ends, used, last = [], 0, 0
    for piece in _PIECE.finditer(text):
        for start, end in _cut(text, piece.start(), piece.end(), width):
            if used and used + columns(text[start:end].rstrip()) > width:
                ends.append(start)
                used = 0
            used += columns(text[start:end])
            last = end
    return [*ends, last] if last else []


def _cut(text: str, start: int, end: int, width: int) -> Iterator[tuple[int, int]]:
    """A piece whole; by characters where no line could hold it."""
    whole = columns(text[start:end].rstrip()) <= width
    return pairwise([start, end] if whole else range(start, end + 1))


def wrapped(text: str, width: int) -> list[str]:
    """A text as lines of at most `width` columns; Chinese characters take two."""
    lines = []
    for paragraph in text.split("\n"):
        ends = [0, *breaks(paragraph, width)]
        lines += [paragraph[a:b].rstrip() for a, b in pairwise(ends)] or [""]
    return lines


def set_in(text: str, width: int) -> Iterator[str]:
    """Paragraphs as lines, each set in as its first is."""
    for paragraph in text.split("\n"):
        inside = paragraph.lstrip(" ")
        indent = " " * (len(paragraph) - len(inside))
        for line in wrapped(inside, max(width - len(indent), 1)):
            yield (indent + line).rstrip()
