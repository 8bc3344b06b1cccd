"""A creator that goes on by itself while another one stays as it is: rows are shared until touched.

A copy of all rows would cost more than what is asked of it, where a record is long: here a row is
copied when the law first looks at it.
"""

from collections.abc import Iterator
from copy import copy
from typing import Any

from msgspec import UNSET

from projections.fold.state import Creator
from projections.fold.step import advance, advance_simulated
from projections.fold.trace import Trace
from projections.standing.replay import make_room
from projections.standing.tables import Tables

ROWS = frozenset(n for n, kind in Creator.__annotations__.items() if kind.startswith("list"))


class Borrowed(list[Any]):
    """Rows of another list, each copied when it is first asked for; what is added is its own."""

    def __init__(self, rows: list[Any]) -> None:
        super().__init__(list.copy(rows))
        self._lent, self._own = len(self), set[int]()

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        row = list.__getitem__(self, index)
        if index < self._lent and index not in self._own:
            self._own.add(index)
            self[index] = row = _copied(row)
        return row

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))


def _copied(row: Any) -> Any:
    """As `copy` does; of a row that is not in use only some fields are set."""
    try:
        return row.__copy__()
    except AttributeError:
        pass
    other = object.__new__(type(row))
    for field in row.__slots__:
        value = getattr(row, field, UNSET)
        if value is not UNSET:
            setattr(other, field, value)
    return other


def borrowed(creator: Creator) -> Creator:
    """Another one of the same rows, which stay as they are."""
    other = copy(creator)
    for name in ROWS:
        rows = getattr(creator, name)
        setattr(other, name, Borrowed(rows) if rows else [])
    return other


def settle(creator: Creator) -> None:
    """Nothing more will be done to a borrowed one: to look at its rows copies none."""
    for name in ROWS:
        setattr(creator, name, list.copy(getattr(creator, name)))


def run_up(creator: Creator, at: int, tables: Tables, trace: Trace | None = None) -> None:
    """The clock alone, up to and including an instant."""
    if tables.book.starts_late:
        make_room(creator, tables.book)
    if creator.recoveries:
        advance_simulated(creator, at, True, tables.book, trace)
    advance(creator, at, tables.book, trace)
