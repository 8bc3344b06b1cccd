"""What facts give beside what most of them have: decoded cells as a table for each type."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from projections.archive.decoded import Decoded
from projections.archive.order import grouped
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
from projections.archive.spelling import copies, words

Array = NDArray[Any]
LISTS = [NUMBER[column.name] for column in COLUMNS.values() if column.act == LISTED]


class Cells(NamedTuple):
    """Those of one column: arrays by row of a table."""

    there: Array
    value: Array
    first: Array
    """Of lists, their first item among those of the column."""


def all_given(
    decoded: Decoded, rows: Array, taken: Array, retracted: tuple[Array, Array]
) -> Iterator[tuple[str, Given]]:
    """By type. `taken` are the facts in the order of `rows`; retractions have what they come to."""
    cells, firsts = decoded.cells[: decoded.counts[0]], _firsts(decoded)
    columns, types = len(NUMBER), len(KINDS)
    kinds = np.where(taken["cells"] > 0, taken["kind"], types)
    by_kind, edges = grouped(kinds, np.arange(types + 1), types + 1)
    within = np.full(decoded.done, -1, np.int64)  # place among those of its type, by fact
    within[rows[by_kind]] = np.arange(len(rows)) - np.repeat(edges[:-1], np.diff(edges))
    at = within[cells["fact"]]
    keys = decoded.facts["kind"][cells["fact"]] * columns + cells["column"]
    keys[at < 0] = types * columns
    by_key, bounds = grouped(keys, np.arange(types * columns + 1), types * columns + 1)
    for kind, type_ in enumerate(KINDS):
        mine = by_kind[edges[kind] : edges[kind + 1]]
        if not len(mine):
            continue
        table: dict[str, pa.Array] = {}
        for name, number in NUMBER.items():
            key = kind * columns + number
            chosen = by_key[bounds[key] : bounds[key + 1]]
            if len(chosen):
                found = _by_row(cells["value"][chosen], firsts[chosen], at[chosen], len(mine))
                table[name] = _column(name, found, decoded)
        if type_ == RETRACTED:
            withdrawn, outcome = (array[mine] for array in retracted)
            table[RETRACTS] = pa.array(withdrawn, mask=withdrawn == 0)
            table[RETRACTION] = words(outcome.astype(np.int32), pa.array(RETRACTIONS))
        yield type_, Given(mine, pa.table(table))


def _firsts(decoded: Decoded) -> Array:
    """Of cells that are lists, how many items are before theirs."""
    cells = decoded.cells[: decoded.counts[0]]
    firsts = np.zeros(len(cells), np.int64)
    for number in LISTS:
        mine = np.flatnonzero(cells["column"] == number)
        lengths = cells["value"][mine]
        firsts[mine] = np.cumsum(lengths) - lengths
    return firsts


def _by_row(values: Array, firsts: Array, at: Array, count: int) -> Cells:
    made = Cells(np.zeros(count, np.bool_), np.zeros(count, np.int64), np.zeros(count, np.int64))
    for array, given in zip(made, (True, values, firsts), strict=True):
        array[at] = given
    return made


def _column(name: str, cells: Cells, decoded: Decoded) -> pa.Array:
    """Null where there is no cell."""
    if name == ATTRIBUTES:
        return _attributes(decoded).take(pa.array(cells.value, mask=~cells.there))
    act, arrow = COLUMNS[name].act, COLUMNS[name].arrow
    if act == LISTED:
        items = decoded.items[: decoded.counts[1]]
        return _lists(cells, items["value"][items["column"] == NUMBER[name]], decoded.data)
    if act == TEXT:
        return copies(decoded.data, np.where(cells.there, cells.value, -1))
    values = cells.value if act == INTEGER else cells.value > 0
    return pa.array(values, mask=~cells.there).cast(arrow)


def _attributes(decoded: Decoded) -> pa.Array:
    """By code, as JSON; each kind of attributes is read once."""
    read = [msgspec.json.encode(msgspec.msgpack.decode(packed)) for packed in decoded.attributes()]
    return pa.array([text.decode() for text in read], pa.string())


def _lists(cells: Cells, items: Array, data: Array) -> pa.Array:
    """Lists of texts: their items in the order of the rows."""
    lengths = cells.value
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    picked = np.repeat(cells.first - offsets[:-1], lengths) + np.arange(offsets[-1])
    return pa.ListArray.from_arrays(
        pa.array(offsets.astype(np.int32)), copies(data, items[picked]), mask=pa.array(lengths == 0)
    )
