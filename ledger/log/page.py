"""A page of facts meets the log: what is new, what was already recorded, what contradicts it.

Pure: the stores look up what is there, hand it in, and write the rows that come out, all in one
transaction. The key of a fact is (source, id) over the whole log; the same key with the same
content (type, subject, time, data) is a duplicate, with any other a conflict. Contents are compared
as values, not as hashes of bytes: a fact stored in an older layout is still the same fact.
"""

import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Literal, NamedTuple, TypeAlias

from msgspec import Struct

from ledger.errors import ConflictError, InputError
from ledger.facts.codec import canonical, encode
from ledger.facts.envelope import Envelope
from ledger.facts.types import TYPE_NAME
from ledger.log.bond import START, Mark, key_sum, link

Key: TypeAlias = tuple[str, str]
"""Source and id."""
PAGE = 5_000
"""Facts that are read at a time unless told."""
Status: TypeAlias = Literal["recorded", "duplicate", "conflict", "runs back"]


class Receipt(Struct, frozen=True, gc=False):
    """What became of a fact; the place is that of the fact already there unless it is recorded.

    `runs back`: its given recorded time is before that of the log's last fact, which is told.
    """

    status: Status
    position: int
    version: int
    recorded_at: int
    held: Envelope | None = None
    """In a conflict the fact that holds the key."""


Keep: TypeAlias = Callable[[list[Receipt], str | None], tuple[str, str]]
"""What became of a page, and what is kept of its import → the key under which it is found again
(`""` once it is done), and what to keep from now on."""
Progress: TypeAlias = tuple[str, Keep]
"""The id of an import, and what is asked before its page is committed: what it answers is kept in
the same transaction. It may be asked again where a commit was lost on its way."""


Known: TypeAlias = tuple[Envelope, Receipt]
"""The fact that holds a key, and where it is."""


class Settled(NamedTuple):
    """What a store has to write, and what it may then answer."""

    rows: list[tuple[int, str, int, str, bytes, bytes]]
    """Position, subject, version, type, bytes, hash."""
    keys: list[tuple[str, str, int, int]]
    """Source, id, position, sum."""
    receipts: list[Receipt]
    mark: Mark
    """The log's end after it."""
    new: list[Envelope]
    """The facts of the rows, in their places."""

    def versions(self) -> list[tuple[str, int]]:
        """The last version of each creator of the page, in the order of their index."""
        return sorted({row[1]: row[2] for row in self.rows}.items())


def known_by_key(envelopes: Sequence[Envelope]) -> dict[Key, Known]:
    """What `settle` wants to know of the facts that the log already has."""
    return {
        (e.source, e.id): (e, Receipt("duplicate", e.position, e.version, e.recorded_at))
        for e in envelopes
    }


def same_content(one: Envelope, other: Envelope) -> bool:
    """Type, subject, time and data; other attributes and the time of recording don't count."""
    return (
        one.subject == other.subject
        and one.effective_at == other.effective_at
        and one.fact == other.fact
    )


def settle(
    facts: Sequence[Envelope],
    known: dict[Key, Known],
    versions: dict[str, int],
    *,
    mark: Mark,
    last: int,
    stamp: int,
    trust: bool,
) -> Settled:
    """Give each new fact its place after the log's end, its bytes and its hash; none was recorded
    before `last`.

    `known` holds what the log has under the page's keys and `versions` the last version of each of
    its subjects; both are brought up to date with what is new.
    """
    head, creators = mark.position, mark.creators
    rows, keys, receipts, new = [], [], [], []
    stamp = max(stamp, last)
    for e in facts:
        key = e.source, e.id
        old = known.get(key)
        if old is not None:
            first, at = old
            same = same_content(first, e)
            status: Status = "duplicate" if same else "conflict"
            held = None if same else first
            receipts.append(Receipt(status, at.position, at.version, at.recorded_at, held))
            continue
        recorded_at = stamp
        if trust and e.recorded_at:
            recorded_at = e.recorded_at
            if recorded_at < last:
                receipts.append(Receipt("runs back", 0, 0, last))
                continue
            stamp = max(stamp, recorded_at)
        last = recorded_at
        head += 1
        subject = e.subject
        versions[subject] = version = versions.get(subject, 0) + 1
        creators += version == 1
        placed = Envelope(
            e.source,
            e.id,
            subject,
            e.effective_at,
            e.fact,
            recorded_at,
            head,
            version,
            e.attributes,
        )
        state = encode(placed)
        hash_ = sha256(state).digest()
        rows.append((head, subject, version, TYPE_NAME[type(e.fact)], state, hash_))
        keys.append((e.source, e.id, head, key_sum(e.source, e.id, head)))
        new.append(placed)
        receipt = Receipt("recorded", head, version, recorded_at)
        known[key] = placed, receipt
        receipts.append(receipt)
    canonical([row[4] for row in rows], new)
    chained = link(mark.hash, [row[5] for row in rows]) if rows else mark.hash
    return Settled(rows, keys, receipts, Mark(head, creators, chained), new)


EMPTY, UNKNOWN = Mark(0, 0, START), Mark(-1, 0, START)
"""The end of a log without facts, and of one that has to be looked up."""


class Memory:
    """What a writer remembers between two pages; it holds only while nobody else has written."""

    LIMIT = 65_536

    def __init__(self) -> None:
        self.mark = UNKNOWN
        self.last = 0
        """`recorded_at` of the last fact."""
        self.versions: dict[str, int] = {}
        self.pins: dict[tuple[str, str], str] | None = None

    def forget(self) -> None:
        """After a failure, or when another has written."""
        self.mark = UNKNOWN
        self.versions.clear()
        self.pins = None

    def missing(self, facts: Sequence[Envelope]) -> list[str]:
        """The page's subjects whose version is to be looked up; old ones make room for them."""
        subjects = {e.subject for e in facts}
        known = self.versions
        missing = [s for s in subjects if s not in known]  # `-` would walk through all known ones
        if len(missing) + len(known) > self.LIMIT:
            known.clear()
            missing = list(subjects)
        return missing

    def settle(self, facts: Sequence[Envelope], known: dict[Key, Known], *, trust: bool) -> Settled:
        """`settle` after the log's end, stamped with the clock, which never runs back."""
        stamp = time.time_ns() // 1000
        settled = settle(
            facts, known, self.versions, mark=self.mark, last=self.last, stamp=stamp, trust=trust
        )
        if settled.rows:
            self.last = known[settled.keys[-1][:2]][1].recorded_at
        self.mark = settled.mark
        return settled


def only_subject(facts: Sequence[Envelope]) -> str:
    """The one subject of a page that is recorded under an expected version."""
    subjects = {e.subject for e in facts}
    if len(subjects) != 1:
        raise InputError("an expected version needs facts of exactly one creator")
    return subjects.pop()


def expect(facts: Sequence[Envelope], settled: Settled, expected: int | None) -> None:
    """Refuse a page that was decided on another state of the creator's stream.

    What is there already may be sent again under the version it was first sent with.
    """
    if expected is None:
        return
    subject = only_subject(facts)
    actual = settled.rows[0][2] - 1 if settled.rows else expected
    if expected != actual:
        raise ConflictError(
            f"{subject!r} is at version {actual}, not at the expected {expected}: read the new "
            "facts and decide again"
        )
