"""Standings out of a real Valkey, beside a bare Starlette route that answers a constant object.

Both servers have one worker of uvicorn, and the first processor to themselves, one after the other;
the client and Valkey share the second. A figure is what a second of the server's own processor time
is good for, so that neither the client nor a busy machine is in it.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import httpx
from bench_parts.serve import HERE, facts

from replay.library import Ledger
from replay.web.access.grants import Role
from replay.web.access.tokens import Tokens

ROOT = Path(__file__).parents[2]
BARE = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
held = __import__("json").load(sys.stdin)
async def same(request):
    return JSONResponse(held)
uvicorn.run(Starlette(routes=[Route("/{rest:path}", same)]), port=int(sys.argv[1]),
            log_level="warning", server_header=False)
"""
LOAD = [sys.executable, str(Path(__file__).with_name("_load.py"))]
CREATORS, FACTS, CONNECTIONS, SECONDS, ROUNDS = 200, 10, 16, 1.0, 9
OWN, OPEN, NOTED = "a creator's own token", "no tokens", "staff, each reading noted"
Asked = list[tuple[str, list[str]]]


class Taken(NamedTuple):
    """Of one round."""

    cpu: float
    """Processor seconds of the server for a request."""
    wall: float
    median: float
    busy: float
    """Of the client."""


def kept(command: list[str], processor: int, **more: Any) -> subprocess.Popen[bytes]:
    """A process that stays on one processor."""
    every = sorted(os.sched_getaffinity(0))
    process = subprocess.Popen(command, stdin=subprocess.PIPE, **more)
    os.sched_setaffinity(process.pid, {every[processor % len(every)]})
    return process


def used(process: subprocess.Popen[bytes]) -> float:
    """Processor seconds."""
    after = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after[11]) + int(after[12])) / os.sysconf("SC_CLK_TCK")


def measured(process: subprocess.Popen[bytes], port: int, asked: Asked) -> Taken:
    command = [*LOAD, str(port), str(CONNECTIONS), str(SECONDS)]
    before = used(process)
    client = kept(command, 1, stdout=subprocess.PIPE)
    said, _ = client.communicate(json.dumps(asked).encode())
    assert client.returncode == 0
    told = json.loads(said)
    cpu = (used(process) - before) / told["requests"]
    return Taken(cpu, told["seconds"] / told["requests"], told["median"], told["busy"])


@contextmanager
def started(command: list[str], port: int, given: bytes = b"") -> Iterator[subprocess.Popen[bytes]]:
    process = kept(command, 0, stderr=subprocess.DEVNULL)
    assert process.stdin is not None
    process.stdin.write(given)
    process.stdin.close()
    try:
        for _ in range(400):
            try:
                httpx.get(f"http://127.0.0.1:{port}/login")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait()


def figures(place: str, port: int) -> Iterator[dict[str, Any]]:
    sys.path[:0] = [str(ROOT / "tests")]
    import servers

    url, access = f"sqlite:///{place}/rows.db", Path(place) / "tokens.db"
    names = [f"creator-{n}" for n in range(CREATORS)]
    with Ledger.open(url, create=True) as ledger:
        for name in names:
            ledger.append(facts(FACTS, name))
    with Tokens(access, create=True) as tokens:
        own = [tokens.new(name, Role.CREATOR, 3600, name) for name in names]
        staff = tokens.new("an auditor", Role.AUDITOR, 3600)
    paths = [f"/api/v1/creators/{name}/standing" for name in names]

    def shown(secrets: list[str]) -> Asked:
        pairs = zip(paths, secrets, strict=True)
        return [(path, [f"Authorization: Bearer {secret}"]) for path, secret in pairs]

    with ExitStack() as running:
        redis = running.enter_context(servers.valkey())
        with Ledger.open(url) as ledger:
            ledger.project(redis)
        serve = [str(HERE / "penalty-ledger"), "--db", url, "serve", "--redis", redis]
        serve += ["--rate", "1000000", "--port"]
        guarded = running.enter_context(started([*serve, str(port), "--access", str(access)], port))
        open_ = running.enter_context(started([*serve, str(port + 1)], port + 1))
        row = wait_for_rows(port + 1, paths[0])
        bare = running.enter_context(
            started([sys.executable, "-c", BARE, str(port + 2)], port + 2, row)
        )
        plain: Asked = [(path, []) for path in paths]
        roads: dict[str, tuple[subprocess.Popen[bytes], int, Asked]] = {
            "bare": (bare, port + 2, plain),
            OWN: (guarded, port, shown(own)),
            OPEN: (open_, port + 1, plain),
            NOTED: (guarded, port, shown([staff] * CREATORS)),
        }
        rounds: dict[str, list[Taken]] = {name: [] for name in roads}
        for _ in range(ROUNDS + 1):
            for name, road in roads.items():
                rounds[name].append(measured(*road))
    middle = {
        name: Taken(*(median(each) for each in zip(*taken[1:], strict=True)))  # the first warms up
        for name, taken in rounds.items()
    }
    theirs = middle.pop("bare")
    for name, ours in middle.items():
        wanted = name != NOTED
        yield {
            "name": f"serve.rows: {name}, {ours.cpu * 1e6:.0f} µs CPU each",
            "value": round(1 / ours.cpu),
            "unit": "requests/s of a core",
            "against": f"a bare Starlette route, constant JSON ({1 / theirs.cpu:,.0f}/s, "
            f"{theirs.cpu * 1e6:.0f} µs)",
            "ratio": round(theirs.cpu / ours.cpu, 2),
            "target": ">= 2,000" if wanted else "",
            "met": 1 / ours.cpu >= 2_000 if wanted else None,
        }
    ours = middle[OWN]
    yield {
        "name": f"serve.rows: by the clock, {CONNECTIONS} connections, {ours.median * 1000:.1f} ms",
        "value": round(1 / ours.wall),
        "unit": "requests/s",
        "against": f"the same ({1 / theirs.wall:,.0f}/s, {theirs.median * 1000:.1f} ms; "
        f"its client {theirs.busy:.0%} busy)",
        "ratio": round(theirs.wall / ours.wall, 2),
        "target": "",
        "met": None,
    }


def wait_for_rows(port: int, path: str) -> bytes:
    """An answer out of the read model."""
    while True:
        answer = httpx.get(f"http://127.0.0.1:{port}{path}")
        if answer.headers["Answered-From"] == "read model":
            return answer.content
        time.sleep(0.1)
