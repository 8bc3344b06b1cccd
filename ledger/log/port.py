"""The log: facts appended once and for ever, one stream per creator, one order over all of them.

Positions run from 1 and are never used twice; a reader that has all facts up to a position never
finds one below it later, whoever writes. `recorded_at` is stamped by the log and never runs back:
it is the clock, or that of the fact before where the clock has been set back, or a given one that
is not before it, so that what was known at an instant stays a prefix of the log. Two stores hold
it, SQLite and PostgreSQL.
"""

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from ledger.errors import StoreError
from ledger.facts.envelope import Envelope
from ledger.log.bond import Mark
from ledger.log.page import PAGE, Key, Known, Progress, Receipt
from ledger.log.pins import Law, Pin

__all__ = ["Log", "Reader", "Receipt", "open_log", "open_reader"]


class Reader(Protocol):
    """What questions ask of a store; `tests/contract` says what each promise means."""

    def stream(self, subject: str) -> list[Envelope]:
        """All facts of a creator by position."""

    def after(self, position: int, limit: int = PAGE) -> list[Envelope]:
        """The next facts after a position, without gaps."""

    def places(self, position: int, limit: int = PAGE) -> list[tuple[int, str]]:
        """Position and creator of the next facts, also of those whose bytes can't be read."""

    def streams(self, subjects: Sequence[str], until: int) -> list[Envelope]:
        """The facts of some creators up to a position; one creator's by position, together."""

    def histories(self, after: str, until: int, limit: int = PAGE) -> list[Envelope]:
        """The next facts after all those of a creator, ordered by creator, then by position."""

    def subjects(self, after: str = "", limit: int = PAGE) -> list[str]:
        """The next creators after one, in the order of their code points."""

    def head(self) -> int:
        """The position of the last fact; 0 in an empty log."""

    def end(self) -> Mark:
        """The same with the hash of all pages up to there, each chained to the one before."""

    def known(self, facts: Sequence[Envelope]) -> dict[Key, Known]:
        """What is recorded under the keys of some facts."""

    def imports(self, key: str | None = None) -> dict[str, str]:
        """{id: what is kept} of the imports by id; of one file's, where its key is given."""

    def pins(self) -> dict[tuple[str, str], str]:
        """{(rulebook, version): content hash} of the rulebooks that rule on this log."""

    def pinned(self) -> list[Pin]:
        """The same with the instants since which they are pinned."""

    def pin(self, name: str, version: str, content_hash: str) -> None:
        """Remember the hash; another one later is a RulebookError."""

    def close(self) -> None:
        """Give the store back."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Log(Reader, Protocol):
    """What every store offers."""

    def append(
        self,
        facts: Sequence[Envelope],
        *,
        expected_version: int | None = None,
        trust_recorded_times: bool = False,
        progress: Progress | None = None,
    ) -> list[Receipt]:
        """Record a page of facts in one transaction: all that is new in it, or nothing.

        A fact that is there already changes nothing; one that contradicts what is there is left out
        and its receipt says `conflict`, and so is one whose trusted recorded time is before the
        last: `runs back`. What `progress` answers is kept in the same transaction. With
        `expected_version` all facts must be of one creator, whose stream must be at that version
        unless nothing is new: else ConflictError.
        """

    def check_keys(self) -> None:
        """Refuse to go on, with a DamagedError, where a key or one of its facts is not as it was.

        A second to the million facts, so it is for those who are about to send many: what has lost
        its key would be recorded a second time.
        """


def open_log(url: str, *, create: bool = False, law: Law | None = None) -> Log:
    """The log at `sqlite:///path/to/file.db` or `postgresql://…`.

    `law` says which rulebooks are pinned with the facts that are recorded, in their transaction.
    Raises StoreError, in one sentence, where it is not there, not ours, or not usable.
    """
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        from ledger.log.sqlite.store import SQLiteLog

        return SQLiteLog.open(url, create=create, law=law)
    if scheme in {"postgresql", "postgres"}:
        from ledger.log.postgres.store import PostgresLog

        return PostgresLog.open(url, create=create, law=law)
    raise StoreError("this names no store: a store is sqlite:///path/to/file.db or postgresql://…")


def open_reader(url: str) -> Reader:
    """The log for questions: as `open_log`, and quicker to open. It writes only pins."""
    if url.partition(":")[0] == "sqlite":
        from ledger.log.sqlite.reads import SQLiteReader

        return SQLiteReader.open(url)
    return open_log(url)
