"""Tells whoever waits that facts were recorded: one look at the log for all of them."""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import TypeVar

from ledger.errors import StoreError
from replay.library import Ledger
from replay.library.views import Recorded
from replay.web.ledgers import Ledgers, Lent
from replay.web.settings import Settings

T = TypeVar("T")
LOOK = 0.2
"""Seconds between two looks."""
LATEST = 2.0
"""Seconds for which a look counts."""
BEAT = 15.0
"""Seconds after which a stream without news shows that it is alive."""
RECENT = 5_000
"""Facts that are kept for those who follow closely."""
PAGE = 500
RULES = "rulebook_adopted"
"""A fact that is about everybody."""
KNOWN = 50_000
"""Creators of whom the last fact is remembered."""


class Following:
    """Of one log; `run` looks, `stream` waits."""

    def __init__(self, settings: Settings) -> None:
        self._ledgers = Ledgers(settings)
        self._recent: deque[Recorded] = deque(maxlen=RECENT)
        self.head = 0
        """The last position that is known of."""
        self._moved = asyncio.Event()
        self._looking = asyncio.Lock()
        self._last: OrderedDict[str, int] = OrderedDict()
        """Of whom facts came since `_from`: the position of the last."""
        self._from = 0
        self._looked = 0.0

    async def run(self) -> None:
        """Until it is cancelled; what the store does not answer is asked again."""
        self.head = self._from = await self.ask(Ledger.head) or 0
        while True:
            await asyncio.sleep(LOOK)
            await self.look()

    async def look(self) -> None:
        """What was recorded by now is known afterwards, where the store answers."""
        async with self._looking:
            while True:
                at = time.monotonic()
                page = await self.ask(lambda ledger: ledger.recorded(self.head, PAGE))
                if page:
                    self._take(page)
                if page is None:
                    return
                if len(page) < PAGE:
                    self._looked = at
                    return

    def _take(self, page: list[Recorded]) -> None:
        self._recent.extend(page)
        self.head = page[-1]["position"]
        for one in page:
            self._last[one["event"]["subject"]] = one["position"]
            self._last.move_to_end(one["event"]["subject"])
            if one["event"]["type"] == RULES:
                self._from = one["position"]
        while len(self._last) > KNOWN:
            self._from = max(self._from, self._last.popitem(last=False)[1])
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def has_all(self, creator: str, position: int, everybody: int) -> bool:
        """Whether rows with all facts up to `everybody`, and of this creator up to a position,
        lack none of the creator's that was there at the last look.
        """
        if time.monotonic() - self._looked > LATEST or everybody < self._from:
            return False
        return position >= self._last.get(creator, 0)

    async def ask(self, question: Callable[[Lent], T]) -> T | None:
        """What the log answers; None where it does not. Not held up by what others ask."""

        def asked() -> T:
            with self._ledgers.borrow() as ledger:
                return question(ledger)

        with suppress(StoreError):
            return await asyncio.to_thread(asked)
        return None

    def close(self) -> None:
        """Give the log back."""
        self._ledgers.close()

    async def stream(self, after: int | None, creator: str = "") -> AsyncIterator[list[Recorded]]:
        """Facts after a position (None: from now on), of one creator or all; [] is a beat."""
        at = self.head if after is None else after
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
