"""What a follower keeps of creators changes nothing of what it writes, and has a bound."""

import tempfile
from pathlib import Path
from random import Random

import pytest
from draft_rulebooks import draft
from hypothesis import given, settings
from hypothesis import strategies as st
from logs import Clock, by_creator, carry, fresh, opened, population, record, states
from msgspec.structs import replace

from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled, FactRetracted, RulebookAdopted
from ledger.log.port import open_log
from ledger.rulebook.shelf import load
from projections.readmodels.follower import Follower, Settings
from projections.readmodels.memory import MemoryTarget
from projections.readmodels.source import Source
from projections.standing.live import Live
from projections.standing.replay import Replay

EVERYTHING = Path(__file__).parents[1] / "model" / "rulebooks"
END = 1_800_000_000_000_000


def follower(source: Source, target: MemoryTarget, clock: Clock, kept: int, page: int) -> Follower:
    settings = Settings(page=page, feed=10**9, now=clock, kept=kept)
    follower = Follower(source, target, 1, "me", settings)
    follower.read()
    return follower


def varied(lessons: list[list[Envelope]], random: Random) -> list[list[Envelope]]:
    """Some are under the rulebook that has every concept; now and then a fact is withdrawn."""
    chosen = {e.subject for lesson in lessons for e in lesson if random.random() < 0.1}
    before: dict[str, list[str]] = {}

    def other(e: Envelope) -> Envelope:
        earlier = before.setdefault(e.subject, [])
        earlier.append(e.id)
        if isinstance(e.fact, CreatorEnrolled) and e.subject in chosen:
            return replace(e, fact=CreatorEnrolled(rulebook="everything"))
        withdraws = len(earlier) > 1 and random.random() < 0.1
        return replace(e, fact=FactRetracted(random.choice(earlier), "no")) if withdraws else e

    return [[other(e) for e in lesson] for lesson in lessons]


def with_adoption(
    lessons: list[list[Envelope]], digest: str, random: Random
) -> list[list[Envelope]]:
    """A draft is adopted on the way, and that is withdrawn later."""
    adopted, withdrawn = sorted(random.choices(range(len(lessons)), k=2))
    name = "douyin-creator"
    facts = (
        (withdrawn, "no", FactRetracted("yes", "too early")),
        (adopted, "yes", RulebookAdopted(name, "2025-01", digest)),
    )
    for n, id_, fact in facts:
        at = lessons[n][0].recorded_at
        lessons.insert(n + 1, [Envelope("s", id_, name, min(at, 1_700_000_000_000_000), fact, at)])
    return lessons


@given(st.integers(0, 10**6))
@settings(max_examples=12, deadline=None)
def test_with_and_without_what_is_kept_the_same_is_written(seed: int) -> None:
    random = Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        shelf = Path(folder) / "shelf"
        digest = load(
            draft(shelf, ("points = 3\nrestorable = 1.5", "points = 2\nrestorable = 1.5"))
        )
        lessons = varied(population(seed, creators=4, longest=20), random)
        lessons = with_adoption(lessons, digest.hash, random)
        url = fresh(Path(folder) / "ledger.db")
        kept, anew = MemoryTarget(history=True), MemoryTarget(history=True)
        with (
            open_log(url) as log,
            opened(url, [shelf, EVERYTHING]) as source,
            opened(url, [shelf, EVERYTHING]) as other,
        ):
            clock = Clock(0)
            keeps = follower(source, kept, clock, random.choice((60, 10**6)), page=50)
            loses = follower(other, anew, clock, kept=0, page=1)
            for lesson in lessons:
                record(log, [lesson])
                clock.now = max(clock.now, lesson[0].recorded_at + random.choice((0, 10**6)))
                for one in (keeps, loses):
                    carry(one)
                    assert one.lives.size <= one.settings.kept
            clock.now = END
            for one in (keeps, loses):
                carry(one)
        assert states(kept) == states(anew)
        assert kept.feed == anew.feed


@pytest.mark.parametrize("kept", [0, 10**6])
def test_of_a_creator_that_is_kept_the_stream_is_not_read(
    url: str, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, asked = MemoryTarget(), []
    with open_log(url) as log, opened(url) as source:
        one = follower(source, target, Clock(END), kept, page=50)
        carry(one)
        held = max(target.rows[1].values(), key=lambda row: row.position)
        streams = source.log.streams
        monkeypatch.setattr(
            source.log, "streams", lambda names, until: asked.extend(names) or streams(names, until)
        )
        last = log.stream(held.creator)[-1]
        at = max(e.recorded_at for e in log.after(0, 10**6))
        effective = max(e.effective_at for e in log.stream(held.creator)) + 1
        fact = replace(last, id="more", effective_at=effective, fact=CreatorEnrolled())
        record(log, [[replace(fact, recorded_at=max(at, effective))]])
        carry(one)
        assert asked == ([] if kept else [held.creator])
        assert target.rows[1][held.creator].position == log.head()


def test_what_is_kept_and_fails_is_read_from_the_log(
    url: str, monkeypatch: pytest.MonkeyPatch, expected: MemoryTarget
) -> None:
    """As if a record could not be gone on with now and then."""
    calls, at = iter(range(10**6)), Live.at

    def fails(self: Live, as_of: int, *, turns: bool = False) -> Replay:
        if self.until >= 0 and next(calls) % 3 == 2:
            raise ZeroDivisionError
        return at(self, as_of, turns=turns)

    target = MemoryTarget()
    with opened(url) as source:
        monkeypatch.setattr(Live, "at", fails)
        carry(follower(source, target, Clock(END), 10**6, page=7))
    assert next(calls) > 30
    assert states(target) == states(expected)
    assert by_creator(target.feed) == by_creator(expected.feed)


@pytest.mark.parametrize("traces", [False, True])
def test_who_can_be_judged_and_not_explained_has_its_row(
    url: str, monkeypatch: pytest.MonkeyPatch, expected: MemoryTarget, traces: bool
) -> None:
    """The law fails as it says its reasons, or who tells of them does."""

    def fails(*_: object) -> None:
        raise ZeroDivisionError

    if traces:
        monkeypatch.setattr("projections.standing.live.rule_all", fails)
    else:
        monkeypatch.setattr("projections.readmodels.changes.clauses_of", fails)
    target = MemoryTarget()
    with opened(url) as source:
        carry(follower(source, target, Clock(END), 10**6, page=7))
    assert states(target) == states(expected)
    told = [change.event.decode() for change in target.feed]
    assert sum("the cause can't be told: ZeroDivisionError" in event for event in told) > 30
