"""Tells whoever waits that facts were recorded: one look at the log for all of them."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import suppress
from itertools import takewhile
from time import monotonic
from typing import NamedTuple, TypeVar

from anyio import CapacityLimiter, to_thread

from ledger.errors import StoreError
from replay.library import Ledger
from replay.library.views import Recorded
from replay.web.access.tokens import Tokens
from replay.web.ledgers import Ledgers, Lent
from replay.web.settings import Settings
from replay.web.stream import event

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
AGAIN = 10.0
"""Seconds after which a token may have expired."""
LOOKS, BEHIND = 2, 4
"""Of those who look at what is new, and of those who follow from afar, so many read at once."""


class News(NamedTuple):
    """A fact, written once for all who wait for it."""

    position: int
    creator: str
    type: str
    said: bytes


class Following:
    """Of one log; `run` looks, `stream` waits. Nothing else may hold up its ledgers or threads."""

    def __init__(self, settings: Settings, tokens: Tokens | None) -> None:
        self._ledgers, self._tokens = Ledgers(settings), tokens
        self._looks, self._behind = CapacityLimiter(LOOKS), CapacityLimiter(BEHIND)
        self._recent: deque[News] = deque(maxlen=RECENT)
        self.head = 0
        """The last position that is known of."""
        self.rights: Hashable = None
        """Another one when tokens may have ended: whoever streams asks again for whom it is."""
        self._moved, self._ended = asyncio.Event(), False
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
                at = monotonic()
                page = await self.ask(self._next)
                if page:
                    self._take(page)
                if page is None:
                    return
                if len(page) < PAGE:
                    self._looked = at
                    return

    def _next(self, ledger: Ledger) -> list[News]:
        if self._tokens is not None:
            self.rights = self._tokens.revision(), monotonic() // AGAIN
        return _told(ledger.recorded(self.head, PAGE))

    def _take(self, page: list[News]) -> None:
        self._recent.extend(page)
        self.head = page[-1].position
        for one in page:
            self._last[one.creator] = one.position
            self._last.move_to_end(one.creator)
            if one.type == RULES:
                self._from = one.position
        while len(self._last) > KNOWN:
            self._from = max(self._from, self._last.popitem(last=False)[1])
        self._tell()

    def _tell(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def end(self) -> None:
        """Let whoever waits go."""
        self._ended = True
        self._tell()

    def has_all(self, creator: str, position: int, everybody: int) -> bool:
        """Whether rows with all facts up to `everybody`, and of this creator up to a position,
        lack none of the creator's that was there at the last look.
        """
        if monotonic() - self._looked > LATEST or everybody < self._from:
            return False
        return position >= self._last.get(creator, 0)

    async def ask(
        self, question: Callable[[Lent], T], turns: CapacityLimiter | None = None
    ) -> T | None:
        """What the log answers; None where it does not. Not held up by what others ask."""

        def asked() -> T:
            with self._ledgers.borrow() as ledger:
                return question(ledger)

        with suppress(StoreError):
            return await to_thread.run_sync(asked, limiter=turns or self._looks)
        return None

    async def stream(self, after: int | None, creator: str = "") -> AsyncIterator[list[News]]:
        """Facts after a position (None: from now on), of one creator or all; [] is a beat."""
        at = self.head if after is None else after
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
        if at >= self.head:
            return []
        if self._recent and self._recent[0].position <= at + 1:
            newest = takewhile(lambda one: one.position > at, reversed(self._recent))
            return [*newest][: -PAGE - 1 : -1]
        return await self.ask(lambda ledger: _told(ledger.recorded(at, PAGE)), self._behind) or []

    def close(self) -> None:
        """Give its ledgers back."""
        self._ledgers.close()


def _told(page: list[Recorded]) -> list[News]:
    """As server-sent events."""
    return [
        News(
            one["position"], one["event"]["subject"], one["event"]["type"],
            event("fact", one["event"], one["position"]),
        )
        for one in page
    ]  # fmt: skip
