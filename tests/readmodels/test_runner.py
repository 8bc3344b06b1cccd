"""A runner after a log: faults, a second runner, rebuilding, what can't be judged, new rules."""

import sqlite3
import threading
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest
from draft_rulebooks import draft
from logs import (
    DAY,
    Clock,
    by_creator,
    carry,
    events,
    followed,
    fresh,
    opened,
    population,
    record,
    runner_of,
    states,
    to_the_end,
)
from msgspec.structs import replace

from ledger.errors import StoreError, UnreadableError
from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled, RulebookAdopted, ViolationFound
from ledger.log.port import Reader, open_log
from ledger.rulebook.file import load
from projections.readmodels import runner
from projections.readmodels.follower import Settings
from projections.readmodels.memory import MemoryTarget
from projections.readmodels.runner import Clock as WallClock
from projections.readmodels.runner import ClockError, rebuild, run
from projections.readmodels.target import Step, TargetError

END = 1_800_000_000_000_000
HOUR = DAY // 24


class Flaky(MemoryTarget):
    """Fails now and then: before a step is there, or after, its answer lost."""

    def __init__(self, random: Random, share: float = 0.3) -> None:
        super().__init__()
        self.random, self.share = random, share

    def apply(self, step: Step, owner: str, seconds: float) -> None:
        if self.random.random() < self.share:
            raise TargetError("cut off before")
        super().apply(step, owner, seconds)
        if self.random.random() < self.share:
            raise TargetError("cut off after")


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_cut_off_nothing_is_lost_or_doubled(
    url: str, expected: MemoryTarget, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = Flaky(Random(seed), share=0.0)
    monkeypatch.setattr(runner, "PATIENCE", 0.001)
    stop = threading.Event()
    monkeypatch.setattr(stop, "wait", lambda _: None)
    with opened(url) as source:
        one = runner_of(source, target, Clock(END))

        def watch() -> None:
            target.share = 0.3
            mark = one.follower.checkpoint if one.follower else None
            if one.follower and one.follower.live and mark and mark.clock > END - HOUR:
                stop.set()

        run([one], stop, watch=watch)
    assert states(target) == states(expected)
    assert by_creator(target.feed) == by_creator(expected.feed)


def test_once_ends_when_there_is_nothing_to_do(url: str, expected: MemoryTarget) -> None:
    target = MemoryTarget()
    with opened(url) as source:
        run([runner_of(source, target, Clock(END))], threading.Event(), once=True)
    assert states(target) == states(expected)
    assert [g.live for g in target.generations()] == [True]
    assert target.lead(1, "another", 1.0) == ""


def test_once_tells_of_a_failure(url: str) -> None:
    target = Flaky(Random(1), share=1.0)
    with opened(url) as source, pytest.raises(TargetError, match="cut off before"):
        run([runner_of(source, target, Clock(END))], threading.Event(), once=True)


def test_once_waits_for_the_lease_of_a_dead_leader_and_not_for_a_living_one(
    url: str, expected: MemoryTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LEASE", 0.5)
    target = MemoryTarget()
    with opened(url) as source:
        target.lead(1, "living", 60.0)
        with pytest.raises(StoreError, match="another runner leads memory and keeps it up"):
            run([runner_of(source, target, Clock(END))], threading.Event(), once=True)
        target.release(1, "living")
        target.lead(1, "dead", 0.2)
        run([runner_of(source, target, Clock(END))], threading.Event(), once=True)
    assert states(target) == states(expected)


def test_two_runners_take_turns_and_nothing_is_doubled(url: str, expected: MemoryTarget) -> None:
    seconds = Clock(0)
    target = MemoryTarget(clock=lambda: seconds.now / 1e6)
    random = Random(3)
    with opened(url) as one, opened(url) as two:
        pair = [runner_of(one, target, Clock(END), "a"), runner_of(two, target, Clock(END), "b")]
        led = set()
        idle = 0
        while idle < 20:
            chosen = random.choice(pair)
            chosen._tried = -10.0  # as if it had waited
            idle = 0 if chosen.step() else idle + 1
            leader = target._leases.get(1)
            if leader:
                led.add(leader[0])
            seconds.now += random.choice((0, 0, 0, 11_000_000))
    assert led == {"a", "b"}
    assert states(target) == states(expected)
    assert by_creator(target.feed) == by_creator(expected.feed)


def test_a_rebuild_beside_a_live_one_takes_over_where_it_was(tmp_path: Path) -> None:
    url = fresh(tmp_path / "l.db")
    lessons = population(5, creators=8, longest=25)
    half = len(lessons) // 2
    clock = Clock(lessons[half][0].recorded_at)
    target, expected = MemoryTarget(), MemoryTarget()
    with open_log(url) as log, opened(url) as source, opened(url) as beside:
        record(log, lessons[:half])
        live = runner_of(source, target, clock)
        to_the_end(live)
        rest = iter(lessons[half:])

        def meanwhile(_: object) -> None:
            lesson = next(rest, None)
            if lesson is not None and len(target.generations()) > 1:
                record(log, [lesson])
                clock.now = max(clock.now, lesson[0].recorded_at)
            live.step()

        settings = Settings(page=20, now=clock)
        number = rebuild(beside, target, settings, "builder", threading.Event(), meanwhile)
        assert number == 2
        assert [g.live for g in target.generations()] == [False, True]
        for lesson in rest:
            record(log, [lesson])
        clock.now = END
        to_the_end(live)
        carry(followed(source, expected, clock))
    assert states(target, 2) == states(expected)
    assert by_creator(target.feed) == by_creator(expected.feed)


def test_half_a_rebuild_that_died_is_cleared_away(url: str) -> None:
    target = MemoryTarget()
    with opened(url) as source:
        to_the_end(runner_of(source, target, Clock(END)))
        stop = threading.Event()
        assert rebuild(source, target, Settings(), "x", stop, lambda _: stop.set()) == 0
        assert [g.number for g in target.generations()] == [1, 2]
        assert rebuild(source, target, Settings(), "y", threading.Event()) == 2
    assert [(g.number, g.live) for g in target.generations()] == [(1, False), (2, True)]


def damage(path: Path, position: int) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE stored_events SET state = x'c1' WHERE rowid = ?", (position,))


@pytest.mark.parametrize("follows", [True, False], ids=["while following", "while building"])
def test_a_fact_that_cannot_be_read_parks_its_creator_only(
    url: str, tmp_path: Path, expected: MemoryTarget, follows: bool
) -> None:
    with open_log(url) as log:
        bad = log.places(log.head() // 2, 1)[0]
        last = log.after(log.head() - 1, 1)[0]
    damage(tmp_path / "ledger.db", bad[0])
    target = MemoryTarget()
    with opened(url) as source:
        carry(followed(source, target, Clock(END), feed=10**9 if follows else 0))
    parked = target.parked(1)
    assert list(parked) == [bad[1]]
    assert f"the fact at position {bad[0]} " in parked[bad[1]]
    assert "is not as it was recorded" in parked[bad[1]]
    others = {c: s for c, s in states(target).items() if c != bad[1]}
    assert others == {c: s for c, s in states(expected).items() if c != bad[1]}
    assert target.generations()[0].checkpoint.position == last.position
    if follows:
        told = events(by_creator(target.feed)[bad[1]])[-1]["data"]
        assert isinstance(told, dict)
        assert told["new"] is None
        assert "is not as it was recorded" in told["cause"]["failed"]


def test_a_creator_without_rulebook_is_parked_until_there_is_one(tmp_path: Path) -> None:
    url = fresh(tmp_path / "l.db")
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    facts = [
        Envelope("s", "1", "lost", DAY, CreatorEnrolled(rulebook="elsewhere")),
        Envelope("s", "2", "mei", DAY, CreatorEnrolled()),
    ]
    target = MemoryTarget()
    clock = Clock(END)
    with open_log(url) as log, opened(url, [shelf]) as source:
        record(log, [[replace(e, recorded_at=2 * DAY)] for e in facts])
        to_the_end(runner_of(source, target, clock))
    assert list(target.parked(1)) == ["lost"]
    assert "no rulebook" in target.parked(1)["lost"]
    shipped = Path("ledger/rulebooks/douyin-creator/2022-02.toml").read_text(encoding="utf-8")
    (shelf / "elsewhere").mkdir()
    named = shipped.replace('name = "douyin-creator"', 'name = "elsewhere"')
    (shelf / "elsewhere" / "2022-02.toml").write_text(named, encoding="utf-8")
    with opened(url, [shelf]) as source:
        to_the_end(runner_of(source, target, clock))
    assert target.parked(1) == {}
    assert b'"score":"10"' in target.rows[1]["lost"].standing
    told = events(target.feed)[-1]
    assert told["subject"] == "lost"
    assert isinstance(told["data"], dict)
    assert told["data"]["cause"]["law"]


def test_a_late_fact_corrects_and_says_since_when(tmp_path: Path) -> None:
    url = fresh(tmp_path / "l.db")
    target = MemoryTarget()
    clock = Clock(400 * DAY)
    with open_log(url) as log, opened(url) as source:
        enrolled = Envelope("s", "1", "mei", 300 * DAY, CreatorEnrolled())
        found = ViolationFound("v", "spam", "other")
        early = Envelope("s", "2", "mei", 350 * DAY, found)
        late = Envelope("s", "3", "mei", 320 * DAY, replace(found, violation="w"))
        record(log, [[replace(e, recorded_at=e.effective_at)] for e in (enrolled, early)])
        record(log, [[replace(late, recorded_at=360 * DAY)]])
        one = runner_of(source, target, clock)
        to_the_end(one)
    changes = [e for e in events(target.feed) if e["id"] in {"1", "2", "3"}]
    assert [e["type"] for e in changes] == ["standing_changed"] * 2 + ["standing_corrected"]
    data = changes[-1]["data"]
    assert isinstance(data, dict)
    assert data["cause"]["since"] == "1970-11-17T08:00:00+08:00"
    (cause,) = data["cause"]["facts"]
    assert (cause["event"], cause["outcome"], cause["clauses"][0]) == ("3", "applied", "003 §4.1")
    assert (data["old"]["score"], data["new"]["score"]) == ("9", "8")
    assert one.carried is not None
    assert (one.carried.counts.changes, one.carried.counts.corrections) == (len(target.feed), 1)


def test_what_falls_due_during_a_pause_is_told_once_at_its_instant(tmp_path: Path) -> None:
    url = fresh(tmp_path / "l.db")
    target = MemoryTarget()
    at = 1_720_573_200_000_000  # 2024-07-10T01:00Z
    clock = Clock(at + HOUR)
    with open_log(url) as log, opened(url) as source:
        found = ViolationFound("v", "misleading", "other")
        facts = [
            Envelope("s", "1", "mei", at - DAY, CreatorEnrolled(), at - DAY),
            Envelope("s", "2", "mei", at, found, at),
        ]
        record(log, [[e] for e in facts])
        to_the_end(runner_of(source, target, clock))
        assert target.rows[1]["mei"].stopped() == {"product_sharing": at + DAY}
        clock.now = at + 30 * DAY
        to_the_end(runner_of(source, target, clock))
        to_the_end(runner_of(source, target, clock))
    ticks = [e for e in events(target.feed) if "@" in str(e["id"])]
    assert [e["id"] for e in ticks] == [f"2@{at + DAY}", "2@1721232000000000"]
    closed = ticks[1]["data"]
    assert isinstance(closed, dict)
    kinds = [(e["kind"], e["violation"]) for e in closed["cause"]["effects"]]
    assert kinds == [("window_closed", "v"), ("window_closed", "v")]
    assert ticks[0]["time"] == "2024-07-11T01:00:00Z"
    data = ticks[0]["data"]
    assert isinstance(data, dict)
    assert data["cause"]["effects"][0]["kind"] == "node_served"
    assert target.rows[1]["mei"].stopped() == {}


class Counting:
    """A log that counts how often something in it could not be read."""

    def __init__(self, log: Any) -> None:
        self.log, self.failed = log, 0

    def __getattr__(self, name: str) -> Any:
        def asked(*args: Any) -> Any:
            try:
                return getattr(self.log, name)(*args)
            except UnreadableError:
                self.failed += 1
                raise

        return asked


def test_bytes_that_cannot_be_read_are_not_read_again_and_again(url: str, tmp_path: Path) -> None:
    """They may be long: what is known to be unreadable is passed by."""
    with open_log(url) as log:
        middle = log.head() // 2
    damage(tmp_path / "ledger.db", middle)
    with opened(url) as source:
        counting = Counting(source.log)
        source.log = cast(Reader, counting)
        carry(followed(source, MemoryTarget(), Clock(END), page=20))
    assert counting.failed <= 10


@pytest.mark.parametrize("feed", range(6))
def test_a_new_target_may_begin_at_a_fact_that_cannot_be_read(
    url: str, tmp_path: Path, feed: int
) -> None:
    with open_log(url) as log:
        last, creator = log.places(log.head() - 3, 1)[0]
    damage(tmp_path / "ledger.db", last)
    target = MemoryTarget()
    with opened(url) as source:
        carry(followed(source, target, Clock(END), feed=feed))
        (live,) = target.generations()
        assert live.checkpoint.position == source.log.head()
    assert list(target.parked(1)) == [creator]


def test_another_log_is_refused_and_so_is_one_that_is_shorter(url: str, tmp_path: Path) -> None:
    target = MemoryTarget()
    with opened(url) as source:
        to_the_end(runner_of(source, target, Clock(END)))
    other = fresh(tmp_path / "other.db")
    with open_log(other) as log, opened(other) as source:
        with pytest.raises(StoreError, match="the log ends at 0: name the right log"):
            runner_of(source, target, Clock(END)).step()
        record(log, population(99, creators=20, longest=30))
        with pytest.raises(StoreError, match="was made from another log"):
            runner_of(source, target, Clock(END)).step()
        assert rebuild(source, target, Settings(now=Clock(END)), "me", threading.Event()) == 2
        to_the_end(runner_of(source, target, Clock(END)))
    assert len(target.rows[2]) == 20


def test_a_clock_that_jumps_ahead_stops_the_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = WallClock()
    clock.check()
    monkeypatch.setattr(WallClock, "_difference", staticmethod(lambda: clock._ahead + 3600))
    with pytest.raises(ClockError, match=r"jumped ahead by 3,600 s.*put it right"):
        clock.check()


def test_an_adoption_judges_everybody_anew_and_says_so(tmp_path: Path) -> None:
    """A draft that is recorded as adopted late, when it would already have been in force."""
    shelf = tmp_path / "shelf"
    milder = ("points = 3\nrestorable = 1.5", "points = 2\nrestorable = 1.5")
    digest = load(draft(shelf, milder)).hash
    found = ViolationFound("v", "misleading", "other")
    adopted = RulebookAdopted("douyin-creator", "2025-01", digest)
    december, february = 1_734_000_000_000_000, 1_738_400_000_000_000
    lines = [(f"{c}1", c, december, CreatorEnrolled()) for c in ("ann", "mei", "zoe")]
    lines += [("m2", "mei", february, found)]
    lines += [("a", "douyin-creator", december, adopted)]
    lines += [("z2", "zoe", february + DAY, found)]
    url = fresh(tmp_path / "l.db")
    clock = Clock(february)
    target, late = MemoryTarget(), MemoryTarget()
    with open_log(url) as log, opened(url, [shelf]) as source:
        for n, (id_, subject, at, fact) in enumerate(lines):
            clock.now = february + n * HOUR
            record(log, [[Envelope("s", id_, subject, at, fact, clock.now)]])
            to_the_end(runner_of(source, target, clock))
        assert target.generations()[0].checkpoint.sweep == ""
        clock.now = END
        to_the_end(runner_of(source, target, clock))
        carry(followed(source, late, clock))
    assert states(target) == states(late)
    assert "douyin-creator" not in target.rows[1]
    told = [e for e in events(target.feed) if "!" in str(e["id"])]
    assert [e["subject"] for e in told] == ["ann", "mei", "zoe"]
    data = told[1]["data"]
    assert isinstance(data, dict)
    assert (data["old"]["score"], data["new"]["score"]) == ("7", "8")
