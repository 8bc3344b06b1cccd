"""Read models: rounds of faults on a Valkey, a PostgreSQL and a SQLite file in turn.

A round is a new ledger with its read model, real servers and real runners, and a dozen of the
faults that the place knows, drawn at random. After each one everything is compared with a replay.
"""

import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from itertools import count
from random import Random
from typing import NamedTuple

import click
from faults.judge import Verdict
from faults.places import PLACES, made
from faults.scene import Scene
from faults.table import of
from rich.table import Table

from campaign_parts import known, seed_option, show

COLUMNS = ("lost", "duplicated", "drifted")
FAULTS = 12
"""In a round: a ledger that grows makes each comparison slower."""


class Suffered(NamedTuple):
    fault: str
    round: int
    verdict: Verdict


@click.command(help=__doc__)
@click.option("--minutes", type=float, default=10.0, show_default=True)
@seed_option
def campaign(minutes: float, seed: int) -> None:
    click.echo(known(seed), err=True)
    end = time.monotonic() + minutes * 60
    counts: dict[str, Counter[str]] = {}
    wrong = 0
    for one in rounds(Random(seed)):
        here = counts.setdefault(one.fault, Counter())
        here.update({"count": 1} | {column: getattr(one.verdict, column) for column in COLUMNS})
        if not one.verdict.clean:
            wrong += 1
            click.echo(f"{one.fault}, round {one.round}: {one.verdict}", err=True)
        if time.monotonic() > end:
            break
    table = Table("fault", "count", *COLUMNS, title=f"readmodels: {known(seed)}")
    counts["all"] = sum(counts.values(), Counter())
    for fault, counted in counts.items():
        table.add_row(fault, *(f"{counted[column]:,}" for column in ("count", *COLUMNS)))
    show(table)
    sys.exit(1 if wrong else 0)


def rounds(random: Random) -> Iterator[Suffered]:
    for number, kind in ((n, kind) for n in count(1) for kind in PLACES):
        with made(kind) as place:
            scene = Scene(place, Random(random.randrange(2**32)), creators=random.randrange(5, 30))
            try:
                scene.settle()
                for fault in scene.random.choices(of(kind), k=FAULTS):
                    name = f"{fault.name} ({kind})"
                    try:
                        fault.do(scene)
                        verdict = scene.judge()
                    except AssertionError:
                        verdict = Verdict(drifted=1, why=(traceback.format_exc(),))
                    yield Suffered(name, number, verdict)
                    if not verdict.clean:
                        break
            finally:
                scene.close()
