"""What many ask for at once, done together: whoever comes while it is being done shares the next.

So it is done as often as it can be, and no more often: of one asker at once, of many in a page.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
MOST = 500
"""Of one page."""


class Together(Generic[Asked, Answer]):
    """`work` answers a page of what is asked, in its order; what it raises, all of the page get."""

    def __init__(self, work: Callable[[list[Asked]], Awaitable[list[Answer]]]) -> None:
        self._work = work
        self._waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._working: asyncio.Task[None] | None = None

    async def ask(self, asked: Asked) -> Answer:
        """The answer to this one."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._working is None:
            self._working = asyncio.create_task(self._go())
        return await answer

    async def _go(self) -> None:
        while self._waiting:
            page, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                answers = await self._work([asked for asked, _ in page])
            except Exception as error:
                for _, waits in page:
                    if not waits.done():
                        waits.set_exception(error)
                continue
            for (_, waits), answer in zip(page, answers, strict=True):
                if not waits.done():  # who asked may have gone
                    waits.set_result(answer)
        self._working = None
