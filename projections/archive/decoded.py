"""Facts as they are decoded, in arrays that grow, and the names behind the codes."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ledger.facts.envelope import LAYOUT
from projections.archive.decode import (
    CELL,
    FACT,
    ITEM,
    LONGEST,
    NO_ROOM,
    ROOM_CELLS,
    ROOM_ITEMS,
    crowded,
    decode,
    refill,
    tag_place,
)
from projections.archive.schema import ATTRIBUTES, KINDS, NUMBER, program

Array = NDArray[Any]


def _tags() -> tuple[Array, Array]:
    """The stored names of kinds, size and then bytes; and at which place which is."""
    tags = np.zeros((len(KINDS), 1 + max(map(len, KINDS))), np.uint8)
    for kind, name in enumerate(KINDS):
        tags[kind, 0] = len(name)
        tags[kind, 1 : 1 + len(name)] = np.frombuffer(name.encode(), np.uint8)
    places = np.full(4096, -1, np.int64)
    for kind, name in enumerate(KINDS):
        place = tag_place(np.frombuffer(name.encode(), np.uint8), 0, len(name))
        assert places[place] < 0, name
        places[place] = kind
    return tags, places


ACTS, TAGS = program(), _tags()
NUMBERS = np.array([LAYOUT, NUMBER[ATTRIBUTES]], np.int64)


class Book:
    """Names and their codes, counted from 0 as they are met."""

    def __init__(self, names: int = 1 << 10, size: int = 1 << 18) -> None:
        self.parts: tuple[Array, Array, Array, Array] = (
            np.full(2 * names, -1, np.int32),
            np.zeros(names + 2, np.int64),
            np.zeros(size, np.uint8),
            np.zeros(1, np.int64),
        )

    def __len__(self) -> int:
        return int(self.parts[3][0])

    def grow(self) -> None:
        """Twice the room; codes stay."""
        where, arena = self.parts[1], self.parts[2]
        other = Book(len(self.parts[0]), 2 * len(arena))
        refill(arena, where, len(self), other.parts)
        self.parts = other.parts

    def names(self) -> pa.Array:
        """The names by code."""
        where, arena = self.parts[1][: len(self) + 1], self.parts[2]
        return texts(where, arena[: where[-1]])


def texts(where: Array, data: Array) -> pa.Array:
    """An array of texts that lie one after the other; `where` each begins, and the end."""
    offsets = pa.py_buffer(where.astype(np.int32))
    return pa.StringArray.from_buffers(len(where) - 1, offsets, pa.py_buffer(data))


class Decoded:
    """Facts as they are decoded: `add` bytes, as often as there are some."""

    def __init__(self, room: int) -> None:
        self.facts = np.zeros(room, FACT)
        self.cells = np.zeros(room // 2 + 2 * ROOM_CELLS, CELL)
        self.items = np.zeros(2 * ROOM_ITEMS, ITEM)
        self.counts = np.zeros(2, np.int64)
        self.done = 0
        self.creators, self.sources, self.categories = Book(), Book(), Book()
        self.detections, self.attributes = Book(), Book()

    @property
    def books(self) -> tuple[Book, ...]:
        return self.creators, self.sources, self.categories, self.detections, self.attributes

    def add(self, data: Array, place: int = 0) -> int:
        """Decode from a place of bytes that end in MARGIN of nothing; returns where it stopped.

        That is their end, or the first fact of another layout.
        """
        why = NO_ROOM
        while why == NO_ROOM:
            out = self.facts, self.cells, self.items, self.counts
            parts = tuple(book.parts for book in self.books)
            why, place, self.done = decode(data, place, self.done, ACTS, TAGS, NUMBERS, out, parts)
            if why == NO_ROOM:
                self._grow()
        return int(place)

    def _grow(self) -> None:
        cells, items = self.counts
        if self.done >= len(self.facts):
            self.facts = _doubled(self.facts)
        if cells + ROOM_CELLS > len(self.cells):
            self.cells = _doubled(self.cells)
        if items + ROOM_ITEMS > len(self.items):
            self.items = _doubled(self.items)
        for book in self.books:
            if crowded(book.parts, LONGEST):
                book.grow()


def _doubled(array: Array) -> Array:
    return np.concatenate([array, np.zeros(len(array), array.dtype)])
