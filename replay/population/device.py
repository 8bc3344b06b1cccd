"""Who folds on a device: everything that it reads is put there, and what it answers fetched.

A creator for whom a thread has too little room is left, and folded by a worker of this machine.
"""

import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import copy
from functools import cache, lru_cache
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from ledger.errors import LedgerError
from projections.fold.given import Fact
from projections.fold.rules import Book
from projections.fold.state import FOREVER, Creator
from projections.standing.tables import Tables
from replay.population import engine
from replay.population.card import BLOCK, Card
from replay.population.card import card as card_here
from replay.population.columns import Columns, kind_of, narrow_facts
from replay.population.compiler.layout import Layouts, Memory
from replay.population.compiler.names import GRID
from replay.population.compiler.program import Field, fields, is_list
from replay.population.driver import Task
from replay.population.grid import drive_each
from replay.population.workers import MANY, Answers, Order, Rows, Worker, row_of

ROOM = 128
"""Stops, and crossings, that a thread has room for."""
MOST = 512
"""Rows of each other kind, unless everybody needs more: few do, and others would wait for them."""
KEPT = 8
"""Sets of rulebooks that stay there."""


class There(Memory):
    """Rows on a device, whose lists lead to others there; given back when nobody has it."""

    def __init__(self, layouts: Layouts, card: Card) -> None:
        super().__init__(layouts)
        self.card = card
        self.places: list[int] = []
        weakref.finalize(self, _release, card, self.places)

    def address(self, array: NDArray[Any]) -> int:
        """Where a copy of an array is: all that it leads to is there already."""
        assert array.flags.c_contiguous
        place = self.allot(array.nbytes)
        self.card.put(place, array)
        return place

    def allot(self, size: int) -> int:
        self.places.append(self.card.allot(size))
        return self.places[-1]


def _release(card: Card, places: list[int]) -> None:
    with suppress(LedgerError):  # of a device that has failed nothing can be given back
        card.release(places)


class DeviceLaw:
    """The law on a device."""

    def __init__(self, card: Card, code: bytes, layouts: Layouts) -> None:
        self.card, self.layouts = card, layouts
        self.function = card.function(code, GRID)
        self.books = lru_cache(KEPT)(self._laid_out)

    def _laid_out(self, books: tuple[Book, ...]) -> tuple[int, Memory]:
        memory = There(self.layouts, self.card)
        return memory.address(memory.rows(books, Book)), memory


def fold(
    columns: Columns,
    books: Sequence[Tables],
    *,
    as_of: int,
    simulate: bool = False,
    per_fact: bool = False,
) -> Answers:
    """As `engine.fold`, but on a device: LedgerError where there is none, or it can't be believed.

    Where nothing is to be compiled, CPython does it.
    """
    order = engine.order_of(aligned(columns), books, as_of, simulate, per_fact)
    here = engine.worker_for(order, books, interpreted=False)
    who = here if engine.switched_off() else on_device(order, books, here)
    who(order).fold(0, len(columns))
    return order.answers


def aligned(columns: Columns) -> Columns:
    """With each number of a fact where a device can read it."""
    whole = kind_of(Fact)
    if columns.facts.dtype in (narrow_facts(), whole):
        return columns
    found = copy(columns)
    found.facts = columns.facts[list(whole.names or ())].astype(whole)
    return found


def on_device(
    order: Order, books: Sequence[Tables], here: Callable[[Order], Worker]
) -> Callable[[Order], Worker]:
    """A device, compared with CPython before the first is believed; what it leaves is done here."""
    kind, per_fact = order.columns.facts.dtype, order.answers.reasons.size > 0
    with card_here().lock:
        found = law(engine.granted(books, order.simulate, per_fact), kind)

    def worker(order: Order) -> Worker:
        return Device(order, found, here)

    def check() -> bool:
        return engine.same(worker, books, order.simulate, per_fact, kind)

    if engine.believed(found, check):
        return worker
    raise LedgerError(
        "the device does not say what the rules say: --engine threads does; please report it"
    )


