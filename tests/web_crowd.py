"""A crowd of readers: what each was answered, and how long after a fact each stream had it.

Readers ask again as soon as they are answered, over a connection that they keep.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import cycle
from typing import NamedTuple

from web_served import event

from replay.library import Ledger

Connection = tuple[asyncio.StreamReader, Callable[[str], None]]
EVENTS = "/api/v1/events"


class Seen(NamedTuple):
    """What came of it."""

    statuses: Counter[int]
    took: list[float]
    """Seconds of each answer."""
    delays: list[float]
    """Seconds from each fact's receipt until each stream had it."""
    missed: int
    """Facts that a stream had not by the end."""
    hopeless: int
    """503 without a word of when to ask again."""


class Crowd:
    """Of one server; each reader shows the next of the headers."""

    def __init__(self, port: int, headers: Sequence[dict[str, str]] = ({},)) -> None:
        self.port = port
        self._headers = cycle(headers)
        self._statuses: Counter[int] = Counter()
        self._took: list[float] = []
        self._hopeless = 0
        self._arrived: list[dict[int, float]] = []
        self._written: dict[int, float] = {}

    async def read(
        self, paths: Sequence[str], *, readers: int, streams: int, seconds: float, db: str
    ) -> Seen:
        """Everybody at once for so long, while facts are recorded elsewhere."""
        tasks = [asyncio.create_task(self._follow()) for _ in range(streams)]
        while len(self._arrived) < streams:
            await asyncio.sleep(0.05)
            for task in tasks:
                if task.done():
                    task.result()
        end = time.monotonic() + seconds
        asking = [
            asyncio.create_task(self._ask(paths[n % len(paths) :], end)) for n in range(readers)
        ]
        await asyncio.to_thread(self._write, db, end)
        await asyncio.gather(*asking)
        await asyncio.sleep(1.5)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        delays = [
            seen[position] - at
            for seen in self._arrived
            for position, at in self._written.items()
            if position in seen
        ]
        missed = len(self._written) * streams - len(delays)
        return Seen(self._statuses, self._took, delays, missed, self._hopeless)

    def _write(self, db: str, end: float) -> None:
        with Ledger.open(db) as ledger:
            number = 0
            while time.monotonic() < end:
                time.sleep(0.4)
                number += 1
                (receipt,) = ledger.append([event(10**6 + number)])
                self._written[receipt["position"]] = time.monotonic()

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Connection]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        shown = {"Host": f"127.0.0.1:{self.port}", "Accept": "text/html"} | next(self._headers)
        lines = "".join(f"{name}: {value}\r\n" for name, value in shown.items()).encode()

        def ask(path: str) -> None:
            writer.write(b"GET %s HTTP/1.1\r\n%s\r\n" % (path.encode(), lines))

        try:
            yield reader, ask
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _follow(self) -> None:
        async with self._open() as (reader, ask):
            ask(EVENTS)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            seen: dict[int, float] = {}
            self._arrived.append(seen)
            while line := await reader.readline():
                if line.startswith(b"id: "):
                    seen.setdefault(int(line[4:]), time.monotonic())

    async def _ask(self, paths: Sequence[str], end: float) -> None:
        async with self._open() as (reader, ask):
            for path in cycle(paths):
                begun = time.monotonic()
                if begun > end:
                    break
                ask(path)
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                status = int(head[9:12])
                fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
                await reader.readexactly(int(fields.get(b"content-length", b"0")))
                self._statuses[status] += 1
                self._took.append(time.monotonic() - begun)
                if status == 503:
                    wait = fields.get(b"retry-after")
                    self._hopeless += wait is None
                    await asyncio.sleep(int(wait or b"1"))
