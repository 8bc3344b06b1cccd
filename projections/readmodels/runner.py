"""Keeps targets up with the log: who leads, what to do when something fails, when to stop.

One runner leads a generation of a target; others stand by and take over when its lease runs out. A
target or a log that can't be reached is waited for. Whatever happened in between, the way on is to
read the checkpoint again.
"""

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Sequence

from ledger.errors import ReplacedError, StoreError
from projections.readmodels.follower import LEASE, Follower, Settings
from projections.readmodels.shortfalls import another_log, live_of
from projections.readmodels.source import Source
from projections.readmodels.target import (
    Checkpoint,
    FencedError,
    Generation,
    MovedError,
    SupersededError,
    Target,
)

POLL = 0.02
"""Seconds between two looks at a log that has nothing new."""
STAND_BY = 0.5
"""Seconds between two tries to lead."""
PATIENCE = 30.0
"""The longest pause before another try, seconds."""
JUMP = 60.0
"""Seconds by which the clock may run ahead of what has passed since the last look."""

Report = Callable[[str], None]


class ClockError(StoreError):
    """The machine's clock jumped ahead: time taken in by it could not be taken back."""


def owner() -> str:
    """A name for this run: where it is, and what no other run has."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


class Runner:
    """Carries one target: the live generation, or a first one until it is live."""

    def __init__(
        self, source: Source, target: Target, settings: Settings, report: Report, name: str
    ) -> None:
        self.source, self.target, self.settings = source, target, settings
        self.report, self.name = report, name
        self.follower: Follower | None = None
        self.carried: Follower | None = None
        """The last follower there was, for whoever tells how far it came."""
        self.lost_ground: list[str] = []
        """Where the target was found further back than this runner had brought it."""
        self._warned = len(target.warnings())
        self._standing_by = ""
        self._renewed = self._tried = -LEASE

    def step(self) -> bool:
        """Do what is next; False if there is nothing to do, or another leads."""
        try:
            follower = self.follower or self._take()
            if follower is None:
                return False
            did = follower.step()
            if not did:
                self._renew(follower)
                return self._make_live(follower)
        except (MovedError, SupersededError) as error:
            self.report(f"{self.target.name}: {error}; reading the checkpoint again")
            self.follower = None
            return True
        except FencedError:
            self.follower = None
            return False
        return True

    def _take(self) -> Follower | None:
        """Lead the live generation, or the newest where none is live."""
        if self._standing_by and time.monotonic() - self._tried < STAND_BY:
            return None
        self._tried = time.monotonic()
        generations = self.target.generations()
        live = next((g for g in generations if g.live), None)
        chosen = live or (generations[-1] if generations else None)
        number = chosen.number if chosen else 1
        if leader := self.target.lead(number, self.name, LEASE):
            if leader != self._standing_by:
                self.report(f"{self.target.name}: {leader.rpartition(':')[0]} leads; standing by")
            self._standing_by = leader
            return None
        self._standing_by = ""
        for warning in self.target.warnings()[self._warned :]:
            self._warned += 1
            self.report(warning)
        if chosen is not None:
            same_log(self.source, self.target, chosen)
        before = self.carried
        self.follower = Follower(self.source, self.target, number, self.name, self.settings)
        self.follower.read()
        if before is not None and before.generation >= number:
            self._compare(before.checkpoint, self.follower.checkpoint)
        self.carried = self.follower
        return self.follower

    def _compare(self, before: Checkpoint | None, found: Checkpoint | None) -> None:
        """Say so where the target has lost what this runner had brought into it."""
        then, now = [(c.position, c.clock) if c else (0, 0) for c in (before, found)]
        if now < then:
            self.lost_ground.append(
                f"{self.target.name} went back from position {then[0]:,} to {now[0]:,}: an older "
                "copy of it was restored, or it was emptied; what came since is published again"
            )
            self.report(self.lost_ground[-1])

    def _make_live(self, follower: Follower) -> bool:
        """The first generation is shown to readers once it has caught up."""
        if not follower.settled() or any(g.live for g in self._once(follower)):
            return False
        return self.target.swap(follower.generation, self.name, None)

    def _once(self, follower: Follower) -> list[Generation]:
        """The generations, until one is known to be live."""
        if follower.live:
            return []
        generations = self.target.generations()
        follower.live = any(g.live for g in generations)
        return generations

    def _renew(self, follower: Follower) -> None:
        """A sign of life now and then, also while nothing happens."""
        if time.monotonic() - self._renewed > LEASE / 3:
            if leader := self.target.lead(follower.generation, self.name, LEASE):
                raise FencedError(f"{leader} leads")
            self._renewed = time.monotonic()

    def lose(self) -> None:
        """After a failure: whatever was in flight may or may not have arrived."""
        self.follower = None

    def release(self) -> None:
        """Let another lead at once."""
        if self.follower is not None:
            self.target.release(self.follower.generation, self.name)
            self.follower = None


def same_log(source: Source, target: Target, generation: Generation) -> None:
    """Refuse a target that was made from another log, or from more of it than there is."""
    if what := another_log(source, generation):
        raise StoreError(
            f"{target.name} {what}: name the right log, or `rebuild` the read model from this one"
        )


def run(
    runners: Sequence[Runner],
    stop: threading.Event,
    *,
    once: bool = False,
    watch: Callable[[], None] = lambda: None,
) -> None:
    """Carry all of them until `stop`, or with `once` until there is nothing to do.

    A failure of the first round, or of any with `once`, is raised; later ones are waited out.
    `watch` is called after each round.
    """
    pause, began, clock, waited = 0.0, False, Clock(), 0.0
    try:
        while not stop.is_set():
            try:
                clock.check()
                busy = [runner.step() for runner in runners]
            except (ClockError, ReplacedError):
                raise  # neither is mended by waiting
            except StoreError as error:
                if once or not began:
                    raise
                pause = min(max(pause * 2, 0.5), PATIENCE)
                runners[0].report(f"{error}; trying again in {pause:g} s")
                for runner in runners:
                    runner.lose()
                stop.wait(pause)
                continue
            began, pause = True, 0.0
            watch()
            if not any(busy):
                if once and all(runner.follower is not None for runner in runners):
                    return
                if once:
                    waited = _wait_for_lease(runners, waited)
                stop.wait(POLL)
    finally:
        for runner in runners:
            release(runner)


def _wait_for_lease(runners: Sequence[Runner], since: float) -> float:
    """One that is to end waits for the lease of a leader that may be dead, and no longer."""
    now = time.monotonic()
    if since and now - since > 2 * LEASE:
        names = ", ".join(r.target.name for r in runners if r.follower is None)
        raise StoreError(f"another runner leads {names} and keeps it up: nothing was done here")
    return since or now


def release(runner: Runner) -> None:
    """Give the lease back where the target can still be reached; else it runs out."""
    try:
        runner.release()
    except StoreError as error:
        runner.report(f"the lease was not given back and runs out in {LEASE:g} s: {error}")


class Clock:
    """Compares the wall clock with the time that has passed."""

    def __init__(self) -> None:
        self._ahead = self._difference()

    def check(self) -> None:
        """Raises ClockError where the wall clock has jumped ahead since the last look."""
        difference = self._difference()
        jump = difference - self._ahead
        self._ahead = difference
        if jump > JUMP:
            raise ClockError(
                f"the clock jumped ahead by {jump:,.0f} s: stops would be ended before their time; "
                "put it right, then start again"
            )

    @staticmethod
    def _difference() -> float:
        boot = getattr(time, "CLOCK_BOOTTIME", None)  # goes on while a machine sleeps
        passed = time.monotonic() if boot is None else time.clock_gettime(boot)
        return time.time() - passed


def rebuild(
    source: Source,
    target: Target,
    settings: Settings,
    name: str,
    stop: threading.Event,
    watch: Callable[[Follower], None] = lambda _: None,
) -> int:
    """Build a new generation beside the live one, and make it live; returns its number, or 0.

    It goes no further than the live one has come, so that the feed goes on where it was.
    """
    for left in target.generations():
        _clear(target, left, name)
    live = live_of(target)
    number = max((g.number for g in target.generations()), default=0) + 1
    beside = live is not None and not another_log(source, live)
    follower = Follower(source, target, number, name, settings, publishes=not beside)
    try:
        while not stop.is_set():
            live = live_of(target)
            mark = None if live is None else live.checkpoint
            did = follower.step(mark if beside else None)
            watch(follower)
            if not did and follower.settled():
                if (not beside or _level(follower.checkpoint, mark)) and target.swap(
                    number, name, mark
                ):
                    return number
                stop.wait(POLL)
    finally:
        target.release(number, name)
    return 0


def _clear(target: Target, left: Generation, name: str) -> None:
    """Forget a generation that was never finished and that nobody is building."""
    live = live_of(target)
    if (live is None or left.number > live.number) and not target.lead(left.number, name, LEASE):
        target.drop(left.number)


def _level(mark: Checkpoint | None, live: Checkpoint | None) -> bool:
    """Whether a generation has come exactly as far as the live one, which is not midway."""
    if mark is None or live is None:
        return False
    return (mark.position, mark.clock, 0) == (live.position, live.clock, live.ticking)