@cache
def law(known: tuple[tuple[Field, int], ...], facts: np.dtype[Any]) -> DeviceLaw:
    """Raises LedgerError where there is no device, or it does not take it."""
    from replay.population.kernels import Wish, code

    card = card_here()
    try:
        written = code(dict(known), Wish({"Fact": facts}, device=True), drive_each)
    except Exception as error:
        raise LedgerError(
            f"the rules can't be written for a device here ({error}): --engine threads does it"
        ) from error
    return DeviceLaw(card, *written)


class Device:
    """Columns that stay on a device, until they have been folded as often as is wanted."""

    def __init__(self, order: Order, law: DeviceLaw, here: Callable[[Order], Worker]) -> None:
        self.order, self.law, self.card = order, law, law.card
        self._here = cache(lambda: here(order))
        self.memory = memory = There(law.layouts, law.card)
        self.task = memory.rows([row_of(order)], Task)
        for name in ("facts", "starts", "sizes", "measures", "first_measures"):
            self.task[name] = memory.address(getattr(order.columns, name))
        self.per_fact = {name: memory.address(getattr(order.answers, name)) for name in PER_FACT}
        for name, place in self.per_fact.items():
            self.task[name] = place
        self.task["books"], self.books = law.books(tuple(order.books))
        sizes = {name: order.columns.sizes[name] for name in MANY.values()}
        self.limits = {name: _limit(some) for name, some in sizes.items()}
        large = [some > self.limits[name] for name, some in sizes.items()]
        self.large = np.any(large, axis=0).astype(np.int64)

    def fold(self, first: int, last: int) -> None:
        answers, starts = self.order.answers, self.order.columns.starts
        with self.card.lock:
            rows, left = self._launched(first, last)
            for name, place in self.per_fact.items():
                for book in getattr(answers, name):
                    some = book[starts[first] : starts[last]]
                    self.card.take(some, place + int(starts[first]) * some.itemsize)
                    place += book.nbytes  # noqa: PLW2901  on to the next book's
        answers.summaries[first:last] = rows
        for n in left:
            self._here().fold(n, n + 1)

    def summaries(self, first: int, last: int) -> Rows:
        with self.card.lock:
            rows, left = self._launched(first, last)
        for n in left:
            rows[n - first] = self._here().summaries(n, n + 1)[0]
        return rows

    def _launched(self, first: int, last: int) -> tuple[Rows, list[int]]:
        """What each creator comes to, and of whom it is not known."""
        rows: Rows = np.empty((last - first, *self.order.answers.summaries.shape[1:]), np.int64)
        left = self.large[first:last].copy()
        memory = There(self.law.layouts, self.card)
        threads = self._make_room(memory, last - first)
        self.task["first"], self.task["base"], self.task["last"] = first, first, last
        self.task["summaries"] = memory.allot(rows.nbytes)
        whose = memory.address(left)
        self.card.launch(self.law.function, threads, memory.address(self.task), whose)
        self.card.take(rows, int(self.task["summaries"][0]))
        self.card.take(left, whose)
        return rows, (np.flatnonzero(left) + first).tolist()

    def _make_room(self, memory: There, creators: int) -> int:
        """A creator for each thread: how many there are."""
        layouts, sizes = self.law.layouts, {}
        for name, kind in fields(Creator).items():
            if is_list(kind) and name in (layouts["Creator"].names or ()):
                count = self.limits[MANY[name]] if name in MANY else ROOM
                sizes[name] = (count + 1) * layouts[get_args(kind)[0].__name__].itemsize
        most = self.card.free_bytes() // 2 // (sum(sizes.values()) + 1)
        threads = max(min(self.card.threads, most, creators) // BLOCK, 1) * BLOCK
        made = np.zeros(threads, layouts["Creator"])
        for name, size in sizes.items():
            made[name] = memory.allot(threads * size) + size * np.arange(threads)
        self.task["creators"], self.task["room"] = memory.address(made), ROOM
        return threads


def _limit(sizes: Rows) -> int:
    """How many rows of a kind a thread has, where creators need so many."""
    return int(min(max(MOST, sizes.min(initial=FOREVER)), sizes.max(initial=0)))


PER_FACT = ("reasons", "scores")
