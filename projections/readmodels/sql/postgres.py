"""The SQL target's schema in a PostgreSQL database, which may be the one that holds the ledger."""

import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, LiteralString, cast

from ledger.urls import Address
from projections.readmodels.sql.store import Dialect, Record, Session
from projections.readmodels.target import TargetError

try:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.sql import SQL
except ImportError as missing:
    raise TargetError(
        f"PostgreSQL needs a package that is not installed ({missing.name}): "
        "pip install 'penalty-ledger[postgres]'"
    ) from missing

SCHEMA = "penalty_ledger_readmodels"
CONNECT_SECONDS, LOCK_SECONDS = 5, 30
IDLE_SECONDS = 10
"""How long the server waits for a frozen client in a transaction: as long as a lease."""
_MAKING = 0x504C524D  # the advisory lock under which tables are made

DIALECT = Dialect(
    types={"text": 'TEXT COLLATE "C"', "int": "BIGINT", "bool": "BOOLEAN"},
    counted="BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    clustered="",
    view="CREATE OR REPLACE VIEW",  # keeps the rights that were granted on it
    among="= ANY(?)",
    now="(extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
    hold=" FOR UPDATE",
    alone=f"SELECT pg_advisory_xact_lock({_MAKING})",
    in_turn="SELECT pg_advisory_xact_lock('change'::regclass::oid::bigint)",
    # whole seconds and the rest apart, because an interval is multiplied in floating point
    instant="to_timestamp({x} / 1000000) + ({x} % 1000000) * interval '1 microsecond'",
    tenths=("{x}::numeric", "{x} * 0.1", "{x} * 0.01", "{x} * 0.001", "{x} * 0.0001"),
    named="split_part({x}, '@', 1)",
    json="{x}::json",
)
_BINARY = {"text": "text", "int": "int8", "bool": "bool"}
_SETTINGS: LiteralString = (
    "SELECT set_config('search_path', %s, false), set_config('lock_timeout', %s, false),"
    " set_config('idle_in_transaction_session_timeout', %s, false),"
    # what we ask for goes through an index; right after a bulk load the planner can't know
    " set_config('enable_seqscan', 'off', false),"
    " set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
    " WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false),"
    " current_setting('fsync'), current_setting('server_encoding'),"
    " has_schema_privilege(to_regnamespace(%s), 'USAGE'), pg_is_in_recovery()"
)
_TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(?) AND relkind IN ('r', 'p')"
)


