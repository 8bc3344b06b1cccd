"""SQLite behind the log: the library's recorder, with what it lacks for keeping every fact."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from eventsourcing.persistence import PersistenceError
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteDatastore,
)

from ledger.database_file import Held, write_ahead
from ledger.errors import StoreError
from ledger.log.sqlite import file as sqlite_file
from ledger.log.sqlite.file import BUSY_SECONDS, explain, path_of

FULL, FULL_SYNC = 2, "PRAGMA synchronous=FULL"


class Pool(SQLiteConnectionPool):
    """Connections that are durable or are refused."""

    def _create_connection(self) -> SQLiteConnection:
        """As the library makes one, but remembering prepared statements (it keeps a single one)."""
        connection = sqlite3.connect(
            self.db_name,
            uri=True,
            check_same_thread=False,
            isolation_level=None,
            timeout=self.lock_timeout or BUSY_SECONDS,
        )
        journal = write_ahead(connection, BUSY_SECONDS)
        connection.execute(FULL_SYNC)
        (synchronous,) = connection.execute("PRAGMA synchronous").fetchone()
        if synchronous != FULL or journal != "wal":
            connection.close()
            raise StoreError(
                f"SQLite runs with synchronous={synchronous} and journal_mode={journal} where 2 "
                "and wal are needed to lose nothing: use a local disk and a stock SQLite"
            )
        connection.row_factory = sqlite3.Row
        return SQLiteConnection(sqlite_conn=connection, max_age=self.max_age)


class Datastore(SQLiteDatastore):
    """The library's datastore with our pool; one connection stays out of it for writing.

    A fact alone in its transaction costs little more than its fsync, so the way there is short.
    """

    def __init__(self, db_name: str) -> None:
        super().__init__(db_name, originator_id_type="text")
        self.pool = Pool(db_name=db_name, lock_timeout=BUSY_SECONDS)
        self.file = Held(path_of(db_name))
        self._writer: SQLiteConnection | None = None
        self._writing = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Cursor]:
        """A snapshot whose rows are plain tuples; every failure is a StoreError."""
        try:
            with self.transaction(commit=False) as cursor:
                plain = cursor.sqlite_cursor
                plain.row_factory = None
                self.file.check()
                yield plain
        except (*sqlite_file.FAILURES, PersistenceError) as error:
            self.file.check()  # that it is another one says more
            raise explain(error, self.pool.db_name) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Cursor]:
        """A transaction that takes its place in the queue of writers at once, not midway."""
        with self._writing:
            try:
                if self._writer is None:
                    self._writer = self.pool.get_connection(is_writer=True)
                cursor = self._writer.cursor().sqlite_cursor
                cursor.row_factory = None
                cursor.execute("BEGIN IMMEDIATE")
                try:
                    yield cursor
                    self.file.check()
                    cursor.execute("COMMIT")
                except BaseException:
                    if cursor.connection.in_transaction:
                        cursor.execute("ROLLBACK")
                    raise
            except (*sqlite_file.FAILURES, PersistenceError) as error:
                self.file.check()
                raise explain(error, self.pool.db_name) from error

    def close(self) -> None:
        """Give all connections back, the writer's too."""
        writer, self._writer = getattr(self, "_writer", None), None
        if writer is not None:
            self.pool.put_connection(writer)
        super().close()


class Recorder(SQLiteApplicationRecorder):
    """The library's table, with a position that is never used twice."""

    def __init__(self, datastore: SQLiteDatastore) -> None:
        super().__init__(datastore)
        self.insert_events_statement = (
            "INSERT INTO stored_events (originator_id, originator_version, topic, state)"
            " VALUES (?, ?, ?, ?)"
        )

    def construct_create_table_statements(self) -> list[str]:
        """The events, and our small tables beside them."""
        return sqlite_file.TABLES
