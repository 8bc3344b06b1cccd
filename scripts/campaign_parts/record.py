"""The record: bits flipped, programs killed at every call, power lost, and files exchanged.

Flips are in every column of every table (SQLite and PostgreSQL) and anywhere in the file of SQLite.
Kills are at every call by which `import`, `record`, `project` and `seal` touch a file. Power is
lost after each call of `import` and `record`, with any part of what was not synced. After a kill or
a loss of power the same command is given again and must end as if nothing had been. Files are
deleted, renamed, replaced and restored under a program that records. What the standings are is
asked of both stores.
"""

import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import click
import servers
from faults.answers import answers
from faults.flips import PostgresRows, SQLiteFile, flip
from faults.kills import DEEDS, Ended, Kills
from faults.power import Power
from faults.swaps import swaps as swapped
from readmodels.logs import population, record
from rich.progress import Progress
from rich.table import Table

from campaign_parts import known, seed_option, show
from ledger.log.port import open_log
from projections.standing.moments import Moment
from projections.standing.question import Question
from projections.views.objects import audit_view

LOST = tuple(name for name, deed in DEEDS.items() if not deed.after)
"""Deeds of one thread, whose calls are in one order, and of one folder."""
WRONG = Ended._fields[:9]
LAWS = {
    "L1": ("facts lost", "lost"),
    "L2": ("facts that nobody gave", "phantom"),
    "L3": ("facts recorded twice", "doubled"),
    "L4": ("findings of `verify` after a kill or a loss of power", "altered"),
    "L5": ("answers that a flip or another file has changed without a word", "undetected"),
    "L6": ("read models that differ from a replay", "drifted"),
    "L7": ("creators who stand otherwise in another store", "disagreeing"),
    "L8": ("commands that, given again, did not end as they should", "unsettled"),
    "L9": ("seals of which the ledger is no continuation, or that goes unsaid", "forked"),
    "L10": ("plaintext left after an erasure: nothing can be erased yet", ""),
    "L12": ("tracebacks, exit codes that are not documented", "tracebacks"),
}


class Told(NamedTuple):
    group: str
    place: str
    counts: dict[str, int]
    why: str = ""
    seconds: float = 0.0


@click.command(help=__doc__)
@click.option("--flips", default=20_000, show_default=True, help="Bits to flip.")
@click.option("--kills", default=2_000, show_default=True, help="Kills, of all calls.")
@click.option("--states", default=10_000, show_default=True, help="States after a loss of power.")
@click.option("--swaps", default=1_000, show_default=True, help="Files exchanged.")
@click.option("--creators", default=2_000, show_default=True, help="To be judged in both stores.")
@seed_option
def campaign(flips: int, kills: int, states: int, swaps: int, creators: int, seed: int) -> None:
    click.echo(known(seed), err=True)
    context = get_context("spawn")
    queue: Queue[Told | None] = context.Queue()
    parts = [(_flipped, (flips, swaps, creators)), (_killed_and_lost, (kills, states))]
    workers = [context.Process(target=_work, args=(queue, p, n, seed)) for p, n in parts]
    began = time.monotonic()
    for worker in workers:
        worker.start()
    counts: dict[tuple[str, str], Counter[str]] = {}
    wrong, slowest, left = 0, 0.0, len(workers)
    with Progress(transient=True) as progress:
        task = progress.add_task("faults", total=flips + kills + states + swaps + creators)
        while left:
            told = queue.get()
            if told is None:
                left -= 1
                continue
            counts.setdefault((told.group, told.place), Counter()).update(told.counts)
            slowest = max(slowest, told.seconds)
            progress.advance(task)
            if told.why:
                wrong += 1
                progress.console.print(f"{told.group}, {told.place}: {told.why}", markup=False)
    _show(counts, known(seed), slowest, time.monotonic() - began)
    sys.exit(1 if wrong or any(worker.exitcode for worker in workers) else 0)


def _work(
    queue: "Queue[Told | None]", part: Callable[[Any, Random], Iterator[Told]], n: Any, seed: int
) -> None:
    try:
        for told in part(n, Random(seed)):
            queue.put(told)
    except Exception:
        queue.put(Told("campaign", part.__name__, {"tracebacks": 1}, traceback.format_exc()))
    finally:
        queue.put(None)


