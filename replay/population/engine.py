"""Everybody under several rulebooks, in one pass."""

import os
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import local
from typing import Any

import numpy as np

from ledger.facts.envelope import known, replay_order
from projections.standing.history import build
from projections.standing.tables import Tables
from replay.population.columns import Columns
from replay.population.compiler.program import Field
from replay.population.constants import constants
from replay.population.summary import width
from replay.population.synthetic import START, population
from replay.population.workers import Answers, Interpreter, Law, Machine, Order, Worker

SWITCHES = ("NUMBA_DISABLE_JIT", "PENALTY_LEDGER_INTERPRETED")
"""Environment variables: with one of them set nothing is compiled."""
SAMPLE = 600
"""Facts on which compiled and interpreted law are compared before the first is believed."""
LATER = START + 3_000 * 86_400_000_000
"""When they have all happened."""
SHARES = 8
"""Into how many ranges each thread's part is cut, as creators differ."""


def fold(
    columns: Columns,
    books: Sequence[Tables],
    *,
    as_of: int,
    simulate: bool = False,
    per_fact: bool = False,
    threads: int | None = None,
    interpreted: bool = False,
) -> Answers:
    """Fold every creator of `columns` under each book, up to and including the instant `as_of`.

    `simulate` grants recoveries as they fall due and leaves the recorded ones out. `per_fact` asks
    for the reason and the score of every fact beside the summaries. `threads` is as many as there
    are cores where it is left out. The books must read facts alike, see `Columns`. `interpreted`
    has CPython do it, for comparison.
    """
    order = order_of(columns, books, as_of, simulate, per_fact)
    law = None if interpreted else _law(books, simulate, per_fact, columns.facts.dtype)
    if law is None:
        Interpreter(order).fold(0, len(columns))
        return order.answers
    count = min(threads or os.cpu_count() or 1, max(len(columns), 1))
    mine = local()

    def work(span: tuple[int, int]) -> None:
        if not hasattr(mine, "worker"):
            mine.worker = Machine(order, law)
        mine.worker.fold(*span)

    ranges = cut(columns, count * SHARES)
    with ThreadPoolExecutor(count) as pool:
        for _ in pool.map(work, ranges):
            pass
    return order.answers


def cut(columns: Columns, parts: int) -> list[tuple[int, int]]:
    """Ranges of creators with about as many facts each."""
    total = int(columns.starts[-1])
    wanted = [total * part // parts for part in range(parts + 1)]
    bounds = np.unique(np.searchsorted(columns.starts, wanted)).tolist()
    bounds[-1:] = [len(columns)]
    return list(zip([0, *bounds[1:-1]], bounds[1:], strict=True)) if len(bounds) > 1 else []


def order_of(
    columns: Columns, books: Sequence[Tables], as_of: int, simulate: bool, per_fact: bool
) -> Order:
    facts = len(columns.facts) if per_fact else 0
    answers = Answers(  # summaries are filled whole: to have them empty at first takes longer
        np.empty((len(columns), len(books), width(books[0].book)), np.int64),
        np.zeros((len(books), facts), np.int64),
        np.zeros((len(books), facts), np.int64),
    )
    return Order(columns, [tables.book for tables in books], answers, as_of, simulate)


def _law(
    books: Sequence[Tables], simulate: bool, per_fact: bool, facts: np.dtype[Any]
) -> Law | None:
    """The compiled law for the books, once it was compared with CPython's on some of it."""
    if any(os.environ.get(switch, "0") not in ("", "0") for switch in SWITCHES):
        return None
    known_of = constants(tables.book for tables in books)
    known_of[Field("Task", "simulate")] = int(simulate)
    known_of[Field("Task", "per_fact")] = int(per_fact)
    found = _compiled(tuple(sorted(known_of.items())), facts)
    if id(found) not in _believed:
        _believed[id(found)] = agrees(found, books, simulate, per_fact, facts)
    return found if _believed[id(found)] else None


_believed: dict[int, bool] = {}


@cache
def _compiled(known_of: tuple[tuple[Field, int], ...], facts: np.dtype[Any]) -> Law:
    from replay.population.kernels import Wish, kernel  # llvmlite: where it is needed

    return kernel(dict(known_of), Wish(facts))


def agrees(
    law: Law, books: Sequence[Tables], simulate: bool, per_fact: bool, facts: np.dtype[Any]
) -> bool:
    """Whether the compiled law says what CPython's does of a small population."""
    columns = sample(books[0])
    columns.facts = columns.facts.astype(facts)
    work: list[Callable[[Order], Worker]] = [Interpreter, lambda order: Machine(order, law)]
    said = []
    for worker in work:
        order = order_of(columns, books, LATER, simulate, per_fact)
        worker(order).fold(0, len(columns))
        said.append(order.answers)
    if all(np.array_equal(one, other) for one, other in zip(*said, strict=True)):
        return True
    warnings.warn(
        "the compiled rules do not say what the rules say on this machine: they are interpreted, "
        "which is slower and right; please report it",
        stacklevel=4,
    )
    return False


def sample(tables: Tables) -> Columns:
    """A few creators who never were, the same each time."""
    histories = []
    for facts in population(SAMPLE, list(tables.names.categories), seed=1):
        kept, retracted, by_id = known(facts, None)
        ruled = [e for e in replay_order(kept, retracted) if e.position not in retracted]
        histories.append(build(ruled, tables, by_id))
    return Columns(histories, tables)
