"""Facts of each creator together and in the order of replay: `ledger.facts.envelope`, compiled.

`replay_order` is the law there; this is held to it by a property. Everything here is about rows of
numbers: of many creators, one after the other.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ledger.facts.envelope import REPLAY_CLASS, REST, VIOLATIONS
from ledger.facts.types import FACT_TYPES, FactRetracted, ViolationFound
from projections.archive.compiled import compiled, word

Array = NDArray[Any]

FOUND, RETRACTED = FACT_TYPES.index(ViolationFound), FACT_TYPES.index(FactRetracted)
CLASSES = np.array([REPLAY_CLASS.get(type_, REST) for type_ in FACT_TYPES], np.int64)
FOREVER = 2**62
LAW = np.array([FOUND, RETRACTED, VIOLATIONS, REST], np.int64)
"""What the compiled functions are told, so that they hold no figure of another file."""


@compiled
def columns(facts, rows, longs, ints):  # type: ignore[no-untyped-def]
    """The fields of records in an order of rows, each by itself: `decode.FACT` in its order."""
    for i in range(len(rows)):
        fact = facts[rows[i]]
        longs[0, i], longs[1, i] = fact["at"], fact["recorded"]
        longs[2, i], longs[3, i], longs[4, i] = fact["position"], fact["id"], fact["about"]
        ints[0, i], ints[1, i] = fact["creator"], fact["source"]
        ints[2, i], ints[3, i] = fact["category"], fact["detected_by"]
        ints[4, i], ints[5, i], ints[6, i] = fact["version"], fact["cells"], fact["kind"]


@compiled
def grouped(codes, ranks, count):  # type: ignore[no-untyped-def]
    """(rows, starts): the rows by the rank of their code, else as they come; where each begins."""
    starts = np.zeros(count + 1, np.int64)
    for code in codes:
        starts[ranks[code] + 1] += 1
    for rank in range(count):
        starts[rank + 1] += starts[rank]
    free = starts.copy()
    rows = np.empty(len(codes), np.int64)
    for i in range(len(codes)):
        rank = ranks[codes[i]]
        rows[free[rank]] = i
        free[rank] += 1
    return rows, starts


@compiled
def _hash(at, n):  # type: ignore[no-untyped-def]
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
def _same(one, other, n):  # type: ignore[no-untyped-def]
    while n >= 8:
        if word(one) != word(other):
            return False
        one, other, n = one + 8, other + 8, n - 8
    return n == 0 or (word(one) ^ word(other)) >> (64 - 8 * n) == 0


@compiled
def numbered(base, spans, bits, apart, starts):  # type: ignore[no-untyped-def]
    """The number of each row's text among those of its creator, from 1 as they come; 0 for none.

    Spans are of bytes at an address; texts with another `apart` are others.
    """
    numbers = np.zeros(len(spans), np.int32)
    most = 0
    for k in range(len(starts) - 1):
        most = max(most, starts[k + 1] - starts[k])
    room = 16
    while room < 2 * most:
        room *= 2
    table = np.zeros(room, np.int64)  # the first row that has a text
    owner = np.full(room, -1, np.int64)  # whose it is, so that nothing is emptied
    for k in range(len(starts) - 1):
        size = 16
        while size < 2 * (starts[k + 1] - starts[k]):
            size *= 2
        number = 0
        for row in range(starts[k], starts[k + 1]):
            span = spans[row]
            if span < 0:
                continue
            at, n = base + (span >> bits), span & ((1 << bits) - 1)
            i = (_hash(at, n) + apart[row]) & (size - 1)
            while owner[i] == k:
                first = table[i]
                if (spans[first] ^ span) & ((1 << bits) - 1) == 0 and apart[first] == apart[row]:
                    if _same(base + (spans[first] >> bits), at, n):
                        break
                i = (i + 1) & (size - 1)
            if owner[i] == k:
                numbers[row] = numbers[table[i]]
            else:
                number += 1
                owner[i], table[i] = k, row
                numbers[row] = number
    return numbers


@compiled
def targets(ids, events, kinds, versions, starts, law):  # type: ignore[no-untyped-def]
    """(version withdrawn, outcome) of each retraction; outcomes as in `schema.RETRACTIONS`.

    `ids` and `events` are the numbers of a fact's own id and of the one it withdraws, by creator;
    rows are in the order of versions.
    """
    withdrawn = np.zeros(len(kinds), np.int32)
    outcome = np.full(len(kinds), -1, np.int8)
    most = np.int64(0)
    for number in ids:
        most = max(most, np.int64(number))
    for number in events:
        most = max(most, np.int64(number))
    held = np.full(most + 1, -1, np.int64)
    for k in range(len(starts) - 1):
        for i in range(starts[k], starts[k + 1]):
            if kinds[i] == law[1]:
                j = held[events[i]]
                if j < starts[k]:
                    outcome[i] = 1
                elif kinds[j] == law[1]:
                    outcome[i] = 2
                else:
                    withdrawn[i], outcome[i] = versions[j], 0
            held[ids[i]] = i
        for i in range(starts[k], starts[k + 1]):
            held[ids[i]] = -1
    return withdrawn, outcome


@compiled
def _settle(order, lo, hi, kind, version, violation, gone, classes, law):  # type: ignore[no-untyped-def]
    """Put the rows of one instant, at places lo to hi, in order: by class, then by version."""
    founds = False
    for i in range(lo, hi):
        founds |= kind[order[i]] == law[0] and not gone[version[order[i]]]
    ranks = np.empty(hi - lo, np.int64)
    for i in range(lo, hi):
        row = order[i]
        rank = classes[kind[row]]
        if founds and rank < law[2] and violation[row] > 0:
            for j in range(lo, hi):
                other = order[j]
                if kind[other] == law[0] and violation[other] == violation[row]:
                    if not gone[version[other]]:
                        rank = law[3]
        ranks[i - lo] = (rank << 32) | np.int64(version[row])
    for i in range(1, hi - lo):
        rank, row, j = ranks[i], order[lo + i], i - 1
        while j >= 0 and ranks[j] > rank:
            ranks[j + 1], order[lo + j + 1] = ranks[j], order[lo + j]
            j -= 1
        ranks[j + 1], order[lo + j + 1] = rank, row


@compiled
def replayed(spans, times, rows, until, keep, classes, law):  # type: ignore[no-untyped-def]
    """(order, starts): the rows of each creator as they are ruled, and where each begins.

    `spans`: first row of each creator and the one after its last; `times`: instants of effect and
    of recording (empty: not asked), with `until` for both; `rows`: kind, version, violation number
    and version withdrawn. Withdrawn facts are left out unless `keep`.
    """
    first, last = spans
    at, recorded = times
    kind, version, violation, withdrawn = rows
    order = np.empty(np.sum(last - first), np.int64)
    starts = np.zeros(len(first) + 1, np.int64)
    longest = np.int64(0)
    for k in range(len(first)):
        for i in range(first[k], last[k]):
            longest = max(longest, np.int64(version[i]))
    gone = np.zeros(longest + 1, np.bool_)
    n = np.int64(0)
    for k in range(len(first)):
        begin = n
        retractions = False
        for i in range(first[k], last[k]):
            if kind[i] == law[1] and withdrawn[i] > 0:
                if len(recorded) == 0 or recorded[i] <= until[1]:
                    gone[withdrawn[i]] = True
                    retractions = True
        ordered = True
        before = np.int64(-FOREVER)
        for i in range(first[k], last[k]):
            if at[i] <= until[0] and (len(recorded) == 0 or recorded[i] <= until[1]):
                if keep or not gone[version[i]]:
                    order[n] = i
                    n += 1
                    ordered &= at[i] >= before
                    before = at[i]
        if not ordered:
            instants = at[order[begin:n]]
            by_time = np.argsort(instants, kind="mergesort")
            order[begin:n] = order[begin:n][by_time]
        lo = begin
        while lo < n:
            hi = lo + 1
            while hi < n and at[order[hi]] == at[order[lo]]:
                hi += 1
            if hi - lo > 1:
                _settle(order, lo, hi, kind, version, violation, gone, classes, law)
            lo = hi
        if retractions:
            for i in range(first[k], last[k]):
                if kind[i] == law[1]:
                    gone[withdrawn[i]] = False
        starts[k + 1] = n
    return order[:n], starts


def replay_order(
    spans: tuple[Array, Array],
    times: tuple[Array, Array],
    rows: tuple[Array, Array, Array, Array],
    *,
    as_of: int = FOREVER,
    known_at: int = FOREVER,
    keep: bool = False,
) -> tuple[Array, Array]:
    """See `replayed`."""
    until = np.array([as_of, known_at], np.int64)
    order, starts = replayed(spans, times, rows, until, keep, CLASSES, LAW)
    return order, starts


@compiled
def crc_table():  # type: ignore[no-untyped-def]
    """Of CRC-32, by byte."""
    table = np.zeros(256, np.int64)
    for n in range(256):
        c = np.int64(n)
        for _ in range(8):
            c = (c >> 1) ^ 0xEDB88320 if c & 1 else c >> 1
        table[n] = c
    return table


@compiled
def partitions(data, where, count):  # type: ignore[no-untyped-def]
    """CRC-32 of each text, modulo `count`: in which partition a creator is."""
    table = crc_table()
    found = np.zeros(len(where) - 1, np.int64)
    for k in range(len(where) - 1):
        c = np.int64(0xFFFFFFFF)
        for p in range(where[k], where[k + 1]):
            c = table[(c ^ np.int64(data[p])) & 0xFF] ^ (c >> 8)
        found[k] = (c ^ 0xFFFFFFFF) % count
    return found
