"""Clocks that jump and moments that are missed: rows stay a replay, changes keep their order."""

import threading
from pathlib import Path

import pytest
from readmodels.logs import DAY, Clock, by_creator, carry, followed, fresh, opened, record

from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled, ViolationFound
from ledger.log.port import open_log
from projections.readmodels.follower import Settings
from projections.readmodels.memory import MemoryTarget
from projections.readmodels.runner import Clock as WallClock
from projections.readmodels.runner import ClockError, Runner, run
from projections.readmodels.source import Source
from projections.readmodels.target import Step, Target
from projections.readmodels.watch import drift

from .judge import ALL, again, broken

HOUR = DAY // 24
FOUND_AT = 1_720_573_200_000_000
"""2024-07-10T01:00Z; what is found then stops mei for a day."""
DUE = FOUND_AT + DAY


def found(violation: str) -> ViolationFound:
    return ViolationFound(violation, "misleading", "other")


FACTS = (
    Envelope("s", "1", "mei", FOUND_AT - DAY, CreatorEnrolled(), FOUND_AT - DAY),
    Envelope("s", "2", "mei", FOUND_AT, found("v"), FOUND_AT),
    Envelope("s", "3", "ann", FOUND_AT, CreatorEnrolled(), DUE - HOUR),
)


class Frozen(MemoryTarget):
    """Hours pass while one step is applied, and something is recorded meanwhile."""

    def __init__(self, position: int, meanwhile: "object") -> None:
        super().__init__()
        self.position, self.meanwhile = position, meanwhile

    def apply(self, step: Step, owner: str, seconds: float) -> None:
        super().apply(step, owner, seconds)
        if step.after.position == self.position and callable(self.meanwhile):
            self.position = 0
            self.meanwhile()


def test_what_is_recorded_while_a_runner_is_frozen_comes_before_what_falls_due_later(
    tmp_path: Path,
) -> None:
    url, clock, expected = fresh(tmp_path / "l.db"), Clock(DUE - HOUR), MemoryTarget()
    early = Envelope("s", "4", "mei", FOUND_AT, found("w"), DUE - 1)
    with open_log(url) as log, opened(url) as source:

        def meanwhile() -> None:
            clock.now = DUE + HOUR
            record(log, [[early]])

        record(log, [[e] for e in FACTS])
        target = Frozen(3, meanwhile)
        carry(followed(source, target, clock, page=1))
        carry(followed(source, expected, clock))
    assert by_creator(target.feed) == by_creator(expected.feed)


def runner_of(source: Source, target: Target, clock: Clock) -> Runner:
    return Runner(source, target, Settings(feed=ALL, now=clock), lambda _: None, "me")


def to_the_end(one: Runner) -> None:
    while one.step():
        pass


@pytest.mark.parametrize("back", [1_000_000, DAY, 366 * DAY], ids=["a second", "a day", "a year"])
def test_a_clock_that_is_set_back_is_waited_for(tmp_path: Path, back: int) -> None:
    """Stops stay ended; what the log stamps meanwhile does not run back either."""
    url, clock, target = fresh(tmp_path / "l.db"), Clock(DUE + HOUR), MemoryTarget()
    meanwhile = Envelope("s", "4", "mei", DUE - HOUR, found("w"), DUE + HOUR)
    seen: dict[tuple[str, str], bytes] = {}
    with open_log(url) as log, opened(url) as source:
        record(log, [[e] for e in FACTS])
        one = runner_of(source, target, clock)
        for now in (DUE + HOUR, DUE + HOUR - back, DUE + 2 * HOUR, DUE + 30 * DAY):
            clock.now = now
            if now < DUE + HOUR:
                record(log, [[meanwhile]])
            to_the_end(one)
            (live,) = target.generations()
            assert live.checkpoint.clock >= DUE
            assert drift.check(source, target, live).left == 0
            assert not again(target.feed, seen)
        anew = MemoryTarget()
        carry(followed(source, anew, clock, feed=0))
        assert anew.rows == target.rows
    assert len(seen) == len(target.feed)
    assert not any(broken(told) for told in by_creator(target.feed).values())


def test_a_clock_that_jumps_ahead_ends_the_runner_before_it_ends_a_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, clock, target = fresh(tmp_path / "l.db"), Clock(DUE - HOUR), MemoryTarget()
    expected, jumped = MemoryTarget(), False

    def ahead() -> None:
        nonlocal jumped
        if target.generations()[0].checkpoint.position == len(FACTS):
            jumped, clock.now = True, DUE + 366 * DAY

    with open_log(url) as log, opened(url) as source:
        record(log, [[e] for e in FACTS])
        monkeypatch.setattr(
            WallClock, "_difference", staticmethod(lambda: 366 * DAY / 1e6 if jumped else 0.0)
        )
        with pytest.raises(ClockError, match="jumped ahead"):
            run([runner_of(source, target, clock)], threading.Event(), watch=ahead)
        assert target.rows[1]["mei"].stopped() == {"product_sharing": DUE}
        assert target.lead(1, "another", 1.0) == ""
        target.release(1, "another")
        jumped, clock.now = False, DUE + HOUR
        run([runner_of(source, target, clock)], threading.Event(), once=True)
        carry(followed(source, expected, clock))
    assert by_creator(target.feed) == by_creator(expected.feed)
