"""The log in one SQLite file, on the recorder of `eventsourcing`.

What the stock recorder lacks: positions that are never used twice and have no gaps, a hash beside
the bytes of each fact and a chain over the pages (`ledger.log.bond`), a page written with
`executemany`, `synchronous=FULL` set and asserted, writers that queue from the start
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
from ledger.facts.envelope import Envelope
from ledger.log.bond import REMEDY, DamagedError, imports_of, pins_of, row_sum
from ledger.log.page import Keep, Memory, Progress, Receipt, Settled, expect
from ledger.log.pins import Law
from ledger.log.sqlite import file as sqlite_file
from ledger.log.sqlite.file import explain
from ledger.log.sqlite.reads import Reads, known, last, mark, one, put_pin
from ledger.log.sqlite.recorder import Datastore, Recorder

_INSERT_EVENT = (
    "INSERT INTO stored_events (rowid, originator_id, originator_version, topic, state, hash)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)
_INSERT_STREAM = (
    "INSERT INTO streams VALUES (?, ?)"
    " ON CONFLICT (creator) DO UPDATE SET version = excluded.version"
)
_INSERT_PAGE = "INSERT INTO pages VALUES (?, ?, ?)"
_INSERT_KEY = "INSERT INTO fact_keys VALUES (?, ?, ?, ?)"
_VERSION = "SELECT version FROM streams WHERE creator = ?"
_VERSIONS = "SELECT creator, version FROM streams WHERE creator IN (SELECT value FROM json_each(?))"


class SQLiteLog(Reads):
    """The log in one SQLite file. `open` it; it may be used by many threads and processes."""

    def __init__(self, name: str, law: Law | None = None) -> None:
        self.recorder = Recorder(Datastore(name))
        self.datastore: Datastore = self.recorder.datastore  # type: ignore[assignment]
        self._memory = Memory()
        self._turn = threading.Lock()
        self._look_up = False
        self._law = law

    @classmethod
    def open(cls, url: str, *, create: bool, law: Law | None = None) -> Self:
        """Check whose file it is before anything is written to it."""
        name = sqlite_file.name_of(url, create=create)
        empty = sqlite_file.check(name, create=create)
        log = cls(name, law)
        try:
            if empty:
                sqlite_file.create(log.recorder)
            log.head()
        except (*sqlite_file.FAILURES, PersistenceError) as error:
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
                    self._catch_up(c, facts)
                    there = known(c, facts) if look_up else {}
                    settled = memory.settle(facts, there, trust=trust)
                    self._write(c, settled)
                    expect(facts, settled, expected_version)
                    self._pin(c, settled)
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
        raise DamagedError(f"a fact holds a key that its bytes do not say: {REMEDY}")

    def _catch_up(self, c: sqlite3.Cursor, facts: Sequence[Envelope]) -> None:
        """Bring the memory up to the log's end, and to the versions of the page's creators."""
        memory = self._memory
        end = mark(c)
        if end != memory.mark:
            memory.forget()
            memory.mark = end
            newest = last(c, end)
            memory.last = newest.recorded_at if newest else 0
        missing = memory.missing(facts)
        for subject in missing:
            memory.versions[subject] = 0
        if len(missing) == 1:
            memory.versions[missing[0]] = one(c, _VERSION, *missing) or 0
        elif missing:
            memory.versions.update(c.execute(_VERSIONS, (msgspec.json.encode(missing),)))

    def _write(self, c: sqlite3.Cursor, settled: Settled) -> None:
        try:
            c.executemany(_INSERT_KEY, settled.keys)
        except sqlite3.IntegrityError as error:
            raise sqlite_file.KeyTakenError from error
        c.executemany(_INSERT_EVENT, settled.rows)
        if settled.rows:
            c.executemany(_INSERT_STREAM, settled.versions())
            c.execute(_INSERT_PAGE, settled.mark)
            c.execute("UPDATE log_end SET position = ?", settled.mark[:1])

    def _pin(self, c: sqlite3.Cursor, settled: Settled) -> None:
        if self._law is None or not settled.new:
            return
        memory = self._memory
        if memory.pins is None:
            memory.pins = pins_of(c.execute("SELECT * FROM rulebook_pins"))
        for (name, version), content_hash in self._law(self, settled.new, memory.pins).items():
            put_pin(c, name, version, content_hash)
            memory.pins[name, version] = content_hash

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
    kept = imports_of(c.execute("SELECT * FROM imports WHERE id = ?", (id_,)))
    row = (id_, *keep(receipts, kept.get(id_)))
    c.execute("INSERT OR REPLACE INTO imports VALUES (?, ?, ?, ?)", (*row, row_sum(*row)))
