"""The stored bytes of facts to numbers and spans, without a Python object per fact.

It knows the layout that `ledger.facts.codec` writes: what is otherwise ends the decoding there, so
that the caller can go the slow way. A fact becomes a record of `FACT`; what it says beyond that
becomes cells (a value, or a span, under the number of its column); a name that is often the same
becomes a code.

A span is where a text is in the bytes, and how long it is, in one integer: see `spanned`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from projections.archive.compiled import byte, compiled, copy, word

Array = NDArray[Any]

WIDE = "at", "recorded", "position", "id", "about"
NARROW = "creator", "source", "category", "detected_by", "version", "cells", "kind"
FACT = np.dtype([*((n, "i8") for n in WIDE), *((n, "i4") for n in NARROW)], align=True)
"""`id`, `about` (the violation's): spans. Codes and spans are -1 for none. `cells`: how many."""
CELL = np.dtype([("value", "i8"), ("fact", "i4"), ("column", "i4")])
"""`value` is an integer, or the span of a text, or for a list a span of items; an item is the span
of its text."""
CREATOR, SOURCE, CATEGORY, DETECTED_BY, ATTRIBUTES, BOOKS = range(6)
"""Names that have codes, by kind of name."""
ROOM_CELLS, ROOM_ITEMS, LIST_LENGTH = 32, 300, 100
ELEMENTS = 10
"""Of the array that an envelope is, its layout among them."""
BITS = 20
"""Of a span, for the size: more bytes than any fact has."""
MARGIN = 64
DONE, NO_ROOM, UNKNOWN = 0, 1, 2
TAG = 64
"""Bytes for the stored name of a kind, its size the first."""


def spanned(spans: Array) -> tuple[Array, Array]:
    """(where each begins, how many bytes it has)."""
    return spans >> BITS, spans & ((1 << BITS) - 1)


@compiled
def _unsigned(at, n):  # type: ignore[no-untyped-def]
    """An unsigned integer of n bytes; below 0 where it is beyond 63 bits."""
    value = word(at) >> (64 - 8 * n)
    return value if n == 8 else value & ((1 << (8 * n)) - 1)


@compiled
def _integer(at):  # type: ignore[no-untyped-def]
    """(value, next address); -1 where no integer stands that 64 bits with a sign hold."""
    c = byte(at)
    if c <= 0x7F:
        return c, at + 1
    if c >= 0xE0:
        return c - 256, at + 1
    n = 1 << (c & 3)
    if 0xCC <= c <= 0xCF:
        value = _unsigned(at + 1, n)
        return value, (at + 1 + n if value >= 0 else -1)
    if 0xD0 <= c <= 0xD3:
        return word(at + 1) >> (64 - 8 * n), at + 1 + n
    return 0, -1


@compiled
def _list(at):  # type: ignore[no-untyped-def]
    """(how many elements, the first's address) of a list; -1 where none stands."""
    c = byte(at)
    if 0x90 <= c <= 0x9F:
        return c & 15, at + 1
    if c == 0xDC:
        return _unsigned(at + 1, 2), at + 3
    return -1, at


@compiled
def _text(at, end):  # type: ignore[no-untyped-def]
    """(address, size) of the text at an address; size -1 where none stands."""
    c = byte(at)
    if 0xA0 <= c <= 0xBF:
        first, size = at + 1, c & 31
    elif c == 0xD9:
        first, size = at + 2, byte(at + 1)
    elif c == 0xDA:
        first, size = at + 3, _unsigned(at + 1, 2)
    else:
        return at, -1
    return first, (size if first + size <= end else -1)


@compiled
def _skip(at, end):  # type: ignore[no-untyped-def]
    """The address after the value at one; -1 for a value that no fact holds."""
    left = 1
    while left > 0:
        if at >= end:
            return -1
        left -= 1
        c = byte(at)
        if c <= 0x7F or c >= 0xE0 or c == 0xC0 or c == 0xC2 or c == 0xC3:
            at += 1
        elif c <= 0x8F:
            left += 2 * (c & 15)
            at += 1
        elif c <= 0x9F:
            left += c & 15
            at += 1
        elif c <= 0xBF:
            at += 1 + (c & 31)
        elif c == 0xD9:
            at += 2 + byte(at + 1)
        elif c == 0xDA:
            at += 3 + _unsigned(at + 1, 2)
        elif 0xCC <= c <= 0xD3:
            at += 1 + (1 << (c & 3))
        elif c == 0xDC:
            left += _unsigned(at + 1, 2)
            at += 3
        elif c == 0xDE:
            left += 2 * _unsigned(at + 1, 2)
            at += 3
        else:
            return -1
    return at if at <= end else -1


@compiled
def _same(one, other, n):  # type: ignore[no-untyped-def]
    """Whether n bytes are alike."""
    while n >= 8:
        if word(one) != word(other):
            return False
        one, other, n = one + 8, other + 8, n - 8
    return n == 0 or (word(one) ^ word(other)) >> (64 - 8 * n) == 0


@compiled
def hashed(at, n):  # type: ignore[no-untyped-def]
    """64 bits of n bytes."""
    h = n
    while n >= 8:
        h = (h ^ word(at)) * 0x1E3779B97F4A7C15
        h ^= h >> 29
        at, n = at + 8, n - 8
    if n > 0:
        h = (h ^ (word(at) >> (64 - 8 * n))) * 0x1E3779B97F4A7C15
    return h ^ (h >> 32)


@compiled
def decode(base, size, begin, done, program, out, books):  # type: ignore[no-untyped-def]
    """Decode the facts in `size` bytes at an address, from place `begin` on, as the `done`-th and
    those after it.

    `program`: what to do by kind and place (`schema.program`), the address of the names of kinds,
    which of them is where by `hashed`, the layout, and the column of attributes. `out`: facts,
    cells, items, and how many of the latter two there are. `books`: by kind of name a table of
    codes, the span of each code, how many there are. Behind the bytes stand MARGIN that mean
    nothing. Returns why it stopped, the place, and how many facts are done.
    """
    acts, tags, kinds, numbers = program
    facts, cells, items, counts = out
    tables, spans, named = books
    where, sizes = np.empty(BOOKS, np.int64), np.empty(BOOKS, np.int64)  # of the names of a fact
    codes = np.empty(BOOKS, np.int64)
    mask = tables.shape[1] - 1
    p, n, end = base + begin, done, base + size
    cell, item = counts[0], counts[1]
    most = 0
    for which in range(BOOKS):
        most = max(most, named[which])
    while p < end:
        start, first_cell = p, cell
        counts[0], counts[1] = cell, item
        full = cell + ROOM_CELLS > len(cells) or item + ROOM_ITEMS > len(items)
        if n >= len(facts) or full or 2 * most + 2 > mask:
            return NO_ROOM, start - base, n
        if byte(p) != 0x90 + ELEMENTS or byte(p + 1) != numbers[0]:
            return UNKNOWN, start - base, n
        fact = facts[n]
        q, k = _text(p + 2, end)
        if k < 0:
            return UNKNOWN, start - base, n
        where[SOURCE], sizes[SOURCE] = q, k
        q, k = _text(q + k, end)
        if k < 0:
            return UNKNOWN, start - base, n
        fact["id"] = (q - base) << BITS | k
        q, k = _text(q + k, end)
        if k < 0:
            return UNKNOWN, start - base, n
        where[CREATOR], sizes[CREATOR] = q, k
        fact["at"], p = _integer(q + k)
        if p < 0:
            return UNKNOWN, start - base, n
        fields, p = _list(p)
        if fields < 1 or fields - 1 > acts.shape[1]:
            return UNKNOWN, start - base, n
        q, k = _text(p, end)
        kind = -1
        if k > 0:
            kind = kinds[hashed(q, k) & (len(kinds) - 1)]
        if kind < 0 or byte(tags + kind * TAG) != k or not _same(tags + kind * TAG + 1, q, k):
            return UNKNOWN, start - base, n
        p = q + k
        fact["kind"], fact["about"] = kind, -1
        sizes[CATEGORY] = sizes[DETECTED_BY] = sizes[ATTRIBUTES] = -1
        for place in range(fields - 1):
            act, column = acts[kind, place, 0], acts[kind, place, 1]
            c = byte(p)
            if c == 0xC0:
                p += 1
                continue
            if act <= 3:  # VIOLATION, CATEGORY, DETECTED_BY, TEXT
                q, k = _text(p, end)
                if k < 0:
                    return UNKNOWN, start - base, n
                p, value = q + k, (q - base) << BITS | k
                if act == 0:
                    fact["about"] = value
                elif act == 1:
                    where[CATEGORY], sizes[CATEGORY] = q, k
                elif act == 2:
                    where[DETECTED_BY], sizes[DETECTED_BY] = q, k
                if act < 3:
                    continue
            elif act == 4:  # INTEGER
                value, p = _integer(p)
                if p < 0:
                    return UNKNOWN, start - base, n
            elif act == 5 or act == 6:  # FLAG_SET, FLAG_EITHER
                if c != 0xC2 and c != 0xC3:
                    return UNKNOWN, start - base, n
                value, p = c & 1, p + 1
                if value == 0 and act == 5:
                    continue
            elif act == 7:  # LISTED
                length, p = _list(p)
                if length < 0 or length > LIST_LENGTH:
                    return UNKNOWN, start - base, n
                value = item << BITS | length
                for _ in range(length):
                    q, k = _text(p, end)
                    if k < 0:
                        return UNKNOWN, start - base, n
                    items[item] = (q - base) << BITS | k
                    item += 1
                    p = q + k
                if length == 0:
                    continue
            else:
                return UNKNOWN, start - base, n
            cells[cell]["fact"], cells[cell]["column"], cells[cell]["value"] = n, column, value
            cell += 1
        fact["recorded"], p = _integer(p)
        if p < 0:
            return UNKNOWN, start - base, n
        fact["position"], p = _integer(p)
        if p < 0:
            return UNKNOWN, start - base, n
        version, p = _integer(p)
        if p < 0 or version > 2**31 - 1:
            return UNKNOWN, start - base, n
        fact["version"] = version
        q = _skip(p, end)
        if q < 0 or q - p >= 1 << BITS:
            return UNKNOWN, start - base, n
        if byte(p) != 0xC0:
            where[ATTRIBUTES], sizes[ATTRIBUTES] = p, q - p
        p = q
        for which in range(BOOKS):
            q, k, code = where[which], sizes[which], -1
            if k >= 0:
                i = hashed(q, k) & mask
                while True:
                    code = tables[which, i]
                    if code < 0:
                        code = named[which]
                        tables[which, i], spans[which, code] = code, (q - base) << BITS | k
                        named[which] = code + 1
                        most = max(most, code + 1)
                        break
                    other = spans[which, code]
                    if other & ((1 << BITS) - 1) == k and _same(base + (other >> BITS), q, k):
                        break
                    i = (i + 1) & mask
            codes[which] = code
        fact["creator"], fact["source"] = codes[CREATOR], codes[SOURCE]
        fact["category"], fact["detected_by"] = codes[CATEGORY], codes[DETECTED_BY]
        if codes[ATTRIBUTES] >= 0:
            cells[cell]["fact"], cells[cell]["column"] = n, numbers[1]
            cells[cell]["value"] = codes[ATTRIBUTES]
            cell += 1
        fact["cells"] = cell - first_cell
        n += 1
    counts[0], counts[1] = cell, item
    return DONE, p - base, n


@compiled
def refilled(base, spans, named, tables):  # type: ignore[no-untyped-def]
    """Put the codes of names into empty tables."""
    mask = tables.shape[1] - 1
    for which in range(BOOKS):
        for code in range(named[which]):
            span = spans[which, code]
            i = hashed(base + (span >> BITS), span & ((1 << BITS) - 1)) & mask
            while tables[which, i] >= 0:
                i = (i + 1) & mask
            tables[which, i] = code


@compiled
def scan(base, size, due, layout, count, table, begins, homes):  # type: ignore[no-untyped-def]
    """Where each fact of `size` bytes at an address begins, and in which of `count` partitions its
    creator is, into `begins` and `homes`.

    The positions inside are to be `due` and those after it. Returns how many facts are sound, and
    the place after them; `table` is that of CRC-32.
    """
    p, n, end = base, 0, base + size
    while p < end and n < len(homes):
        begins[n] = p - base
        if byte(p) != 0x90 + ELEMENTS or byte(p + 1) != layout:
            break
        q = p + 2
        for _ in range(2):  # source, id
            first, size = _text(q, end)
            if size < 0:
                return n, p - base
            q = first + size
        first, size = _text(q, end)
        if size < 0:
            return n, p - base
        c = 0xFFFFFFFF
        for at in range(first, first + size):
            c = table[(c ^ byte(at)) & 0xFF] ^ (c >> 8)
        _, q = _integer(first + size)
        if q < 0:
            return n, p - base
        q = _skip(q, end)
        if q < 0:
            return n, p - base
        _, q = _integer(q)
        if q < 0:
            return n, p - base
        position, q = _integer(q)
        if q < 0 or position != due + n:
            return n, p - base
        _, q = _integer(q)
        if q < 0:
            return n, p - base
        q = _skip(q, end)
        if q < 0:
            return n, p - base
        homes[n] = (c ^ 0xFFFFFFFF) % count
        p = q
        n += 1
    begins[n] = p - base
    return n, p - base


@compiled
def scattered(base, begins, homes, firsts, out):  # type: ignore[no-untyped-def]
    """The facts by partition, one after the other: those of each from `firsts` on, which moves.

    `base` and `out` are addresses.
    """
    for n in range(len(homes)):
        place, size = firsts[homes[n]], begins[n + 1] - begins[n]
        copy(out + place, base + begins[n], size)
        firsts[homes[n]] = place + size
