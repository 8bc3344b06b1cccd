"""Input: whatever a stored or a given byte is, it ends in a sentence or is taken.

Files of this repository are made wrong at random, and read as the commands read them. A try that
ends in anything but an answer or a documented error, or not within some seconds, is shown with the
fewest bytes that were found to do the same.
"""

import resource
import sys
import tempfile
import time
from collections import Counter
from itertools import count
from pathlib import Path

import click
from faults.readers import readers
from faults.tries import ACCEPTED, HANG, REFUSED, TRACEBACK, Ended, drawn, smallest, tried
from rich.table import Table

from campaign_parts import known, seed_option, show

COLUMNS = (ACCEPTED, REFUSED, TRACEBACK, HANG)
MEMORY = 6 << 30
"""Bytes of addresses: more is a MemoryError, and so a traceback."""
TURN = 0.2
"""Seconds until it is the next reader's turn, so that each has its share of the time."""
SHOWN = 400


@click.command(help=__doc__)
@click.option("--minutes", type=float, default=10.0, show_default=True)
@click.option("--reader", "only", help="This reader alone.")
@seed_option
def campaign(minutes: float, only: str | None, seed: int) -> None:
    click.echo(known(seed), err=True)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    counts: dict[str, Counter[str]] = {}
    met: set[tuple[str, Ended]] = set()
    end = time.monotonic() + minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        found = [r for r in readers(Path(folder)) if only in (None, r.name)]
        if not found:
            raise click.BadParameter(f"there is no reader {only!r}", param_hint="--reader")
        numbers = {reader.name: count(1) for reader in found}
        while time.monotonic() < end:
            for reader in found:
                turn = time.monotonic() + TURN
                here = counts.setdefault(reader.name, Counter())
                while time.monotonic() < turn:
                    number = next(numbers[reader.name])
                    data = drawn(reader, seed, number)
                    ended = tried(reader, data)
                    here.update(("tries", ended.how))
                    if ended.wrong and (reader.name, ended) not in met:
                        met.add((reader.name, ended))
                        least = smallest(reader, data, ended)
                        _tell(reader.name, seed, number, ended, least)
    show(_table(counts, seed))
    sys.exit(1 if met else 0)


def _tell(reader: str, seed: int, number: int, ended: Ended, data: bytes) -> None:
    said = repr(data)
    said = said if len(said) <= SHOWN else f"{said[:SHOWN]}… ({len(data):,} bytes)"
    where = f"{ended.what} at {ended.where}"
    click.echo(f"{reader}, seed {seed}, try {number}: {where}\n  {said}", err=True)


def _table(counts: dict[str, Counter[str]], seed: int) -> Table:
    table = Table("reader", "tries", *COLUMNS, title=f"input: {known(seed)}")
    counts["all"] = sum(counts.values(), Counter())
    for reader, counted in counts.items():
        table.add_row(reader, *(f"{counted[column]:,}" for column in ("tries", *COLUMNS)))
    return table
