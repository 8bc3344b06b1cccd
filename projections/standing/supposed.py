"""What a fact would come to if it took effect now: ruled on a copy that leaves the replay as it is.

A copy of all rows for each question would cost more than the answer, where a record is long: here
a row is copied when the law first looks at it.
"""

from collections.abc import Iterable, Iterator
from copy import copy
from typing import Any

from msgspec import UNSET

from projections.fold.given import Fact
from projections.fold.state import APPLIED, Creator
from projections.fold.step import advance, rule
from projections.standing.replay import Replay, make_room

ROWS = [name for name, kind in Creator.__annotations__.items() if kind.startswith("list")]


class Borrowed(list[Any]):
    """Rows of another list, each copied when it is first asked for."""

    def __init__(self, rows: Iterable[Any]) -> None:
        super().__init__(rows)
        self._own: set[int] = set()

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return [self[i] for i in range(*key.indices(len(self)))]
        if key not in self._own:
            self._own.add(key)
            self[key] = _copied(super().__getitem__(key))
        return super().__getitem__(key)

    def __iter__(self) -> Iterator[Any]:
        return map(self.__getitem__, range(len(self)))


def _copied(row: Any) -> Any:
    """As `copy` does, but faster; of a row that is not in use only some fields are set."""
    other = object.__new__(type(row))
    for field in row.__slots__:
        value = getattr(row, field, UNSET)
        if value is not UNSET:
            setattr(other, field, value)
    return other


def supposed(replay: Replay, facts: Iterable[Fact]) -> tuple[Creator, int]:
    """The creator had these facts been the last ones, and the reason of the last of them (0: none).

    All are of the replay's instant, and come after what is recorded.
    """
    creator, book = copy(replay.creator), replay.tables.book
    for name in ROWS:
        setattr(creator, name, Borrowed(getattr(creator, name)))
    reason = APPLIED
    for fact in facts:
        make_room(creator, book)
        reason = rule(creator, fact, book, None)
    advance(creator, replay.as_of, book, None)
    return creator, reason
