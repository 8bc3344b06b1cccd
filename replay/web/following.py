"""Tells whoever waits that facts were recorded: one look at the log for all of them."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import suppress
from itertools import takewhile
from time import monotonic
from typing import NamedTuple, TypeVar

from anyio import CapacityLimiter, to_thread

from ledger.errors import StoreError
from projections.standing.writing import json_line
from replay.library import Ledger
from replay.library.views import Recorded
from replay.web.access.tokens import Tokens
from replay.web.ledgers import Ledgers
from replay.web.settings import Settings

T = TypeVar("T")
LOOK = 0.2
"""Seconds between two looks."""
BEAT = 15.0
"""Seconds after which a stream without news shows that it is alive."""
RECENT = 5_000
"""Facts that are kept for those who follow closely."""
PAGE = 500
AGAIN = 10.0
"""Seconds after which a token may have expired."""
BEHIND = 4
"""Of those who follow from afar, so many read the log at once."""


class News(NamedTuple):
    """A fact, written once for all who wait for it."""

    position: int
    creator: str
    said: bytes


class Following:
    """Of one log; `run` looks, `stream` waits. Nothing else may hold up its ledgers or threads."""

    def __init__(self, settings: Settings, tokens: Tokens | None) -> None:
        self._ledgers, self._tokens = Ledgers(settings), tokens
        self._looking, self._behind = CapacityLimiter(1), CapacityLimiter(BEHIND)
        self._recent: deque[News] = deque(maxlen=RECENT)
        self._head = 0
        self.rights: Hashable = None
        """Another one when tokens may have ended: whoever streams asks again for whom it is."""
        self._moved, self._ended = asyncio.Event(), False

    async def run(self) -> None:
        """Until it is cancelled; what the store does not answer is asked again."""
        self._head = await self._ask(Ledger.head, self._looking) or 0
        while True:
            await asyncio.sleep(LOOK)
            while page := await self._ask(self._next, self._looking):
                self._recent.extend(page)
                self._head = page[-1].position
                self._tell()

    def _tell(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def end(self) -> None:
        """Let whoever waits go."""
        self._ended = True
        self._tell()

    def _next(self, ledger: Ledger) -> list[News]:
        if self._tokens is not None:
            self.rights = self._tokens.revision(), monotonic() // AGAIN
        return _told(ledger.recorded(self._head, PAGE))

    async def _ask(self, question: Callable[[Ledger], T], turns: CapacityLimiter) -> T | None:
        def asked() -> T:
            with self._ledgers.borrow() as ledger:
                return question(ledger)

        with suppress(StoreError):
            return await to_thread.run_sync(asked, limiter=turns)
        return None

    async def stream(self, after: int | None, creator: str = "") -> AsyncIterator[list[News]]:
        """Facts after a position (None: from now on), of one creator or all; [] is a beat."""
        at = self._head if after is None else after
        while not self._ended:
            moved = self._moved
            page = await self._since(at)
            if page:
                at = page[-1].position
                page = [one for one in page if creator in ("", one.creator)]
                if page:
                    yield page
                continue
            try:
                async with asyncio.timeout(BEAT):
                    await moved.wait()
            except TimeoutError:
                yield []

    async def _since(self, at: int) -> list[News]:
        if at >= self._head:
            return []
        if self._recent and self._recent[0].position <= at + 1:
            newest = takewhile(lambda one: one.position > at, reversed(self._recent))
            return [*newest][: -PAGE - 1 : -1]
        return await self._ask(lambda ledger: _told(ledger.recorded(at, PAGE)), self._behind) or []

    def close(self) -> None:
        """Give its ledgers back."""
        self._ledgers.close()


def _told(page: list[Recorded]) -> list[News]:
    """As server-sent events."""
    return [
        News(
            one["position"],
            one["event"]["subject"],
            f"id: {one['position']}\nevent: fact\ndata: {json_line(one['event'])}\n\n".encode(),
        )
        for one in page
    ]
