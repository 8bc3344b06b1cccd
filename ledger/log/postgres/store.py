"""The log in a PostgreSQL database, on the recorder of `eventsourcing`.

Writers queue at the library's table lock, so that the order of positions is the order of commits
and a reader never passes over a fact; its database function, which drops that lock, is never
created. A page goes in with two COPYs. A COMMIT whose answer is lost is resolved by sending the
page again: its keys tell whether it had arrived.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString, Self, TypeAlias

from eventsourcing.persistence import PersistenceError

from ledger.errors import LedgerError, StoreError
from ledger.facts.codec import decode, decode_many
from ledger.facts.envelope import Envelope
from ledger.log.page import (
    PAGE,
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
from ledger.log.pins import check_pin

try:
    import psycopg
    from psycopg.rows import tuple_row

    from ledger.log.postgres import recorder as postgres_store
    from ledger.log.postgres.recorder import Datastore, Recorder, connection_lost, explain
except ImportError as missing:
    raise StoreError(
        f"PostgreSQL needs a package that is not installed ({missing.name}): "
        "pip install 'penalty-ledger[postgres]'"
    ) from missing

Cursor: TypeAlias = "psycopg.Cursor[tuple[Any, ...]]"

ATTEMPTS = 5
_LAST: LiteralString = "SELECT state FROM stored_events ORDER BY notification_id DESC LIMIT 1"
_BY_KEY: LiteralString = (
    "SELECT k.position, e.state"
    " FROM unnest(%s::text[], %s::text[]) AS page (source, id)"
    " JOIN fact_keys k ON k.source = page.source AND k.id = page.id"
    " LEFT JOIN stored_events e ON e.notification_id = k.position"
)
_VERSIONS: LiteralString = (
    "SELECT s, (SELECT MAX(originator_version) FROM stored_events WHERE originator_id = s)"
    " FROM unnest(%s::text[]) AS s"
)
_SEQUENCE: LiteralString = (
    "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM stored_events_notification_id_seq"
)
_COPY_EVENTS: LiteralString = (
    "COPY stored_events (notification_id, originator_id, originator_version, topic, state)"
    " FROM STDIN (FORMAT BINARY)"
)
_COPY_KEYS: LiteralString = "COPY fact_keys (source, id, position) FROM STDIN (FORMAT BINARY)"


class PostgresLog:
    """The log in a PostgreSQL database. `open` it; threads and processes may share it."""

    def __init__(self, datastore: Datastore, shown: str) -> None:
        self.datastore = datastore
        self.recorder = Recorder(datastore)
        self._shown = shown
        self._memory = Memory()
        self._turn = threading.Lock()

    @classmethod
    def open(cls, url: str, *, create: bool) -> Self:
        """Check whose tables they are before anything is written."""
        settings = postgres_store.settings_of(url)
        shown = postgres_store.shown(settings)
        schema, empty = postgres_store.check(settings, shown, create=create)
        datastore = Datastore(settings, schema)
        try:
            log = cls(datastore, shown)
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
        for attempt in range(ATTEMPTS):
            try:
                with self._transaction() as c:
                    self.recorder.lock(c)
                    settled = self._settle(c, facts, trust)
                    expect(facts, settled, expected_version)
                    receipts = _ours(facts, settled.receipts, tried)
                    tried.update(settled.keys)
                    self._write(c, settled)
                    if progress is not None:
                        _keep(c, receipts, *progress)
            except BaseException as error:
                self._memory.forget()
                if not connection_lost(error) or attempt + 1 == ATTEMPTS:
                    raise _told(error, self._shown) from error
                time.sleep(0.1 * 2**attempt)
                continue
            return receipts
        raise AssertionError("the last attempt returns or raises")

    def _settle(self, c: Cursor, facts: Sequence[Envelope], trust: bool) -> Settled:
        memory = self._memory
        head = _one(c, _SEQUENCE) or 0
        if head != memory.head:
            memory.forget()
            last = c.execute(_LAST).fetchone()
            memory.last = decode(last[0], head).recorded_at if last else 0
        if missing := memory.missing(facts):
            for subject, version in c.execute(_VERSIONS, (missing,)).fetchall():
                memory.versions[subject] = version or 0
        return memory.settle(facts, self._known(c, facts), head=head, trust=trust)

    def _known(self, c: Cursor, facts: Sequence[Envelope]) -> dict[Key, Known]:
        keys = [e.source for e in facts], [e.id for e in facts]
        rows = c.execute(_BY_KEY, keys).fetchall()
        for row in rows:
            if row[1] is None:
                raise StoreError(
                    f"the fact at position {row[0]} is gone though its key is there: the store is "
                    "damaged, restore it from a backup"
                )
        return known_by_key([decode(state, position) for position, state in rows])

    def _write(self, c: Cursor, settled: Settled) -> None:
        if settled.rows:
            # outside the transaction by nature: what was given out is never given out again
            c.execute(
                "SELECT setval('stored_events_notification_id_seq', %s)", (settled.rows[-1][0],)
            )
            with c.copy(_COPY_EVENTS) as copy:
                copy.set_types(["int8", "text", "int8", "text", "bytea"])
                for row in settled.rows:
                    copy.write_row(row)
            with c.copy(_COPY_KEYS) as copy:
                copy.set_types(["text", "text", "int8"])
                for key in settled.keys:
                    copy.write_row(key)

    def stream(self, subject: str) -> list[Envelope]:
        """See `Log.stream`."""
        return self._facts(" WHERE originator_id = %s ORDER BY originator_version", subject)

    def after(self, position: int, limit: int = PAGE) -> list[Envelope]:
        """See `Log.after`. The table lock makes positions commit in their order."""
        where: LiteralString = " WHERE notification_id > %s ORDER BY notification_id LIMIT %s"
        return self._facts(where, position, limit)

    def places(self, position: int, limit: int = PAGE) -> list[tuple[int, str]]:
        """See `Log.places`."""
        query: LiteralString = "SELECT notification_id, originator_id FROM stored_events"
        where: LiteralString = " WHERE notification_id > %s ORDER BY notification_id LIMIT %s"
        return self._read(query + where, position, limit)

    def streams(self, subjects: Sequence[str], until: int) -> list[Envelope]:
        """See `Log.streams`."""
        among: LiteralString = " WHERE originator_id = ANY(%s) AND notification_id <= %s"
        order: LiteralString = " ORDER BY originator_id, originator_version"
        return self._facts(among + order, list(subjects), until)

    def histories(self, after: str, until: int, limit: int = PAGE) -> list[Envelope]:
        """See `Log.histories`."""
        beyond: LiteralString = " WHERE originator_id > %s AND notification_id <= %s"
        order: LiteralString = " ORDER BY originator_id, originator_version LIMIT %s"
        return self._facts(beyond + order, after, until, limit)

    def _facts(self, where: LiteralString, *values: object) -> list[Envelope]:
        def positions() -> list[int]:
            places: LiteralString = "SELECT notification_id FROM stored_events"
            return [row[0] for row in self._read(places + where, *values)]

        query: LiteralString = "SELECT state FROM stored_events"
        rows = self._read(query + where, *values)
        return decode_many([row[0] for row in rows], positions)

    def subjects(self, after: str = "", limit: int = PAGE) -> list[str]:
        """See `Log.subjects`."""
        rows = self._read(
            "SELECT DISTINCT originator_id FROM stored_events WHERE originator_id > %s"
            " ORDER BY originator_id LIMIT %s",
            after,
            limit,
        )
        return [row[0] for row in rows]

    def head(self) -> int:
        """See `Log.head`."""
        return self._read("SELECT MAX(notification_id) FROM stored_events")[0][0] or 0

    def pins(self) -> dict[tuple[str, str], str]:
        """See `Log.pins`."""
        rows = self._read("SELECT name, version, hash FROM rulebook_pins")
        return {(name, version): content_hash for name, version, content_hash in rows}

    def pin(self, name: str, version: str, content_hash: str) -> None:
        """See `Log.pin`."""
        if check_pin(self.pins(), name, version, content_hash):
            return
        self._read(
            "INSERT INTO rulebook_pins VALUES (%s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING RETURNING hash",
            name,
            version,
            content_hash,
            time.time_ns() // 1000,
        )
        check_pin(self.pins(), name, version, content_hash)

    def known(self, facts: Sequence[Envelope]) -> dict[Key, Known]:
        """See `Log.known`."""
        with self._transaction() as c:
            return self._known(c, facts)

    def imports(self, key: str | None = None) -> dict[str, str]:
        """See `Log.imports`."""
        if not self._read("SELECT to_regclass('imports') IS NOT NULL")[0][0]:
            return {}
        query: LiteralString = "SELECT id, kept FROM imports"
        if key is None:
            return dict(self._read(query + " ORDER BY id"))
        return dict(self._read(query + " WHERE key = %s ORDER BY id", key))

    def _read(self, query: LiteralString, *values: object) -> list[Any]:
        """Rows of one statement, asked again where the connection was lost."""
        for attempt in range(ATTEMPTS):
            try:
                with self._transaction() as c:
                    return c.execute(query, values).fetchall()
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
    if not _one(c, "SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass('imports')"):
        c.execute(postgres_store.IMPORTS)
    row = c.execute("SELECT kept FROM imports WHERE id = %s", (id_,)).fetchone()
    values = keep(receipts, row[0] if row else None)
    c.execute(
        "INSERT INTO imports VALUES (%s, %s, %s)"
        " ON CONFLICT (id) DO UPDATE SET key = excluded.key, kept = excluded.kept",
        (id_, *values),
    )


def _told(error: BaseException, shown: str) -> BaseException:
    return explain(error, shown) if isinstance(error, psycopg.Error | PersistenceError) else error


def _one(c: Cursor, query: LiteralString) -> int | None:
    row = c.execute(query).fetchone()
    return row[0] if row else None
