"""Is the log what was recorded? Every row, key, number and page, and where it is not.

Nothing here is taken on trust but the bytes of the last page's hash: who changes a fact and all
hashes behind it leaves a log that is sound in itself, and another one than was sealed.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from ledger.errors import UnreadableError
from ledger.facts.codec import decode
from ledger.facts.envelope import Envelope
from ledger.facts.types import TYPE_NAME
from ledger.log.bond import START, Mark, digest, in_order, link
from ledger.log.page import Key

STEP = 10_000
Stored: TypeAlias = tuple[Any, Any, Any, Any, Any, Any]
"""Position, creator, version, type, bytes, hash; in a damaged store of any type."""


class Walk(Protocol):
    """A store as it lies, without a check."""

    def stored_after(self, position: int, limit: int) -> list[Stored]:
        """The next rows, by position."""

    def marks_after(self, position: int, limit: int) -> list[Mark]:
        """The next ends of pages."""

    def places_of(self, keys: Sequence[Key]) -> dict[Key, int]:
        """{(source, id): position} of the keys that are there."""

    def numbered_after(self, creator: str, limit: int) -> list[tuple[str, int]]:
        """The next creators with the number of their last fact."""

    def check_keys(self) -> None:
        """See `Log.check_keys`."""

    def pins(self) -> dict[tuple[str, str], str]:
        """See `Log.pins`."""

    def imports(self) -> dict[str, str]:
        """See `Log.imports`."""

    def head(self) -> int:
        """The position of the last fact."""

    def structure(self) -> list[str]:
        """What the database says of its own pages and indexes; empty where all is well."""


class Finding(NamedTuple):
    """Something that is not as it was recorded."""

    what: str
    """`bytes`, `place`, `type`, `key`, `gap`, `page`, `creator`, `pin`, `import`, `structure`."""
    position: int | None
    creator: str | None
    text: str


class Verified(NamedTuple):
    """What a walk has seen, at its end."""

    facts: int
    creators: int
    end: Mark


def verify(
    walk: Walk, seen: Callable[[int], None] = lambda _: None
) -> Iterator[Finding | Verified]:
    """Everything that is wrong, as it is found, and last what was seen."""
    try:
        yield from (Finding("structure", None, None, line) for line in walk.structure())
        numbers: Counter[str] = Counter()
        end = Mark(0, 0, START)
        marks = _marks(walk)
        due = next(marks, None)
        hashes: list[bytes] = []
        facts, position = 0, 0
        while rows := walk.stored_after(position, STEP):
            held = walk.places_of([key for row in rows if (key := _key(row)) is not None])
            for row in rows:
                in_order(position, row[0])
                yield from _skipped(position, row[0])
                yield from _row(row, held, numbers)
                position = row[0]
                hashes.append(row[5] if isinstance(row[5], bytes) else b"")
                while due is not None and due.position <= position:
                    yield from _page(end, due, hashes, position, len(numbers))
                    end, due, hashes = due, next(marks, None), []
            facts += len(rows)
            seen(facts)
        last = end if due is None else [due, *marks][-1]
        yield from _skipped(position, last.position + 1)
        if hashes:
            text = f"the log ends at position {last.position}, and facts come after it"
            yield Finding("page", position, None, text)
        for what, check in (("key", walk.check_keys), ("pin", walk.pins), ("import", walk.imports)):
            yield from _refused(what, check)
        yield from _creators(walk, numbers, last)
        yield Verified(facts, len(numbers), last)
    except UnreadableError as error:
        yield Finding("structure", None, None, str(error))


def _marks(walk: Walk) -> Iterator[Mark]:
    position = 0
    while marks := walk.marks_after(position, STEP):
        for mark in marks:
            in_order(position, mark.position)
            yield mark
            position = mark.position


def _fact(row: Stored) -> Envelope | None:
    try:
        return decode(row[4], row[0])
    except (UnreadableError, TypeError):
        return None


def _key(row: Stored) -> Key | None:
    fact = _fact(row)
    return None if fact is None else (fact.source, fact.id)


def _skipped(before: int, position: int) -> Iterator[Finding]:
    if position > before + 1:
        gone = f"{before + 1}" if position == before + 2 else f"{before + 1} to {position - 1}"
        yield Finding("gap", before + 1, None, f"no fact at position {gone}: gone")


def _row(row: Stored, held: dict[Key, int], numbers: Counter[str]) -> Iterator[Finding]:
    """One row: its hash, its columns, its key, and its number among its creator's facts."""
    position, creator, version, topic, state, kept = row
    fact = _fact(row)
    numbers[creator] += 1
    if not isinstance(state, bytes) or digest(state) != kept:
        yield Finding("bytes", position, creator, "is not as it was recorded")
    elif fact is None:
        yield Finding("bytes", position, creator, "can't be read")
    if fact is None:
        return
    if (fact.position, fact.subject, fact.version) != (position, creator, version):
        text = f"is that of position {fact.position} ({fact.subject!r}, no. {fact.version})"
        yield Finding("place", position, creator, text)
    if TYPE_NAME[type(fact.fact)] != topic:
        yield Finding("type", position, creator, f"is called {topic!r}")
    if held.get((fact.source, fact.id)) != position:
        yield Finding("key", position, creator, f"has no key for {fact.source!r} {fact.id!r}")
    if version != numbers[creator]:
        text = f"is no. {version} of its creator's facts, and no. {numbers[creator]} was due"
        yield Finding("gap", position, creator, text)
        numbers[creator] = version if isinstance(version, int) else numbers[creator]


def _page(
    before: Mark, due: Mark, hashes: Sequence[bytes], position: int, creators: int
) -> Iterator[Finding]:
    linked = isinstance(before.hash, bytes) and due.hash == link(before.hash, hashes)
    if due.position != position or not linked:
        text = f"the page of positions {before.position + 1} to {due.position} is another one"
        yield Finding("page", due.position, None, text)
    elif due.creators != creators:
        text = f"{due.creators} creators were known by then, and {creators} are there"
        yield Finding("page", due.position, None, text)


def _refused(what: str, check: Callable[[], object]) -> Iterator[Finding]:
    try:
        check()
    except UnreadableError as error:
        yield Finding(what, None, None, str(error))


def _creators(walk: Walk, numbers: Counter[str], end: Mark) -> Iterator[Finding]:
    """The list of creators, each with the number of its last fact."""
    listed: dict[str, int] = {}
    name = ""
    while rows := walk.numbered_after(name, STEP):
        for creator, version in rows:
            if not isinstance(creator, str) or creator <= name:
                yield Finding("creator", None, str(creator), "is out of its order")
                return
            listed[creator] = version
            name = creator
    for creator in sorted(numbers.keys() | listed.keys(), key=str):
        there, known = numbers.get(creator, 0), listed.get(creator, 0)
        if there != known:
            text = f"has {there} facts, and the list of creators has {known}"
            yield Finding("creator", None, creator, text)
    if len(listed) != end.creators:
        text = f"{end.creators} creators were recorded, and {len(listed)} are listed"
        yield Finding("creator", None, None, text)
