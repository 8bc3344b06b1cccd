"""`reconcile --all` over a million facts, as people ask and as lines of JSON, and what it holds."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any

from msgspec.structs import replace

from ledger.facts.envelope import Envelope
from ledger.log.port import open_log
from ledger.rulebook.shelf import Shelf
from projections.standing.replay import DEFAULT_RULEBOOK, Library
from replay.population.synthetic import population

FACTS = 1_000_000
PAGE = 20_000
SECONDS = 30
GROWTH = 1.2
"""How much more may be held for four times the facts."""
PROGRAM = "from replay.cli import main; main()"


def figures() -> Iterator[dict[str, Any]]:
    processors = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        quarter, all_of_them = (stored(Path(folder), n) for n in (FACTS // 4, FACTS))
        asked(quarter)
        before = held()
        spent = asked(all_of_them)
        growth = held() / before
        lines = asked(all_of_them, "--json")
    yield {
        "name": f"reconcile: {FACTS:,} facts, sums and 50 rows, {processors} processors",
        "value": round(spent, 1),
        "unit": "s",
        "against": f"{SECONDS} s",
        "ratio": round(spent / SECONDS, 2),
        "target": "<= 1",
        "met": spent <= SECONDS,
    }
    yield {
        "name": "reconcile.json: the same with all rows as JSON",
        "value": round(lines, 1),
        "unit": "s",
        "against": None,
        "ratio": None,
        "target": None,
        "met": None,
    }
    yield {
        "name": "reconcile.memory: the largest process",
        "value": round(before * growth),
        "unit": "MiB",
        "against": f"the same for {FACTS // 4:,} facts ({before:.0f} MiB)",
        "ratio": round(growth, 2),
        "target": f"<= {GROWTH}",
        "met": growth <= GROWTH,
    }


def stored(folder: Path, facts: int) -> str:
    """A log of its own with so many facts; its URL."""
    categories = list(Library(Shelf()).tables(DEFAULT_RULEBOOK).names.categories)
    url = f"sqlite:///{folder}/{facts}.db"
    with open_log(url, create=True) as log:
        page: list[Envelope] = []
        for history in population(facts, categories):
            page += [replace(e, id=f"{e.subject}-{e.id}", recorded_at=0) for e in history]
            if len(page) >= PAGE:
                log.append(page)
                page = []
        log.append(page)
    return url


def asked(url: str, *words: str) -> float:
    """Seconds of the whole command."""
    start = time.perf_counter()
    command = [sys.executable, "-c", PROGRAM, "--db", url, "reconcile", "--all", *words]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    assert done.returncode == 1, done.returncode
    return time.perf_counter() - start


def held() -> float:
    """The most memory that any process so far has had, in MiB."""
    return getrusage(RUSAGE_CHILDREN).ru_maxrss / 1024
