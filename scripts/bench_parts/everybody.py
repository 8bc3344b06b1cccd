"""Everybody, from end to end: from the shell, out of an archive, in a sweep; and what others take.

The population is invented (`scripts/make_history`), recorded in SQLite, and archived. Peers get the
rows ready in memory and do the same work, creator by creator: the fold in CPython, then the score.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import polars as pl
from bench_parts.creator import Found, trivial
from eventsourcing.application import Application
from eventsourcing.domain import datetime_now_with_tzinfo
from msgspec.structs import replace

from projections.fold.begin import begin
from projections.fold.given import Fact, MeasureRow, Sizes
from projections.fold.state import GRANTED_BY_FACT
from projections.standing.executed import run_up
from projections.standing.history import with_rows
from projections.standing.moments import read_moment
from projections.standing.question import Question
from projections.standing.replay import fold_rows
from replay.population.archived import columns, load
from replay.population.columns import Columns, objects
from replay.population.engine import fold
from replay.population.study.answer import Asked, Result, prepare
from replay.population.study.archive import ahead, open_archive
from replay.population.study.shares import Job, merge, plan, share_of
from replay.population.study.sweep import read_sweep

ROOT = Path(__file__).parents[2]
CREATORS = int(os.environ.get("BENCH_CREATORS", "32000"))
"""A million facts."""
COPIES = 10
"""The plan so many times over, as a history so many times as large has it."""
THREADS = len(os.sched_getaffinity(0))
USUAL = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
"""As users have it: Python keeps what it compiled."""
ROUNDS = 5
POINTS = 10
FEW = 1_000
"""Creators whom peers fold."""
WHEN = "2025-12-31"
AS_OF = read_moment(WHEN).instant("Asia/Shanghai")


def figures() -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        url = f"sqlite:///{home}/ledger.db"
        run("make_history", str(home / "made.jsonl"))
        program(url, "import", "--trust-recorded-times", str(home / "made.jsonl"))
        program(url, "project", "--parquet", str(home / "archive"), "--once")
        yield from shell(url, home)
        yield from inside(url, str(home / "archive"))
        yield from peers(url, str(home / "archive"))


def run(script: str, out: str) -> None:
    words = [f"{ROOT}/scripts/{script}.py", "--creators", str(CREATORS), "--seed", "1", "-o", out]
    subprocess.run([sys.executable, *words], check=True)


def program(url: str, *words: str) -> None:
    tool = Path(sys.executable).with_name("penalty-ledger")
    subprocess.run([tool, "--db", url, *words], check=True, stdout=subprocess.DEVNULL, env=USUAL)


def shell(url: str, home: Path) -> Iterator[dict[str, Any]]:
    words = ("population", "--as-of", WHEN)
    archived = ("--archive", str(home / "archive"))
    first = timed(lambda: program(url, *words, *archived))
    yield figure(
        f"everybody.shell: {CREATORS:,} creators out of an archive, warm, to tables",
        first, "s", "nothing", None, "<= 1", first <= 1,
    )  # fmt: skip
    log = timed(lambda: program(url, *words), rounds=1)
    yield figure(
        "everybody.log: the same out of the log itself", log, "s", "out of the archive", log / first
    )


def inside(url: str, archive: str) -> Iterator[dict[str, Any]]:
    def asked(**words: Any) -> float:
        with Question(url, (), read_moment(WHEN)) as question:
            one = timed(lambda: sums(question, Asked(archive=archive, **words)))
            return COPIES * question.log.head() / one

    one = asked()
    yield figure(
        f"everybody.archive: archive on disk, {COPIES} times over, to all sums, all threads",
        one, "facts/s",
        "target", one / 35e6, ">= 35,000,000", one >= 35e6,
    )  # fmt: skip
    many = asked(sweeps=(read_sweep(f"nodes.8.below=6.1:{6 + POINTS / 10}:0.1"),))
    further = (one / many - 1) / POINTS
    yield figure(
        f"everybody.sweep: each of {POINTS} further rulebooks, with their sums", further, "times",
        "the first", further, "<= 0.7", further <= 0.7,
    )  # fmt: skip


def sums(question: Question, asked: Asked) -> Result:
    """As `population` has them, of a history so many times as large: its plan again and again."""
    result = prepare(question, asked)
    job = Job(replace(asked, threads=1), result.reforms, result.times, None)
    for share in ahead(partial(share_of, job), plan(question, asked) * COPIES, THREADS):
        merge(result, share)
    return result


def peers(url: str, archive: str) -> Iterator[dict[str, Any]]:
    with Question(url, (), read_moment(WHEN)) as question:
        result = prepare(question, Asked())
        opened = open_archive(archive, question.log.end())
    tables, as_of = result.reforms.baseline.tables, result.times.as_of
    made = columns(load(opened.tasks()[0]), tables, as_of=as_of)
    few = made.some(range(min(FEW, len(made))))
    facts = len(few.facts)
    ours = len(made.facts) / timed(lambda: fold(made, [tables], as_of=as_of, threads=1))
    yield figure("everybody.ready: rows in memory, one thread", ours, "facts/s", "nothing", None)
    by_hand = one_by_one(few, tables)
    owners = np.repeat(np.arange(len(few)), np.diff(few.starts))
    frame = pl.DataFrame({n: few.facts[n] for n in few.facts.dtype.names}).with_columns(
        creator=pl.Series(owners)
    )
    names = list(Fact.__annotations__)

    def polars() -> object:
        return frame.group_by("creator", maintain_order=True).map_groups(
            lambda group: pl.DataFrame(
                {"score": [by_hand(group["creator"][0], group.select(names).rows())]}
            )
        )

    known = frame.to_pandas()

    def pandas() -> object:
        return known.groupby("creator")[[*names, "creator"]].apply(
            lambda group: by_hand(
                group["creator"].iloc[0],
                group[names].itertuples(index=False, name=None),
            )
        )

    def loop() -> object:
        rows = objects(Fact, few.facts)
        starts = few.starts.tolist()
        return [fold_one(few, tables, n, rows[a:b])
                for n, (a, b) in enumerate(pairwise(starts))]  # fmt: skip

    scores = fold(few, [tables], as_of=as_of).summaries[:, 0, 2].tolist()
    assert [row["score"] for row in polars().to_dicts()] == list(pandas()) == loop() == scores
    for name, work in (
        ("Polars group_by().map_groups", polars),
        ("pandas groupby().apply", pandas),
        ("a loop in CPython", loop),
    ):
        theirs = facts / timed(work, rounds=2)
        yield figure(f"everybody.peer: {name}, the same fold", theirs, "facts/s",
                     "rows in memory, one thread", ours / theirs)  # fmt: skip
    theirs = repository()
    yield figure(
        "everybody.peer: eventsourcing's repository.get for each creator, points added up",
        theirs, "facts/s", "rows in memory, one thread, all rules", ours / theirs,
    )  # fmt: skip


def one_by_one(few: Columns, tables: Any) -> Callable[[int, Any], int]:
    """What a user would write for a group: rows to facts, the fold, the score."""
    return lambda number, rows: fold_one(few, tables, number, [Fact(*row) for row in rows])


def fold_one(few: Columns, tables: Any, number: int, rows: list[Fact]) -> int:
    (sizes,) = objects(Sizes, few.sizes[number : number + 1])
    creator = with_rows(sizes)
    first, last = few.first_measures[number : number + 2].tolist()
    begin(creator, sizes, objects(MeasureRow, few.measures[first:last]), 0, GRANTED_BY_FACT)
    fold_rows(creator, rows, tables.book)
    run_up(creator, AS_OF, tables)
    return int(creator.counters[0].score)


def repository() -> float:
    """Facts per second of the bare library: JSON in SQLite, a fold that only adds up."""
    with tempfile.TemporaryDirectory() as folder:
        env = {"PERSISTENCE_MODULE": "eventsourcing.sqlite",
               "SQLITE_DBNAME": str(Path(folder, "library.db"))}  # fmt: skip
        app = Application[UUID](env=env)
        names = [uuid4() for _ in range(200)]
        for name in names:
            app.save(
                *(Found(name, n + 1, datetime_now_with_tzinfo(), "s", f"e-{n}", f"v-{n}", "spam", 1)
                  for n in range(30))
            )  # fmt: skip
        spent = timed(lambda: [app.repository.get(n, projector_func=trivial) for n in names])
        return len(names) * 30 / spent


def timed(what: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds, the median; a first time is not counted."""
    if rounds > 1:
        what()
    spent = []
    for _ in range(rounds):
        start = time.perf_counter()
        what()
        spent.append(time.perf_counter() - start)
    return median(spent)


def figure(
    name: str, value: float, unit: str, against: str, ratio: float | None,
    target: str | None = None, met: bool | None = None,
) -> dict[str, Any]:  # fmt: skip
    digits = 0 if value > 100 else 2
    return {
        "name": name,
        "value": round(value, digits or None) if digits else round(value),
        "unit": unit,
        "against": None if against == "nothing" else against,
        "ratio": None if ratio is None else round(ratio, 2 if ratio < 10 else 0),
        "target": target,
        "met": met,
    }
