"""What binds a stored fact to its place: a hash of its bytes, and a chain over all hashes.

The bytes of a fact say its position, creator and version. Their SHA-256 stands beside them, and
each page that was committed bears the hash of the page before it with those of its own facts. So
what is read is what was recorded, in its place, or it is a `DamagedError` that names the fact.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias
from zlib import crc32

from ledger.errors import UnreadableError
from ledger.facts.codec import decode_many
from ledger.facts.envelope import Envelope
from ledger.log.pins import Pin

START = bytes(32)
"""The hash before the first page."""
Row: TypeAlias = tuple[int, str, int, bytes, bytes]
"""Position, creator, version, bytes, hash: as they lie in the store."""
LAST_NAME = "\U0010ffff"
"""No creator's id comes after it."""
REMEDY = (
    "the store is damaged, restore it from a backup (`penalty-ledger verify` says what is left)"
)


_subject = attrgetter("subject")


class DamagedError(UnreadableError):
    """A fact, or a place in the log, is not as it was recorded."""


class Mark(NamedTuple):
    """The end of a page: what the log was after it."""

    position: int
    creators: int
    hash: bytes


def digest(state: bytes) -> bytes:
    """The hash that stands beside the bytes of a fact."""
    return sha256(state).digest()


def key_sum(source: str, id_: str, position: int) -> int:
    """What stands beside a key: changed by accident, in any part, it is another one."""
    return crc32(f"{source}\0{id_}".encode("utf-8", "surrogatepass"), position & 0xFFFF_FFFF)


def row_sum(*parts: object) -> int:
    """What stands beside the other rows of the store: those of pins and of imports."""
    return crc32("\0".join(map(str, parts)).encode("utf-8", "surrogatepass"))


