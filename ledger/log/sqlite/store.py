"""The log in one SQLite file, on the recorder of `eventsourcing`.

What the stock recorder lacks: positions that are never used twice (AUTOINCREMENT), a page written
with `executemany`, `synchronous=FULL` set and asserted, writers that queue from the start
(`BEGIN IMMEDIATE`), and a file that says whose it is (`application_id`, `user_version`).
"""

import sqlite3
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Self

import msgspec
from eventsourcing.persistence import PersistenceError

from ledger.errors import LedgerError
from ledger.facts.codec import decode
from ledger.facts.envelope import Envelope
from ledger.log.page import Keep, Memory, Progress, Receipt, Settled, expect
from ledger.log.sqlite import file as sqlite_file
from ledger.log.sqlite.file import explain
from ledger.log.sqlite.reads import Reads, known, one
from ledger.log.sqlite.recorder import Datastore, Recorder

_INSERT_EVENT = (
    "INSERT INTO stored_events (rowid, originator_id, originator_version, topic, state)"
    " VALUES (?, ?, ?, ?, ?)"
)
_INSERT_KEY = "INSERT INTO fact_keys VALUES (?, ?, ?)"
_LAST = "SELECT state FROM stored_events ORDER BY rowid DESC LIMIT 1"
_VERSION = "SELECT MAX(originator_version) FROM stored_events WHERE originator_id = ?"
_VERSIONS = (
    "SELECT value, (SELECT MAX(originator_version) FROM stored_events WHERE originator_id = value)"
    " FROM json_each(?)"
)


class SQLiteLog(Reads):
    """The log in one SQLite file. `open` it; it may be used by many threads and processes."""

    def __init__(self, name: str) -> None:
        self.recorder = Recorder(Datastore(name))
        self.datastore: Datastore = self.recorder.datastore  # type: ignore[assignment]
        self._memory = Memory()
        self._turn = threading.Lock()
        self._look_up = False

    @classmethod
    def open(cls, url: str, *, create: bool) -> Self:
        """Check whose file it is before anything is written to it."""
        name = sqlite_file.name_of(url, create=create)
        empty = sqlite_file.check(name, create=create)
        log = cls(name)
        try:
            if empty:
                sqlite_file.create(log.recorder)
            log.head()
        except (sqlite3.Error, PersistenceError) as error:
            log.close()
            raise explain(error, name) from error
        except LedgerError:
            log.close()
            raise
        return log

    def append(
        self,
        facts: Sequence[Envelope],
        *,
        expected_version: int | None = None,
        trust_recorded_times: bool = False,
        progress: Progress | None = None,
    ) -> list[Receipt]:
        """See `Log.append`.

        Most pages hold nothing that is there already, so the first try looks nothing up: a key that
        is taken ends it, and the second try looks before it writes.
        """
        with self._turn:
            return self._append(facts, expected_version, trust_recorded_times, progress)

    def _append(
        self,
        facts: Sequence[Envelope],
        expected_version: int | None,
        trust: bool,
        progress: Progress | None,
    ) -> list[Receipt]:
        memory = self._memory
        for look_up in (True,) if self._look_up else (False, True):
            try:
                with self.writing() as c:
                    head = self._catch_up(c, facts)
                    there = known(c, facts) if look_up else {}
                    settled = memory.settle(facts, there, head=head, trust=trust)
                    self._write(c, settled)
                    expect(facts, settled, expected_version)
                    if progress is not None:
                        _keep(c, settled.receipts, *progress)
            except sqlite_file.KeyTakenError:
                memory.forget()
                continue
            except BaseException:
                memory.forget()
                raise
            self._look_up = len(settled.rows) < len(facts)
            return settled.receipts
        raise AssertionError("a page that looked its keys up found one taken")

    def _catch_up(self, c: sqlite3.Cursor, facts: Sequence[Envelope]) -> int:
        """The last position, after the memory has been brought up to it."""
        memory = self._memory
        head = one(c, "SELECT seq FROM sqlite_sequence WHERE name = 'stored_events'") or 0
        if head != memory.head:
            memory.forget()
            last = c.execute(_LAST).fetchone()
            memory.last = decode(last[0], head).recorded_at if last else 0
        missing = memory.missing(facts)
        if len(missing) == 1:
            memory.versions[missing[0]] = one(c, _VERSION, *missing) or 0
        elif missing:
            for subject, version in c.execute(_VERSIONS, (msgspec.json.encode(missing),)):
                memory.versions[subject] = version or 0
        return head

    def _write(self, c: sqlite3.Cursor, settled: Settled) -> None:
        try:
            c.executemany(_INSERT_KEY, settled.keys)
        except sqlite3.IntegrityError as error:
            raise sqlite_file.KeyTakenError from error
        c.executemany(_INSERT_EVENT, settled.rows)

    def reading(self) -> AbstractContextManager[sqlite3.Cursor]:
        """See `Reads`."""
        return self.datastore.reading()

    def writing(self) -> AbstractContextManager[sqlite3.Cursor]:
        """See `Reads`."""
        return self.datastore.writing()

    def close(self) -> None:
        """Give the connections back."""
        self.datastore.close()


def _keep(c: sqlite3.Cursor, receipts: list[Receipt], id_: str, keep: Keep) -> None:
    c.execute(sqlite_file.IMPORTS)
    kept = c.execute("SELECT kept FROM imports WHERE id = ?", (id_,)).fetchone()
    values = keep(receipts, kept[0] if kept else None)
    c.execute("INSERT OR REPLACE INTO imports VALUES (?, ?, ?)", (id_, *values))
