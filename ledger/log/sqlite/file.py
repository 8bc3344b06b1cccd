"""Whose SQLite file is it, and what to tell a person when it can't be used."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ledger.database_file import as_uri, make, read_url
from ledger.errors import NoLedgerError, StoreError

if TYPE_CHECKING:
    from eventsourcing.sqlite import SQLiteApplicationRecorder

APPLICATION_ID = 0x504C4447  # "PLDG"
SCHEMA_VERSION = 2
BUSY_SECONDS = 5
FAILURES = (sqlite3.Error, UnicodeDecodeError)
"""The latter where SQLite quotes a damaged schema in what it says."""

TABLES = [
    "CREATE TABLE stored_events ("
    "rowid INTEGER PRIMARY KEY AUTOINCREMENT, "
    "originator_id TEXT NOT NULL, "
    "originator_version INTEGER NOT NULL, "
    "topic TEXT NOT NULL, "
    "state BLOB NOT NULL, "
    "hash BLOB NOT NULL, "
    "UNIQUE (originator_id, originator_version))",
    "CREATE TABLE streams (creator TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE pages ("
    "position INTEGER PRIMARY KEY, creators INTEGER NOT NULL, hash BLOB NOT NULL)",
    "CREATE TABLE log_end (position INTEGER NOT NULL)",
    "INSERT INTO log_end VALUES (0)",
    # Text keys, not digests: ids of one source mostly grow, so that a page of facts touches few
    # pages of the index, where digests would touch one each.
    "CREATE TABLE fact_keys ("
    "source TEXT NOT NULL, id TEXT NOT NULL, position INTEGER NOT NULL, sum INTEGER NOT NULL, "
    "PRIMARY KEY (source, id)) WITHOUT ROWID",
    "CREATE TABLE rulebook_pins ("
    "name TEXT NOT NULL, version TEXT NOT NULL, hash TEXT NOT NULL, recorded_at INTEGER NOT NULL, "
    "sum INTEGER NOT NULL, "
    "PRIMARY KEY (name, version)) WITHOUT ROWID",
    "CREATE TABLE imports (id TEXT PRIMARY KEY, key TEXT NOT NULL, kept TEXT NOT NULL, "
    "sum INTEGER NOT NULL) WITHOUT ROWID",
]


class KeyTakenError(Exception):
    """A fact of the page is in the log already: look before writing."""


def name_of(url: str, *, create: bool) -> str:
    """`sqlite:///file.db` (relative), `sqlite:////dir/file.db` (absolute) as a SQLite URI.

    `?mode=ro` opens it for reading only.
    """
    path, query = read_url(url)
    modes = {"": "rwc" if create else "rw"} | {f"mode={mode}": mode for mode in ("ro", "rw", "rwc")}
    if query not in modes:
        raise StoreError(
            "what follows ? in the URL of SQLite is unknown: it is ro or rw, as in ?mode=ro"
        )
    return as_uri(path, modes[query])


def path_of(name: str) -> Path:
    """The file of a SQLite URI made by `name_of`."""
    return Path(unquote(name.removeprefix("file:").partition("?")[0]))


def frozen(path: Path) -> bool:
    """Whether a log is a snapshot: its directory takes no new files, and no writer has left one.

    SQLite would make files beside it even to read, and so refuse.
    """
    beside = path.with_name(path.name + "-wal")
    return path.is_file() and not os.access(path.parent, os.W_OK) and not beside.exists()


def check(name: str, *, create: bool) -> bool:
    """Whether the file is still to be filled; a StoreError where it is not ours to use."""
    path = path_of(name)
    try:
        there, folder = path.exists(), path.parent.is_dir()
    except OSError as error:
        raise StoreError(f"{str(path)!r} can't be opened: {error.strerror}") from None
    if not folder:
        raise StoreError(f"there is no directory {str(path.parent)!r}: create it first")
    if not there and create:
        make(path)
    elif not there:
        raise NoLedgerError(
            f"there is no ledger at {str(path)!r}: the first `import` or `record` creates one, "
            "or name another with --db"
        )
    try:
        with closing(connect(name)) as connection:
            connection.execute("BEGIN")  # another may be making the tables just now
            ours = connection.execute("PRAGMA application_id").fetchone()[0]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            tables = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
    except FAILURES as error:
        raise explain(error, name) from error
    if ours == APPLICATION_ID and version == SCHEMA_VERSION:
        return False
    if ours == APPLICATION_ID and 0 < version < SCHEMA_VERSION:
        raise StoreError(
            f"{str(path)!r} was written by an earlier version of this program (layout {version}, "
            f"this one knows {SCHEMA_VERSION}): export it with that and import it here"
        )
    if ours == APPLICATION_ID and version > SCHEMA_VERSION:
        raise StoreError(
            f"{str(path)!r} was written by a newer version of this program (layout {version}, "
            f"this one knows {SCHEMA_VERSION}): upgrade it to use this ledger"
        )
    if ours == 0 and version == 0 and tables == 0:
        if create:
            return True
        raise NoLedgerError(f"{str(path)!r} is empty: the first `import` or `record` fills it")
    raise StoreError(f"{str(path)!r} is a SQLite database but not a ledger: name another with --db")


def connect(name: str) -> sqlite3.Connection:
    """A plain connection that waits for locks; threads may share it."""
    return sqlite3.connect(
        name, uri=True, timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None
    )


def create(recorder: "SQLiteApplicationRecorder") -> None:
    """Make the tables once, also when several processes open a new file together."""
    store = recorder.datastore
    with store.get_connection(commit=True) as connection:
        cursor = connection.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        try:
            cursor.execute("PRAGMA application_id")
            if cursor.fetchone()[0] != APPLICATION_ID:
                for statement in recorder.create_table_statements:
                    cursor.execute(statement)
                cursor.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                cursor.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.commit()
        except BaseException:
            connection.rollback()
            raise


def explain(error: BaseException, name: str) -> StoreError:
    """The sentence for a failure of SQLite, which may stand behind one of the library."""
    cause = error
    while not hasattr(cause, "sqlite_errorname") and (cause.__cause__ or cause.args):
        inner = cause.__cause__ or cause.args[0]
        if not isinstance(inner, BaseException):
            break
        cause = inner
    code = str(getattr(cause, "sqlite_errorname", ""))
    path = str(path_of(name))
    if "no such table" in str(cause):
        code = "SQLITE_CORRUPT_TABLE"
    if isinstance(cause, UnicodeDecodeError):
        code = "SQLITE_CORRUPT"
    for prefix, sentence in SENTENCES.items():
        if code.startswith(prefix):
            return StoreError(sentence.format(path=repr(path)))
    return StoreError(f"the ledger at {path!r} can't be used: {cause}")


SENTENCES = {
    "SQLITE_BUSY": "{path} is locked by another program: try again when it has finished",
    "SQLITE_LOCKED": "{path} is locked by another program: try again when it has finished",
    "SQLITE_FULL": "the disk of {path} is full: what is recorded stays, make room and do it again",
    "SQLITE_READONLY": "{path} may only be read: nothing was recorded, ask for the right to write",
    "SQLITE_CANTOPEN": "{path} can't be opened: its file and directory must be yours to write",
    "SQLITE_PERM": "{path} can't be opened: its file and directory must be yours to write",
    "SQLITE_NOTADB": "{path} is not a ledger: name another with --db",
    "SQLITE_CORRUPT_TABLE": "{path} lacks a table of the ledger: restore it from a backup",
    "SQLITE_CORRUPT": "{path} is damaged: restore it from a backup",
    "SQLITE_IOERR": "{path} can't be read or written, its disk fails: nothing was recorded",
}
