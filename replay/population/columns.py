"""Histories one after the other as arrays: what the engine reads."""

from collections.abc import Sequence
from typing import Any, Self, get_type_hints

import numpy as np
from numpy.typing import NDArray

from projections.fold.given import Fact, MeasureRow, Sizes
from projections.standing.history import History, sizes_of
from projections.standing.tables import Tables

Array = NDArray[Any]


class Columns:
    """Ready rows of many creators, as the rulebook `tables` reads their facts.

    Other books read the same rows only if they have the same zone, dates, and names (categories,
    accounts, courses, features): `--set` and `--sweep` on figures keep all that.

    - `facts`: records of the fields of `fold.given.Fact`, in replay order, creator after creator;
    - `starts`: int64, one more than there are creators: the facts of creator k are
      `facts[starts[k]:starts[k + 1]]`;
    - `sizes`: records of the fields of `fold.given.Sizes`, one for each creator;
    - `measures`: records of the fields of `fold.given.MeasureRow`; those of creator k begin at
      `first_measures[k]` (int64, one more than there are creators).

    Points are hundredths, instants UTC microseconds, days local days since 1970-01-01.
    """

    facts: Array
    starts: NDArray[np.int64]
    sizes: Array
    measures: Array
    first_measures: NDArray[np.int64]

    def __init__(self, histories: Sequence[History], tables: Tables) -> None:
        self.facts = records(Fact, [row for h in histories for row in h.rows])
        self.starts = np.cumsum([0, *(len(h.rows) for h in histories)], dtype=np.int64)
        self.sizes = records(Sizes, [sizes_of(h, tables) for h in histories])
        self.measures = records(MeasureRow, [row for h in histories for row in h.measures])
        self.first_measures = np.cumsum([0, *(len(h.measures) for h in histories)], dtype=np.int64)

    @classmethod
    def of(
        cls,
        facts: Array,
        starts: NDArray[np.int64],
        sizes: Array,
        measures: Array,
        first_measures: NDArray[np.int64],
    ) -> Self:
        """Of arrays that are there already. Integers of any width do; the names of fields count."""
        columns = cls.__new__(cls)
        columns.facts, columns.starts, columns.sizes = facts, starts, sizes
        columns.measures, columns.first_measures = measures, first_measures
        return columns

    def __len__(self) -> int:
        """How many creators."""
        return len(self.sizes)


def records(row: type, rows: Sequence[Any]) -> Array:
    """Rows of one class as an array of records of the same fields."""
    names = list(get_type_hints(row))
    values = [tuple(getattr(item, name) for name in names) for item in rows]
    return np.array(values, dtype=[(name, "i8") for name in names])


def objects(row: type, array: Array) -> list[Any]:
    """The other way round."""
    names = list(get_type_hints(row))
    return [row(*values) for values in array[names].tolist()]
