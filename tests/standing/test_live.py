"""A record that is gone on with says what a replay of all its facts says, at every instant."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from random import Random

import everything
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from law.reading import library
from model.histories import DAY, HOUR, KINDS, histories
from msgspec.structs import replace as changed

from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from projections.readmodels.changes import by_lesson, by_time
from projections.readmodels.derive import make_row
from projections.standing.live import EACH, Live, Lives
from projections.standing.replay import Library, replay

LAGS = (*(0,) * 6, 1, HOUR, 3 * DAY, -1, -2 * DAY)
"""How long after its time a fact is recorded; below zero it waits for its time."""
KINDS_AND_RETRACTIONS = (*KINDS, *("retraction",) * 2)
LIVES = 120


def lessons(facts: list[Envelope], lags: list[int]) -> Iterator[tuple[int, list[Envelope]]]:
    """The facts by when they are learned, numbered as a log does."""
    told = [
        changed(e, recorded_at=max(e.effective_at + lag, 0))
        for e, lag in zip(facts, lags, strict=False)
    ]
    told.sort(key=attrgetter("recorded_at"))
    told = [changed(e, position=3 * i, version=i) for i, e in enumerate(told, 1)]
    for at, some in groupby(told, attrgetter("recorded_at")):
        yield at, list(some)


def check(facts: list[Envelope], lags: list[int], laws: Library, random: Random) -> tuple[int, int]:
    """Beside a replay at each lesson and at instants between; how many were taken of how many."""
    live, known, taken, count, since = None, list[Envelope](), 0, 0, -1

    def compare(at: int, learned: frozenset[int]) -> None:
        nonlocal since
        assert live is not None
        whole = replay("c", known, laws, as_of=at, rulings=True)
        ours = live.at(at, turns=not learned)
        position = known[-1].position
        assert make_row(ours, position=position, history=True) == make_row(
            whole, position=position, history=True
        )
        waits = (x for e in known for x in (e.effective_at, e.recorded_at) if x > at)
        assert live.next_at(at) == min(waits, default=2**62)
        assert ours.coming == whole.coming
        why = (by_lesson, learned) if learned else (by_time, since)
        assert why[0](ours, why[1]) == why[0](whole, why[1])
        since = at

    for at, lesson in lessons(facts, lags):
        known += lesson
        count += 1
        if live is not None and live.take(lesson):
            taken += 1
        else:
            live = Live("c", known, laws, traced=True)
        compare(at, frozenset(e.position for e in lesson))
        following = [e.effective_at for e in known if e.effective_at > at]
        for later in sorted({at + random.choice((1, HOUR, 9 * DAY)), *following[:1]}):
            if later < min((e.recorded_at for e in facts if e.recorded_at > at), default=2**60):
                compare(later, frozenset())
    return taken, count


@settings(max_examples=60, deadline=None)
@given(histories(most=14, kinds=KINDS_AND_RETRACTIONS), st.randoms(use_true_random=False))
def test_a_record_that_is_gone_on_with_is_a_replay(facts: list[Envelope], random: Random) -> None:
    check(facts, random.choices(LAGS, k=len(facts)), library(), random)


def test_so_it_is_under_a_rulebook_that_has_everything() -> None:
    taken = count = 0
    for seed in range(LIVES):
        random = Random(seed)
        facts = everything.walk(seed)[: random.randrange(2, 30)]
        lags = random.choices(LAGS[: random.choice((6, 11))], k=len(facts))
        one = check(facts, lags, everything.library(), random)
        taken, count = taken + one[0], count + one[1]
    assert taken > count / 2


def lived(creator: str, facts: int) -> Live:
    told = [
        Envelope("s", f"{creator}{n}", creator, n * DAY, f.ProfileChanged(level=1), n, n, n)
        for n in range(1, facts + 1)
    ]
    return Live(creator, told, library(), traced=True)


def test_of_those_that_are_kept_the_oldest_go_when_there_are_too_many_facts() -> None:
    lives = Lives(10 + 3 * EACH)
    for creator, facts in (("a", 4), ("b", 3), ("c", 3), ("a", 4), ("d", 1)):
        lives.give(lived(creator, facts))
    assert lives.size == 8 + 3 * EACH
    assert [c for c in "abcd" if lives.take(c) is not None] == ["a", "c", "d"]
    lives.give(lived("large", 11 + 2 * EACH))
    assert lives.size == 0
    assert lives.take("large") is None


@pytest.mark.parametrize(
    ("fact", "days", "goes_on"),
    [
        (f.AppealLodged("v"), 3, True),
        (f.AppealLodged("v"), 2, True),  # follows the violation of its instant
        (f.ProfileChanged(level=2), 2, False),  # comes before it
        (f.ViolationFound("w", "spam", "other"), 2, True),
        (f.ViolationFound("w", "spam", "other", batch="b"), 2, False),  # is the last of its batch
        (f.AppealLodged("v"), 1, False),
        (f.CreatorEnrolled(), 3, True),
        (f.FactRetracted("2", "no"), 3, False),
        (f.FactRetracted("unknown", "no"), 3, False),
    ],
)
def test_what_reaches_back_has_the_record_made_anew(fact: f.Fact, days: int, goes_on: bool) -> None:
    told = [
        Envelope("s", "1", "c", DAY, f.CreatorEnrolled(), 1, 1, 1),
        Envelope("s", "2", "c", 2 * DAY, f.ViolationFound("v", "spam", "other"), 2, 2, 2),
    ]
    live = Live("c", told, library(), traced=True)
    live.at(9 * DAY)
    more = Envelope("s", "3", "c", days * DAY, fact, 3, 3, 3)
    assert not live.follows([[changed(more, version=4)]])  # there is one between
    assert live.take([more]) == goes_on


def test_what_waits_may_be_ruled_before_what_is_learned_next() -> None:
    told = [
        Envelope("s", "1", "c", DAY, f.CreatorEnrolled(), 1, 1, 1),
        Envelope("s", "2", "c", 5 * DAY, f.ViolationFound("v", "spam", "other"), 2, 2, 2),
    ]
    live = Live("c", told, library(), traced=True)
    live.at(3 * DAY)
    more = Envelope("s", "3", "c", 4 * DAY, f.ProfileChanged(level=2), 3, 3, 3)
    assert not live.follows([[more]])
    live.at(6 * DAY)
    assert not live.take([more])
