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
from ledger.facts.envelope import Envelope
from ledger.log.bond import (
    LAST_NAME,
    REMEDY,
    DamagedError,
    Mark,
    all_there,
    bound,
    held,
    imports_of,
    in_line,
    listed,
    pinned_of,
    pins_of,
    row_sum,
    same_end,
    sound_keys,
    whole,
    whole_until,
)
from ledger.log.page import EMPTY, PAGE, Key, Known, known_by_key
from ledger.log.pins import Pin, check_pin
from ledger.log.sqlite import file as sqlite_file
from ledger.log.sqlite.file import explain

_SUBJECTS = (
    "SELECT s.creator, EXISTS (SELECT 1 FROM stored_events e WHERE e.originator_id = s.creator"
    " AND e.originator_version = s.version)"
    " FROM streams s WHERE s.creator > ? ORDER BY s.creator LIMIT ?"
)
_AMONG = (
    "originator_id IN (SELECT value FROM json_each(?)) AND rowid <= ?"
    " ORDER BY originator_id, originator_version"
)
_CONCAT = "SELECT CAST(group_concat(state, '') AS BLOB) FROM"
_JOINED = f"{_CONCAT} stored_events WHERE rowid > ? AND rowid <= ?"
"""A table is gone through by its rowid; to say so with ORDER BY would cost a copy of each row."""
_JOINED_STREAMS = f"{_CONCAT} (SELECT state FROM stored_events WHERE {_AMONG})"  # noqa: S608  ours
COLUMNS = "e.rowid, e.originator_id, e.originator_version, e.state, e.hash"
_BY_KEY = (
    f"SELECT {COLUMNS}, k.position FROM fact_keys k"  # noqa: S608  the columns are ours
    " LEFT JOIN stored_events e ON e.rowid = k.position WHERE k.source = ? AND k.id = ?"
)


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
        with self.reading() as c:
            facts = rows(c, "WHERE originator_id = ? ORDER BY originator_version", subject)
            version = one(c, "SELECT version FROM streams WHERE creator = ?", subject)
            if version is None:
                counted(c)
        whole(subject, [e.version for e in facts], version or 0)
        return facts

    def after(self, position: int, limit: int = PAGE) -> list[Envelope]:
        """See `Log.after`. SQLite has one writer at a time: what commits later is higher."""
        with self.reading() as c:
            facts = rows(c, "WHERE rowid > ? ORDER BY rowid LIMIT ?", position, limit)
            in_line(facts, position, mark(c).position, limit)
        return facts

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
        named = msgspec.json.encode(subjects).decode()
        with self.reading() as c:
            facts = rows(c, f"WHERE {_AMONG}", named, until)
            versions = dict(
                c.execute(
                    "SELECT creator, version FROM streams"
                    " WHERE creator IN (SELECT value FROM json_each(?))",
                    (named,),
                )
            )
            if len(versions) < len(set(subjects)):
                counted(c)
            complete(c, facts, versions, until)
        return facts

    def histories(self, after: str, until: int, limit: int = PAGE) -> list[Envelope]:
        """See `Log.histories`."""
        beyond = (
            "WHERE originator_id > ? AND rowid <= ?"
            " ORDER BY originator_id, originator_version LIMIT ?"
        )
        with self.reading() as c:
            facts = rows(c, beyond, after, until, limit)
            upto = facts[-1].subject if len(facts) == limit else LAST_NAME
            versions = dict(
                c.execute(
                    "SELECT creator, version FROM streams WHERE creator > ? AND creator < ?",
                    (after, upto),
                )
            )
            if not after:
                counted(c)
            complete(c, [e for e in facts if e.subject < upto], versions, until)
        return facts

    def subjects(self, after: str = "", limit: int = PAGE) -> list[str]:
        """See `Log.subjects`."""
        with self.reading() as c:
            found = c.execute(_SUBJECTS, (after, limit)).fetchall()
            if not after:
                counted(c)
        return listed(found, after)

    def head(self) -> int:
        """See `Log.head`."""
        return self.end().position

    def end(self) -> Mark:
        """See `Log.end`."""
        with self.reading() as c:
            end = mark(c)
            last(c, end)
        return end

    def pins(self) -> dict[tuple[str, str], str]:
        """See `Log.pins`."""
        with self.reading() as c:
            return pins_of(c.execute("SELECT * FROM rulebook_pins"))

    def pinned(self) -> list[Pin]:
        """See `Log.pinned`."""
        with self.reading() as c:
            return pinned_of(c.execute("SELECT * FROM rulebook_pins ORDER BY name, version"))

    def pin(self, name: str, version: str, content_hash: str) -> None:
        """See `Log.pin`."""
        if check_pin(self.pins(), name, version, content_hash):
            return
        with self.writing() as c:
            put_pin(c, name, version, content_hash)
        check_pin(self.pins(), name, version, content_hash)

    def known(self, facts: Sequence[Envelope]) -> dict[Key, Known]:
        """See `Log.known`."""
        with self.reading() as c:
            return known(c, facts)

    def imports(self, key: str | None = None) -> dict[str, str]:
        """See `Log.imports`."""
        with self.reading() as c:
            query = "SELECT * FROM imports WHERE ? IS NULL OR key = ? ORDER BY id"
            return imports_of(c.execute(query, (key, key)))

    def stored_after(self, position: int, limit: int) -> list[Any]:
        """See `Walk.stored_after`."""
        query = (
            "SELECT rowid, originator_id, originator_version, topic, state, hash"
            " FROM stored_events WHERE rowid > ? ORDER BY rowid LIMIT ?"
        )
        with self.reading() as c:
            return c.execute(query, (position, limit)).fetchall()

    def marks_after(self, position: int, limit: int) -> list[Mark]:
        """See `Walk.marks_after`."""
        query = "SELECT * FROM pages WHERE position > ? ORDER BY position LIMIT ?"
        with self.reading() as c:
            return [Mark(*row) for row in c.execute(query, (position, limit))]

    def joined(self, after: int, until: int) -> bytes:
        """See `Bulk.joined`."""
        with self.reading() as c:
            return c.execute(_JOINED, (after, until)).fetchone()[0] or b""

    def joined_streams(self, subjects: Sequence[str], until: int) -> bytes:
        """See `Bulk.joined_streams`."""
        with self.reading() as c:
            named = msgspec.json.encode(subjects).decode()
            return c.execute(_JOINED_STREAMS, (named, until)).fetchone()[0] or b""

    def places_of(self, keys: Sequence[Key]) -> dict[Key, int]:
        """See `Walk.places_of`."""
        query = "SELECT position FROM fact_keys WHERE source = ? AND id = ?"
        with self.reading() as c:
            found = {key: c.execute(query, key).fetchone() for key in keys}
        return {key: row[0] for key, row in found.items() if row}

    def numbered_after(self, creator: str, limit: int) -> list[tuple[str, int]]:
        """See `Walk.numbered_after`."""
        query = "SELECT creator, version FROM streams WHERE creator > ? ORDER BY creator LIMIT ?"
        with self.reading() as c:
            return c.execute(query, (creator, limit)).fetchall()

    def check_keys(self) -> None:
        """See `Log.check_keys`."""
        with self.reading() as c:
            number = sound_keys(c.execute("SELECT source, id, position, sum FROM fact_keys"))
            if number != mark(c).position:
                raise DamagedError(f"there are {number} keys of {mark(c).position} facts: {REMEDY}")

    def structure(self) -> list[str]:
        """See `Walk.structure`."""
        with self.reading() as c:
            lines = [line for (line,) in c.execute("PRAGMA integrity_check")]
        return [] if lines == ["ok"] else lines

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
            except sqlite_file.FAILURES as error:
                self._file.check()  # that it is another one says more
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


