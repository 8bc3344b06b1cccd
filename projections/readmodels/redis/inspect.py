"""Whether a shard holds what rows say: documents, every index, and that nothing else is indexed."""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import MsgspecError

from projections.readmodels.redis.keys import (
    CREATORS,
    DUE,
    INDEX,
    PARKED,
    PARTS,
    STANDING,
    STOPPED,
)
from projections.readmodels.redis.step import entry, members, places
from projections.readmodels.rows import Row, Stored, stored

Do = Callable[..., Any]


def differences(do: Do, base: str, rows: list[Row]) -> dict[str, list[str]]:
    """{creator: parts that differ}, of so many rows as one command may name."""
    names = [row.creator for row in rows]
    documents = do("HMGET", base + STANDING, *names)
    reasons = do("HMGET", base + PARKED, *names)
    entries = do("HMGET", base + INDEX, *names)
    listed = do("ZMSCORE", base + CREATORS, *names)
    held = _scores(do, base, rows, entries)
    found: dict[str, list[str]] = {}
    for n, row in enumerate(rows):
        if documents[n] is None:
            found[row.creator] = ["missing"]
            continue
        old = _read(documents[n])
        wanted = {(name, member): score for name, member, score in places(row)}
        apart = [place for place, at in held[n].items() if wanted.get(place) != at]
        parts = {"next_change_at" if name == DUE else name for name, _ in apart}
        if old is None:
            parts.add("standing")
        else:
            parts |= {f for f in Stored.__struct_fields__ if getattr(old, f) != getattr(row, f)}
        if (reasons[n] or b"").decode() != row.parked:
            parts.add("parked")
        if entries[n] != entry(row):
            parts.add("index")
        if listed[n] is None:
            parts.add("creators")
        if parts:
            found[row.creator] = sorted(parts)
    return found


def _read(text: bytes) -> Stored | None:
    """What a document says; None where it is none."""
    try:
        return stored(text)
    except MsgspecError:
        return None


def _scores(
    do: Do, base: str, rows: list[Row], entries: list[bytes | None]
) -> list[dict[tuple[str, str], float | None]]:
    """For each row {(part, member): score} of wherever it is, was or should be indexed."""
    known = {name.decode() for name in do("SMEMBERS", base + PARTS)}
    stops = sorted(name for name in known if name.startswith(STOPPED))
    asked: list[set[tuple[str, str]]] = []
    for row, packed in zip(rows, entries, strict=True):
        here = {(DUE, row.creator), *((name, row.creator) for name in stops)}
        here.update(members(packed))
        here.update((name, member) for name, member, _ in places(row))
        asked.append(here)
    held: dict[tuple[str, str], float | None] = {}
    for name, some in _by_part(place for here in asked for place in here).items():
        for at in range(0, len(some), 1000):
            few = some[at : at + 1000]
            scores = do("ZMSCORE", base + name, *few)
            held.update(((name, m), s) for m, s in zip(few, scores, strict=True))
    return [{place: held[place] for place in here} for here in asked]


def _by_part(places_: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, member in places_:
        grouped.setdefault(name, []).append(member)
    return grouped
