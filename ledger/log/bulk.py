"""Stored bytes of many facts at once, unchecked: for copies that are made without an object each.

Whoever reads them looks for themselves whether the positions and versions inside are those due.
"""

from collections.abc import Sequence
from typing import Protocol

from ledger.errors import StoreError
from ledger.facts.envelope import Envelope
from ledger.log.bond import Mark
from ledger.log.page import PAGE


class Bulk(Protocol):
    """What every store of the log offers to copies; see `Reader` for the checked questions."""

    def end(self) -> Mark:
        """The end of the last page."""

    def marks_after(self, position: int, limit: int) -> list[Mark]:
        """The next ends of pages."""

    def joined(self, after: int, until: int) -> bytes:
        """The bytes of the facts after a position up to another, one after the other."""

    def joined_streams(self, subjects: Sequence[str], until: int) -> bytes:
        """The same of some creators up to a position; one creator's by version, together."""

    def after(self, position: int, limit: int = PAGE) -> list[Envelope]:
        """See `Reader`."""

    def streams(self, subjects: Sequence[str], until: int) -> list[Envelope]:
        """See `Reader`."""

    def close(self) -> None:
        """See `Reader`."""


def open_bulk(url: str) -> Bulk:
    """The log at a URL, as `port.open_reader`."""
    if url.partition(":")[0] == "sqlite":
        from ledger.log.sqlite.reads import SQLiteReader

        return SQLiteReader.open(url)
    from ledger.log.postgres.store import PostgresLog

    if url.partition(":")[0] in {"postgresql", "postgres"}:
        return PostgresLog.open(url, create=False)
    raise StoreError("this names no store: a store is sqlite:///path/to/file.db or postgresql://…")
