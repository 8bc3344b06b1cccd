"""The SQL target's SQLite file: durable or refused, and never the ledger's own."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ledger.database_file import NO_FILE, Held, as_uri, make, read_url, write_ahead
from ledger.errors import StoreError
from projections.readmodels.sql.frozen import end_frozen
from projections.readmodels.sql.store import Dialect, Record, Session
from projections.readmodels.target import TargetError

APPLICATION_ID, LEDGER_ID = 0x504C524D, 0x504C4447  # "PLRM", "PLDG"
TAKEN = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
"""Another has the lock: it can be waited for, as no other failure can."""
BUSY_SECONDS = 30
LOOK_SECONDS = 0.25
"""How often one who waits to write looks whether a frozen leader is in the way."""
FULL = 2

_FRACTION = "({x} % 1000000 + 1000000) % 1000000"  # of a second, before 1970 too
DIALECT = Dialect(
    types={"text": "TEXT", "int": "INTEGER", "bool": "INTEGER"},
    counted="INTEGER PRIMARY KEY AUTOINCREMENT",
    clustered=" WITHOUT ROWID",
    view="CREATE VIEW",
    among="IN (SELECT value FROM json_each(?))",
    now="clock_us()",
    hold="",  # one writer at a time
    alone="",
    in_turn="",
    instant=f"strftime('%Y-%m-%dT%H:%M:%S', ({{x}} - {_FRACTION}) / 1000000, 'unixepoch')"
    f" || printf('.%06dZ', {_FRACTION})",
    tenths=("{x}", "{x} / 10.0", "{x} / 100.0", "{x} / 1000.0", "{x} / 10000.0"),
    named="substr({x}, 1, instr({x} || '@', '@') - 1)",
    json="{x}",
)


class SQLiteSession:
    """A transaction on the one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute
        self._executemany = connection.executemany

    def run(self, statement: str, *values: object) -> list[Record]:
        return self._execute(statement, _bound(values)).fetchall()

    def count(self, statement: str, *values: object) -> int:
        return self._execute(statement, _bound(values)).rowcount

    def insert(
        self, table: str, columns: Mapping[str, str], records: Iterable[Record], *, new: str = ""
    ) -> None:
        marks = ", ".join("?" * len(columns))
        unless = f" ON CONFLICT ({new}) DO NOTHING" if new else ""
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}){unless}"
        self._executemany(statement, records)


