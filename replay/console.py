"""Standard output for people: as wide as it is, in colour where there is any, one line for each.

`Prose` wraps the cells of a table as a printer would.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import click
from rich.console import Console
from rich.containers import Lines
from rich.text import Text

from projections.views.wrapping import WIDTH, breaks, set_in


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
    for line in set_in(text, console.width):
        say_line(console, line)


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