def rows(c: sqlite3.Cursor, where: str, *values: object) -> list[Envelope]:
    """The facts of some rows, each bound to its place."""
    query = f"SELECT {COLUMNS} FROM stored_events e {where}"  # noqa: S608  the clause is ours
    return bound(c.execute(query, values).fetchall())


def mark(c: sqlite3.Cursor) -> Mark:
    """The log's end."""
    row = c.execute("SELECT * FROM pages ORDER BY position DESC LIMIT 1").fetchone()
    return same_end(Mark(*row) if row else EMPTY, one(c, "SELECT position FROM log_end") or 0)


def last(c: sqlite3.Cursor, end: Mark) -> Envelope | None:
    """The last fact; a log that ends elsewhere than its last page is cut."""
    facts = rows(c, "ORDER BY rowid DESC LIMIT 1")
    in_line(facts, end.position - 1 if end.position else 0, end.position, 1)
    return facts[0] if facts else None


def counted(c: sqlite3.Cursor) -> None:
    """Refuse a log from which a creator is gone."""
    # a name that a flipped bit has made a number comes before all texts, and no list has it
    all_there(one(c, "SELECT COUNT(*) FROM streams WHERE creator > ''") or 0, mark(c))


def complete(
    c: sqlite3.Cursor, facts: Sequence[Envelope], versions: dict[str, int], until: int
) -> None:
    """Refuse facts of creators of which one is missing that is not later than `until`."""
    later = (  # each is looked at where it lies: its index alone may have another position
        "SELECT COUNT(*) FROM stored_events i CROSS JOIN stored_events e NOT INDEXED"
        " ON e.rowid = i.rowid AND e.originator_id = i.originator_id"
        " AND e.originator_version = i.originator_version"
        " WHERE i.originator_id = ? AND i.originator_version > ? AND i.rowid > ? AND i.rowid <= ?"
    )
    end = mark(c).position  # beyond it is what was moved there
    whole_until(facts, versions, lambda creator, n: one(c, later, creator, n, until, end) or 0)


def known(c: sqlite3.Cursor, facts: Sequence[Envelope]) -> dict[Key, Known]:
    """What is recorded under the keys of some facts."""
    found: list[Any] = []
    for e in facts:
        found += c.execute(_BY_KEY, (e.source, e.id)).fetchall()
    return known_by_key(held(found))


def put_pin(c: sqlite3.Cursor, name: str, version: str, content_hash: str) -> None:
    """Remember a hash from now on, unless there is one."""
    row = (name, version, content_hash, time.time_ns() // 1000)
    c.execute("INSERT OR IGNORE INTO rulebook_pins VALUES (?, ?, ?, ?, ?)", (*row, row_sum(*row)))


def one(c: sqlite3.Cursor, query: str, *values: object) -> int | None:
    """The first value of the first row."""
    row = c.execute(query, values).fetchone()
    return row[0] if row else None
