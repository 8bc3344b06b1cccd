"""Kills a runner at every point at which it writes, one after the other, and looks what is there.

A program of its own, so that it can fork: `killing.py URL DIRECTORY`, to a log that is there.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from ledger.facts.envelope import Envelope
from ledger.log.bulk import open_bulk
from ledger.log.port import open_log
from projections.archive import build, manifest, runner, segment
from projections.archive.envelopes import envelopes
from projections.archive.plan import Archive
from projections.archive.reading import read
from projections.archive.source import Source

POINTS: tuple[tuple[Any, str], ...] = (
    (segment, "_write"), (segment, "publish"), (manifest, "encode"), (runner, "whole"),
    (os, "fsync"), (os, "open"), (Path, "replace"), (Path, "unlink"), (Path, "mkdir"),
)  # fmt: skip
STRIDE = 3
"""Every third of these points is enough: each is between two others."""


def small() -> None:
    """Steps and limits so small that little is enough for all that may happen."""
    runner.STEP, runner.FEW, runner.PILE = 40, 40, 1
    build.GROUP, build.PAGE, build.SHARE = 60, 100, 200


def carry(url: str, folder: Path) -> None:
    with closing(open_bulk(url)) as log:
        runner.run(Source(log), folder, threading.Event(), once=True, report=print)


def held(folder: Path) -> list[Envelope]:
    """All facts, by position, after a look at their order."""
    found = []
    for task in Archive.open(str(folder)).tasks():
        part = read(task)
        rows = [i for a, z in zip(part.first, part.last, strict=True) for i in range(a, z)]
        assert part.order(keep=True)[0].tolist() == rows
        found += [e for creator in envelopes(part) for e in creator]
    return sorted(found, key=lambda e: e.position)


def logged(url: str) -> list[Envelope]:
    with open_log(url) as log:
        return log.after(0, 10**6)


def dying(function: Callable[..., Any], left: list[int]) -> Callable[..., Any]:
    """The same, until it was called so often."""

    def call(*args: Any, **more: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **more)

    return call


def killed_at(point: int, url: str, folder: Path) -> bool:
    """Whether a runner came so far as to be killed there."""
    child = os.fork()
    if child == 0:
        left = [point]
        for owner, name in POINTS:
            setattr(owner, name, dying(getattr(owner, name), left))
        carry(url, folder)
        os._exit(0)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert ended in {0, -signal.SIGKILL}, ended
    return ended != 0


def main(url: str, folder: Path) -> None:
    small()
    with open_log(url) as log:
        facts = log.after(0, 10**6)
        other = f"sqlite:///{folder}.db"
    carry(url, folder.with_name("other"))  # compiled once, before all of the children
    for stage, more in enumerate((120, 3, 30, 10)):
        done = len(logged(other)) if Path(f"{folder}.db").exists() else 0
        with open_log(other, create=True) as log:
            log.append(facts[done : done + more])
        wanted, states, point = logged(other), set(), stage % STRIDE
        while killed_at(point, other, folder):
            point += STRIDE
            if (folder / "manifest.json").exists():
                found = held(folder)
                assert found == wanted[: len(found)], (point, len(found))
                states.add(len(found))
        assert held(folder) == wanted
        assert states <= {done, len(wanted)} or more > runner.STEP
        there = {path.name for path in folder.iterdir()}
        assert there == {"facts", "details", "manifest.json", "lock"}, there
        print(point, sorted(states))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
