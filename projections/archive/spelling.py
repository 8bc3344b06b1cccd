"""Spans of bytes and codes as arrays of texts."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from projections.archive.compiled import compiled
from projections.archive.decoded import texts

Array = NDArray[Any]


@compiled
def copied(b, places, sizes, where, data):  # type: ignore[no-untyped-def]
    """Texts one after the other: `where` each begins is filled, then the bytes."""
    p = np.int64(0)
    for i in range(len(places)):
        where[i] = p
        first, n = places[i], np.int64(sizes[i])
        for j in range(n):
            data[p + j] = b[first + j]
        p += max(n, np.int64(0))
    where[len(places)] = p


def copies(data: Array, places: Array, sizes: Array) -> pa.Array:
    where = np.empty(len(places) + 1, np.int64)
    text = np.empty(int(np.maximum(sizes, 0).sum()), np.uint8)
    copied(data, places, sizes, where, text)
    made = texts(where, text)
    made.validate(full=True)
    return made


def optional(data: Array, places: Array, sizes: Array) -> pa.Array:
    there = sizes >= 0
    made = copies(data, places, sizes)
    mask = pa.array(there).buffers()[1]
    nulls = int(len(there) - there.sum())
    return pa.StringArray.from_buffers(len(made), made.buffers()[1], made.buffers()[2], mask, nulls)


def words(codes: Array, names: pa.Array) -> pa.Array:
    """Codes and names as an array of words; below 0 is null."""
    mask = codes < 0
    indices = pa.array(codes, pa.int32(), mask=mask if mask.any() else None)
    return pa.DictionaryArray.from_arrays(indices, names)
