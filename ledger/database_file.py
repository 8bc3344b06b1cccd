"""A SQLite file of ours, be it the ledger's or that of rows: named by a URL, made, known again."""

import os
import re
import sqlite3
import time
from pathlib import Path
from urllib.parse import quote, unquote

from ledger.errors import ReplacedError, StoreError
from ledger.files import mode

PREFIX = "sqlite:///"
NO_FILE = (
    "the URL of SQLite names no file: three slashes and a path, such as sqlite:///ledger.db; "
    "# and ? in it are %23 and %3F"
)


def read_url(url: str) -> tuple[Path, str]:
    """The file of `sqlite:///file.db` (relative) or `sqlite:////dir/file.db`, and what follows `?`.

    No message repeats the URL: whoever confuses it with another may have put a password there.
    """
    said, _, query = url.removeprefix(PREFIX).partition("?")
    try:
        path = unquote(said, errors="strict")
        path.encode()
    except UnicodeError:
        path = ""
    if not url.startswith(PREFIX) or not path or "\0" in path or "#" in url:
        raise StoreError(NO_FILE)
    return Path(re.sub("^/+", "/", path)), query


def as_uri(path: Path, mode: str) -> str:
    """For `sqlite3.connect`: a name that means a file, also where it is `:memory:`."""
    return f"file:{quote(os.path.join('.', path))}?mode={mode}"  # noqa: PTH118  Path drops the dot


def make(path: Path) -> None:
    """The file, empty and with our rights where there is none; SQLite gives its -wal the same."""
    try:
        os.close(os.open(path, os.O_CREAT, mode()))
    except OSError as error:
        raise StoreError(f"{str(path)!r} can't be opened: {error.strerror}") from None


def write_ahead(connection: sqlite3.Connection, patience: float) -> str:
    """The journal mode, WAL if it can be: SQLite itself does not wait for a lock on that."""
    end = time.monotonic() + patience
    while True:
        try:
            (journal,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return str(journal)


class Held:
    """The file that was at a path: what is done to it once another is there, nobody will see."""

    def __init__(self, path: Path) -> None:
        self._shown, self._path = str(path), str(path.absolute())
        self._known = self.look()[:2]

    def check(self) -> None:
        """Raises ReplacedError where another file is there by now, or none."""
        found = self.look()[:2]
        if not found or found != self._known:
            raise ReplacedError(
                f"{self._shown!r} is no longer the file that was opened: it was moved, deleted or "
                "replaced, and nothing more is read or recorded; put it back, or start again"
            )

    def look(self) -> tuple[int, ...]:
        """What it is, device and inode first; another answer after each write to the file."""
        try:
            found = os.stat(self._path)  # noqa: PTH116  once per transaction
        except OSError:
            return ()
        return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size