def _patience(connection: sqlite3.Connection, seconds: float) -> None:
    connection.execute(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")


def _bound(values: tuple[object, ...]) -> list[object]:
    return [json.dumps(v) if isinstance(v, list | tuple) else v for v in values]


@contextmanager
def _as_target() -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        raise TargetError(str(error)) from None


class SQLiteStore:
    """A file that this target alone writes."""

    dialect = DIALECT

    def __init__(self, url: str) -> None:
        with _as_target():
            self._path, query = read_url(url)
        if query:
            raise TargetError(NO_FILE)
        self.name = f"sqlite:///{self._path}"
        self.warnings: list[str] = []
        self._turn = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._file: Held | None = None

    def _connect(self) -> sqlite3.Connection:
        """The connection, made where there is none; refused where the file is another by now."""
        if self._connection is None:
            if not self._path.parent.is_dir():
                raise TargetError(
                    f"there is no directory {str(self._path.parent)!r}: create it first"
                )
            if self._file is None:
                with _as_target():
                    make(self._path)
                self._file = Held(self._path)
            self._connection = sqlite3.connect(
                as_uri(self._path, "rw"),
                uri=True,
                isolation_level=None,
                timeout=BUSY_SECONDS,
                check_same_thread=False,
            )
            self._check(self._connection)
        assert self._file is not None
        try:
            with _as_target():
                self._file.check()
        except TargetError:
            self.close()
            raise
        return self._connection

    def _check(self, connection: sqlite3.Connection) -> None:
        """Ours or empty, before anything is written; then durable."""
        connection.execute("BEGIN")  # another may be making the tables just now
        (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        (kind,) = connection.execute("PRAGMA application_id").fetchone()
        connection.execute("COMMIT")
        if kind == LEDGER_ID:
            raise TargetError(
                f"{str(self._path)!r} holds a ledger: read models need a file of their own"
            )
        if kind != APPLICATION_ID and (kind or tables):
            raise TargetError(
                f"{str(self._path)!r} is a SQLite database but holds no read models: name another"
            )
        journal = write_ahead(connection, BUSY_SECONDS)
        connection.execute("PRAGMA synchronous=FULL")
        (synchronous,) = connection.execute("PRAGMA synchronous").fetchone()
        if synchronous != FULL or journal != "wal":
            raise TargetError(
                f"SQLite runs with synchronous={synchronous} and journal_mode={journal} where 2 "
                "and wal are needed to lose nothing: use a local disk and a stock SQLite"
            )
        connection.create_function("clock_us", 0, lambda: time.time_ns() // 1000)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self._transaction("BEGIN") as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self._transaction("BEGIN IMMEDIATE") as session:
            yield session

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Session]:
        with self._turn:
            try:
                connection = self._connect()
                self._begin(connection, begin)
                try:
                    yield SQLiteSession(connection)
                    if begin != "BEGIN":
                        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
            except (sqlite3.Error, UnicodeDecodeError) as error:  # of a damaged schema
                self._hang_up()
                raise explain(error, self._path) from error

    def _begin(self, connection: sqlite3.Connection, begin: str) -> None:
        """Wait for the lock of a writer, but not for one that is frozen."""
        if begin == "BEGIN":
            connection.execute(begin)
            return
        end = time.monotonic() + BUSY_SECONDS
        _patience(connection, LOOK_SECONDS)
        try:
            while True:
                try:
                    connection.execute(begin)
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode & 0xFF not in TAKEN or time.monotonic() > end:
                        raise
                    self._end_frozen(connection)
                else:
                    return
        finally:
            _patience(connection, BUSY_SECONDS)

    def _end_frozen(self, connection: sqlite3.Connection) -> None:
        """See `frozen`."""
        with suppress(sqlite3.Error):  # there may be no tables yet
            found = connection.execute("SELECT owner FROM lease WHERE until <= clock_us()")
            for pid in end_frozen(self._path, [owner for (owner,) in found.fetchall()]):
                self.warnings.append(
                    f"process {pid} was stopped while it wrote to {self.name}, for longer than its "
                    "lease: it was ended, and what it had not committed was undone"
                )

    def tables(self, session: Session) -> Sequence[str]:
        rows = session.run("SELECT name FROM sqlite_master WHERE type = 'table'")
        return [name for (name,) in rows]

    def _hang_up(self) -> None:
        """After a failure nothing is taken for granted: the next call opens the file again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    def close(self) -> None:
        with self._turn:
            self._hang_up()


def explain(error: sqlite3.Error | UnicodeDecodeError, path: Path) -> TargetError:
    """The sentence for a failure of SQLite."""
    code = getattr(error, "sqlite_errorname", "") or ""
    if "no such table" in str(error) or isinstance(error, UnicodeDecodeError):
        code = "SQLITE_CORRUPT"
    for prefix, sentence in SENTENCES.items():
        if code.startswith(prefix):
            return TargetError(sentence.format(path=repr(str(path))))
    return TargetError(f"the read models in {str(path)!r} can't be used: {error}")


SENTENCES = {
    "SQLITE_BUSY": "{path} is locked by another program: try again when it has finished",
    "SQLITE_LOCKED": "{path} is locked by another program: try again when it has finished",
    "SQLITE_FULL": "the disk of {path} is full: make room and run it again",
    "SQLITE_READONLY": "{path} may only be read: ask for the right to write it",
    "SQLITE_CANTOPEN": "{path} can't be opened: its file and directory must be yours to write",
    "SQLITE_PERM": "{path} can't be opened: its file and directory must be yours to write",
    "SQLITE_NOTADB": "{path} holds no read models: name another",
    "SQLITE_CORRUPT": "{path} is damaged: delete it and rebuild",
    "SQLITE_IOERR": "{path} can't be read or written, its disk fails: nothing was written",
}
