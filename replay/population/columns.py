"""Histories one after the other as arrays: what the engine reads."""

from collections.abc import Sequence
from functools import cache
from operator import attrgetter
from typing import Any, Self, get_type_hints

import numpy as np
from numpy.typing import NDArray

from projections.fold.given import Fact, MeasureRow, Sizes
from projections.standing.history import History, sizes_of
from projections.standing.tables import Tables

Array = NDArray[Any]
WIDTHS = (
    dict.fromkeys(("kind", "rank", "traits", "version"), "i1")
    | dict.fromkeys(("category", "mark"), "i2")
    | dict.fromkeys(("day", "points", "violation", "about", "batch", "slot"), "i4")
    | dict.fromkeys(("measures_from", "measures_to", "level", "reputation"), "i4")
)
"""Of the fields of a fact that hardly ever need 64 bits: half the memory to go through."""


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
        self.facts = narrowed(records(Fact, [row for h in histories for row in h.rows]))
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
        columns.facts = np.ascontiguousarray(facts)
        columns.starts = np.ascontiguousarray(starts, np.int64)
        columns.sizes = np.ascontiguousarray(sizes, kind_of(Sizes))
        columns.measures = np.ascontiguousarray(measures, kind_of(MeasureRow))
        columns.first_measures = np.ascontiguousarray(first_measures, np.int64)
        return columns

    def some(self, creators: Sequence[int] | NDArray[np.int64]) -> Self:
        """Those creators alone, by their places."""
        chosen = np.asarray(creators, np.int64)
        facts, starts = _chosen(self.facts, self.starts, chosen)
        measures, first_measures = _chosen(self.measures, self.first_measures, chosen)
        return self.of(facts, starts, self.sizes[chosen], measures, first_measures)

    def __len__(self) -> int:
        """How many creators."""
        return len(self.sizes)


def records(row: type, rows: Sequence[Any]) -> Array:
    """Rows of one class as an array of records of the same fields."""
    names = list(get_type_hints(row))
    return np.array(list(map(attrgetter(*names), rows)), dtype=kind_of(row))


@cache
def kind_of(row: type) -> np.dtype[Any]:
    """Records of its fields, 64 bits each."""
    return np.dtype([(name, "i8") for name in get_type_hints(row)])


def narrowed(facts: Array) -> Array:
    """Facts in as little memory as they need, if every one of them fits; else as they are."""
    kind = narrow_facts()
    for name, width in WIDTHS.items():
        bounds, values = np.iinfo(width), facts[name]
        if values.min(initial=0) < bounds.min or values.max(initial=0) > bounds.max:
            return facts
    narrow = np.empty(len(facts), kind)
    for name in kind.names or ():
        narrow[name] = facts[name]
    return narrow


@cache
def narrow_facts() -> np.dtype[Any]:
    """Records of facts by WIDTHS, the wide fields first, so that each lies where it may."""
    widths = {name: WIDTHS.get(name, "i8") for name in get_type_hints(Fact)}
    return np.dtype(sorted(widths.items(), key=lambda pair: pair[1], reverse=True))


def _chosen(rows: Array, starts: Array, chosen: Array) -> tuple[Array, Array]:
    """The rows of some creators, and where each of them begins."""
    counts = starts[chosen + 1] - starts[chosen]
    begins = np.cumsum([0, *counts])
    shift = np.repeat(starts[chosen] - begins[:-1], counts)
    return rows[np.arange(begins[-1]) + shift], begins


def objects(row: type, array: Array) -> list[Any]:
    """The other way round."""
    names = list(get_type_hints(row))
    return [row(*values) for values in array[names].tolist()]