def _flipped(numbers: tuple[int, int, int], random: Random) -> Iterator[Told]:
    flips, swaps, creators = numbers
    yield from _judged(creators, random)
    with tempfile.TemporaryDirectory() as home:
        for name, ended in islice(swapped(Path(home), random), swaps):
            yield _told("files", name, ended)
    yield from _flips(flips, random)


def _judged(number: int, random: Random) -> Iterator[Told]:
    """The same facts in both stores."""
    lessons = population(random.randrange(2**32), number, longest=14)
    with tempfile.TemporaryDirectory() as home, servers.postgres() as server:
        urls = (f"sqlite:///{home}/ledger.db", server.database())
        for url in urls:
            with open_log(url, create=True) as log:
                record(log, lessons)
        now = Moment(datetime.now(UTC))
        with Question(urls[0], (), now, now) as one, Question(urls[1], (), now, now) as other:
            for creator in one.creators():
                same, audited = (audit_view(q.ask(creator, rulings=True)) for q in (one, other))
                counts = {"count": 1, "disagreeing": int(same != audited)}
                why = f"{creator} is judged otherwise" if same != audited else ""
                yield Told("decisions", "SQLite and PostgreSQL", counts, why)


def _flips(number: int, random: Random) -> Iterator[Told]:
    """A tenth of them in PostgreSQL."""
    with tempfile.TemporaryDirectory() as home, servers.postgres() as server:
        rows = PostgresRows(server.database(), Path(home), 40)
        file = SQLiteFile(Path(home), 40)
        for store, part in ((rows, number // 10), (file, number - number // 10)):
            before = dict(answers(store.url, store.asked))
            done = 0
            for one in store.flips(random):
                if done == part:
                    break
                try:
                    made = flip(store, before, one)
                except Exception:
                    store.mend()
                    yield Told("flips", one[0], {"tracebacks": 1}, traceback.format_exc())
                else:
                    if made is None:
                        continue
                    why = f"{made.wrong} answered otherwise" if made.wrong else ""
                    yield Told("flips", made.place, {made.outcome: 1}, why)
                done += 1
        rows.close()


def _killed_and_lost(numbers: tuple[int, int], random: Random) -> Iterator[Told]:
    kills, states = numbers
    with tempfile.TemporaryDirectory() as home:
        for place, name in enumerate(LOST):
            power = Power(Path(home) / f"power {place}", name)
            share = states // len(LOST) + (place < states % len(LOST))
            for ended in islice(power.states(random), share):
                yield _told("power", name, ended)
        scenes = {name: Kills(Path(home) / name, name) for name in DEEDS}
        every = [(name, call) for name, scene in scenes.items() for call in scene.calls]
        more = random.choices(every, k=max(0, kills - len(every)))
        for name, call in random.sample(every, min(kills, len(every))) + more:
            yield _told("kills", name, scenes[name].kill(call))


def _told(group: str, place: str, ended: Ended) -> Told:
    counts = {name: getattr(ended, name) for name in WRONG} | {"count": 1}
    why = "" if ended.clean else str(ended)
    return Told(group, place, counts, why, ended.seconds)


def _show(
    counts: dict[tuple[str, str], Counter[str]], named: str, slowest: float, took: float
) -> None:
    columns = ("refused", "found by verify", "no difference", "undetected")
    flips = Table("flipped", "count", *columns, title=f"record, flips: {named}")
    faults = Table("fault", "count", *WRONG, title=f"record, faults: {named}")
    total: Counter[str] = Counter()
    for (group, place), counted in sorted(counts.items()):
        total.update(counted)
        if group == "flips":
            cells = [counted[c] for c in columns]
            flips.add_row(place, f"{sum(cells):,}", *(f"{n:,}" for n in cells))
        else:
            faults.add_row(
                f"{group}: {place}", f"{counted['count']:,}", *(f"{counted[c]:,}" for c in WRONG)
            )
    laws = Table("", "what", "count", title=f"record, {took / 60:.0f} minutes: {named}")
    for law, (what, key) in LAWS.items():
        laws.add_row(law, what, f"{total[key]:,}" if key else "–")
    laws.add_row("L11", "longest until the next command had ended, seconds", f"{slowest:.1f}")
    for table in (flips, faults, laws):
        show(table)