class PostgresSession:
    """A transaction on the one connection."""

    def __init__(self, cursor: "psycopg.Cursor[Record]") -> None:
        self._cursor = cursor

    def run(self, statement: str, *values: object) -> list[Record]:
        # without values psycopg leaves a % alone
        asked = (_marked(statement), values) if values else (_own(statement),)
        cursor = self._cursor.execute(*asked)
        return cursor.fetchall() if cursor.description else []

    def count(self, statement: str, *values: object) -> int:
        return self._cursor.execute(_marked(statement), values).rowcount

    def insert(
        self, table: str, columns: Mapping[str, str], records: Iterable[Record], *, new: str = ""
    ) -> None:
        names = ", ".join(columns)
        if new:
            arrays = ", ".join(f"?::{_BINARY[kind]}[]" for kind in columns.values())
            self.count(
                f"INSERT INTO {table} ({names}) SELECT {names} FROM unnest({arrays})"
                f" WITH ORDINALITY AS given ({names}, nth) ORDER BY nth"
                f" ON CONFLICT ({new}) DO NOTHING",
                *map(list, zip(*records, strict=True)),
            )
            return
        with self._cursor.copy(_own(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)")) as copy:
            copy.set_types([_BINARY[kind] for kind in columns.values()])
            write = copy.write_row
            for record in records:
                write(record)


def _own(statement: str) -> "SQL":
    """Statements are made of this program's own words."""
    return SQL(cast("LiteralString", statement))  # type: ignore[redundant-cast]  # not to others


@lru_cache(256)
def _marked(statement: str) -> "SQL":
    return _own(statement.replace("?", "%s"))


class PostgresStore:
    """A schema that this target alone writes."""

    dialect = DIALECT

    def __init__(self, url: str) -> None:
        where = Address.of(url)
        if where is None:
            raise TargetError(
                "the URL of PostgreSQL is not right: postgresql://user:password@host:5432/name is; "
                "percent-encode what is special in a password"
            )
        self.name, self._where = str(where), where
        try:
            settings: dict[str, Any] = dict(conninfo_to_dict(url))
        except UnicodeError:  # names no part of the URL: it may be that of a password
            raise TargetError(
                "the URL of PostgreSQL is no text in UTF-8: percent-encode what is special in it"
            ) from None
        except psycopg.Error as error:
            said = where.hide(_line(error))
            raise TargetError(f"the URL of PostgreSQL is not right: {said}") from error
        self._settings = {
            "connect_timeout": CONNECT_SECONDS,
            "application_name": "penalty-ledger",
            **settings,
            "client_encoding": "utf8",
        }
        self.warnings: list[str] = []
        self._turn = threading.RLock()
        self._connection: psycopg.Connection[Record] | None = None

    def _connect(self) -> "psycopg.Connection[Record]":
        if self._connection is None or self._connection.closed:
            connection = psycopg.connect(**self._settings, autocommit=True)
            try:
                self._check(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _check(self, connection: "psycopg.Connection[Record]") -> None:
        """A commit that is answered is on disk, no lock is waited for without end."""
        waits = (f"{LOCK_SECONDS}s", f"{IDLE_SECONDS}s")
        row = connection.execute(_SETTINGS, (SCHEMA, *waits, SCHEMA)).fetchone()
        assert row is not None
        fsync, encoding, may_use, standby = row[-4:]
        if fsync == "off":
            raise TargetError(f"{self.name} runs with fsync=off and would lose rows: switch it on")
        if encoding != "UTF8":
            raise TargetError(
                f"{self.name} is encoded in {encoding}, which has not all characters: name a "
                "database in UTF8"
            )
        if may_use is False:
            raise TargetError(SENTENCES["42501"].format(where=self.name))
        if may_use is None and not standby:  # there is no such schema yet
            with connection.transaction():
                connection.execute(_own(DIALECT.alone))
                connection.execute(_own(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self._transaction() as session:
            session.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self._transaction() as session:
            yield session

    @contextmanager
    def _transaction(self) -> Iterator[PostgresSession]:
        with self._turn:
            try:
                connection = self._connect()
                with connection.transaction(), connection.cursor(binary=True) as cursor:
                    yield PostgresSession(cursor)
            except psycopg.Error as error:
                raise explain(error, self._where) from error

    def tables(self, session: Session) -> Sequence[str]:
        return [name for (name,) in session.run(_TABLES, SCHEMA)]

    def close(self) -> None:
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def explain(error: psycopg.Error, where: Address) -> TargetError:
    """The sentence for a failure of PostgreSQL."""
    state, text, said = error.sqlstate or "", str(error), where.hide(_line(error))
    for sign, sentence in SENTENCES.items():
        if sign == state or (" " in sign and sign in text):
            return TargetError(sentence.format(where=where))
    if not state or state.startswith(("08", "57P0", "25P03")):
        return TargetError(f"the connection to {where} was lost: run it again ({said})")
    return TargetError(f"{where} can't be used: {said}")


def _line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return re.sub(r"^.*?(FATAL|ERROR):\s*", "", lines[-1] if lines else type(error).__name__)


SENTENCES = {
    "42P01": "{where} lacks a table of the read models: drop its schema " + SCHEMA + " and rebuild",
    "42703": "{where} lacks a column of the read models: drop its schema "
    + SCHEMA
    + " and rebuild",
    "password authentication": "{where} refuses this user or password: give them in the URL",
    "no password supplied": "{where} asks for a password: give it in the URL or in PGPASSWORD",
    "Connection refused": "{where} does not answer: is PostgreSQL running there?",
    "could not translate": "{where} is not known by that name: check the host in the URL",
    "failed to resolve": "{where} is not known by that name: check the host in the URL",
    "timeout expired": "{where} does not answer in time: is it reachable from here?",
    "3D000": "{where} has no such database: create it or name another",
    '" does not exist': "{where} has no such database or user: create it or name another",
    "25006": "{where} may only be read: name the primary server",
    "42501": "{where} does not let this user do that: ask for the right to create a schema, and "
    "for " + SCHEMA,
    "53100": "the disk of {where} is full: make room and run it again",
    "55P03": "{where} is locked by another program: try again when it has finished",
}
