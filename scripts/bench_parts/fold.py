"""The fold: the same functions in CPython and compiled, one thread, over the same rows."""

import gc
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from ledger.facts.envelope import Envelope, known, replay_order
from ledger.facts.types import CreatorEnrolled
from ledger.rulebook.shelf import Shelf
from projections.fold.calendar import month_of
from projections.fold.step import advance_simulated, step
from projections.standing.history import blank, build
from projections.standing.replay import DEFAULT_RULEBOOK, Library, fold_rows
from projections.standing.tables import Tables
from replay.population.columns import Columns
from replay.population.engine import fold
from replay.population.synthetic import DAY, START, population

FACTS = 1_000_000
ROUNDS = 5
AS_OF = 2_000_000_000_000_000
SANE = 250_000
CLEAN = 10_000
"""Creators without a violation, for `YEARS`."""
YEARS = 2
LEAP = 5.0
"""Microseconds for a recovery."""


def figures() -> Iterator[dict[str, Any]]:
    tables = Library(Shelf()).tables(DEFAULT_RULEBOOK)
    histories = []
    for facts in population(FACTS, list(tables.names.categories)):
        kept, retracted, by_id = known(facts, None)
        ruled = [e for e in replay_order(kept, retracted) if e.position not in retracted]
        histories.append(build(ruled, tables, by_id))
        histories[-1].envelopes = []
    columns = Columns(histories, tables)
    gc.freeze()

    def compiled() -> float:
        start = time.perf_counter()
        fold(columns, [tables], as_of=AS_OF, threads=1)
        return time.perf_counter() - start

    def interpreted() -> float:
        spent = 0.0
        for history in histories:
            creator = blank(history, tables)
            start = time.perf_counter()
            fold_rows(creator, history.rows, tables.book)
            spent += time.perf_counter() - start
        return spent

    first = compiled()
    times = [(compiled(), interpreted()) for _ in range(ROUNDS)]
    fast, slow = (median(column) for column in zip(*times, strict=True))
    count = len(columns.facts)
    yield {
        "name": "fold.compiled: one thread, 1,000,000 synthetic facts",
        "value": round(count / fast),
        "unit": "facts/s",
        "against": "the same functions in CPython",
        "ratio": round(slow / fast, 1),
        "target": ">= 25",
        "met": slow / fast >= 25,
    }
    yield {
        "name": "fold.cpython: without trace",
        "value": round(count / slow),
        "unit": "facts/s",
        "against": f"{SANE:,} facts/s",
        "ratio": round(count / slow / SANE, 2),
        "target": ">= 1",
        "met": count / slow >= SANE,
    }
    yield {
        "name": "fold.compile: first run, compiling or loading what was compiled",
        "value": round(first, 2),
        "unit": "s",
        "against": None,
        "ratio": None,
        "target": None,
        "met": None,
    }
    spent = median(recovering(tables) for _ in range(ROUNDS))
    yield {
        "name": f"fold.recoveries: {CLEAN:,} clean creators, {YEARS} years of recoveries as due",
        "value": round(spent, 2),
        "unit": "µs a recovery",
        "against": f"{LEAP:g} µs",
        "ratio": round(spent / LEAP, 2),
        "target": "<= 1",
        "met": spent <= LEAP,
    }


def recovering(tables: Tables) -> float:
    """Microseconds in CPython for each recovery that falls due by rule."""
    creators = []
    for n in range(CLEAN):
        enrolled = Envelope("bench", "e", "c", START + n % 366 * DAY, CreatorEnrolled())
        history = build([enrolled], tables, {})
        creator = blank(history, tables, simulate=True)
        step(creator, history.rows[0], tables.book, None)
        creators.append(creator)
    start = time.perf_counter()
    for creator in creators:
        advance_simulated(creator, creator.enrolled_at + YEARS * 365 * DAY, True, tables.book, None)
    spent = time.perf_counter() - start
    months = sum(month_of(c.award_closed_on) - month_of(c.enrolled_on) for c in creators)
    return spent / months * 1_000_000
