"""Everybody under several rulebooks, in one pass."""

import os
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from threading import Lock, RLock, local
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from ledger.facts.envelope import known, replay_order
from projections.standing.history import build
from projections.standing.tables import Tables
from replay.population.columns import Columns
from replay.population.compiler.program import Field
from replay.population.constants import constants
from replay.population.summary import width
from replay.population.synthetic import START, population
from replay.population.told import node_names
from replay.population.workers import Answers, Interpreter, Law, Machine, Order, Rows, Worker

SWITCHES = ("NUMBA_DISABLE_JIT", "PENALTY_LEDGER_INTERPRETED")
"""Environment variables: with one of them set nothing is compiled."""
SAMPLE = 600
"""Facts on which compiled and interpreted law are compared before the first is believed."""
LATER = START + 3_000 * 86_400_000_000
"""When they have all happened."""
RANGE = 2_000
"""Creators times books whose summaries are handed out at once: they stay in the cache."""
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
    are cores where it is left out. `interpreted` has CPython do it, for comparison. The books must
    read facts alike, see `Columns`; ValueError where they can be seen not to.
    """
    order = order_of(columns, books, as_of, simulate, per_fact)
    worker = _worker(order, books, interpreted)
    count = threads or len(os.sched_getaffinity(0))
    _share(order, worker, count, cut(columns, count * SHARES), lambda each, span: each.fold(*span))
    return order.answers


def tell(
    columns: Columns,
    tables: Tables,
    beside: Tables,
    *,
    as_of: int,
    interpreted: bool = False,
) -> Answers:
    """As `fold`, of one book: its summaries, and what is `told` of each creator, as one number.

    `beside` is the other side, which the same code will do for.
    """
    order = order_of(columns, [tables], as_of, simulate=False, per_fact=False, told=True)
    _worker(order, [tables, beside], interpreted)(order).fold(0, len(columns))
    return order.answers


def scan(
    columns: Columns,
    books: Sequence[Tables],
    take: Callable[[int, Rows], object],
    *,
    as_of: int,
    simulate: bool = False,
    threads: int | None = None,
    interpreted: bool = False,
) -> None:
    """As `fold`, but the summaries are handed out and not kept: in as little memory as there is.

    `take(first, rows)` gets those of a range of creators, (creators, books, width), from creator
    `first` on, in any order and any thread, one at a time; `rows` is overwritten after it.
    """
    order = order_of(columns, books, as_of, simulate, per_fact=False, kept=False)
    worker = _worker(order, books, interpreted)
    taking = Lock()

    def work(each: Worker, span: tuple[int, int]) -> None:
        rows = each.summaries(*span)
        with taking:
            take(span[0], rows)

    parts = -(-len(columns) * len(books) // RANGE)
    count = threads or len(os.sched_getaffinity(0))
    _share(order, worker, count, cut(columns, max(parts, count)), work)


class Wanted(NamedTuple):
    """What the law is compiled for, as `fold` has it."""

    simulate: bool
    per_fact: bool
    told: bool


def _worker(order: Order, books: Sequence[Tables], interpreted: bool) -> Callable[[Order], Worker]:
    """Who does it: compiled, unless that is not wanted or not to be trusted."""
    per_fact = order.answers.reasons.size > 0
    law = None
    if not interpreted:
        wanted = Wanted(order.simulate, per_fact, order.answers.told.size > 0)
        law = _law(books, wanted, order.columns.facts.dtype)
    return Interpreter if law is None else lambda order: Machine(order, law)


def _share(
    order: Order,
    worker: Callable[[Order], Worker],
    count: int,
    ranges: Sequence[tuple[int, int]],
    work: Callable[[Worker, tuple[int, int]], None],
) -> None:
    """The ranges among so many threads, each with a worker of its own."""
    if worker is Interpreter:
        count = 1
    mine = local()

    def do(span: tuple[int, int]) -> None:
        if not hasattr(mine, "worker"):
            mine.worker = worker(order)
        work(mine.worker, span)

    if count == 1:
        for span in ranges:
            do(span)
        return
    with ThreadPoolExecutor(max(min(count, len(ranges)), 1)) as pool:
        for _ in pool.map(do, ranges):
            pass


def cut(columns: Columns, parts: int) -> list[tuple[int, int]]:
    """Ranges of creators with about as many facts each; a creator counts as one more."""
    before = columns.starts + np.arange(len(columns) + 1)
    wanted = [int(before[-1]) * part // parts for part in range(parts + 1)]
    return list(pairwise(np.unique(np.searchsorted(before, wanted)).tolist()))


def order_of(
    columns: Columns,
    books: Sequence[Tables],
    as_of: int,
    simulate: bool,
    per_fact: bool,
    kept: bool = True,
    told: bool = False,
) -> Order:
    if len({width(tables.book) for tables in books}) != 1:
        raise ValueError("rulebooks that are folded in one pass must have the same names")
    facts = len(columns.facts) if per_fact else 0
    creators = len(columns) if kept else 0
    answers = Answers(  # summaries are filled whole: to have them empty at first takes longer
        np.empty((creators, len(books), width(books[0].book)), np.int64),
        np.zeros((len(books), facts), np.int64),
        np.zeros((len(books), facts), np.int64),
        np.zeros((creators * told, len(books)), np.int64),
    )
    nodes = np.array([name for tables in books for name in node_names(tables)], np.int64)
    return Order(columns, [tables.book for tables in books], answers, as_of, simulate, nodes)


def _law(books: Sequence[Tables], wanted: Wanted, facts: np.dtype[Any]) -> Law | None:
    """The compiled law for the books, once it was compared with CPython's on some of it."""
    if switched_off():
        return None
    known_of = dict(constants(tuple(tables.book for tables in books)))
    known_of[Field("Task", "simulate")] = int(wanted.simulate)
    known_of[Field("Task", "per_fact")] = int(wanted.per_fact)
    known_of[Field("Task", "telling")] = int(wanted.told)
    with _one_at_a_time:
        found = _compiled(tuple(sorted(known_of.items())), wanted.told, facts)
        if found is None:
            return None
        if found not in _believed:
            _believed[found] = agrees(found, books[: 1 if wanted.told else None], wanted, facts)
        return found if _believed[found] else None


