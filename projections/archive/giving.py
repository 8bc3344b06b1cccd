"""What facts give beside what most of them have: decoded cells as a table for each type."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from projections.archive.decoded import Decoded
from projections.archive.part import RETRACTED, Given
from projections.archive.schema import (
    ATTRIBUTES,
    COLUMNS,
    INTEGER,
    KINDS,
    LISTED,
    NUMBER,
    RETRACTION,
    RETRACTIONS,
    RETRACTS,
    TEXT,
)
from projections.archive.spelling import copies, optional, words

Array = NDArray[Any]
LISTS = [NUMBER[column.name] for column in COLUMNS.values() if column.act == LISTED]


class Cells(NamedTuple):
    """Those of one column: arrays by row of a table."""

    there: Array
    value: Array
    size: Array
    first: Array
    """Of lists, their first item among those of the column."""


def all_given(
    decoded: Decoded, data: Array, rows: Array, taken: Array, retracted: tuple[Array, Array]
) -> Iterator[tuple[str, Given]]:
    """By type. `taken` are the facts in the order of `rows`; retractions have what they come to."""
    cells, firsts = decoded.cells[: decoded.counts[0]], _firsts(decoded)
    places = np.full(decoded.done, -1, np.int32)
    places[rows] = np.arange(len(rows), dtype=np.int32)
    targets = places[cells["fact"]]
    keys = decoded.facts["kind"][cells["fact"]].astype(np.int16) * len(NUMBER) + cells["column"]
    keys[targets < 0] = -1
    by_key = np.argsort(keys, kind="stable")
    bounds = np.searchsorted(keys[by_key], np.arange(len(KINDS) * len(NUMBER) + 1))
    kinds = np.where(taken["cells"] > 0, taken["kind"], len(KINDS)).astype(np.int8)
    by_kind = np.argsort(kinds, kind="stable")
    edges = np.searchsorted(kinds[by_kind], np.arange(len(KINDS) + 1))
    within = np.empty(len(rows), np.int32)
    for kind, type_ in enumerate(KINDS):
        mine = by_kind[edges[kind] : edges[kind + 1]]
        if not len(mine):
            continue
        within[mine] = np.arange(len(mine), dtype=np.int32)
        columns: dict[str, pa.Array] = {}
        for name, number in NUMBER.items():
            key = kind * len(NUMBER) + number
            chosen = by_key[bounds[key] : bounds[key + 1]]
            if len(chosen):
                at = within[targets[chosen]]
                found = _by_row(cells[chosen], firsts[chosen], at, len(mine))
                columns[name] = _column(name, found, decoded, data)
        if type_ == RETRACTED:
            withdrawn, outcome = (array[mine] for array in retracted)
            columns[RETRACTS] = pa.array(withdrawn, mask=withdrawn == 0)
            columns[RETRACTION] = words(outcome.astype(np.int32), pa.array(RETRACTIONS))
        yield type_, Given(mine, pa.table(columns))


def _firsts(decoded: Decoded) -> Array:
    """Of cells that are lists, how many items are before theirs."""
    cells = decoded.cells[: decoded.counts[0]]
    firsts = np.zeros(len(cells), np.int64)
    for number in LISTS:
        mine = np.flatnonzero(cells["column"] == number)
        lengths = cells["value"][mine]
        firsts[mine] = np.cumsum(lengths) - lengths
    return firsts


def _by_row(cells: Array, firsts: Array, at: Array, count: int) -> Cells:
    made = Cells(
        np.zeros(count, np.bool_),
        np.zeros(count, np.int64),
        np.full(count, -1, np.int32),
        np.zeros(count, np.int64),
    )
    values = True, cells["value"], cells["size"], firsts
    for array, given in zip(made, values, strict=True):
        array[at] = given
    return made


def _column(name: str, cells: Cells, decoded: Decoded, data: Array) -> pa.Array:
    """Null where there is no cell."""
    if name == ATTRIBUTES:
        return _attributes(decoded).take(pa.array(cells.value, mask=~cells.there))
    act, arrow = COLUMNS[name].act, COLUMNS[name].arrow
    if act == LISTED:
        items = decoded.items[: decoded.counts[1]]
        return _lists(cells, items[items["column"] == NUMBER[name]], data)
    if act == TEXT:
        return optional(data, cells.value, cells.size)
    values = cells.value if act == INTEGER else cells.value > 0
    return pa.array(values, mask=~cells.there).cast(arrow)


def _attributes(decoded: Decoded) -> pa.Array:
    """By code, as JSON; each kind of attributes is read once."""
    where, arena = decoded.attributes.parts[1:3]
    read = [
        msgspec.json.encode(msgspec.msgpack.decode(arena[where[c] : where[c + 1]].tobytes()))
        for c in range(len(decoded.attributes))
    ]
    return pa.array([text.decode() for text in read], pa.string())


def _lists(cells: Cells, items: Array, data: Array) -> pa.Array:
    """Lists of texts: their items in the order of the rows."""
    lengths = cells.value
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    picked = np.repeat(cells.first - offsets[:-1], lengths) + np.arange(offsets[-1])
    own = items[picked]
    values = copies(data, own["value"], own["size"])
    return pa.ListArray.from_arrays(
        pa.array(offsets.astype(np.int32)), values, mask=pa.array(lengths == 0)
    )
