"""Readers: a thousand at once, of pages, standings and the stream, while facts are recorded.

The server is a process of its own, as `serve` starts it; each reader has a token of its own and
asks again as soon as it is answered. Wrong is an answer that fails, a stream that misses a fact or
has it later than a second, and memory that grows with the readers.
"""

import asyncio
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles

import click
from population.conftest import invented
from rich.table import Table
from web_crowd import Crowd, Seen
from web_served import MEI, Process, filled, process

from campaign_parts import known, seed_option, show
from replay.web.access.grants import Role
from replay.web.access.tokens import Tokens

SECOND = 1.0
"""By which a stream has a fact."""
GROWN = 150
"""MB that the server may take more than when it had begun."""


@click.command(help=__doc__)
@click.option("--minutes", type=float, default=1.0, show_default=True)
@click.option("--readers", type=int, default=1000, show_default=True)
@click.option("--streams", type=int, help="Of them; else a third.")
@seed_option
def campaign(minutes: float, readers: int, streams: int | None, seed: int) -> None:
    click.echo(known(seed), err=True)
    streams = readers // 3 if streams is None else streams
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as folder:
        place, access = Path(folder), Path(folder) / "tokens.db"
        crowd = place / "crowd.jsonl"
        crowd.write_bytes(invented(300, seed))
        db = filled(place, crowd, MEI)
        with Tokens(access, create=True) as tokens:
            shown = [tokens.new(f"r{n}", Role.AUDITOR, 86_400) for n in range(readers)]
        headers = [{"Authorization": f"Bearer {each}"} for each in shown]
        with (
            process(db, "--access", str(access), "--rate", "1000") as server,
            measured(server) as memory,
        ):
            before = memory[-1]
            seen = asyncio.run(
                Crowd(server.port, headers).read(
                    paths(), readers=readers - streams, streams=streams, seconds=minutes * 60, db=db
                )
            )
            time.sleep(2)
    show(told(seen, memory, before, f"readers: {readers - streams:,} and {streams:,} streams"))
    sys.exit(1 if wrong(seen, max(memory) - before) else 0)


def paths() -> list[str]:
    """Two standings to a page, of small records and large ones."""
    of = [f"c-{n}" for n in range(0, 300, 7)]
    some = []
    for n, creator in enumerate(["mei", *of]):
        some.append(f"/creators/{creator}" if n % 3 else f"/api/v1/creators/{creator}/standing")
    return [*some, "/api/v1/standings?limit=20", "/rulebooks", "/api/v1/creators?limit=100"]


def wrong(seen: Seen, grown: float) -> bool:
    """Whether something of it was not as it must be."""
    fails = set(seen.statuses) - {200, 503}
    late = not seen.delays or max(seen.delays) > SECOND
    return bool(fails or seen.hopeless or seen.missed or late or grown > GROWN)


def told(seen: Seen, memory: list[float], before: float, title: str) -> Table:
    """What came of it."""
    table = Table("what", "value", title=title)
    answers = ", ".join(f"{status}: {n:,}" for status, n in sorted(seen.statuses.items()))
    table.add_row("answers", answers)
    for name, values in (("an answer", seen.took), ("a fact on a stream", seen.delays)):
        if len(values) > 1:
            parts = quantiles(values, n=100)
            said = " / ".join(f"{part:.2f}" for part in (parts[49], parts[94], parts[98]))
            table.add_row(f"{name}, s: p50 / p95 / p99 / most", f"{said} / {max(values):.2f}")
    table.add_row("facts that streams missed", f"{seen.missed:,} of {len(seen.delays):,}")
    table.add_row("memory, MB: before / most / after", " / ".join(
        f"{each:.0f}" for each in (before, max(memory), memory[-1])
    ))  # fmt: skip
    return table


@contextmanager
def measured(server: Process) -> Iterator[list[float]]:
    """MB that a process holds, each half second."""
    found, ended = [server.held()], threading.Event()

    def look() -> None:
        while not ended.wait(0.5):
            found.append(server.held())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        ended.set()
        thread.join()
