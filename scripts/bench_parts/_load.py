"""A client in a process of its own: many connections that stay open, asking as fast as is answered.

    python _load.py PORT CONNECTIONS SECONDS < [[path, [header, …]], …]     JSON on standard output

Bare protocols over sockets, so that it costs less than what it measures: `busy` says how much.
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any

LENGTH = re.compile(rb"content-length: (\d+)", re.I)


class Asking(asyncio.Protocol):
    """One connection: the next question goes out when the answer is whole."""

    def __init__(self, questions: Iterator[bytes], until: float, taken: list[float]) -> None:
        self.questions, self.until, self.taken = questions, until, taken
        self.ended = asyncio.get_running_loop().create_future()
        self.held = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self._ask()

    def _ask(self) -> None:
        self.held, self.begun = b"", time.perf_counter()
        self.transport.write(next(self.questions))

    def data_received(self, data: bytes) -> None:
        self.held += data
        head, end, body = self.held.partition(b"\r\n\r\n")
        length = LENGTH.search(head) if end else None
        if length is None or len(body) < int(length[1]):
            return
        now = time.perf_counter()
        self.taken.append(now - self.begun)
        if not head.startswith(b"HTTP/1.1 200") or b"\nanswered-from: replay" in head:
            self._end(self.held.decode())
        elif now < self.until:
            self._ask()
        else:
            self._end("")

    def connection_lost(self, _: Exception | None) -> None:
        self._end("the connection was closed")

    def _end(self, wrong: str) -> None:
        if not self.ended.done():
            self.ended.set_result(wrong)
            self.transport.close()


async def load(
    port: int, connections: int, seconds: float, asked: list[tuple[str, list[str]]]
) -> dict[str, float]:
    host = f"Host: 127.0.0.1:{port}"
    lines = ["\r\n".join((f"GET {path} HTTP/1.1", host, *more, "", "")) for path, more in asked]
    questions = cycle([each.encode() for each in lines])
    loop, taken = asyncio.get_running_loop(), list[float]()
    begun, used = time.perf_counter(), time.process_time()
    made = [
        await loop.create_connection(
            lambda: Asking(questions, begun + seconds, taken), "127.0.0.1", port
        )
        for _ in range(connections)
    ]
    for _, asking in made:
        if wrong := await asking.ended:
            sys.exit(wrong)
    lasted = time.perf_counter() - begun
    taken.sort()
    return {
        "requests": len(taken),
        "seconds": lasted,
        "median": taken[len(taken) // 2],
        "busy": (time.process_time() - used) / lasted,
    }


if __name__ == "__main__":
    port, connections, seconds = sys.argv[1:]
    told = load(int(port), int(connections), float(seconds), json.load(sys.stdin))
    json.dump(asyncio.run(told), sys.stdout)
