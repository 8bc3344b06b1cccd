"""A table of its own in the file of tokens, or in memory where there is none."""

import sqlite3
import threading
from pathlib import Path

from ledger.errors import StoreError


class Table:
    """One connection; from any thread."""

    def __init__(self, path: Path | None, made: str) -> None:
        self._lock = threading.Lock()
        name = ":memory:" if path is None else str(path)
        self._db = sqlite3.connect(name, check_same_thread=False, isolation_level=None, timeout=5)
        self.do(made)

    def do(self, command: str, *values: object) -> sqlite3.Cursor:
        """Raises StoreError where the file can't be used."""
        try:
            with self._lock:
                return self._db.execute(command, values)
        except sqlite3.Error as error:
            raise StoreError(f"the file of tokens can't be used: {error}") from error

    def close(self) -> None:
        """Give the file back."""
        self._db.close()
