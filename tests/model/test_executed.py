"""What was stopped in fact, beside one replay for each instant at which something could change."""

from itertools import pairwise
from random import Random

import everything
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from law.reading import library
from msgspec.structs import replace as changed

from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from model.histories import DAY, HOUR, KINDS, STARTS, enveloped, histories
from projections.standing.executed import Belief, by_feature, executed, judged
from projections.standing.replay import Library, Replay, replay
from projections.standing.spans import without
from projections.standing.tables import Tables

LAGS = (0, 0, 0, 1, HOUR, 30 * HOUR, 3 * DAY, 20 * DAY)
LIVES = 150
AHEAD = (*LAGS, -HOUR, -2 * DAY)
KINDS_AND_RETRACTIONS = (*KINDS, *("retraction",) * 3)


class Same:
    """The law as it always was."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def tables(self, name: str, known_at: int) -> Tables:
        return self.library.tables(name)

    def learned(self, name: str) -> list[int]:
        return []


def recorded(facts: list[Envelope], lags: list[int]) -> list[Envelope]:
    """The same facts, each recorded so long after its time (before it, where that is negative)."""
    told = [
        changed(e, recorded_at=max(e.effective_at + lag, 0))
        for e, lag in zip(facts, lags, strict=False)
    ]
    told.sort(key=lambda e: e.recorded_at)
    return [changed(e, position=i) for i, e in enumerate(told, 1)]


def last(facts: list[Envelope]) -> int:
    return max(max(e.effective_at, e.recorded_at) for e in facts)


def asked(facts: list[Envelope], laws: Library, at: int, known_at: int) -> Replay:
    return replay("c", facts, laws, as_of=at, known_at=known_at)


def stopped(facts: list[Envelope], laws: Library, at: int) -> set[str]:
    """The features that the ledger said were stopped, asked at an instant about that instant."""
    result = asked(facts, laws, at, at)
    features = list(result.tables.names.features)
    made = result.creator.stops[: result.creator.stops_made]
    return {features[s.feature] for s in made if s.started_at <= at < s.until}


def edges(facts: list[Envelope], laws: Library, until: int) -> list[int]:
    """Every instant at which an answer may change: something learned, due, begun or ended."""
    found = {e.effective_at for e in facts} | {e.recorded_at for e in facts}
    for known_at in sorted({e.recorded_at for e in facts}):
        for stretch in judged(asked(facts, laws, until, known_at)):
            found |= {stretch.start, stretch.end, stretch.until}
    return sorted(at for at in found if at <= until)


def check(facts: list[Envelope], laws: Library) -> None:
    until = last(facts) + 10 * DAY
    said = by_feature(executed(facts, Same(laws), until))
    for start, end in pairwise([*edges(facts, laws, until), until]):
        for at in {start, (start + end) // 2, end - 1} - {until}:
            now = {feature for feature, spans in said.items() if any(a <= at < b for a, b in spans)}
            assert now == stopped(facts, laws, at), at


@settings(max_examples=75, deadline=None)
@given(histories(most=10, kinds=KINDS_AND_RETRACTIONS), st.data())
def test_executed_is_what_one_replay_an_instant_says(facts, data) -> None:
    lags = data.draw(st.lists(st.sampled_from(AHEAD), min_size=len(facts), max_size=len(facts)))
    check(recorded(facts, lags), library())


@pytest.mark.parametrize("stride", [1, 3, 64])
def test_so_it_is_under_a_rulebook_that_has_everything(stride, monkeypatch) -> None:
    """However many points are kept to go back to."""
    monkeypatch.setattr(Belief, "_stride", lambda self: stride)
    for seed in range(LIVES):
        random = Random(seed)
        facts = everything.walk(seed)[: random.randrange(2, 24)]
        check(recorded(facts, random.choices(LAGS, k=len(facts))), everything.library())


def test_facts_of_one_instant_are_ruled_in_their_order_however_late_one_is() -> None:
    """10 + 1 − 3 stays at 8; while the recovery was not known it was 7, and a stop began."""
    at, told = STARTS[0], STARTS[0] + 5 * HOUR
    facts = enveloped(
        [
            (at - DAY, f.CreatorEnrolled()),
            (at, f.ViolationFound("v1", "misleading", "other")),
            (at, f.RecoveryGranted("2024-06")),
        ]
    )
    late = [*facts[:2], changed(facts[2], recorded_at=told)]
    assert by_feature(executed(late, Same(library()), at + 10 * DAY)) == {
        "product_sharing": [(at, told)]
    }


@given(histories(), st.integers(0, 40))
def test_with_nothing_late_and_nothing_withdrawn_executed_is_judged(facts, days) -> None:
    until = last(facts) + days * DAY
    prompt = recorded(facts, [0] * len(facts))
    assert executed(prompt, Same(library()), until) == judged(
        asked(prompt, library(), until, until)
    )


@given(histories(most=12, kinds=KINDS_AND_RETRACTIONS), st.data())
def test_what_was_executed_stays_so_whatever_is_learned_later(facts, data) -> None:
    lags = data.draw(st.lists(st.sampled_from(LAGS), min_size=len(facts), max_size=len(facts)))
    told = recorded(facts, lags)
    at = data.draw(st.sampled_from([e.recorded_at for e in told]))
    law = Same(library())
    early = by_feature(executed(told, law, at))
    whole = by_feature(executed(told, law, last(told)))
    for feature, spans in whole.items():
        assert without(spans, [(at + 1, last(told) + 1)]) == early.get(feature, [])


def test_a_rulebook_that_is_not_here_stops_nothing_while_it_is_believed_to_rule() -> None:
    start = enveloped([(DAY, f.CreatorEnrolled(rulebook="no-such"))])[0]
    right = enveloped([(DAY, f.CreatorEnrolled())])[0]
    fraud = f.ViolationFound("v1", "fraud", "other")
    facts = [
        start,
        changed(enveloped([(2 * DAY, fraud)])[0], id="e2", position=2),
        changed(
            enveloped([(DAY, f.FactRetracted("e1", "typo"))])[0],
            id="e3", position=3, recorded_at=3 * DAY,
        ),
        changed(right, id="e4", position=4, recorded_at=3 * DAY),
    ]  # fmt: skip
    spans = by_feature(executed(facts, Same(library()), 5 * DAY))
    assert spans
    assert {span for each in spans.values() for span in each} == {(3 * DAY, 5 * DAY + 1)}
