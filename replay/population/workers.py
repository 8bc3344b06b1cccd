"""Who folds a range of creators: compiled on rows in memory, or interpreted on objects."""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from projections.fold.given import Fact, MeasureRow, Sizes
from projections.fold.rules import Book
from projections.fold.state import Creator
from projections.standing.history import with_rows
from projections.standing.replay import add_rows
from replay.population.columns import Columns, objects
from replay.population.compiler.layout import Layouts, Memory
from replay.population.compiler.program import fields, is_list
from replay.population.driver import Task, drive, drive_heard

ROOM = 1024
"""Stops, and crossings, of a creator that there is room for at first."""
MANY = {
    "counters": "counters",
    "violations": "violations",
    "quotas": "categories",
    "measures": "measures",
    "accounts": "accounts",
    "periods": "periods",
    "features": "features",
}
"""By the list of a creator: the field of its sizes that says how many there are."""


Rows = NDArray[np.int64]


class Answers(NamedTuple):
    summaries: Rows
    """(creators, books, width): what each creator comes to under each book, see `summary`."""
    reasons: NDArray[np.int64]
    """(books, facts), as `scores`; without facts where nothing per fact was asked for."""
    scores: NDArray[np.int64]
    """Of the counter that the fact touched, after it, in hundredths."""
    told: Rows
    """(creators, books), see `told`; of nobody where that was not asked for."""


class Order(NamedTuple):
    """What is to be done, by whomever."""

    columns: Columns
    books: Sequence[Book]
    answers: Answers
    as_of: int
    simulate: bool
    nodes: NDArray[np.int64]
    """What the nodes are called, book after book: `told.node_names`."""

    def task(self) -> Any:
        task = Task()
        task.first, task.last, task.base = 0, len(self.columns), 0
        task.as_of, task.simulate = self.as_of, int(self.simulate)
        task.per_fact = int(self.answers.reasons.size > 0)
        task.telling = int(self.answers.told.size > 0)
        task.book_count, task.fact_count = len(self.books), len(self.columns.facts)
        task.width = self.answers.summaries.shape[2]
        return task

    def sizes(self) -> Sizes:
        """The most rows of each kind that a creator has."""
        names, sizes = Sizes.__annotations__, self.columns.sizes
        return Sizes(**{name: int(sizes[name].max(initial=0)) for name in names})


class Law(Protocol):
    """The law as machine code: `replay.population.kernels.Kernel` is one."""

    layouts: Layouts
    books: Callable[[tuple[Book, ...]], tuple[int, Memory]]
    """Where rulebooks are as rows, for as long as what comes beside it lives."""

    def call(self, address: int) -> int:
        """Run it on the task at an address."""


class Worker(Protocol):
    def fold(self, first: int, last: int) -> None:
        """The creators from `first` to before `last`."""

    def summaries(self, first: int, last: int) -> Rows:
        """Their summaries alone, (creators, books, width), until it is asked again."""


class Interpreter:
    """CPython: for comparison, and where nothing can be compiled."""

    def __init__(self, order: Order) -> None:
        columns, answers = order.columns, order.answers
        self.shape = answers.summaries.shape[1:]
        self.task = task = order.task()
        self.drive: Callable[[Any], int] = drive_heard if task.telling else drive
        task.facts = objects(Fact, columns.facts)
        task.sizes = objects(Sizes, columns.sizes)
        task.measures = objects(MeasureRow, columns.measures)
        task.starts = columns.starts.tolist()
        task.first_measures = columns.first_measures.tolist()
        task.books = list(order.books)
        for name, array in answers._asdict().items():
            setattr(task, name, array.reshape(-1))
        task.nodes = order.nodes.tolist()
        creator = with_rows(order.sizes())
        creator.stops_made = creator.crossings_made = 0
        add_rows(creator, ROOM)
        task.creators, task.room = [creator], ROOM

    def fold(self, first: int, last: int) -> None:
        task = self.task
        task.first, task.last = first, last
        while (reached := self.drive(task)) < last:
            task.first = reached
            task.room *= 2
            task.creators[0].stops_made = task.creators[0].crossings_made = 0
            add_rows(task.creators[0], task.room)

    def summaries(self, first: int, last: int) -> Rows:
        shape = (last - first, *self.shape)
        buffer: Rows = np.empty(math.prod(shape), np.int64)
        self.task.base, self.task.summaries = first, buffer
        self.fold(first, last)
        return buffer.reshape(shape)


def row_of(order: Order) -> Any:
    """A task whose lists are not there yet."""
    row = order.task()
    row.room = ROOM
    for name, kind in fields(Task).items():
        if is_list(kind):
            setattr(row, name, [])
    return row


class Machine:
    """Compiled: a row of memory for the task, and room for one creator that is used again."""

    def __init__(self, order: Order, kernel: Law) -> None:
        self.kernel = kernel
        self.order = order
        self.memory = memory = Memory(kernel.layouts)
        self.task = memory.rows([row_of(order)], Task)
        columns, answers = order.columns, order.answers
        for name in ("facts", "starts", "sizes", "measures", "first_measures"):
            self.task[name] = memory.address(getattr(columns, name))
        for name, array in answers._asdict().items():
            self.task[name] = memory.address(array)
        self.task["nodes"] = memory.address(order.nodes)
        self.task["books"], self.books = kernel.books(tuple(order.books))
        self.address = memory.address(self.task)
        self.make_room(ROOM)
        self.shape = answers.summaries.shape[1:]
        self.buffer: Rows = np.empty((0, *self.shape), np.int64)

    def make_room(self, room: int) -> None:
        """A creator with so many stops and crossings."""
        layouts, sizes = self.kernel.layouts, self.order.sizes()
        self.creator = np.zeros(1, layouts["Creator"])
        self.rows: dict[str, NDArray[Any]] = {}
        for name, kind in fields(Creator).items():
            if is_list(kind) and name in (self.creator.dtype.names or ()):
                count = getattr(sizes, MANY[name]) if name in MANY else room
                self.rows[name] = np.zeros(count + 1, layouts[get_args(kind)[0].__name__])
                self.creator[name] = self.rows[name].ctypes.data
        self.task["room"], self.task["creators"] = room, self.creator.ctypes.data

    def fold(self, first: int, last: int) -> None:
        self.task["first"], self.task["last"] = first, last
        while (reached := self.kernel.call(self.address)) < last:
            self.task["first"] = reached
            self.make_room(2 * int(self.task["room"][0]))

    def summaries(self, first: int, last: int) -> Rows:
        if last - first > len(self.buffer):
            self.buffer = np.empty((last - first, *self.shape), np.int64)
        self.task["base"], self.task["summaries"] = first, self.buffer.ctypes.data
        self.fold(first, last)
        return self.buffer[: last - first]
