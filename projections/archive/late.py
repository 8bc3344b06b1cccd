"""Facts that came later, put to those of their creators."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from projections.archive.part import Given, Loaded, Part, joined
from projections.archive.plan import Task

Array = NDArray[Any]


def merged(task: Task, base: Sequence[Loaded], added: Sequence[Loaded]) -> Part:
    """Creators of whom facts have come later, behind the others: with all of their facts."""
    late = [_picked(loaded, _between(loaded[0], task)) for loaded in added]
    new = pa.chunked_array([_names(facts) for facts, _ in late], pa.string())
    touched = pc.unique(new)
    old = [_picked(each, pc.is_in(_names(each[0]), value_set=touched)) for each in base]
    mixed = in_order(joined([*old, *late]))
    return Part(*joined([*base, mixed]), anew=sum(len(facts) for facts, _ in base))


def in_order(loaded: Loaded) -> Loaded:
    """By creator and order of replay."""
    facts, _ = loaded
    by_creator = pc.sort_indices(
        pa.table({"c": _names(facts), "v": facts.column("version")}),
        sort_keys=[("c", "ascending"), ("v", "ascending")],
    )
    loaded = _taken(loaded, by_creator.to_numpy())
    order, _ = Part(*loaded).order(keep=True)
    return _taken(loaded, order)


def _names(facts: pa.Table) -> Any:
    return facts.column("creator").combine_chunks().cast(pa.string())


def _between(facts: pa.Table, task: Task) -> Any:
    """Which rows are of the task's creators."""
    creators = _names(facts)
    mask = pc.greater(creators, task.after)
    if task.until:
        mask = pc.and_(mask, pc.less_equal(creators, task.until))
    return mask


def _picked(loaded: Loaded, mask: Any) -> Loaded:
    """The rows of a mask."""
    facts, given = loaded
    there = mask.to_numpy(zero_copy_only=False)
    places = np.cumsum(there) - 1
    kept = {}
    for type_, (rows, table) in given.items():
        mine = there[rows]
        if mine.any():
            kept[type_] = Given(places[rows[mine]], table.filter(pa.array(mine)))
    return facts.filter(mask), kept


def _taken(loaded: Loaded, rows: Array) -> Loaded:
    """All rows in another order."""
    facts, given = loaded
    places = np.empty(len(rows), np.int64)
    places[rows] = np.arange(len(rows))
    moved = {}
    for type_, (of, table) in given.items():
        order = np.argsort(places[of], kind="stable")
        moved[type_] = Given(places[of][order], table.take(pa.array(order)))
    return facts.take(pa.array(rows)), moved
