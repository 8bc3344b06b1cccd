"""Open ledgers, each lent to one request at a time: opening one costs more than asking it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ledger.errors import StoreError
from projections.standing.question import Question
from replay.library import Ledger, Time
from replay.web.settings import Settings

AT_ONCE = 4
"""Ledgers that are open at most: questions are computed, so more would only wait on each other."""
PATIENCE = 10.0
"""Seconds that a request waits for one."""


class Lent(Ledger):
    """A ledger of which pages ask what they are made of."""

    def question(self, as_of: Time | None = None, known_at: Time | None = None) -> Question:
        """The question that the answers of this ledger come from, about two times."""
        return self._at(as_of, known_at)

    def knows(self, creator: str) -> bool:
        """Whether anything is recorded of a creator."""
        return bool(self._question.log.stream(creator))


class Ledgers:
    """A pool. One that failed is closed, since its file may have been replaced."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._free: list[Lent] = []
        self._lent = threading.Semaphore(AT_ONCE)

    @contextmanager
    def borrow(self) -> Iterator[Lent]:
        """One that nobody else uses meanwhile. Raises StoreError where none comes free in time."""
        if not self._lent.acquire(timeout=PATIENCE):
            raise StoreError("all are busy: ask again in a moment")
        try:
            ledger = self._free.pop() if self._free else self._open()
            try:
                yield ledger
            except StoreError:
                ledger.close()
                raise
            except BaseException:
                self._free.append(ledger)
                raise
            self._free.append(ledger)
        finally:
            self._lent.release()

    def _open(self) -> Lent:
        return Lent(self._settings.db, self._settings.rulebooks)

    def close(self) -> None:
        """Close those that nobody uses."""
        while self._free:
            self._free.pop().close()