def sound_rows(what: str, rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows without the sum at their end; a DamagedError where one is not as it was recorded."""
    found = list(rows)
    for *parts, kept in found:
        if row_sum(*parts) != kept:
            raise DamagedError(f"{what} {parts[0]!r} is not as it was recorded: {REMEDY}")
    return [row[:-1] for row in found]


def pins_of(rows: Iterable[tuple[Any, ...]]) -> dict[tuple[str, str], str]:
    """{(name, version): hash} of rows of `rulebook_pins`."""
    return {(pin.name, pin.version): pin.hash for pin in pinned_of(rows)}


def pinned_of(rows: Iterable[tuple[Any, ...]]) -> list[Pin]:
    """The pins of rows of `rulebook_pins`."""
    return [Pin(*row) for row in sound_rows("the pin of the rulebook", rows)]


def imports_of(rows: Iterable[tuple[Any, ...]]) -> dict[str, str]:
    """{id: what is kept} of rows of `imports`."""
    return {id_: kept for id_, _, kept in sound_rows("the account of the import", rows)}


def sound_keys(keys: Iterable[tuple[Any, Any, Any, Any]]) -> int:
    """How many keys there are; a DamagedError names the first that is not as it was recorded."""
    number = 0
    for source, id_, position, kept in keys:
        number += 1
        if not isinstance(position, int) or key_sum(source, id_, position) != kept:
            raise DamagedError(
                f"the key of the fact at position {position} ({source!r} {id_!r}) is not as it was "
                f"recorded: {REMEDY}"
            )
    return number


def link(before: bytes, hashes: Sequence[bytes]) -> bytes:
    """The hash of a page: over that of the page before and those of its facts."""
    return sha256(before + b"".join(hashes)).digest()


def bound(rows: Sequence[Row]) -> list[Envelope]:
    """The facts of rows whose bytes, hash and columns agree; a DamagedError names one that lies."""
    if not rows:
        return []
    positions, creators, versions, states, hashes = zip(*rows, strict=True)
    try:
        sound = tuple([sha256(state).digest() for state in states]) == hashes
    except TypeError:  # a damaged cell of SQLite may hold a text or a number
        sound = False
    if not sound:
        row = next(row for row in rows if not _sound(row))
        raise DamagedError(f"{_named(row)} is not as it was recorded: {REMEDY}")
    facts = decode_many(states, lambda: positions)
    if (
        tuple([e.position for e in facts]) != positions
        or tuple([e.version for e in facts]) != versions
        or tuple([e.subject for e in facts]) != creators
    ):
        for e, row in zip(facts, rows, strict=True):
            if (e.position, e.subject, e.version) != row[:3]:
                raise DamagedError(
                    f"{_named(row)} is that of position {e.position} (creator {e.subject!r}, no. "
                    f"{e.version} of its facts): {REMEDY}"
                )
    return facts


def _sound(row: Row) -> bool:
    return isinstance(row[3], bytes) and digest(row[3]) == row[4]


def held(rows: Sequence[tuple[Any, ...]]) -> list[Envelope]:
    """The facts that hold keys: rows with the position that the key names behind them."""
    for row in rows:
        if row[0] is None:
            raise DamagedError(
                f"the fact at position {row[5]} is gone though its key is there: {REMEDY}"
            )
    return bound([row[:5] for row in rows])


def _named(row: Row) -> str:
    return f"the fact at position {row[0]} (creator {row[1]!r}, no. {row[2]} of its facts)"


def in_line(facts: Sequence[Envelope], after: int, head: int, limit: int) -> None:
    """Refuse a stretch of the log in which a position is missing: they have no gaps."""
    after = max(after, 0)
    wanted = min(limit, max(head - after, 0))
    if len(facts) == wanted and (not facts or facts[-1].position == after + wanted):
        return
    if facts and facts[-1].position > head:
        raise DamagedError(f"the log ends at position {head}, and facts come after it: {REMEDY}")
    there = {e.position for e in facts}
    gone = next(p for p in range(after + 1, head + 1) if p not in there)
    raise DamagedError(f"the fact at position {gone} is gone: {REMEDY}")


def in_order(before: int, position: int) -> None:
    """Refuse rows that go back: a tree out of order would be read for ever."""
    if position <= before:
        raise DamagedError(f"position {position} comes after position {before}: {REMEDY}")


def whole(creator: str, versions: Sequence[int], last: int) -> None:
    """Refuse a creator's facts of which one is missing: they are numbered from 1 to the last."""
    if len(versions) != last or (versions and versions[-1] != last):
        there = set(versions)
        gone = next((n for n in range(1, last + 1) if n not in there), last + 1)
        what = "is gone" if gone <= last else "is not known to the log"
        raise DamagedError(f"fact no. {gone} of the creator {creator!r} {what}: {REMEDY}")


def whole_until(
    facts: Sequence[Envelope], versions: dict[str, int], later: Callable[[str, int], int]
) -> None:
    """Refuse facts up to a position, ordered by creator, of which one is missing.

    `versions` has the last of each creator; `later(creator, n)` counts those after the n-th that
    come after the position.
    """
    there = {c: [e.version for e in group] for c, group in groupby(facts, key=_subject)}
    for creator in versions | there:
        found, last = there.get(creator, []), versions.get(creator, 0)
        if len(found) < last:
            last -= later(creator, len(found))
        whole(creator, found, last)


def same_end(mark: Mark, end: int) -> Mark:
    """The last page of the log, which must be where the log ends."""
    if mark.position != end:
        raise DamagedError(
            f"the log ends at position {end}, and its last page at {mark.position}: {REMEDY}"
        )
    return mark


def all_there(creators: int, end: Mark) -> None:
    """Refuse a log from which a creator is gone."""
    if creators != end.creators:
        raise DamagedError(
            f"{creators} creators are there, and {end.creators} were recorded: {REMEDY}"
        )


def listed(found: Sequence[tuple[str, object]], after: str) -> list[str]:
    """Creators, each with whether its last fact is there.

    One that goes back is refused: an index out of order would be read for ever.
    """
    before = after
    for name, there in found:
        if not isinstance(name, str) or name <= before or not there:
            raise DamagedError(f"the creator {name!r} is not known by that name: {REMEDY}")
        before = name
    return [name for name, _ in found]
