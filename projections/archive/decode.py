"""The stored bytes of facts to numbers and spans, without a Python object per fact.

It knows the layout that `ledger.facts.codec` writes: what is otherwise ends the decoding there, so
that the caller can go the slow way. A fact becomes a record of `FACT`; what it says beyond that
becomes cells (a value, or a span of the bytes, under the number of its column); a name that is
often the same becomes a code.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from projections.archive.compiled import compiled

Array = NDArray[Any]

FACT = np.dtype(
    [
        ("at", "i8"), ("recorded", "i8"), ("position", "i8"), ("id_at", "i8"), ("about_at", "i8"),
        ("creator", "i4"), ("version", "i4"), ("source", "i4"), ("category", "i4"),
        ("detected_by", "i4"), ("cells", "i4"), ("id_size", "i4"), ("about_size", "i4"),
        ("kind", "i1"),
    ]
)  # fmt: skip
"""`id_at`, `id_size`: where in the bytes the id is; `about_…`: the violation's, size -1 for none.
Codes are -1 for none. `cells`: how many there are."""
CELL = np.dtype([("fact", "i4"), ("column", "i2"), ("size", "i4"), ("value", "i8")])
"""`value` is an integer, or where a text begins that has `size` bytes, or for a list how many items
it has; these follow in `ITEM`, list after list of a column."""
ITEM = np.dtype([("column", "i2"), ("size", "i4"), ("value", "i8")])
ROOM_CELLS, ROOM_ITEMS, LIST_LENGTH = 32, 300, 100
ELEMENTS = 10
"""Of the array that an envelope is, its layout among them."""
MARGIN = 16
LONGEST = 70_000
"""More bytes than any fact has."""
DONE, NO_ROOM, UNKNOWN = 0, 1, 2


@compiled
def _big(b, p, n):  # type: ignore[no-untyped-def]
    """An unsigned integer of n bytes; -1 where it is beyond 63 bits."""
    value = np.int64(0)
    for i in range(n):
        if i == 0 and n == 8 and b[p] > 127:
            return np.int64(-1)
        value = value * 256 + np.int64(b[p + i])
    return value


@compiled
def _signed(b, p, n):  # type: ignore[no-untyped-def]
    value = np.int64(b[p])
    if value > 127:
        value -= 256
    for i in range(1, n):
        value = value * 256 + np.int64(b[p + i])
    return value


@compiled
def _integer(b, p):  # type: ignore[no-untyped-def]
    """(value, next place); place -1 where no integer stands that 64 bits with a sign hold."""
    c = np.int64(b[p])
    if c <= 0x7F:
        return c, p + 1
    if c >= 0xE0:
        return c - 256, p + 1
    if 0xCC <= c <= 0xCF:
        n = 1 << (c - 0xCC)
        value = _big(b, p + 1, n)
        return value, (p + 1 + n if value >= 0 else np.int64(-1))
    if 0xD0 <= c <= 0xD3:
        n = 1 << (c - 0xD0)
        return _signed(b, p + 1, n), p + 1 + n
    return np.int64(0), np.int64(-1)


@compiled
def _text(b, p):  # type: ignore[no-untyped-def]
    """(first byte, size) of the text at p; size -1 where none stands."""
    c = np.int64(b[p])
    if 0xA0 <= c <= 0xBF:
        first, size = p + 1, c & 31
    elif c == 0xD9:
        first, size = p + 2, np.int64(b[p + 1])
    elif c == 0xDA:
        first, size = p + 3, _big(b, p + 1, 2)
    else:
        return p, np.int64(-1)
    if first + size > len(b) - MARGIN:
        return p, np.int64(-1)
    return first, size


@compiled
def _skip(b, p):  # type: ignore[no-untyped-def]
    """The place after the value at p; -1 for a value that no fact holds."""
    left = np.int64(1)
    while left > 0:
        if p >= len(b) - MARGIN:
            return np.int64(-1)
        left -= 1
        c = np.int64(b[p])
        if c <= 0x7F or c >= 0xE0 or c == 0xC0 or c == 0xC2 or c == 0xC3:
            p += 1
        elif c <= 0x8F:
            left += 2 * (c & 15)
            p += 1
        elif c <= 0x9F:
            left += c & 15
            p += 1
        elif c <= 0xBF:
            p += 1 + (c & 31)
        elif c == 0xD9:
            p += 2 + np.int64(b[p + 1])
        elif c == 0xDA:
            p += 3 + _big(b, p + 1, 2)
        elif 0xCC <= c <= 0xD3:
            p += 1 + (1 << ((c - 0xCC) & 3))
        elif c == 0xDC:
            left += _big(b, p + 1, 2)
            p += 3
        elif c == 0xDE:
            left += 2 * _big(b, p + 1, 2)
            p += 3
        else:
            return np.int64(-1)
    return p


@compiled
def _hash(b, p, n):  # type: ignore[no-untyped-def]
    """59 bits of n bytes, four at a time so that none waits for the one before."""
    h0, h1, h2, h3 = np.int64(n), np.int64(1), np.int64(2), np.int64(3)
    j = 0
    while j + 4 <= n:
        h0 = (h0 * 65_599 + np.int64(b[p + j])) & 0xFFFFFFFFFF
        h1 = (h1 * 69_069 + np.int64(b[p + j + 1])) & 0xFFFFFFFFFF
        h2 = (h2 * 65_777 + np.int64(b[p + j + 2])) & 0xFFFFFFFFFF
        h3 = (h3 * 66_041 + np.int64(b[p + j + 3])) & 0xFFFFFFFFFF
        j += 4
    while j < n:
        h0 = (h0 * 65_599 + np.int64(b[p + j])) & 0xFFFFFFFFFF
        j += 1
    h = h0 * 20_251 + h1 * 16_085 + h2 * 23_099 + h3 * 27_655
    return h ^ (h >> 19) ^ (h >> 37)


@compiled
def _code(b, p, n, book):  # type: ignore[no-untyped-def]
    """The code of the n bytes at p: the same for the same bytes, counted from 0."""
    table, where, arena, counter = book
    h = _hash(b, p, n)
    mask: Any = len(table) - 1
    i = h & mask
    while True:
        c = np.int64(table[i])
        if c < 0:
            break
        first = where[c]
        if where[c + 1] - first == n:
            j = 0
            while j < n and arena[first + j] == b[p + j]:
                j += 1
            if j == n:
                return c
        i = (i + 1) & mask
    c = counter[0]
    counter[0] = c + 1
    table[i] = c
    first = where[c]
    for j in range(n):
        arena[first + j] = b[p + j]
    where[c + 1] = first + n
    return c


@compiled
def crowded(book, n):  # type: ignore[no-untyped-def]
    """Whether a book has no room for n bytes more."""
    table, where, arena, counter = book
    c = counter[0]
    return 2 * c + 4 > len(table) or c + 2 > len(where) or where[c] + n > len(arena)


@compiled
def tag_place(b, q, k):  # type: ignore[no-untyped-def]
    """Where the name of a kind, k bytes at q, is looked for: no two of them at one place."""
    first, last = np.int64(b[q]), np.int64(b[q + k - 1])
    half, late = np.int64(b[q + k // 2]), np.int64(b[q + k * 3 // 4])
    return (k * 551 + first * 2332 + last * 3472 + half * 3287 + late * 2883) & 4095


@compiled
def _put(cells, counts, fact, column, size, value):  # type: ignore[no-untyped-def]
    cell = cells[counts[0]]
    cell["fact"], cell["column"], cell["size"], cell["value"] = fact, column, size, value
    counts[0] += 1


@compiled
def decode(b, begin, done, acts, tags, numbers, out, books):  # type: ignore[no-untyped-def]
    """Decode the facts in bytes `b` from place `begin` on, as the `done`-th and those after it.

    `out`: facts, cells, items, and how many of the latter two there are; `books`: the codes of
    creators, sources, categories, words of detection, attributes. The bytes end in MARGIN that
    mean nothing. Returns why it stopped, the place, and how many facts are done.
    """
    facts, cells, items, counts = out
    creators, sources, categories, detections, attributes = books
    p, n, end = np.int64(begin), np.int64(done), len(b) - MARGIN
    while p < end:
        start, first_cell = p, counts[0]
        full = counts[0] + ROOM_CELLS > len(cells) or counts[1] + ROOM_ITEMS > len(items)
        if n >= len(facts) or full:
            return NO_ROOM, start, n
        for book in (creators, sources, categories, detections, attributes):
            if crowded(book, LONGEST):
                return NO_ROOM, start, n
        if b[p] != 0x90 + ELEMENTS or b[p + 1] != numbers[0]:
            return UNKNOWN, start, n
        fact = facts[n]
        q, k = _text(b, p + 2)
        if k < 0:
            return UNKNOWN, start, n
        fact["source"] = _code(b, q, k, sources)
        q, k = _text(b, q + k)
        if k < 0:
            return UNKNOWN, start, n
        fact["id_at"], fact["id_size"] = q, k
        q, k = _text(b, q + k)
        if k < 0:
            return UNKNOWN, start, n
        fact["creator"] = _code(b, q, k, creators)
        fact["at"], p = _integer(b, q + k)
        if p < 0:
            return UNKNOWN, start, n
        size = np.int64(b[p])
        if 0x91 <= size <= 0x9F:
            size -= 0x90
            p += 1
        elif size == 0xDC:
            size = _big(b, p + 1, 2)
            p += 3
        else:
            return UNKNOWN, start, n
        q, k = _text(b, p)
        kind: Any = np.int64(-1)
        if k > 0:
            t = tags[1][tag_place(b, q, k)]
            if t >= 0 and tags[0][t, 0] == k:
                j = 0
                while j < k and tags[0][t, 1 + j] == b[q + j]:
                    j += 1
                if j == k:
                    kind = t
        if kind < 0 or size - 1 > acts.shape[1]:
            return UNKNOWN, start, n
        p = q + k
        fact["kind"] = kind
        fact["about_at"], fact["about_size"] = 0, -1
        fact["category"] = fact["detected_by"] = -1
        for place in range(size - 1):
            act, column = acts[kind, place, 0], acts[kind, place, 1]
            c = b[p]
            if c == 0xC0:
                p += 1
                continue
            if act <= 3:  # VIOLATION, CATEGORY, DETECTED_BY, TEXT
                q, k = _text(b, p)
                if k < 0:
                    return UNKNOWN, start, n
                if act == 0:
                    fact["about_at"], fact["about_size"] = q, k
                elif act == 1:
                    fact["category"] = _code(b, q, k, categories)
                elif act == 2:
                    fact["detected_by"] = _code(b, q, k, detections)
                else:
                    _put(cells, counts, n, column, k, q)
                p = q + k
            elif act == 4:  # INTEGER
                value, p = _integer(b, p)
                if p < 0:
                    return UNKNOWN, start, n
                _put(cells, counts, n, column, 0, value)
            elif act == 5 or act == 6:  # FLAG_SET, FLAG_EITHER
                if c != 0xC2 and c != 0xC3:
                    return UNKNOWN, start, n
                if c == 0xC3 or act == 6:
                    _put(cells, counts, n, column, 0, np.int64(c == 0xC3))
                p += 1
            elif act == 7:  # LISTED
                length = np.int64(-1)
                if 0x90 <= c <= 0x9F:
                    length = np.int64(c) - 0x90
                    p += 1
                elif c == 0xDC:
                    length = _big(b, p + 1, 2)
                    p += 3
                if length < 0 or length > LIST_LENGTH:
                    return UNKNOWN, start, n
                if length > 0:
                    _put(cells, counts, n, column, 0, length)
                for _ in range(length):
                    q, k = _text(b, p)
                    if k < 0:
                        return UNKNOWN, start, n
                    item = items[counts[1]]
                    item["column"], item["size"], item["value"] = column, k, q
                    counts[1] += 1
                    p = q + k
            else:
                return UNKNOWN, start, n
        fact["recorded"], p = _integer(b, p)
        if p < 0:
            return UNKNOWN, start, n
        fact["position"], p = _integer(b, p)
        if p < 0:
            return UNKNOWN, start, n
        value, p = _integer(b, p)
        if p < 0 or value > 2**31 - 1:
            return UNKNOWN, start, n
        fact["version"] = value
        if b[p] == 0xC0:
            p += 1
        else:
            q = _skip(b, p)
            if q < 0:
                return UNKNOWN, start, n
            _put(cells, counts, n, numbers[1], 0, _code(b, p, q - p, attributes))
            p = q
        fact["cells"] = counts[0] - first_cell
        n += 1
    return DONE, p, n


@compiled
def refill(arena, where, count, book):  # type: ignore[no-untyped-def]
    """Give the texts of another book their codes in this one."""
    for c in range(count):
        _code(arena, where[c], where[c + 1] - where[c], book)


@compiled
def scan(b, begin, due, layout, count, table, found):  # type: ignore[no-untyped-def]
    """Where each fact begins and in which of `count` partitions its creator is, into `found`.

    The positions inside are to be `due` and those after it. Returns how many facts are sound, and
    the place after them; `table` is that of CRC-32.
    """
    begins, homes = found
    p, n, end = np.int64(begin), np.int64(0), len(b) - MARGIN
    while p < end and n < len(homes):
        if b[p] != 0x90 + ELEMENTS or b[p + 1] != layout:
            break
        begins[n] = p
        q = p + 2
        for _ in range(2):  # source, id
            first, size = _text(b, q)
            if size < 0:
                return n, p
            q = first + size
        first, size = _text(b, q)
        if size < 0:
            return n, p
        c = np.int64(0xFFFFFFFF)
        for j in range(first, first + size):
            c = table[(c ^ np.int64(b[j])) & 0xFF] ^ (c >> 8)
        q = first + size
        for _ in range(3):  # effective_at, fact, recorded_at
            q = _skip(b, q)
            if q < 0:
                return n, p
        position, q = _integer(b, q)
        if q < 0 or position != due + n:
            return n, p
        for _ in range(2):  # version, attributes
            q = _skip(b, q)
            if q < 0:
                return n, p
        homes[n] = (c ^ 0xFFFFFFFF) % count
        p = q
        n += 1
    begins[n] = p
    return n, p


@compiled
def scattered(b, begins, homes, firsts, out):  # type: ignore[no-untyped-def]
    """The facts by partition, one after the other: those of each from `firsts` on, which moves."""
    for n in range(len(homes)):
        q = firsts[homes[n]]
        size = begins[n + 1] - begins[n]
        out[q : q + size] = b[begins[n] : begins[n + 1]]
        firsts[homes[n]] = q + size
