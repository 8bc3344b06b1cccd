"""Spans of bytes and codes as arrays of texts."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from projections.archive.compiled import compiled, copy
from projections.archive.decode import BITS

Array = NDArray[Any]


@compiled
def copied(base, spans, bits, where, out):  # type: ignore[no-untyped-def]
    """The texts of spans one after the other: `where` each begins, and the bytes from `out` on.

    `base` and `out` are addresses.
    """
    place = 0
    for i in range(len(spans)):
        where[i] = place
        if spans[i] >= 0:
            size = spans[i] & ((1 << bits) - 1)
            copy(out + place, base + (spans[i] >> bits), size)
            place += size
    where[len(spans)] = place


def copies(data: Array, spans: Array) -> pa.Array:
    """The texts of spans in `data`; null where there is none."""
    there = spans >= 0
    where = np.empty(len(spans) + 1, np.int32)
    text = np.empty(int(np.where(there, spans & ((1 << BITS) - 1), 0).sum()), np.uint8)
    copied(data.ctypes.data, spans, BITS, where, text.ctypes.data)
    nulls = len(there) - int(np.count_nonzero(there))
    mask = pa.array(there).buffers()[1] if nulls else None
    made = pa.StringArray.from_buffers(
        len(spans), pa.py_buffer(where), pa.py_buffer(text), mask, nulls
    )
    made.validate(full=True)
    return made


def words(codes: Array, names: pa.Array) -> pa.Array:
    """Codes and names as an array of words; below 0 is null."""
    mask = codes < 0
    indices = pa.array(codes, pa.int32(), mask=mask if mask.any() else None)
    return pa.DictionaryArray.from_arrays(indices, names)
