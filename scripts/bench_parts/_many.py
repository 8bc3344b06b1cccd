"""A log many times as large as another: its creators so many times over, under other names.

Written past the log's own door, in minutes in place of hours: what a copy reads is there as it
would be, the keys of its facts are not, and it is one page.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from msgspec.structs import replace

from ledger.facts.codec import decode, encode
from ledger.log.bond import digest
from ledger.log.port import open_log

PLAIN = (
    "CREATE TABLE stored_events (rowid INTEGER PRIMARY KEY AUTOINCREMENT, originator_id TEXT NOT"
    " NULL, originator_version INTEGER NOT NULL, topic TEXT NOT NULL, state BLOB NOT NULL, hash"
    " BLOB NOT NULL)"
)
"""The table of facts, whose index is made when all are there."""
INDEXED = "CREATE UNIQUE INDEX streams_of ON stored_events (originator_id, originator_version)"

Row = tuple[int, str, int, str, bytes, bytes]


def multiplied(small: Path, large: Path, copies: int) -> None:
    """Each fact of a log is followed by its copies, of creators of their own."""
    open_log(f"sqlite:///{large}", create=True).close()
    with closing(sqlite3.connect(small)) as source, closing(sqlite3.connect(large)) as into:
        into.execute("PRAGMA journal_mode=OFF")
        into.execute("PRAGMA synchronous=OFF")
        into.execute("DROP TABLE stored_events")
        into.execute(PLAIN)
        into.executemany(
            "INSERT INTO stored_events VALUES (?, ?, ?, ?, ?, ?)", _rows(source, copies)
        )
        into.execute(INDEXED)
        into.executemany(
            "INSERT INTO streams VALUES (?, ?)",
            (
                (f"{creator}-{n}", version)
                for creator, version in source.execute("SELECT creator, version FROM streams")
                for n in range(copies)
            ),
        )
        ((end, creators, sum_),) = source.execute(
            "SELECT * FROM pages ORDER BY position DESC LIMIT 1"
        )
        into.execute("INSERT INTO pages VALUES (?, ?, ?)", (end * copies, creators * copies, sum_))
        into.execute("UPDATE log_end SET position = ?", (end * copies,))
        into.execute("PRAGMA journal_mode=WAL")
        into.commit()


def _rows(source: sqlite3.Connection, copies: int) -> Iterator[Row]:
    query, position = "SELECT topic, state FROM stored_events ORDER BY rowid", 0
    for topic, state in source.execute(query):
        e = decode(state)
        for n in range(copies):
            position += 1
            subject = f"{e.subject}-{n}"
            made = encode(replace(e, subject=subject, id=f"{e.id}-{n}", position=position))
            yield position, subject, e.version, topic, made, digest(made)
