"""Standard output for people: as wide as it is, in colour where there is any, one line for each.

Sentences are wrapped as a printer would: `wrapped` for lines, `Prose` for the cells of a table.
"""

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from itertools import pairwise
from typing import Any

import click
from rich.cells import cell_len
from rich.console import Console
from rich.containers import Lines
from rich.text import Text

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


@contextmanager
def console() -> Iterator[Console]:
    """Standard output as rich sees it; a file gets lines of its own width, without blanks at ends.

    Where there is no terminal, COLUMNS says how wide a table may be, else 120.
    """
    if sys.stdout.isatty():
        yield Console(highlight=False, markup=False, emoji=False)
        return
    memory = StringIO()
    yield Console(file=memory, width=columns(), highlight=False, markup=False, emoji=False)
    for line in memory.getvalue().splitlines():
        click.echo(line.rstrip())


def columns() -> int:
    """Of a terminal; else COLUMNS, else 120."""
    return shutil.get_terminal_size((WIDTH, 24)).columns


def heading(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold"))


def say_line(console: Console, text: str) -> None:
    console.print(Text(text), soft_wrap=True)


def say_prose(console: Console, text: str) -> None:
    """Paragraphs as wide as the console; the lines of one are set in as its first is."""
    for paragraph in text.split("\n"):
        inside = paragraph.lstrip(" ")
        indent = " " * (len(paragraph) - len(inside))
        for line in wrapped(inside, max(console.width - len(indent), 1)):
            say_line(console, (indent + line).rstrip())


def breaks(text: str, width: int) -> list[int]:
    """Where the lines of one paragraph end, in characters; the last end is that of the text.

    Dates, sums and figures with their units stay whole, and no line begins with a closing mark.
    What is wider than a line by itself is cut.
    """
    if _columns(text) <= width:
        return [len(text)] if text else []
    ends, used, last = [], 0, 0
    for piece in _PIECE.finditer(text):
        for start, end in _cut(text, piece.start(), piece.end(), width):
            if used and used + _columns(text[start:end].rstrip()) > width:
                ends.append(start)
                used = 0
            used += _columns(text[start:end])
            last = end
    return [*ends, last] if last else []


def _cut(text: str, start: int, end: int, width: int) -> Iterator[tuple[int, int]]:
    """A piece whole; by characters where no line could hold it."""
    whole = _columns(text[start:end].rstrip()) <= width
    return pairwise([start, end] if whole else range(start, end + 1))


def _columns(text: str) -> int:
    """How many columns a text takes: of plain letters there is no need to look."""
    return len(text) if text.isascii() else cell_len(text)


def wrapped(text: str, width: int) -> list[str]:
    """A text as lines of at most `width` columns; Chinese characters take two."""
    lines = []
    for paragraph in text.split("\n"):
        ends = [0, *breaks(paragraph, width)]
        lines += [paragraph[a:b].rstrip() for a, b in pairwise(ends)] or [""]
    return lines


class Prose(Text):
    """A text whose lines break as `wrapped` breaks them, in tables too; styles are kept."""

    def wrap(self, console: Console, width: int, **_: Any) -> Lines:  # noqa: ARG002  rich's own
        """The lines that rich prints."""
        lines = Lines()
        for paragraph in self.split("\n", allow_blank=True):
            lines.extend(paragraph.divide(breaks(paragraph.plain, width)[:-1]))
        for line in lines:
            line.rstrip()
        return lines
