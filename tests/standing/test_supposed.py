"""What a fact would come to if it took effect now is what it does come to where it is recorded."""

import pytest
from everything import library, walk
from hypothesis import given, settings
from law.reading import ruled, when
from model.histories import KINDS, histories
from msgspec.structs import replace

from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from projections.fold.state import APPEAL_GRANTED, REASONS, STANDING
from projections.standing.naming import naming
from projections.standing.replay import Replay, replay
from projections.standing.supposed import supposed
from projections.views.chances import granted, passed
from projections.views.objects import View, standing_object
from projections.views.windows import open_windows

LAST = 1_000_000


def with_fact(history: list[Envelope], at: int, *facts: f.Fact) -> Replay:
    """The record with facts that were recorded after all others."""
    added = [
        Envelope("s", f"added{n}", "c", at, fact, recorded_at=at, position=LAST + n)
        for n, fact in enumerate(facts)
    ]
    return ruled([*history, *added], as_of=at, rulings=True)


def standing(replay: Replay, facts: list) -> tuple[View, str]:  # type: ignore[type-arg]
    creator, reason = supposed(replay, facts)
    return standing_object(replace(replay, creator=creator)), REASONS[reason]


@settings(max_examples=75)
@given(histories(kinds=KINDS))
def test_a_grant_supposed_is_a_grant_recorded(history: list[Envelope]) -> None:
    at = max((e.effective_at for e in history), default=when("2024-08-01")) + 1
    result = ruled(history, as_of=at, rulings=False)
    before = standing_object(result)
    for slot, name in enumerate(naming(result).violations):
        if result.creator.violations[slot].state != STANDING:
            continue
        view, reason = standing(result, granted(slot, result))
        recorded = with_fact(history, at, f.AppealGranted(name))
        assert view == standing_object(recorded)
        assert reason == recorded.rulings[-1].reason
        assert granted(slot, result)[0].kind == APPEAL_GRANTED
    assert standing_object(result) == before


@settings(max_examples=75)
@given(histories(kinds=KINDS))
def test_an_exam_supposed_is_an_exam_recorded(history: list[Envelope]) -> None:
    at = max((e.effective_at for e in history), default=when("2024-08-01")) + 1
    result = ruled(history, as_of=at, rulings=False)
    before = standing_object(result)
    for window in open_windows(result, naming(result)):
        if window.kind != "exam":
            continue
        studied, facts = [f.ExamStudied(window.violation)], passed(window, result)
        claimed = [f.ExamRightClaimed()] if window.obstacle == "right_not_claimed" else []
        done = result.creator.violations[window.slot].studied
        sat = f.ExamSat(window.violation, 100_00)
        recorded = with_fact(history, at, *claimed, *([] if done else studied), sat)
        view, reason = standing(result, facts)
        assert view == standing_object(recorded)
        assert reason == recorded.rulings[-1].reason
    assert standing_object(result) == before


@pytest.mark.parametrize("seed", range(30))
def test_a_grant_supposed_under_a_rulebook_with_every_concept(seed: int) -> None:
    facts = walk(seed)
    at = max(e.effective_at for e in facts) + 1
    result = replay("c", facts, library(), as_of=at)
    for slot, name in enumerate(naming(result).violations):
        if result.creator.violations[slot].state == STANDING:
            view, _ = standing(result, granted(slot, result))
            grant = f.AppealGranted(name)
            added = Envelope("s", "added", "c", at, grant, recorded_at=at, position=LAST)
            assert view == standing_object(replay("c", [*facts, added], library(), as_of=at))
