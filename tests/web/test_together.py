"""What many ask for at once is done in pages, and nobody is forgotten."""

import asyncio
from contextlib import suppress

import pytest

from replay.web.together import MOST, Together


class Work:
    """Doubles, a page at a time, when it is let."""

    def __init__(self) -> None:
        self.pages: list[list[int]] = []
        self.open = asyncio.Event()

    async def __call__(self, page: list[int]) -> list[int]:
        self.pages.append(page)
        await self.open.wait()
        if 13 in page:
            raise ValueError("thirteen")
        return [2 * each for each in page]


async def begun(together: Together[int, int], *asked: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(together.ask(each)) for each in asked]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


def test_who_comes_while_it_is_done_shares_the_next_page() -> None:
    async def told() -> None:
        work = Work()
        together = Together(work)
        first, others = await begun(together, 1), await begun(together, 2, 3, 4)
        work.open.set()
        assert await asyncio.gather(*first, *others) == [2, 4, 6, 8]
        assert await together.ask(5) == 10
        assert work.pages == [[1], [2, 3, 4], [5]]

    asyncio.run(told())


def test_a_page_has_an_end() -> None:
    async def told() -> None:
        work = Work()
        tasks = await begun(Together(work), *range(100, 100 + MOST + 1))
        work.open.set()
        await asyncio.gather(*tasks)
        assert [len(page) for page in work.pages] == [MOST, 1]

    asyncio.run(told())


def test_what_goes_wrong_is_told_to_its_page_alone() -> None:
    async def told() -> None:
        work = Work()
        together = Together(work)
        first, unlucky = await begun(together, 1), await begun(together, 13, 14)
        work.open.set()
        assert await first[0] == 2
        for task in unlucky:
            with pytest.raises(ValueError, match="thirteen"):
                await task
        assert await together.ask(15) == 30

    asyncio.run(told())


def test_who_has_gone_holds_nobody_up() -> None:
    async def told() -> None:
        work = Work()
        together = Together(work)
        first, (gone, stays) = await begun(together, 1), await begun(together, 2, 3)
        gone.cancel()
        work.open.set()
        assert await asyncio.gather(*first, stays) == [2, 6]
        with suppress(asyncio.CancelledError):
            await gone
        assert await together.ask(4) == 8

    asyncio.run(told())
