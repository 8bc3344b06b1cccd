"""The archive: from the log to Parquet, what is added to it, and from Parquet to rows of the fold.

One log of synthetic facts on SQLite, in the order of recording; files are warm. With
BENCH_COPIES=50 its creators are there so many times over, 30 M facts: minutes, and 10 GB of disk.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from shutil import rmtree
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

from bench_parts._many import multiplied
from msgspec.structs import replace

from ledger.facts.envelope import Envelope
from ledger.log.bulk import open_bulk
from ledger.log.port import open_log
from ledger.rulebook.shelf import Shelf
from projections.archive.plan import Archive
from projections.archive.runner import run
from projections.archive.source import Source
from projections.standing.replay import Library
from replay.population.archived import columns, load
from replay.population.synthetic import population

FACTS, MORE, PAGE, ROUNDS, THREADS = 600_000, 10_000, 5_000, 3, 2
COPIES = int(os.environ.get("BENCH_COPIES", "1"))
CATEGORIES = ("misleading", "infringement", "reposting", "unmet_duty")


def figures() -> Iterator[dict[str, Any]]:
    facts = [e for stream in population(FACTS + MORE, CATEGORIES) for e in stream]
    facts.sort(key=lambda e: e.effective_at)
    with TemporaryDirectory() as folder:
        path = Path(folder)
        record(path, facts[:FACTS])
        if COPIES > 1:
            yield from large(path, facts[FACTS:])
            return
        carry(path, "warm")
        anew = median(carry(path, f"anew-{n}") for n in range(ROUNDS))
        yield figure(
            "archive.build: log to archive, two threads",
            FACTS / anew,
            "facts/s",
            fetched(path, FACTS),
            1_500_000,
        )
        archive = Archive.open(str(path / "warm"))
        size = sum(s.facts.bytes + s.details.bytes for s in archive.manifest.segments)
        yield {
            "name": "archive.size: ids and all", "value": round(size / FACTS, 1),
            "unit": "bytes a fact", "against": "the log", "target": None, "met": None,
            "ratio": round(size / (path / "log.db").stat().st_size, 3),
        }  # fmt: skip
        read = median(unpacked(archive) for _ in range(ROUNDS))
        yield figure(
            "archive.rows: Parquet to rows of the fold, two threads",
            FACTS / read,
            "facts/s",
            None,
            35_000_000,
        )
        record(path, facts[FACTS:])
        yield added(FACTS, carry(path, "warm"))


def large(path: Path, more: list[Envelope]) -> Iterator[dict[str, Any]]:
    """The same with many times the creators: built once, and added to."""
    (path / "log.db").rename(path / "small.db")
    multiplied(path / "small.db", path / "log.db", COPIES)
    facts = FACTS * COPIES
    built = facts / carry(path, "warm")
    yield {
        "name": f"archive.build: {facts:,} facts, once", "value": round(built),
        "unit": "facts/s", "against": None, "ratio": None, "target": None, "met": None,
    }  # fmt: skip
    record(path, [replace(e, subject=f"{e.subject}-{n % COPIES}") for n, e in enumerate(more)])
    yield added(facts, carry(path, "warm"))


def added(to: int, spent: float) -> dict[str, Any]:
    return {
        "name": f"archive.add: {MORE:,} facts to {to:,}", "value": round(spent, 2),
        "unit": "s", "against": None, "ratio": None, "target": "<= 2", "met": spent <= 2,
    }  # fmt: skip


def figure(name: str, value: float, unit: str, other: float | None, least: int) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value),
        "unit": unit,
        "against": None if other is None else "the stored bytes fetched, and no more",
        "ratio": None if other is None else round(value / other, 2),
        "target": f">= {least:,}",
        "met": value >= least,
    }


def record(path: Path, facts: list[Envelope]) -> None:
    """Ids are made different: they are the key."""
    with open_log(f"sqlite:///{path}/log.db", create=True) as log:
        for first in range(0, len(facts), PAGE):
            page = facts[first : first + PAGE]
            log.append([named(e) for e in page])


def named(e: Envelope) -> Envelope:
    return Envelope(e.source, f"{e.subject}-{e.id}", e.subject, e.effective_at, e.fact)


def carry(path: Path, name: str) -> float:
    """Seconds in which an archive is brought up to the log; it is kept where it is `warm`."""
    with closing(open_bulk(f"sqlite:///{path}/log.db")) as log:
        start = time.perf_counter()
        run(Source(log), path / name, Event(), once=True, report=print)
        spent = time.perf_counter() - start
    if name != "warm":
        rmtree(path / name)
    return spent


def fetched(path: Path, count: int) -> float:
    """Facts a second of a program that fetches their bytes and does nothing with them."""
    with closing(sqlite3.connect(path / "log.db")) as connection:
        start = time.perf_counter()
        connection.execute("SELECT state FROM stored_events ORDER BY rowid").fetchall()
        return count / (time.perf_counter() - start)


def unpacked(archive: Archive) -> float:
    """Seconds from the files to rows, all of them."""
    tables = Library(Shelf()).tables("douyin-creator")
    start = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in pool.map(lambda task: len(columns(load(task), tables)), archive.tasks()):
            pass
    return time.perf_counter() - start
