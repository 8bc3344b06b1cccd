"""Standard output for people: as wide as it is, in colour where there is any, one line for each."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import click
from rich.console import Console
from rich.text import Text

WIDTH = 120
"""Columns where no terminal says how many it has."""


@contextmanager
def console() -> Iterator[Console]:
    """Standard output as rich sees it; a file gets lines of its own width, without blanks at ends.

    Where there is no terminal, COLUMNS says how wide a table may be, else 120.
    """
    if sys.stdout.isatty():
        yield Console(highlight=False, markup=False, emoji=False)
        return
    width = shutil.get_terminal_size((WIDTH, 24)).columns
    memory = StringIO()
    yield Console(file=memory, width=width, highlight=False, markup=False, emoji=False)
    for line in memory.getvalue().splitlines():
        click.echo(line.rstrip())


def heading(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold"))


def say_line(console: Console, text: str) -> None:
    console.print(Text(text), soft_wrap=True)
