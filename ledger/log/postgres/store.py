"""The log in a PostgreSQL database, on the recorder of `eventsourcing`.

Writers queue at the library's table lock, so that the order of positions is the order of commits
and a reader never passes over a fact; its database function, which drops that lock, is never
created. A page goes in with two COPYs. A COMMIT whose answer is lost is resolved by sending the
page again: its keys tell whether it had arrived.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString, Self, TypeAlias, TypeVar

from eventsourcing.persistence import PersistenceError

from ledger.errors import LedgerError, StoreError
from ledger.facts.envelope import Envelope
from ledger.log.bond import held, imports_of, pins_of, row_sum
from ledger.log.page import (
    Keep,
    Key,
    Known,
    Memory,
    Progress,
    Receipt,
    Settled,
    expect,
    known_by_key,
)
from ledger.log.pins import Law
from ledger.urls import Address

try:
    import psycopg
    from psycopg.rows import tuple_row

    from ledger.log.postgres import recorder as postgres_store
    from ledger.log.postgres.reads import COLUMNS, VERSIONS, Reads, last, mark, put_pin
    from ledger.log.postgres.recorder import Datastore, Recorder, connection_lost, explain
except ImportError as missing:
    raise StoreError(
        f"PostgreSQL needs a package that is not installed ({missing.name}): "
        "pip install 'penalty-ledger[postgres]'"
    ) from missing

Cursor: TypeAlias = "psycopg.Cursor[tuple[Any, ...]]"

T = TypeVar("T")
ATTEMPTS = 5
_BY_KEY: LiteralString = COLUMNS + (
    ", k.position FROM unnest(%s::text[], %s::text[]) AS page (source, id)"
    " JOIN fact_keys k ON k.source = page.source AND k.id = page.id"
    " LEFT JOIN stored_events e ON e.notification_id = k.position"
)
_COPY_EVENTS: LiteralString = (
    "COPY stored_events (notification_id, originator_id, originator_version, topic, state, hash)"
    " FROM STDIN (FORMAT BINARY)"
)
_PUT_STREAMS: LiteralString = (
    "INSERT INTO streams SELECT * FROM unnest(%s::text[], %s::bigint[])"
    " ON CONFLICT (creator) DO UPDATE SET version = excluded.version"
)
_COPY_KEYS: LiteralString = "COPY fact_keys FROM STDIN (FORMAT BINARY)"


class PostgresLog(Reads):
    """The log in a PostgreSQL database. `open` it; threads and processes may share it."""

    def __init__(self, datastore: Datastore, shown: Address, law: Law | None = None) -> None:
        self.datastore = datastore
        self.recorder = Recorder(datastore)
        self._shown = shown
        self._memory = Memory()
        self._turn = threading.Lock()
        self._law = law

    @classmethod
    def open(cls, url: str, *, create: bool, law: Law | None = None) -> Self:
        """Check whose tables they are before anything is written."""
        settings, shown = postgres_store.settings_of(url)
        schema, empty = postgres_store.check(settings, shown, create=create)
        datastore = Datastore(settings, schema)
        try:
            log = cls(datastore, shown, law)
            if empty:
                postgres_store.create(log.recorder)
        except (psycopg.Error, PersistenceError) as error:
            datastore.close()
            raise explain(error, shown) from error
        except LedgerError:
            datastore.close()
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
        """See `Log.append`."""
        with self._turn:
            return self._append(facts, expected_version, trust_recorded_times, progress)

    def _append(
        self,
        facts: Sequence[Envelope],
        expected_version: int | None,
        trust: bool,
        progress: Progress | None,
    ) -> list[Receipt]:
        tried: set[tuple[str, str, int]] = set()
        unsure = False  # whether a COMMIT went out that nobody answered for
        for attempt in range(ATTEMPTS):
            try:
                with self._transaction() as c:
                    self.recorder.lock(c)
                    settled = self._settle(c, facts, trust)
                    expect(facts, settled, expected_version)
                    receipts = _ours(facts, settled.receipts, tried)
                    tried.update(key[:3] for key in settled.keys)
                    self._write(c, settled)
                    self._pin(c, settled)
                    if progress is not None:
                        _keep(c, receipts, *progress)
            except BaseException as error:
                self._memory.forget()
                lost = connection_lost(error)
                unsure = unsure or (lost and bool(tried))
                if not lost or attempt + 1 == ATTEMPTS:
                    raise _told(error, self._shown, unsure=unsure) from error
                time.sleep(0.1 * 2**attempt)
                continue
            return receipts
        raise AssertionError("the last attempt returns or raises")

    def _settle(self, c: Cursor, facts: Sequence[Envelope], trust: bool) -> Settled:
        memory = self._memory
        end = mark(c)
        if end != memory.mark:
            memory.forget()
            memory.mark = end
            newest = last(c, end)
            memory.last = newest.recorded_at if newest else 0
        if missing := memory.missing(facts):
            memory.versions.update(dict.fromkeys(missing, 0))
            memory.versions.update(c.execute(VERSIONS, (missing,)).fetchall())
        return memory.settle(facts, self._known(c, facts), trust=trust)

    def _known(self, c: Cursor, facts: Sequence[Envelope]) -> dict[Key, Known]:
        keys = [e.source for e in facts], [e.id for e in facts]
        return known_by_key(held(c.execute(_BY_KEY, keys).fetchall()))

    def _write(self, c: Cursor, settled: Settled) -> None:
        if settled.rows:
            with c.copy(_COPY_EVENTS) as copy:
                copy.set_types(["int8", "text", "int8", "text", "bytea", "bytea"])
                for row in settled.rows:
                    copy.write_row(row)
            with c.copy(_COPY_KEYS) as copy:
                copy.set_types(["text", "text", "int8", "int8"])
                for key in settled.keys:
                    copy.write_row(key)
            names, versions = zip(*settled.versions(), strict=True)
            c.execute(_PUT_STREAMS, (list(names), list(versions)))
            c.execute("INSERT INTO pages VALUES (%s, %s, %s)", settled.mark)
            c.execute("UPDATE log_end SET position = %s", settled.mark[:1])

    def _pin(self, c: Cursor, settled: Settled) -> None:
        if self._law is None or not settled.new:
            return
        memory = self._memory
        if memory.pins is None:
            memory.pins = pins_of(c.execute("SELECT * FROM rulebook_pins").fetchall())
        for (name, version), content_hash in self._law(self, settled.new, memory.pins).items():
            put_pin(c, name, version, content_hash)
            memory.pins[name, version] = content_hash

    def known(self, facts: Sequence[Envelope]) -> dict[Key, Known]:
        """See `Log.known`."""
        return self.ask(lambda c: self._known(c, facts))

    def ask(self, question: Callable[[Cursor], T]) -> T:
        """A question in a snapshot, asked again where the connection was lost."""
        for attempt in range(ATTEMPTS):
            try:
                with self._transaction() as c:
                    c.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                    return question(c)
            except (psycopg.Error, PersistenceError) as error:
                if not connection_lost(error) or attempt + 1 == ATTEMPTS:
                    raise explain(error, self._shown) from error
                time.sleep(0.1 * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    @contextmanager
    def _transaction(self) -> Iterator[Cursor]:
        with (
            self.datastore.get_connection() as connection,
            connection.transaction(),
            connection.cursor(row_factory=tuple_row, binary=True) as cursor,
        ):
            yield cursor

    def close(self) -> None:
        """Give the connections back."""
        self.datastore.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _ours(
    facts: Sequence[Envelope], receipts: list[Receipt], tried: set[tuple[str, str, int]]
) -> list[Receipt]:
    """Receipts of a page sent again: what an earlier attempt had placed there is recorded by us."""
    if not tried:
        return receipts
    left, found = set(tried), []
    for e, r in zip(facts, receipts, strict=True):
        key = e.source, e.id, r.position
        ours = r.status == "duplicate" and key in left
        left.discard(key)  # the same fact once more in the page is a duplicate
        found.append(Receipt("recorded", r.position, r.version, r.recorded_at) if ours else r)
    return found


def _keep(c: Cursor, receipts: list[Receipt], id_: str, keep: Keep) -> None:
    kept = imports_of(c.execute("SELECT * FROM imports WHERE id = %s", (id_,)))
    row = (id_, *keep(receipts, kept.get(id_)))
    c.execute(
        "INSERT INTO imports VALUES (%s, %s, %s, %s) ON CONFLICT (id)"
        " DO UPDATE SET key = excluded.key, kept = excluded.kept, sum = excluded.sum",
        (*row, row_sum(*row)),
    )


def _told(error: BaseException, shown: Address, *, unsure: bool) -> BaseException:
    if not isinstance(error, psycopg.Error | PersistenceError):
        return error
    told = explain(error, shown)
    if not unsure:
        return told
    return StoreError(f"{told}; what was sent may be recorded: send it again, twice is once")
