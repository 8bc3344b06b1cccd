"""Every difference has the steps that made it, and the ground on which both histories part."""

from collections.abc import Sequence

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from model.histories import histories
from samples import EXAM_FIRST, envelopes, when

from ledger.errors import LedgerError
from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from replay.whatif.counterfactual import Comparison, compared, comparison_view
from replay.whatif.scenario import Scenario

from .test_scenarios import scenarios
from .worlds import THREE, of, world


def beside(
    scenario: Scenario, history: Sequence[Envelope], as_of: str = "2025-12-31"
) -> Comparison:
    here = world(history, when(as_of))
    return compared(scenario, here.replay(rulings=True), here)


@settings(max_examples=40)
@given(histories(), st.data())
def test_what_differs_has_a_step_and_what_does_not_has_none(
    history: list[Envelope], data: st.DataObject
) -> None:
    scenario = data.draw(scenarios(history)) + data.draw(scenarios(history))
    try:
        found = beside(scenario, history)
    except LedgerError:
        assume(False)
        raise
    for pair in found.pairs:
        assert bool(pair.steps) == pair.differs
    for difference in comparison_view(found)["differences"].values():
        assert difference["steps"]


def test_each_difference_is_that_of_its_step() -> None:
    scenario = Scenario.of(drop=["e6"], set={"nodes.8.below": "7"})
    view = comparison_view(beside(scenario, envelopes(EXAM_FIRST)))
    assert {r["event"]: r["steps"] for r in view["rulings"]} == {"e3": [2], "e5": [2], "e6": [1]}
    assert view["differences"]["score"]["steps"] == [1]
    assert view["differences"]["sanctions"]["steps"] == [2]


def test_steps_that_act_on_each_other_are_both_named() -> None:
    """A violation moved into the next month, and then judged as another."""
    scenario = Scenario.of(amend=[("e3", {"category": "infringement"})], set={"nodes.8.below": "6"})
    view = comparison_view(beside(scenario, envelopes(EXAM_FIRST)))
    exam = next(r for r in view["rulings"] if r["event"] == "e5")
    assert exam["steps"] == [1, 2]


def test_a_step_that_the_next_one_takes_back_leaves_nothing() -> None:
    scenario = Scenario.of(set={"nodes.8.below": "7"}) + Scenario.of(set={"nodes.8.below": "8"})
    assert comparison_view(beside(scenario, envelopes(EXAM_FIRST)))["rulings"] == []


def test_facts_that_lose_their_effect_are_marked_and_counted() -> None:
    view = comparison_view(beside(Scenario.of(drop=["e3"]), envelopes(EXAM_FIRST)))
    moot = {r["event"] for r in view["rulings"] if r["moot"]}
    assert moot == {"e4", "e5", "e6"}
    assert view["moot"] == 3
    (exam,) = (r for r in view["rulings"] if r["event"] == "e5")
    assert exam["counterfactual"]["reason"] == "unknown_violation"


def test_the_ground_is_the_one_that_is_met_on_one_side_only() -> None:
    history = envelopes(EXAM_FIRST)
    first = comparison_view(beside(Scenario.of(set={"nodes.8.below": "7"}), history))
    assert first["first_divergence"]["ground"] == {
        "path": "nodes.8.below",
        "baseline": {
            "path": "nodes.8.below", "required": "8", "found": "7", "met": True,
            "rulebook": "douyin-creator@2024-07", "clause": "assumed: nodes.8.below",
        },
        "counterfactual": {
            "path": "nodes.8.below", "required": "7", "found": "7", "met": False,
            "rulebook": "douyin-creator@2024-07+", "clause": "scenario: nodes.8.below",
        },
    }  # fmt: skip
    late = comparison_view(beside(Scenario.of(move=[("e5", when_moved("2024-07-18"))]), history))
    exam = next(r for r in late["rulings"] if r["event"] == "e5")
    assert exam["counterfactual"]["reason"] == "closed_by_appeal"
    lower = [("2024-07-08 09:00", f.CreatorEnrolled(level=4, reputation=480)), *EXAM_FIRST[1:]]
    level = Scenario.of(amend=[("e1", {"level": 3})])
    view = comparison_view(beside(level, envelopes(lower)))
    exam = next(r for r in view["rulings"] if r["event"] == "e5")
    assert exam["ground"]["path"] == "exam.minimum_level"
    assert [exam["ground"][s]["met"] for s in ("baseline", "counterfactual")] == [True, False]


def when_moved(day: str):  # type: ignore[no-untyped-def]
    from projections.standing.moments import read_moment

    return read_moment(day)


def test_what_may_be_drawn_is_there() -> None:
    view = comparison_view(beside(Scenario.of(drop=["e5"]), envelopes(EXAM_FIRST), "2024-07-31"))
    ours, theirs = view["baseline"], view["counterfactual"]
    assert [point["score"] for point in ours["series"]] == ["10", "7", "8.5", "10"]
    assert [point["score"] for point in theirs["series"]] == ["10", "7", "10"]
    assert ours["suspended_days"] == {"any": "0.25", "features": {"product_sharing": "0.25"}}
    assert theirs["suspended_days"]["any"] == "1"


def test_days_of_suspension_count_once_where_stops_overlap() -> None:
    view = comparison_view(beside(Scenario(), list(of(THREE).facts), "2024-07-31"))
    days = view["baseline"]["suspended_days"]
    assert days["any"] == days["features"]["product_sharing"]
    stops = view["baseline"]["standing"]["sanctions"]
    assert len(stops) > 1
    assert float(days["any"]) > 0