_one_at_a_time = RLock()
"""Whoever comes second finds what the first has made."""
_believed: WeakKeyDictionary[Law, bool] = WeakKeyDictionary()


def switched_off() -> bool:
    """Whether nothing is to be compiled."""
    return any(os.environ.get(switch, "0") not in ("", "0") for switch in SWITCHES)


@cache
def _compiled(
    known_of: tuple[tuple[Field, int], ...], told: bool, facts: np.dtype[Any]
) -> Law | None:
    def made() -> Law:
        from replay.population.kernels import Wish, kernel  # llvmlite: where it is needed

        return kernel(dict(known_of), Wish({"Fact": facts}, told=told))

    return attempted(made)


def attempted(make: Callable[[], Law]) -> Law | None:
    """None, with a sentence, where it can't be: without its sources, on an unknown processor."""
    try:
        return make()
    except Exception as error:
        warnings.warn(
            f"the rules can't be compiled here ({error}): they are interpreted, which is slower",
            stacklevel=6,
        )
        return None


def agrees(law: Law, books: Sequence[Tables], wanted: Wanted, facts: np.dtype[Any]) -> bool:
    """Whether the compiled law says what CPython's does of a small population."""
    columns = sample(books[0])
    columns.facts = columns.facts[list(facts.names or ())].astype(facts)  # which goes by place
    work: list[Callable[[Order], Worker]] = [Interpreter, lambda order: Machine(order, law)]
    said = []
    for worker in work:
        order = order_of(columns, books, LATER, wanted.simulate, wanted.per_fact, told=wanted.told)
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
    categories = list(tables.names.categories) or ["none"]
    for facts in population(SAMPLE, categories, seed=1):
        kept, retracted, by_id = known(facts, None)
        ruled = [e for e in replay_order(kept, retracted) if e.position not in retracted]
        histories.append(build(ruled, tables, by_id))
    return Columns(histories, tables)
