"""The PostgreSQL database behind the log: whose it is, how it is reached, what went wrong."""

import re
from collections.abc import Callable
from typing import Any, LiteralString

import psycopg
from eventsourcing.persistence import PersistenceError
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL

from ledger.errors import NoLedgerError, StoreError
from ledger.urls import Address

SCHEMA_VERSION = 2
CONNECT_SECONDS = 5
LOCK_SECONDS = 30
_CREATION = 0x504C4447  # the advisory lock under which the tables are made

TABLES: list[LiteralString] = [
    # one order of creators whatever the database's language: that of the code points
    'ALTER TABLE stored_events ALTER originator_id TYPE text COLLATE "C"',
    "ALTER TABLE stored_events ADD COLUMN hash bytea NOT NULL",
    'CREATE TABLE streams (creator text COLLATE "C" PRIMARY KEY, version bigint NOT NULL)',
    "CREATE TABLE pages (position bigint PRIMARY KEY, creators bigint NOT NULL, "
    "hash bytea NOT NULL)",
    'CREATE TABLE fact_keys (source text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, '
    "position bigint NOT NULL, sum bigint NOT NULL, PRIMARY KEY (source, id))",
    "CREATE TABLE log_end (position bigint NOT NULL)",
    "INSERT INTO log_end VALUES (0)",
    "CREATE TABLE rulebook_pins (name text NOT NULL, version text NOT NULL, hash text NOT NULL, "
    "recorded_at bigint NOT NULL, sum bigint NOT NULL, PRIMARY KEY (name, version))",
    'CREATE TABLE imports (id text COLLATE "C" PRIMARY KEY, key text NOT NULL, '
    "kept text NOT NULL, sum bigint NOT NULL)",
    "CREATE TABLE ledger_schema (version integer NOT NULL)",
]

Settings = dict[str, Any]


class Datastore(PostgresDatastore):
    """The library's datastore, with all that the URL says."""

    def __init__(self, settings: Settings, schema: str) -> None:
        said = settings.get
        super().__init__(
            said("dbname", ""),
            said("host", ""),
            said("port", ""),
            said("user", ""),
            said("password", ""),
            connect_timeout=CONNECT_SECONDS,
            idle_in_transaction_session_timeout=CONNECT_SECONDS,
            pool_size=1,
            max_overflow=9,
            lock_timeout=LOCK_SECONDS,
            schema=schema,
            originator_id_type="text",
        )
        kwargs = self.pool.kwargs
        assert isinstance(kwargs, dict)
        for name in ("dbname", "host", "port", "user", "password"):
            del kwargs[name]  # where the URL says nothing, libpq asks its environment
        kwargs.update(settings)

    def after_connect_func(self) -> Callable[[psycopg.Connection[Any]], None]:
        """A commit that is answered is on disk, and no lock is waited for without end."""
        stock = super().after_connect_func()
        patience = f"{round(LOCK_SECONDS * 1000)}ms"

        def after_connect(connection: psycopg.Connection[Any]) -> None:
            stock(connection)
            connection.execute("SELECT set_config('lock_timeout', %s, false)", (patience,))
            connection.execute(
                "SELECT set_config('synchronous_commit', 'on', false)"
                " WHERE current_setting('synchronous_commit') = 'off'"
            )

        return after_connect


class Recorder(PostgresApplicationRecorder):
    """The library's table and lock, without its database function and composite type."""

    def __init__(self, datastore: Datastore) -> None:
        super().__init__(datastore)
        self.sql_create_statements = [
            statement
            for statement in self.sql_create_statements
            if re.match(r"CREATE (TABLE|UNIQUE INDEX)", statement.as_string())
        ]

    def lock(self, cursor: psycopg.Cursor[Any]) -> None:
        """Queue behind the other writers; readers are not held up, followers are told."""
        self._lock_table(cursor)
        self._notify_channel(cursor)


def settings_of(url: str) -> tuple[Settings, Address]:
    """What the URL, and the environment that libpq reads, say; and the URL as it may be shown."""
    where = Address.of(url)
    if where is None:
        raise StoreError(
            "the URL of PostgreSQL is not right: postgresql://user:password@host:5432/name is; "
            "percent-encode what is special in a password"
        )
    try:
        settings = conninfo_to_dict(url)
    except UnicodeError:  # names no part of the URL: it may be that of a password
        raise StoreError(
            "the URL of PostgreSQL is no text in UTF-8: percent-encode what is special in it"
        ) from None
    except psycopg.Error as error:
        said = where.hide(_line(error))
        raise StoreError(f"the URL of PostgreSQL is not right: {said}") from error
    return {"connect_timeout": CONNECT_SECONDS, **settings}, where


