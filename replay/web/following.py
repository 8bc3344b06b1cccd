"""Tells whoever waits that facts were recorded: one look at the log for all of them."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import TypeVar

from anyio import to_thread

from ledger.errors import StoreError
from replay.library import Ledger
from replay.library.views import Recorded
from replay.web.ledgers import Ledgers

T = TypeVar("T")
LOOK = 0.2
"""Seconds between two looks."""
BEAT = 15.0
"""Seconds after which a stream without news shows that it is alive."""
RECENT = 5_000
"""Facts that are kept for those who follow closely."""
PAGE = 500


class Following:
    """Of one log; `run` looks, `stream` waits."""

    def __init__(self, ledgers: Ledgers) -> None:
        self._ledgers = ledgers
        self._recent: deque[Recorded] = deque(maxlen=RECENT)
        self.head = 0
        """The last position that is known of."""
        self._moved = asyncio.Event()

    async def run(self) -> None:
        """Until it is cancelled; what the store does not answer is asked again."""
        self.head = await self.ask(Ledger.head) or 0
        while True:
            await asyncio.sleep(LOOK)
            while page := await self.ask(lambda ledger: ledger.recorded(self.head, PAGE)):
                self._recent.extend(page)
                self.head = page[-1]["position"]
                moved, self._moved = self._moved, asyncio.Event()
                moved.set()

    async def ask(self, question: Callable[[Ledger], T]) -> T | None:
        """What a ledger answers; None where the store does not."""

        def asked() -> T:
            with self._ledgers.borrow() as ledger:
                return question(ledger)

        with suppress(StoreError):
            return await to_thread.run_sync(asked)
        return None

    async def stream(self, at: int, creator: str = "") -> AsyncIterator[list[Recorded]]:
        """Facts after a position, of one creator or all; [] is a beat."""
        while True:
            moved = self._moved
            page = await self._since(at)
            if page:
                at = page[-1]["position"]
                page = [one for one in page if creator in ("", one["event"]["subject"])]
                if page:
                    yield page
                continue
            try:
                await asyncio.wait_for(moved.wait(), BEAT)
            except TimeoutError:
                yield []

    async def _since(self, at: int) -> list[Recorded]:
        if at >= self.head:
            return []
        if self._recent and self._recent[0]["position"] <= at + 1:
            return [one for one in self._recent if one["position"] > at][:PAGE]
        return await self.ask(lambda ledger: ledger.recorded(at, PAGE)) or []
