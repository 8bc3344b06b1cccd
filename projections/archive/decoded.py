"""Facts as they are decoded, and the names behind the codes."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ledger.facts.envelope import LAYOUT
from projections.archive import schema
from projections.archive.decode import (
    ATTRIBUTES,
    BOOKS,
    CELL,
    FACT,
    MARGIN,
    NO_ROOM,
    ROOM_CELLS,
    ROOM_ITEMS,
    TAG,
    decode,
    hashed,
    refilled,
    spanned,
)
from projections.archive.schema import KINDS, NUMBER, program
from projections.archive.spelling import copies

Array = NDArray[Any]


def _tags() -> tuple[Array, Array]:
    """The stored names of kinds, size and then bytes; and which is where by its hash."""
    tags = np.zeros((len(KINDS), TAG), np.uint8)
    for kind, name in enumerate(KINDS):
        tags[kind, 0] = len(name)
        tags[kind, 1 : 1 + len(name)] = np.frombuffer(name.encode(), np.uint8)
    hashes = np.array([hashed(tags[k, 1:].ctypes.data, len(n)) for k, n in enumerate(KINDS)])
    size = next(1 << n for n in count(10) if len(set(hashes & ((1 << n) - 1))) == len(KINDS))
    places = np.full(size, -1, np.int64)
    places[hashes & (size - 1)] = np.arange(len(KINDS))
    return tags, places


ACTS, (TAGS, PLACES) = program(), _tags()
NUMBERS = np.array([LAYOUT, NUMBER[schema.ATTRIBUTES]], np.int64)


class Decoded:
    """The facts in some bytes that end in MARGIN, up to place `end`: there begins one of another
    layout, or MARGIN.

    The first `done` of `facts` are some; of `cells` and `items`, as many as `counts` says.
    """

    def __init__(self, data: Array) -> None:
        self.data, self.done, self.end = data, 0, 0
        room = len(data) // 80 + 16
        self.facts = np.empty(room, FACT)
        self.cells = np.empty(room + 2 * ROOM_CELLS, CELL)
        self.items = np.empty(room // 4 + 2 * ROOM_ITEMS, np.int64)
        self.counts = np.zeros(2, np.int64)
        self._named = np.zeros(BOOKS, np.int64)
        self._spans = np.empty((BOOKS, 0), np.int64)
        self._grow_names()
        what = ACTS, TAGS.ctypes.data, PLACES, NUMBERS
        why = NO_ROOM
        while why == NO_ROOM:
            why, self.end, self.done = decode(
                data.ctypes.data, len(data) - MARGIN, self.end, self.done, what,
                (self.facts, self.cells, self.items, self.counts),
                (self._tables, self._spans, self._named),
            )  # fmt: skip
            if why == NO_ROOM:
                self._grow()

    def names(self, book: int) -> pa.Array:
        """The names of a kind, by code."""
        return copies(self.data, self._spans[book, : self._named[book]])

    def attributes(self) -> Iterator[bytes]:
        """The attributes of facts as they are stored, by code."""
        places, sizes = spanned(self._spans[ATTRIBUTES, : self._named[ATTRIBUTES]])
        for place, size in zip(places, sizes, strict=True):
            yield self.data[place : place + size].tobytes()

    def _grow(self) -> None:
        cells, items = self.counts
        if self.done >= len(self.facts):
            self.facts = _doubled(self.facts)
        if cells + ROOM_CELLS > len(self.cells):
            self.cells = _doubled(self.cells)
        if items + ROOM_ITEMS > len(self.items):
            self.items = _doubled(self.items)
        if 4 * self._named.max() >= self._tables.shape[1]:
            self._grow_names()

    def _grow_names(self) -> None:
        size = max(2 * self._spans.shape[1], 1 << 11)
        spans = np.empty((BOOKS, size), np.int64)
        spans[:, : self._spans.shape[1]] = self._spans
        self._spans, self._tables = spans, np.full((BOOKS, 2 * size), -1, np.int32)
        refilled(self.data.ctypes.data, spans, self._named, self._tables)


def _doubled(array: Array) -> Array:
    return np.concatenate([array, np.empty_like(array)])
