"""What facts give beside what most of them have: decoded cells as a table for each type."""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from projections.archive.decode import spanned
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


def all_given(
    decoded: Decoded, rows: Array, taken: dict[str, Array], retracted: tuple[Array, Array]
) -> Iterator[tuple[str, Given]]:
    """By type. `taken` are the facts in the order of `rows`; retractions have what they come to."""
    cells, columns, types = decoded.cells[: decoded.counts[0]], len(NUMBER), len(KINDS)
    by_kind, edges = _grouped(np.where(taken["cells"] > 0, taken["kind"], types), types)
    within = np.full(decoded.done, -1, np.int64)  # place among those of its type, by fact
    within[rows[by_kind]] = np.arange(len(rows)) - np.repeat(edges[:-1], np.diff(edges))
    at = within[cells["fact"]]
    keys = decoded.facts["kind"][cells["fact"]] * columns + cells["column"]
    by_key, bounds = _grouped(np.where(at < 0, types * columns, keys), types * columns)
    at, values = at[by_key], cells["value"][by_key]
    for kind, type_ in enumerate(KINDS):
        mine = by_kind[edges[kind] : edges[kind + 1]]
        if not len(mine):
            continue
        table: dict[str, pa.Array] = {}
        for name, number in NUMBER.items():
            first, last = bounds[kind * columns + number :][:2]
            if first < last:
                there, value = np.zeros(len(mine), np.bool_), np.full(len(mine), -1, np.int64)
                there[at[first:last]], value[at[first:last]] = True, values[first:last]
                table[name] = _column(name, there, value, decoded)
        if type_ == RETRACTED:
            withdrawn, outcome = (array[mine] for array in retracted)
            table[RETRACTS] = pa.array(withdrawn, mask=withdrawn == 0)
            table[RETRACTION] = words(outcome.astype(np.int32), pa.array(RETRACTIONS))
        yield type_, Given(mine, pa.table(table))


def _grouped(codes: Array, count: int) -> tuple[Array, Array]:
    """The places of each code below a count, and of the count itself; where each code begins."""
    places, begins = grouped(codes, np.arange(count + 1), count + 1)
    return places, begins


def _column(name: str, there: Array, value: Array, decoded: Decoded) -> pa.Array:
    """Null where there is none, and the value below 0."""
    if name == ATTRIBUTES:
        return _attributes(decoded).take(pa.array(value, mask=~there))
    act, arrow = COLUMNS[name].act, COLUMNS[name].arrow
    if act == LISTED:
        return _lists(there, *spanned(value), decoded)
    if act == TEXT:
        return copies(decoded.data, value)
    return pa.array(value if act == INTEGER else value > 0, mask=~there).cast(arrow)


def _attributes(decoded: Decoded) -> pa.Array:
    """By code, as JSON; each kind of attributes is read once."""
    read = [msgspec.json.encode(msgspec.msgpack.decode(packed)) for packed in decoded.attributes()]
    return pa.array([text.decode() for text in read], pa.string())


def _lists(there: Array, first: Array, length: Array, decoded: Decoded) -> pa.Array:
    """Lists of texts: their items in the order of the rows."""
    length = np.where(there, length, 0)
    offsets = np.concatenate([[0], np.cumsum(length)])
    items = decoded.items[np.repeat(first - offsets[:-1], length) + np.arange(offsets[-1])]
    return pa.ListArray.from_arrays(
        pa.array(offsets.astype(np.int32)), copies(decoded.data, items), mask=pa.array(~there)
    )
