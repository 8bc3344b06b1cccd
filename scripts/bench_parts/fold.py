"""The fold: the same functions in CPython and compiled, one thread, over the same rows."""

import gc
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from ledger.facts.envelope import known, replay_order
from ledger.rulebook.shelf import Shelf
from projections.standing.history import blank, build
from projections.standing.replay import DEFAULT_RULEBOOK, Library, fold_rows
from replay.population import kernel
from replay.population.synthetic import population

FACTS = 1_000_000
ROUNDS = 5
AS_OF = 2_000_000_000_000_000
SANE = 250_000


def figures() -> Iterator[dict[str, Any]]:
    tables = Library(Shelf()).tables(DEFAULT_RULEBOOK)
    histories = []
    for facts in population(FACTS, list(tables.names.categories)):
        kept, retracted, by_id = known(facts, None)
        ruled = [e for e in replay_order(kept, retracted) if e.position not in retracted]
        histories.append(build(ruled, tables, by_id))
        histories[-1].envelopes = []
    columns = kernel.Columns(histories, tables)
    book = kernel.book_record(tables)
    scratch = kernel.creator_records(1, histories, tables)
    gc.freeze()

    def compiled() -> float:
        start = time.perf_counter()
        kernel.fold(columns, tables, scratch, book=book, as_of=AS_OF)
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
