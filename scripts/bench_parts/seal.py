"""The record walked, sealed and proved, as the commands do it: processor time, start included."""

import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench_parts.append import PAGE, facts

from ledger.log.port import open_log

MAIN = "from replay.cli import main; main()"
FACTS, PROVED = 1_000_000, 300_000
Figure = dict[str, Any]


def command(url: str, *args: str) -> str:
    program = [sys.executable, "-c", MAIN, "--db", url, *args]
    return subprocess.run(program, capture_output=True, text=True, check=True).stdout


def spent(url: str, *args: str) -> float:
    """Seconds of one core."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command(url, *args)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def filled(path: Path, count: int) -> str:
    url = f"sqlite:///{path}"
    with open_log(url, create=True) as log:
        some = []
        for fact in facts(count):
            some.append(fact)
            if len(some) == PAGE:
                log.append(some)
                some = []
        log.append(some)
    return url


def figure(name: str, value: float, unit: str, target: str, met: bool) -> Figure:
    names = ("name", "value", "unit", "against", "ratio", "target", "met")
    return dict(zip(names, (name, value, unit, "–", "–", target, met), strict=True))


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        url, key = filled(folder / "ledger.db", FACTS), str(folder / "key")
        took = spent(url, "verify")
        yield figure(f"seal.verify: {FACTS:,} facts", round(took, 2), "s CPU", "<= 15", took <= 15)
        said = command(url, "seal", "--key", key, "--new-key", "bench.example/ledger")
        speed = FACTS / spent(url, "seal", "--key", key, "--no-standings")
        name = f"seal.seal: {FACTS:,} facts, without standings"
        yield figure(name, round(speed), "facts/s", ">= 200,000", speed >= 200_000)
        url = filled(folder / "proved.db", PROVED)
        command(url, "seal", "--key", key, "--no-standings")
        public = re.search(r"\S+\+\S+", said)
        assert public is not None
        out = folder / "proofs"
        command(url, "prove", "c-000001", "--key", public[0], "-o", str(out))
        size = max(proof.stat().st_size for proof in out.glob("*.tlog-proof"))
        name = f"seal.proof: one fact of {PROVED:,}"
        yield figure(name, size, "bytes", "<= 2048", size <= 2048)
