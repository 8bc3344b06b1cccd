"""How far it is: a bar on a terminal, a line now and then elsewhere. Always on the error output."""

import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Self

from projections.readmodels.target import BUILDING

if TYPE_CHECKING:
    from projections.readmodels.follower import Follower
    from projections.readmodels.runner import Runner
    from projections.readmodels.source import Source
    from projections.readmodels.watch.metrics import Gauges

EVERY = 0.2
"""Seconds between two looks."""
SELDOM = 60.0
"""Seconds between two lines where there is no terminal."""


class Bar:
    """How many facts of so many have been gone through."""

    def __init__(self, label: str, total: int, say: Callable[[str], None]) -> None:
        self.label, self.total, self._say = label, total, say
        self._bar: Any = None
        self._task: Any = None
        self._said = time.monotonic()

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            said = TextColumn("{task.fields[said]}")
            self._bar = Progress(
                TextColumn("{task.description}"), BarColumn(), said, TimeElapsedColumn(),
                console=Console(stderr=True),
            )  # fmt: skip
            self._bar.start()
            self._task = self._bar.add_task(self.label, total=max(self.total, 1), said="")
        return self

    def show(self, done: int, more: str = "") -> None:
        self.total = max(self.total, done)
        said = f"{done:,} of {self.total:,} facts{more}"
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=max(self.total, 1), said=said)
        elif time.monotonic() - self._said > SELDOM:
            self._said = time.monotonic()
            self._say(f"{self.label}: {said}")

    def follow(self, follower: "Follower") -> None:
        mark = follower.checkpoint
        if mark is not None:
            building = mark.phase == BUILDING
            self.show(follower.counts.facts if building else mark.position)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()


class Watch:
    """A bar over all targets that are carried together, and the gauges that tell of them."""

    def __init__(
        self, source: "Source", runners: "Sequence[Runner]", say: Callable[[str], None]
    ) -> None:
        self._source, self._runners = source, runners
        self._bar = Bar("project", 0, say)
        self._looked = 0.0
        self.gauges: Gauges | None = None

    def __enter__(self) -> Self:
        self._bar.__enter__()
        return self

    def look(self) -> None:
        if time.monotonic() - self._looked < EVERY:
            return
        self._looked = time.monotonic()
        followers = [f for runner in self._runners if (f := runner.carried) is not None]
        marks = [f.checkpoint for f in followers if f.checkpoint is not None]
        if not marks:
            return
        head = self._source.log.head()
        self._bar.total = head
        building = [m for m in marks if m.phase == BUILDING]
        position = min(m.position for m in marks)
        changes = sum(f.counts.changes for f in followers)
        done = min(followers[0].counts.facts, position) if building else position
        self._bar.show(done, f" · {changes:,} changes")
        if self.gauges is not None:
            self.gauges.tell(followers, head)

    def __exit__(self, *_: object) -> None:
        self._looked = 0.0
        self.look()
        self._bar.__exit__()
