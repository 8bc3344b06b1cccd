"""A step as the script takes it: grouped by key, so that one command writes what many rows say.

A row is *indexed* at places: in sorted sets by an instant, and in the distribution of scores. Which
places these are is packed beside the row, so that the script takes out exactly what was put in.
"""

from collections.abc import Iterator
from math import inf
from typing import cast

import msgpack  # type: ignore[import-untyped]
from msgspec import json

from projections.readmodels.redis.keys import APPEALS, DUE, SCORES, STOPPED, WINDOWS, part
from projections.readmodels.rows import Row, document
from projections.readmodels.target import Step

Place = tuple[str, str, float]
"""Part, member, score: milliseconds, rounded down; infinite where there is no end."""

_json = json.Encoder().encode


def _pack(value: object) -> bytes:
    """As the server's own reader takes it, which knows strings but no bytes."""
    return cast(bytes, msgpack.packb(value, use_bin_type=False))


def places(row: Row) -> Iterator[Place]:
    """Where a row stands in sorted sets."""
    if row.next_change_at is not None:
        yield DUE, row.creator, row.next_change_at // 1000
    for feature, until in row.stopped().items():
        yield part(STOPPED, feature), row.creator, inf if until is None else until // 1000
    for window in row.windows:
        member = _json((row.creator, window.violation)).decode()
        yield part(WINDOWS, window.kind), member, window.until // 1000
    for appeal in row.appeals:
        yield APPEALS, _json((row.creator, appeal.violation)).decode(), appeal.lodged_at // 1000


def counts(row: Row) -> Iterator[tuple[str, str]]:
    """Where a row is counted: part and field."""
    rulebook = row.rulebook.partition("@")[0]
    for score in row.scores:
        if score.score is not None:
            yield part(SCORES, rulebook, score.counter), str(score.score)


def entry(row: Row) -> bytes:
    """The places of a row, without the scores: [[part, member, …], [part, field, …]]."""
    return _entry(list(places(row)), list(counts(row)))


def _entry(placed: list[Place], counted: list[tuple[str, str]]) -> bytes:
    members = [word for name, member, _ in placed for word in (name, member)]
    return _pack((members, [word for pair in counted for word in pair]))


def members(packed: bytes | None) -> list[tuple[str, str]]:
    """The sorted sets, and the member in each, that an entry names."""
    if not packed:
        return []
    try:
        flat: list[str] = msgpack.unpackb(packed)[0]
    except (ValueError, TypeError, IndexError):
        return []  # whoever wrote that: it names no place
    return list(zip(flat[::2], flat[1::2], strict=True))


def packed(step: Step) -> bytes:
    """The step: names, entries, documents, members, parts counted in, reasons, changes.

    Entries stand beside the names; that of a removed creator is empty.
    """
    names: list[str] = []
    entries: list[bytes] = []
    documents: list[str | bytes] = []
    reasons: list[str] = []
    added: dict[str, list[str | float]] = {}
    counted: set[str] = set()
    for row in step.rows:
        placed, counting = list(places(row)), list(counts(row))
        names.append(row.creator)
        entries.append(_entry(placed, counting))
        documents += (row.creator, document(row))
        for name, member, score in placed:
            # msgpack has an infinity, Lua would write it as `inf`, and not every server reads that
            added.setdefault(name, []).extend(("+inf" if score == inf else score, member))
        counted.update(name for name, _ in counting)
        if row.parked:
            reasons += (row.creator, row.parked)
    for creator in step.removed:
        names.append(creator)
        entries.append(b"")
    changes = [field for c in step.changes for field in (c.id, c.creator, c.event)]
    return _pack((names, entries, documents, added, sorted(counted), reasons, changes))