def check(settings: Settings, where: Address, *, create: bool) -> tuple[str, bool]:
    """The schema, and whether its tables are still to be made; a StoreError where it is not ours.

    A connection of its own, because the pool would try for long and then say only that it failed.
    """
    try:
        with psycopg.connect(**settings) as connection:
            schema, fsync, ours, events = connection.execute(
                "SELECT current_schema(), current_setting('fsync'),"
                " to_regclass('ledger_schema') IS NOT NULL,"
                " to_regclass('stored_events') IS NOT NULL OR to_regclass('fact_keys') IS NOT NULL"
            ).fetchone() or (None, None, None, None)
            version = _version(connection) if ours else 0
    except psycopg.Error as error:
        raise explain(error, where) from error
    if schema is None:
        raise StoreError(f"{where} has no schema to work in: set search_path to one that is there")
    if fsync == "off":
        raise StoreError(f"{where} runs with fsync=off and would lose facts: switch it on")
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"{where} was written by a newer version of this program (layout {version}, this one "
            f"knows {SCHEMA_VERSION}): upgrade it to use this ledger"
        )
    if 0 < version < SCHEMA_VERSION:
        raise StoreError(
            f"{where} was written by an earlier version of this program (layout {version}, this "
            f"one knows {SCHEMA_VERSION}): export it with that and import it here"
        )
    if version == 0 and (ours or events):
        raise StoreError(f"{where} has tables of these names that are no ledger: name another")
    if version == 0 and not create:
        raise NoLedgerError(
            f"there is no ledger at {where}: the first `import` or `record` creates one, "
            "or name another with --db"
        )
    return schema, version == 0


def _version(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("SELECT MAX(version) FROM ledger_schema").fetchone()
    return row[0] or 0 if row else 0


def create(recorder: Recorder) -> None:
    """Make the tables once, also when several processes come to an empty database together."""
    with recorder.datastore.transaction(commit=True) as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_CREATION,))
        there = cursor.execute("SELECT to_regclass('ledger_schema') IS NOT NULL AS it").fetchone()
        if there is not None and there["it"]:
            return
        for statement in recorder.sql_create_statements:
            cursor.execute(statement)
        for text in TABLES:
            cursor.execute(SQL(text))
        cursor.execute("INSERT INTO ledger_schema VALUES (%s)", (SCHEMA_VERSION,))


def _cause(error: BaseException) -> BaseException:
    while error.__cause__ is not None and not isinstance(error, psycopg.Error):
        error = error.__cause__
    return error


def connection_lost(error: BaseException) -> bool:
    """Whether the server went away, so that nobody knows what became of the transaction."""
    cause = _cause(error)
    state = getattr(cause, "sqlstate", None)
    if state is None:
        return isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)
    return str(state).startswith(("08", "57P0")) or state == "25P03"


def explain(error: BaseException, where: Address) -> StoreError:
    """The sentence for a failure of PostgreSQL."""
    assert isinstance(error, psycopg.Error | PersistenceError)
    cause = _cause(error)
    state = getattr(cause, "sqlstate", None) or ""
    for sign, sentence in SENTENCES.items():
        if sign == state or (" " in sign and sign in str(cause)):
            return StoreError(sentence.format(where=where))
    return StoreError(f"{where} can't be used: {where.hide(_line(cause))}")


def _line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return re.sub(r"^.*?(FATAL|ERROR):\s*", "", lines[-1] if lines else type(error).__name__)


SENTENCES = {
    "42P01": "{where} lacks a table of the ledger: restore it from a backup",
    "password authentication": "{where} refuses this user or password: give them in the URL",
    "no password supplied": "{where} asks for a password: give it in the URL or in PGPASSWORD",
    "Connection refused": "{where} does not answer: is PostgreSQL running there?",
    "could not translate": "{where} is not known by that name: check the host in the URL",
    "failed to resolve": "{where} is not known by that name: check the host in the URL",
    "timeout expired": "{where} does not answer in time: is it reachable from here?",
    "does not exist": "{where} has no such database or user: create it or name another",
    "25006": "{where} may only be read: nothing was recorded, name the primary server",
    "42501": "{where} does not let this user do that: nothing was recorded, ask for the right",
    "53100": "the disk of {where} is full: what is recorded stays, make room and do it again",
    "55P03": "{where} is locked by another program: try again when it has finished",
}
