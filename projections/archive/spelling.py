"""Spans of bytes and codes as arrays of texts."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from projections.archive.compiled import compiled, copy
from projections.archive.decode import BITS

Array = NDArray[Any]


@compiled
def placed(spans, bits, where):  # type: ignore[no-untyped-def]
    """Where each text begins if they stand one after the other; returns how many there are none."""
    place, none = 0, 0
    for i in range(len(spans)):
        where[i] = place
        if spans[i] < 0:
            none += 1
        else:
            place += spans[i] & ((1 << bits) - 1)
    where[len(spans)] = place
    return none


@compiled
def copied(base, spans, bits, where, out):  # type: ignore[no-untyped-def]
    """The texts of spans to their places; `base` and `out` are addresses."""
    for i in range(len(spans)):
        if where[i] < where[i + 1]:
            copy(out + where[i], base + (spans[i] >> bits), where[i + 1] - where[i])


def copies(data: Array, spans: Array) -> pa.Array:
    """The texts of spans in `data`; null where there is none."""
    where = np.empty(len(spans) + 1, np.int32)
    none = placed(spans, BITS, where)
    text = np.empty(where[-1], np.uint8)
    copied(data.ctypes.data, spans, BITS, where, text.ctypes.data)
    mask = pa.array(spans >= 0).buffers()[1] if none else None
    made = pa.StringArray.from_buffers(
        len(spans), pa.py_buffer(where), pa.py_buffer(text), mask, none
    )
    made.validate(full=True)
    return made


def words(codes: Array, names: pa.Array) -> pa.Array:
    """Codes and names as an array of words; below 0 is null."""
    mask = codes < 0
    indices = pa.array(codes, pa.int32(), mask=mask if mask.any() else None)
    return pa.DictionaryArray.from_arrays(indices, names)
