"""Who folds on a device: everything that it reads is put there, and what it answers fetched.

A creator for whom a thread has too little room is left, and folded by a worker of this machine.
"""

import weakref
from collections.abc import Sequence
from contextlib import suppress
from copy import copy
from functools import cache, lru_cache
from typing import Any, NamedTuple, get_args

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
from replay.population.constants import constants
from replay.population.driver import Task
from replay.population.grid import drive_each
from replay.population.workers import MANY, Answers, Order, Rows, row_of

ROOM = 128
"""Stops, and crossings, that a thread has room for."""
MOST = 512
"""Rows of each other kind, unless everybody needs more: few do, and others would wait for them."""
FILLED = ("summaries", "reasons", "scores")
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
        self.right: bool | None = None
        """Whether it says what CPython says; None where it was not asked."""

    def _laid_out(self, books: tuple[Book, ...]) -> tuple[int, Memory]:
        memory = There(self.layouts, self.card)
        return memory.address(memory.rows(books, Book)), memory


class Asked(NamedTuple):
    """As `engine.fold` has it."""

    books: Sequence[Tables]
    as_of: int
    simulate: bool
    per_fact: bool

    def order(self, columns: Columns) -> Order:
        return engine.order_of(columns, *self)

    def here(self, columns: Columns, **who: Any) -> Answers:
        """By this machine."""
        books, as_of, simulate, per_fact = self
        return engine.fold(columns, books, as_of=as_of, simulate=simulate, per_fact=per_fact, **who)


def fold(
    columns: Columns,
    books: Sequence[Tables],
    *,
    as_of: int,
    simulate: bool = False,
    per_fact: bool = False,
    threads: int | None = None,
) -> Answers:
    """As `engine.fold`, but on a device: LedgerError where there is none, or it can't be believed.

    `threads` fold what is left. Where nothing is to be compiled, CPython does all of it.
    """
    asked = Asked(books, as_of, simulate, per_fact)
    if engine.switched_off():
        return asked.here(columns)
    columns = aligned(columns)
    return Device(columns, asked, law(asked, columns.facts.dtype)).fold(threads)


def aligned(columns: Columns) -> Columns:
    """With each number of a fact where a device can read it."""
    whole = kind_of(Fact)
    if columns.facts.dtype in (narrow_facts(), whole):
        return columns
    found = copy(columns)
    found.facts = columns.facts[list(whole.names or ())].astype(whole)
    return found


def law(asked: Asked, facts: np.dtype[Any]) -> DeviceLaw:
    """Compared with CPython before the first is believed."""
    known = dict(constants(tuple(tables.book for tables in asked.books)))
    known[Field("Task", "simulate")] = int(asked.simulate)
    known[Field("Task", "per_fact")] = int(asked.per_fact)
    known[Field("Task", "telling")] = 0
    with card_here().lock:
        found = _written(tuple(sorted(known.items())), facts)
        if found.right is None:
            found.right = _agrees(found, asked._replace(as_of=engine.LATER), facts)
    if found.right:
        return found
    raise LedgerError(
        "the device does not say what the rules say: --engine threads does; please report it"
    )


@cache
def _written(known: tuple[tuple[Field, int], ...], facts: np.dtype[Any]) -> DeviceLaw:
    from replay.population.kernels import Wish, code  # llvmlite: where it is needed

    try:
        written = code(dict(known), Wish({"Fact": facts}, device=True), drive_each)
    except Exception as error:
        raise LedgerError(
            f"the rules can't be written for a device here ({error}): --engine threads does it"
        ) from error
    return DeviceLaw(card_here(), *written)


def _agrees(law: DeviceLaw, asked: Asked, facts: np.dtype[Any]) -> bool:
    columns = engine.sample(asked.books[0])
    columns.facts = columns.facts[list(facts.names or ())].astype(facts)
    said = Device(columns, asked, law).fold(1), asked.here(columns, interpreted=True)
    return all(np.array_equal(one, other) for one, other in zip(*said, strict=True))


class Device:
    """Columns that stay on a device, to be folded as often as is wanted."""

    def __init__(self, columns: Columns, asked: Asked, law: DeviceLaw) -> None:
        self.columns, self.asked, self.law, self.card = columns, asked, law, law.card
        self.order = order = asked.order(columns)
        self.memory = memory = There(law.layouts, law.card)
        self.task = memory.rows([row_of(order)], Task)
        for name in ("facts", "starts", "sizes", "measures", "first_measures"):
            self.task[name] = memory.address(getattr(columns, name))
        for name in FILLED:
            self.task[name] = memory.allot(getattr(order.answers, name).nbytes)
        self.task["books"], self.books = law.books(tuple(order.books))
        self.limits = {name: _limit(columns.sizes[name]) for name in MANY.values()}
        large = [columns.sizes[name] > limit for name, limit in self.limits.items()]
        self.large = np.any(large, axis=0).astype(np.int64)

    def fold(self, threads: int | None = None) -> Answers:
        """Everybody; whom the device leaves so many threads of this machine fold."""
        answers, starts = self.order.answers, self.columns.starts
        left = self._launched()
        if left.size:
            here = self.asked.here(self.columns.some(left), threads=threads)
            answers.summaries[left] = here.summaries
            if self.asked.per_fact:
                facts = np.concatenate([np.arange(starts[n], starts[n + 1]) for n in left])
                answers.reasons[:, facts] = here.reasons
                answers.scores[:, facts] = here.scores
        return answers

    def _launched(self) -> Rows:
        """Fills in all but those that it returns."""
        left = self.large.copy()
        with self.card.lock:
            memory = There(self.law.layouts, self.card)
            threads = self._make_room(memory)
            whose = memory.address(left)
            self.card.launch(self.law.function, threads, memory.address(self.task), whose)
            for name in FILLED:
                self.card.take(getattr(self.order.answers, name), int(self.task[name][0]))
            self.card.take(left, whose)
        return np.flatnonzero(left)

    def _make_room(self, memory: There) -> int:
        """A creator for each thread: how many there are."""
        layouts, sizes = self.law.layouts, {}
        for name, kind in fields(Creator).items():
            if is_list(kind) and name in (layouts["Creator"].names or ()):
                count = self.limits[MANY[name]] if name in MANY else ROOM
                sizes[name] = (count + 1) * layouts[get_args(kind)[0].__name__].itemsize
        most = self.card.free_bytes() // 2 // (sum(sizes.values()) + 1)
        threads = min(self.card.threads, most, len(self.columns)) // BLOCK * BLOCK or BLOCK
        made = np.zeros(threads, layouts["Creator"])
        for name, size in sizes.items():
            made[name] = memory.allot(threads * size) + size * np.arange(threads)
        self.task["creators"], self.task["room"] = memory.address(made), ROOM
        return threads


def _limit(sizes: Rows) -> int:
    """How many rows of a kind a thread has, where creators need so many."""
    return int(min(max(MOST, sizes.min(initial=FOREVER)), sizes.max(initial=0)))
