"""The port of read models: what a store of rows must promise, and no more.

A target holds **generations** of rows, each with one **checkpoint**; readers are sent to the one
that is **live**. `apply` is the one way in: rows, changes and the new checkpoint at once or not at
all, and only if the target is at the checkpoint that the step starts from and the writer leads. So
delivering a step twice, crashing between any two calls, or restoring an old copy of the target ends
in the same rows: whoever comes next reads the checkpoint and goes on from there.
`projections.readmodels.contract` holds the tests that prove a target.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from msgspec import Struct

from ledger.errors import LedgerError, StoreError
from projections.readmodels.rows import Row, Stored

BUILDING, FOLLOWING = "building", "following"


class Checkpoint(Struct, frozen=True, kw_only=True):
    """Up to where the rows of a generation are right."""

    position: int
    """Every fact up to it is in the rows."""
    clock: int
    """All that time alone did up to this instant (UTC microseconds) is in the rows."""
    phase: str = FOLLOWING
    """`building` until every creator has its first row; `position` and `clock` stay until then."""
    cursor: str = ""
    """While building, or while `law` is being applied anew: the last creator that is done."""
    law: str = ""
    """Hash of the rulebooks, and of the program's version of the row, by which the rows are."""
    sweep: str = ""
    """The law by which creators are being judged anew, up to `cursor`; empty if none is."""
    ticking: int = 0
    """Time is being taken in up to this instant, in several steps; 0: up to `clock` and no more."""
    log: str = ""
    """Hash of the log's first fact, and of the one at `position`: whose log it is."""


class Change(Struct, frozen=True):
    """One entry of the change feed: a CloudEvent as JSON, under an id that is never used twice."""

    id: str
    creator: str
    event: bytes
    source: str = ""
    """The ledger that it is of; with `id` the key."""


class Step(Struct, frozen=True, kw_only=True):
    """What is applied at once."""

    generation: int
    before: Checkpoint | None
    """What the target must hold; None for a generation that is to begin."""
    after: Checkpoint
    rows: Sequence[Row] = ()
    """New or changed rows; of a creator at most one."""
    removed: Sequence[str] = ()
    """Creators that have no row any more."""
    changes: Sequence[Change] = ()
    """For the feed, which all generations share; in order."""


class Generation(Struct, frozen=True):
    number: int
    live: bool
    checkpoint: Checkpoint


class MovedError(LedgerError):
    """The checkpoint is not the one that the step starts from: read it again and go on there."""


class SupersededError(LedgerError):
    """Another generation is live now: follow that one."""


class FencedError(LedgerError):
    """Another runner leads this generation; nothing was written."""


class TargetError(StoreError):
    """The target can't be used: unreachable, not allowed, full, too old, not ours."""


class Target(Protocol):
    """One atomic domain of rows. Every failure of the store is a TargetError, in one sentence."""

    name: str
    """As it is shown to people: never with a password."""
    history: bool
    """Whether rows are to carry ended stops and single violations."""

    def owns(self, creator: str) -> bool:
        """Whether a creator's row belongs here; of several targets over one log each has some."""

    def generations(self) -> list[Generation]:
        """All there are, by number; [] in an empty target."""

    def lead(self, generation: int, owner: str, seconds: float) -> str:
        """Take or renew the lease of a generation, for so long; who has it, if that is another.

        Empty where `owner` has it now. The generation need not exist yet.
        """

    def release(self, generation: int, owner: str) -> None:
        """Give the lease back, if it is this owner's."""

    def apply(self, step: Step, owner: str, seconds: float) -> None:
        """All of the step, durable as the store can, and the lease renewed; or nothing.

        Raises FencedError (another owner has the lease; one that has run out and that nobody has
        taken is taken again), SupersededError (a generation of a higher number is live) or
        MovedError, in this order.
        """

    def swap(self, generation: int, owner: str, replaces: Checkpoint | None) -> bool:
        """Make a generation live, if the live one (None: there is none) is at that checkpoint."""

    def drop(self, generation: int) -> None:
        """Forget a generation that is not live, its rows and its lease."""

    def stored(self, generation: int, creators: Sequence[str]) -> dict[str, Stored]:
        """What is held of those creators that have a row."""

    def due(self, generation: int, until: int, limit: int) -> list[str]:
        """Creators whose `next_change_at` is at or before an instant, the earliest first.

        Of rows that are due within the same millisecond the order is free, and one due up to a
        millisecond after `until` may be among them.
        """

    def creators(self, generation: int, after: str = "", limit: int = 1000) -> list[str]:
        """The creators that have a row, in the order of their code points (UTF-8 bytes)."""

    def parked(self, generation: int) -> dict[str, str]:
        """{creator: why} of those that can't be judged."""

    def inspect(self, generation: int, rows: Iterable[Row]) -> dict[str, list[str]]:
        """{creator: what is held otherwise than this row would be}, indexes and counts included.

        A part is a short name: `standing`, `as_of`, `next_change_at`, `stopped:cart`. A creator
        without a row has the part `missing`.
        """

    def totals(self, generation: int) -> dict[str, int] | None:
        """What is counted over all rows, as `count_totals` does; None where nothing ever is."""

    def warnings(self) -> list[str]:
        """What about the store a person should know, one sentence each: how it is set up may lose
        or evict rows, somebody was in the way. May grow.
        """

    def losses(self) -> list[str]:
        """What readers of the feed can't get from it any more; one sentence each."""

    def close(self) -> None:
        """Give connections back."""


def count_totals(totals: dict[str, int], row: Row) -> None:
    """Count one row into the score distribution: {`rulebook name|counter|score`: creators}."""
    name = row.rulebook.partition("@")[0]
    for score in row.scores:
        if score.score is not None:
            key = f"{name}|{score.counter}|{score.score}"
            totals[key] = totals.get(key, 0) + 1
