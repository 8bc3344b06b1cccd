"""What is served: pages of creators and what would be, over loopback, beside a bare route.

The server is a process of its own, as `serve` starts it; the peer is Starlette under the same
uvicorn, whose one route answers the same bytes from memory. `_rows` has those out of a read model.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

import httpx

from replay.library import Ledger

Figure = dict[str, Any]
HERE = Path(sys.executable).parent
BARE = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
body = sys.stdin.buffer.read()
async def same(request):
    return Response(body, media_type="application/json")
uvicorn.run(Starlette(routes=[Route("/{rest:path}", same)]), port=int(sys.argv[1]),
            log_level="warning", server_header=False)
"""
ROUNDS = 15
REQUESTS = 300


def facts(count: int, subject: str) -> Iterator[dict[str, Any]]:
    """A violation and its appeal every few hours; of every third nobody has decided."""
    begun = datetime(2024, 8, 1, tzinfo=UTC)
    for n in range(count):
        about = {"violation": f"v{n // 2}"}
        kind, data = "creator_enrolled", {"level": 4, "reputation": "4.8"}
        if n % 2:
            kind = "violation_found"
            data = about | {"category": "spam", "detected_by": "platform_screening"}
        elif n:
            kind, data = "appeal_granted" if n % 3 else "appeal_denied", about
            data = {"violation": f"v{n // 2 - 1}"}
        yield {
            "specversion": "1.0", "source": "urn:bench", "id": f"{subject}-{n}", "subject": subject,
            "time": (begun + timedelta(hours=3 * n)).isoformat(), "type": kind, "data": data,
        }  # fmt: skip


@contextmanager
def running(command: list[str], port: int, given: bytes = b"") -> Iterator[httpx.Client]:
    """A client of a server that has started."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdin is not None
    process.stdin.write(given)
    process.stdin.close()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            for _ in range(200):
                try:
                    client.get("/login")
                    break
                except httpx.TransportError:
                    time.sleep(0.05)
            yield client
    finally:
        process.terminate()
        process.wait()


def seconds(ask: Callable[[], httpx.Response], rounds: int) -> float:
    """The median."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        answer = ask()
        taken.append(time.perf_counter() - begun)
        assert answer.status_code == 200, (answer.status_code, answer.text[-300:])
    return median(taken)


def figures() -> Iterator[Figure]:
    from bench_parts import _rows  # which takes its facts from here

    with tempfile.TemporaryDirectory() as place:
        url = f"sqlite:///{place}/ledger.db"
        with Ledger.open(url, create=True) as ledger:
            for subject, count in (("small", 10), ("usual", 1_000), ("long", 10_000)):
                ledger.append(facts(count, subject))
        port = 20_000 + os.getpid() % 20_000
        command = [
            str(HERE / "penalty-ledger"),
            "--db",
            url,
            "serve",
            "--port",
            str(port),
            "--rate",
            "1000000",
        ]
        with running(command, port) as client:
            people = {"Accept": "text/html"}
            for subject, count, limit in (("usual", 1_000, 0.15), ("long", 10_000, 0.4)):
                page = lambda s=subject: client.get(f"/creators/{s}", headers=people)  # noqa: E731
                size = len(page().content)
                yield _timed(f"page: {count:,} facts", seconds(page, ROUNDS), limit)
                yield {
                    "name": f"serve.weight: {count:,} facts",
                    "value": round(size / 1000),
                    "unit": "kB",
                    "against": "",
                    "ratio": "",
                    "target": "<= 300",
                    "met": size <= 300_000,
                }
            for subject, count in (("small", 10), ("usual", 1_000)):
                step = f'[{{"move":"{subject}-8","to":"2024-08-20"}}]'
                moved = f"/creators/{subject}?{urlencode({'scenario': step})}"
                drag = lambda url=moved: client.get(url, headers=people)  # noqa: E731
                yield _timed(f"a mark dragged: {count:,} facts", seconds(drag, ROUNDS), 0.1)
            path = "/api/v1/creators/small/standing"
            body = client.get(path).content
            ours = seconds(lambda: client.get(path), REQUESTS)
        with running([sys.executable, "-c", BARE, str(port + 1)], port + 1, body) as client:
            theirs = seconds(lambda: client.get(path), REQUESTS)
        yield {
            "name": "serve.standing: 10 facts, replayed",
            "value": round(ours * 1000, 2),
            "unit": "ms",
            "against": f"a bare route with the same bytes ({theirs * 1000:.2f} ms)",
            "ratio": round(ours / theirs, 1),
            "target": "",
            "met": None,
        }
        yield from _rows.figures(place, port + 2)


def _timed(name: str, taken: float, limit: float) -> Figure:
    return {
        "name": f"serve.{name}",
        "value": round(taken * 1000),
        "unit": "ms",
        "against": "",
        "ratio": "",
        "target": f"<= {limit * 1000:g} ms",
        "met": taken <= limit,
    }
