"""What is read from the log in a SQLite file, and the reader that questions use.

A question needs no recorder: `SQLiteReader` is a plain connection, which spares a short command the
import of the library. Its one write is the pin of a rulebook that ruled for the first time.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Self

import msgspec

from ledger.database_file import Held
from ledger.errors import StoreError
from ledger.facts.codec import decode_many
from ledger.facts.envelope import Envelope
from ledger.log.page import PAGE
from ledger.log.pins import check_pin
from ledger.log.sqlite import file as sqlite_file
from ledger.log.sqlite.file import explain


class Reads:
    """The questions that a store of the log answers, over `reading` and `writing`."""

    def reading(self) -> AbstractContextManager[sqlite3.Cursor]:
        """A snapshot; every failure is a StoreError."""
        raise NotImplementedError

    def writing(self) -> AbstractContextManager[sqlite3.Cursor]:
        """A durable transaction; every failure is a StoreError."""
        raise NotImplementedError

    def stream(self, subject: str) -> list[Envelope]:
        """See `Log.stream`."""
        return self._read("WHERE originator_id = ? ORDER BY originator_version", (subject,))

    def after(self, position: int, limit: int = PAGE) -> list[Envelope]:
        """See `Log.after`. SQLite has one writer at a time: what commits later is higher."""
        return self._read("WHERE rowid > ? ORDER BY rowid LIMIT ?", (position, limit))

    def places(self, position: int, limit: int = PAGE) -> list[tuple[int, str]]:
        """See `Log.places`."""
        with self.reading() as c:
            return c.execute(
                "SELECT rowid, originator_id FROM stored_events WHERE rowid > ?"
                " ORDER BY rowid LIMIT ?",
                (position, limit),
            ).fetchall()

    def streams(self, subjects: Sequence[str], until: int) -> list[Envelope]:
        """See `Log.streams`."""
        among = (
            "WHERE originator_id IN (SELECT value FROM json_each(?)) AND rowid <= ?"
            " ORDER BY originator_id, originator_version"
        )
        return self._read(among, (msgspec.json.encode(subjects).decode(), until))

    def histories(self, after: str, until: int, limit: int = PAGE) -> list[Envelope]:
        """See `Log.histories`."""
        beyond = (
            "WHERE originator_id > ? AND rowid <= ?"
            " ORDER BY originator_id, originator_version LIMIT ?"
        )
        return self._read(beyond, (after, until, limit))

    def _read(self, where: str, values: tuple[Any, ...]) -> list[Envelope]:
        def positions() -> list[int]:
            query = f"SELECT rowid FROM stored_events {where}"  # noqa: S608  the clause is ours
            return [position for (position,) in c.execute(query, values)]

        with self.reading() as c:
            query = f"SELECT state FROM stored_events {where}"  # noqa: S608  the clause is ours
            rows = c.execute(query, values).fetchall()
            return decode_many([state for (state,) in rows], positions)

    def subjects(self, after: str = "", limit: int = PAGE) -> list[str]:
        """See `Log.subjects`."""
        with self.reading() as c:
            rows = c.execute(
                "SELECT DISTINCT originator_id FROM stored_events WHERE originator_id > ?"
                " ORDER BY originator_id LIMIT ?",
                (after, limit),
            ).fetchall()
        return [row[0] for row in rows]

    def head(self) -> int:
        """See `Log.head`."""
        with self.reading() as c:
            return one(c, "SELECT MAX(rowid) FROM stored_events") or 0

    def pins(self) -> dict[tuple[str, str], str]:
        """See `Log.pins`."""
        with self.reading() as c:
            rows = c.execute("SELECT name, version, hash FROM rulebook_pins").fetchall()
        return {(name, version): content_hash for name, version, content_hash in rows}

    def pin(self, name: str, version: str, content_hash: str) -> None:
        """See `Log.pin`."""
        if check_pin(self.pins(), name, version, content_hash):
            return
        with self.writing() as c:
            values = (name, version, content_hash, time.time_ns() // 1000)
            c.execute("INSERT OR IGNORE INTO rulebook_pins VALUES (?, ?, ?, ?)", values)
        check_pin(self.pins(), name, version, content_hash)

    def progress(self, key: str) -> int:
        """See `Log.progress`."""
        with self.reading() as c:
            return one(c, "SELECT line FROM import_progress WHERE key = ?", key) or 0

    def close(self) -> None:
        """Give the connections back."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class SQLiteReader(Reads):
    """A plain connection to a log that is there. `open` it; threads may share it.

    A snapshot is read as it lies, and looked at anew each time: its owner may go on with it.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._path = sqlite_file.path_of(name)
        self._file = Held(self._path)
        self._connection: sqlite3.Connection | None = None
        self._turn = threading.Lock()

    @classmethod
    def open(cls, url: str) -> Self:
        """Check whose file it is."""
        reader = cls(sqlite_file.name_of(url, create=False))
        with reader._snapshot() as name:
            sqlite_file.check(name, create=False)
        return reader

    @contextmanager
    def _snapshot(self) -> Iterator[str]:
        """The name by which to open the file now; that it stays one where it is a snapshot."""
        if not sqlite_file.frozen(self._path):
            yield self._name
            return
        before = self._file.look()
        try:
            yield self._name + "&immutable=1"
        finally:  # whatever came of it: pages of two states may have been read as one
            if self._file.look() != before or not sqlite_file.frozen(self._path):
                raise StoreError(f"{str(self._path)!r} was written while it was read: try again")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Cursor]:
        """See `Reads`."""
        with self._transaction("BEGIN") as cursor:
            yield cursor

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Cursor]:
        """See `Reads`."""
        with self._transaction("BEGIN IMMEDIATE") as cursor:
            yield cursor

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Cursor]:
        with self._turn, self._snapshot() as name:
            try:
                with self._connected(name) as connection, connection:
                    cursor = connection.cursor()
                    cursor.execute("PRAGMA synchronous=FULL")
                    cursor.execute(begin)
                    self._file.check()
                    yield cursor
                    self._file.check()
            except sqlite3.Error as error:
                raise explain(error, name) from error

    @contextmanager
    def _connected(self, name: str) -> Iterator[sqlite3.Connection]:
        if self._connection is None:
            self._connection = sqlite_file.connect(name)
        try:
            yield self._connection
        finally:
            if name != self._name:
                self.close()

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def one(c: sqlite3.Cursor, query: str, *values: object) -> int | None:
    """The first value of the first row."""
    row = c.execute(query, values).fetchone()
    return row[0] if row else None
