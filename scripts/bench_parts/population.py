"""Everybody at once: ready columns to a row for each creator, and how long the first answer takes.

Population P: creators whose facts lie anywhere in six years, about thirty each with a long tail,
four of five of them violations, all kinds of facts. M is the same under `douyin-merchant`.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import numpy as np
from bench_parts import _mechanical_c

from ledger.facts.envelope import Envelope, known, replay_order
from ledger.facts.types import CreatorEnrolled, ExamRightClaimed, Fact
from ledger.rulebook.shelf import Shelf
from projections.standing.history import build
from projections.standing.replay import DEFAULT_RULEBOOK, Library
from projections.standing.tables import Tables
from replay.population import engine, synthetic
from replay.population.columns import Columns
from replay.population.engine import scan

FACTS = int(os.environ.get("BENCH_FACTS", "30000000"))
ROUNDS = 5
COPIES = 50
"""How often the same creators are there: it is CPython that makes them."""
BOOKS = 4
"""Of a sweep, on a quarter of the creators."""
SPAN = 6 * 365 * synthetic.DAY
AS_OF = synthetic.START + 2_500 * synthetic.DAY
Clock = Callable[[], float]
BARE = engine.Wanted(simulate=False, per_fact=False, told=False)
SLICE = 30_000
"""Facts that CPython folds, to compare with."""


def creators(facts: int, categories: Sequence[str], seed: int = 0) -> Iterator[list[Envelope]]:
    """Population P."""
    random = Random(seed)
    number, left = 0, facts
    while left > 0:
        length = min(max(3, int(15 * random.lognormvariate(0, 1.19))), 5000)
        times = sorted(synthetic.START + random.randrange(SPAN) for _ in range(length))
        made = _facts(random, length, categories)
        yield [
            Envelope("bench", f"e-{n}", f"c-{number}", at, fact, at, n + 1, n + 1)
            for n, (at, fact) in enumerate(zip(times, made, strict=True))
        ]
        left -= length
        number += 1


def _facts(random: Random, length: int, categories: Sequence[str]) -> Iterator[Fact]:
    violations: list[str] = []
    sitting: list[Fact] = []
    for n in range(length):
        if n == 0:
            yield CreatorEnrolled(level=random.randrange(3, 6), reputation=470)
        elif n == 1 and random.random() < 0.8:
            yield ExamRightClaimed()
        elif sitting:
            yield sitting.pop()
        elif not violations or random.random() < 0.8:
            violations.append(f"v-{n}" if random.random() < 0.99 else "v-2")
            yield synthetic._violation(random, violations[-1], random.choice(categories))
            if random.random() < 0.04:
                sitting = synthetic._exam(random, violations[-1])[-3:]
        else:
            make = random.choices(synthetic.MAKERS, synthetic.WEIGHTS)[0]
            yield make(random, random.choice(violations[-3:]), n)


def columns_of(tables: Tables, facts: int) -> Columns:
    histories = []
    for envelopes in creators(facts, list(tables.names.categories)):
        kept, retracted, by_id = known(envelopes, None)
        ruled = [e for e in replay_order(kept, retracted) if e.position not in retracted]
        histories.append(build(ruled, tables, by_id))
        histories[-1].envelopes = []
    columns = Columns(histories, tables)
    return columns.some(np.tile(np.arange(len(columns)), COPIES))


def figures() -> Iterator[dict[str, Any]]:
    library = Library(Shelf())
    tables = library.tables(DEFAULT_RULEBOOK)
    columns = columns_of(tables, FACTS // COPIES)
    merchants = library.tables("douyin-merchant")
    sold = columns_of(merchants, FACTS // COPIES // 2)
    yield from start_up()
    one = rate(columns, [tables], threads=1, clock=time.process_time)
    two = rate(columns, [tables], threads=2)
    slow = interpreted(columns, tables)
    yield figure("population.one: P, one thread, by its processor time", one, "facts/s")
    yield figure("population.two: P, two threads", two, "facts/s", ">= 80,000,000", two >= 80e6)
    yield figure(
        "population.cpython: one thread, against CPython on the same functions",
        round(one / slow, 1),
        "times",
        ">= 80",
        one / slow >= 80,
    )
    yield mechanical_c(columns, tables, one)
    due = rate(columns, [tables], threads=2, simulate=True)
    yield figure(
        "population.due: P, recoveries as due, two threads",
        due,
        "facts/s",
        ">= 20,000,000",
        due >= 20e6,
    )
    merchant = rate(sold, [merchants], threads=2)
    yield figure(
        "population.merchant: M, two threads",
        merchant,
        "facts/s",
        ">= 40,000,000",
        merchant >= 40e6,
    )
    few = columns.some(range(len(columns) // BOOKS))
    first, all_ = (rate(few, [tables] * count, threads=2) for count in (1, BOOKS))
    further = round((first / all_ - 1) / (BOOKS - 1), 2)
    yield figure(
        "population.further: each further rulebook in one pass, of the first",
        further,
        "times",
        "<= 0.7",
        further <= 0.7,
    )


def figure(
    name: str, value: float, unit: str, target: str | None = None, met: bool | None = None
) -> dict[str, Any]:
    row = {"name": name, "value": value, "unit": unit, "against": None, "ratio": None}
    return row | {"target": target, "met": met}


def rate(
    columns: Columns,
    books: Sequence[Tables],
    *,
    threads: int,
    simulate: bool = False,
    clock: Clock = time.perf_counter,
) -> int:
    """Facts per second, a pass over all the books, the distribution of scores included."""

    def once() -> None:
        scores = np.zeros((len(books), 2_000), np.int64)

        def take(first: int, rows: Any) -> None:  # noqa: ARG001  it does not matter who they are
            for book in range(len(books)):
                scores[book] += np.bincount(rows[:, book, 2], minlength=2_000)

        scan(columns, books, take, as_of=AS_OF, threads=threads, simulate=simulate)

    return round(len(columns.facts) / timed(once, clock))


def timed(what: Callable[[], object], clock: Clock) -> float:
    what()
    spent = []
    for _ in range(ROUNDS):
        start = clock()
        what()
        spent.append(clock() - start)
    return median(spent)


def interpreted(columns: Columns, tables: Tables) -> float:
    """Facts per second of CPython, the making of objects left out."""
    from replay.population.engine import order_of
    from replay.population.workers import Interpreter

    few = columns.some(range(int(np.searchsorted(columns.starts, SLICE))))
    worker = Interpreter(order_of(few, [tables], AS_OF, simulate=False, per_fact=False))
    return len(few.facts) / timed(lambda: worker.fold(0, len(few)), time.process_time)


def mechanical_c(columns: Columns, tables: Tables, ours: int) -> dict[str, Any]:
    """The same law, pruned the same, word for word as C: how far the compiler is from it."""
    name = "population.c: P, one thread, against the pruned law as mechanical C, gcc -O3"
    with TemporaryDirectory() as folder:
        law = _mechanical_c.law(tables, Path(folder))
        if law is None:
            return figure(f"{name}: not measured, no gcc here", 0, "times")
        assert engine.agrees(law, [tables], BARE, columns.facts.dtype)
        with mock.patch.object(engine, "_law", return_value=law):
            theirs = rate(columns, [tables], threads=1, clock=time.process_time)
    return figure(name, round(ours / theirs, 2), "times", ">= 1", ours >= theirs)


FIRST = """
import time; begun = time.perf_counter()
import sys
from ledger.rulebook.shelf import Shelf
from projections.standing.replay import DEFAULT_RULEBOOK, Library
from replay.population import engine
tables = Library(Shelf()).tables(DEFAULT_RULEBOOK)
columns = engine.sample(tables)
ready = time.perf_counter()
engine.fold(columns, [tables], as_of=engine.LATER, threads=1)
print(time.perf_counter() - begun, time.perf_counter() - ready)
"""
"""The law from nothing to its first answer: all of it, and without imports and rulebooks."""


def start_up() -> Iterator[dict[str, Any]]:
    with TemporaryDirectory() as cache:
        _, cold = first(cache)
        warm = [first(cache) for _ in range(ROUNDS)]
    yield figure(
        "population.compile: cold, the law pruned and compiled, checked against CPython",
        round(cold, 2),
        "s",
        "<= 8",
        cold <= 8,
    )
    whole = median(all_of_it for all_of_it, _ in warm)
    law = median(only for _, only in warm)
    yield figure("population.warm: the law kept, checked", round(law, 3), "s")
    yield figure(
        "population.start: the same with all imports and the rulebook",
        round(whole, 2),
        "s",
        "<= 0.5",
        whole <= 0.5,
    )


def first(cache: str) -> tuple[float, float]:
    root = Path(__file__).parents[2]
    environment = os.environ | {"XDG_CACHE_HOME": cache, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", FIRST], env=environment, capture_output=True, text=True, check=True
    )
    whole, law = map(float, done.stdout.split())
    return whole, law
