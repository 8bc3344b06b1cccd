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
from ledger.log.bond import (
    LAST_NAME,
    REMEDY,
    DamagedError,
    Mark,
    all_there,
    bound,
    held,
    in_line,
    listed,
    same_end,
    sound_keys,
    whole,
    whole_until,
)
from ledger.log.page import (
    EMPTY,
    PAGE,
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

T = TypeVar("T")
ATTEMPTS = 5
COLUMNS: LiteralString = (
    "SELECT e.notification_id, e.originator_id, e.originator_version, e.state, e.hash"
)
_MARK: LiteralString = "SELECT * FROM pages ORDER BY position DESC LIMIT 1"
_BY_KEY: LiteralString = COLUMNS + (
    ", k.position FROM unnest(%s::text[], %s::text[]) AS page (source, id)"
    " JOIN fact_keys k ON k.source = page.source AND k.id = page.id"
    " LEFT JOIN stored_events e ON e.notification_id = k.position"
)
_VERSIONS: LiteralString = "SELECT creator, version FROM streams WHERE creator = ANY(%s)"
_PLACES: LiteralString = (
    "SELECT k.source, k.id, k.position FROM unnest(%s::text[], %s::text[]) AS page (source, id)"
    " JOIN fact_keys k ON k.source = page.source AND k.id = page.id"
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
                    tried.update(key[:3] for key in settled.keys)
                    self._write(c, settled, progress)
            except BaseException as error:
                self._memory.forget()
                if not connection_lost(error) or attempt + 1 == ATTEMPTS:
                    raise _told(error, self._shown) from error
                time.sleep(0.1 * 2**attempt)
                continue
            return _ours(facts, settled.receipts, tried) if attempt else settled.receipts
        raise AssertionError("the last attempt returns or raises")

    def _settle(self, c: Cursor, facts: Sequence[Envelope], trust: bool) -> Settled:
        memory = self._memory
        end = _mark(c)
        if end != memory.mark:
            memory.forget()
            memory.mark = end
            newest = _last(c, end)
            memory.last = newest.recorded_at if newest else 0
        if missing := memory.missing(facts):
            memory.versions.update(dict.fromkeys(missing, 0))
            memory.versions.update(c.execute(_VERSIONS, (missing,)).fetchall())
        return memory.settle(facts, self._known(c, facts), trust=trust)

    def _known(self, c: Cursor, facts: Sequence[Envelope]) -> dict[Key, Known]:
        keys = [e.source for e in facts], [e.id for e in facts]
        return known_by_key(held(c.execute(_BY_KEY, keys).fetchall()))

    def _write(self, c: Cursor, settled: Settled, progress: Progress | None) -> None:
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
        if progress is not None and progress[1]:
            c.execute(
                "INSERT INTO import_progress VALUES (%s, %s)"
                " ON CONFLICT (key) DO UPDATE SET line = excluded.line",
                progress,
            )
        elif progress is not None:
            c.execute("DELETE FROM import_progress WHERE key = %s", progress[:1])

    def stream(self, subject: str) -> list[Envelope]:
        """See `Log.stream`."""

        def ask(c: Cursor) -> list[Envelope]:
            facts = _rows(c, " WHERE originator_id = %s ORDER BY originator_version", subject)
            version = _one(c, "SELECT version FROM streams WHERE creator = %s", subject)
            if version is None:
                _counted(c)
            whole(subject, [e.version for e in facts], version or 0)
            return facts

        return self._ask(ask)

    def after(self, position: int, limit: int = PAGE) -> list[Envelope]:
        """See `Log.after`. The table lock makes positions commit in their order."""
        where: LiteralString = " WHERE notification_id > %s ORDER BY notification_id LIMIT %s"

        def ask(c: Cursor) -> list[Envelope]:
            facts = _rows(c, where, position, limit)
            in_line(facts, position, _mark(c).position, limit)
            return facts

        return self._ask(ask)

    def places(self, position: int, limit: int = PAGE) -> list[tuple[int, str]]:
        """See `Log.places`."""
        query: LiteralString = "SELECT notification_id, originator_id FROM stored_events"
        where: LiteralString = " WHERE notification_id > %s ORDER BY notification_id LIMIT %s"
        return self._read(query + where, position, limit)

    def streams(self, subjects: Sequence[str], until: int) -> list[Envelope]:
        """See `Log.streams`."""
        among: LiteralString = " WHERE originator_id = ANY(%s) AND notification_id <= %s"
        order: LiteralString = " ORDER BY originator_id, originator_version"

        def ask(c: Cursor) -> list[Envelope]:
            facts = _rows(c, among + order, list(subjects), until)
            versions: dict[str, int] = dict(c.execute(_VERSIONS, (list(subjects),)).fetchall())
            if len(versions) < len(set(subjects)):
                _counted(c)
            _whole(c, facts, versions, until)
            return facts

        return self._ask(ask)

    def histories(self, after: str, until: int, limit: int = PAGE) -> list[Envelope]:
        """See `Log.histories`."""
        beyond: LiteralString = " WHERE originator_id > %s AND notification_id <= %s"
        order: LiteralString = " ORDER BY originator_id, originator_version LIMIT %s"
        between: LiteralString = "SELECT * FROM streams WHERE creator > %s AND creator < %s"

        def ask(c: Cursor) -> list[Envelope]:
            facts = _rows(c, beyond + order, after, until, limit)
            upto = facts[-1].subject if len(facts) == limit else LAST_NAME
            versions: dict[str, int] = dict(c.execute(between, (after, upto)).fetchall())
            if not after:
                _counted(c)
            _whole(c, [e for e in facts if e.subject < upto], versions, until)
            return facts

        return self._ask(ask)

    def subjects(self, after: str = "", limit: int = PAGE) -> list[str]:
        """See `Log.subjects`."""
        query: LiteralString = (
            "SELECT s.creator, EXISTS (SELECT 1 FROM stored_events e"
            " WHERE e.originator_id = s.creator AND e.originator_version = s.version)"
            " FROM streams s WHERE s.creator > %s ORDER BY s.creator LIMIT %s"
        )

        def ask(c: Cursor) -> list[str]:
            found = c.execute(query, (after, limit)).fetchall()
            if not after:
                _counted(c)
            return listed(found, after)

        return self._ask(ask)

    def head(self) -> int:
        """See `Log.head`."""

        def ask(c: Cursor) -> int:
            end = _mark(c)
            _last(c, end)
            return end.position

        return self._ask(ask)

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

    def progress(self, key: str) -> int:
        """See `Log.progress`."""
        rows = self._read("SELECT line FROM import_progress WHERE key = %s", key)
        return rows[0][0] if rows else 0

    def stored_after(self, position: int, limit: int) -> list[Any]:
        """See `Walk.stored_after`."""
        return self._read(
            "SELECT notification_id, originator_id, originator_version, topic, state, hash"
            " FROM stored_events WHERE notification_id > %s ORDER BY notification_id LIMIT %s",
            position,
            limit,
        )

    def marks_after(self, position: int, limit: int) -> list[Mark]:
        """See `Walk.marks_after`."""
        query: LiteralString = "SELECT * FROM pages WHERE position > %s ORDER BY position LIMIT %s"
        return [Mark(*row) for row in self._read(query, position, limit)]

    def places_of(self, keys: Sequence[Key]) -> dict[Key, int]:
        """See `Walk.places_of`."""
        rows = self._read(_PLACES, [source for source, _ in keys], [id_ for _, id_ in keys])
        return {(source, id_): position for source, id_, position in rows}

    def numbered_after(self, creator: str, limit: int) -> list[tuple[str, int]]:
        """See `Walk.numbered_after`."""
        query: LiteralString = "SELECT * FROM streams WHERE creator > %s ORDER BY creator LIMIT %s"
        return self._read(query, creator, limit)

    def check_keys(self) -> None:
        """See `Log.check_keys`."""

        def ask(c: Cursor) -> tuple[int, int]:
            keys = c.execute("SELECT source, id, position, sum FROM fact_keys")
            return sound_keys(keys), _mark(c).position

        number, facts = self._ask(ask)
        if number != facts:
            raise DamagedError(f"there are {number} keys of {facts} facts: {REMEDY}")

    def structure(self) -> list[str]:
        """See `Walk.structure`. PostgreSQL checks each page that it reads against its checksum."""
        return []

    def _read(self, query: LiteralString, *values: object) -> list[Any]:
        """Rows of one statement."""
        return self._ask(lambda c: c.execute(query, values).fetchall())

    def _ask(self, question: Callable[[Cursor], T]) -> T:
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
    return [
        Receipt("recorded", r.position, r.version, r.recorded_at)
        if r.status == "duplicate" and (e.source, e.id, r.position) in tried
        else r
        for e, r in zip(facts, receipts, strict=True)
    ]


def _told(error: BaseException, shown: str) -> BaseException:
    return explain(error, shown) if isinstance(error, psycopg.Error | PersistenceError) else error


def _one(c: Cursor, query: LiteralString, *values: object) -> int | None:
    row = c.execute(query, values).fetchone()
    return row[0] if row else None


def _rows(c: Cursor, where: LiteralString, *values: object) -> list[Envelope]:
    """The facts of some rows, each bound to its place."""
    return bound(c.execute(COLUMNS + " FROM stored_events e" + where, values).fetchall())


def _mark(c: Cursor) -> Mark:
    """The log's end."""
    row = c.execute(_MARK).fetchone()
    return same_end(Mark(*row) if row else EMPTY, _one(c, "SELECT position FROM log_end") or 0)


def _last(c: Cursor, end: Mark) -> Envelope | None:
    """The last fact; a log that ends elsewhere than its last page is cut."""
    facts = _rows(c, " ORDER BY notification_id DESC LIMIT 1")
    in_line(facts, end.position - 1 if end.position else 0, end.position, 1)
    return facts[0] if facts else None


def _counted(c: Cursor) -> None:
    """Refuse a log from which a creator is gone."""
    all_there(_one(c, "SELECT COUNT(*) FROM streams") or 0, _mark(c))


def _whole(c: Cursor, facts: Sequence[Envelope], versions: dict[str, int], until: int) -> None:
    """Refuse facts of creators of which one is missing that is not later than `until`."""
    later: LiteralString = (
        "SELECT COUNT(*) FROM stored_events"
        " WHERE originator_id = %s AND originator_version > %s AND notification_id > %s"
    )
    whole_until(facts, versions, lambda creator, n: _one(c, later, creator, n, until) or 0)
