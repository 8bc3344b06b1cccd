"""Laws of what-if: an empty scenario is the baseline, and what is undone leaves no trace."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from law.reading import library, ruled
from model.histories import KINDS as HISTORY_KINDS
from model.histories import histories
from samples import APPEAL_FIRST, EXAM_FIRST, envelopes, when

from ledger.errors import InputError, RulebookError
from ledger.facts import cloudevents
from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from ledger.rulebook.shelf import Shelf
from projections.standing.moments import read_moment
from projections.standing.replay import Library, replay
from projections.views.objects import audit_view, standing_object
from replay.whatif.counterfactual import Comparison, comparison_view, counterfactual
from replay.whatif.reform import ReformedShelf
from replay.whatif.scenario import Scenario
from replay.whatif.side_by_side import divergence, words_of
from replay.whatif.world import World

SHELF = Shelf()
LAST = when("2025-12-31")
OVER = json.dumps(
    {
        "type": "measure_imposed",
        "time": "2024-07-10T09:00:00+08:00",
        "data": {"measure": "warning", "ground": "risk", "until": "2024-07-10T09:00:00+08:00"},
    }
)
ANY = histories(kinds=(*HISTORY_KINDS, "retraction"))


def compared(scenario: Scenario, history: list[Envelope], as_of: int = LAST) -> Comparison:
    return counterfactual(scenario, ruled(history, as_of=as_of), history, SHELF)


def changed(
    scenario: Scenario, history: Sequence[Envelope], creator: str = "mei"
) -> list[Envelope]:
    """The facts as a scenario has them."""
    world = World(creator, history, SHELF, Library(SHELF), "Asia/Shanghai", LAST, None)
    return list(scenario.worlds(world)[-1].facts)


def tried(scenario: Scenario, history: Sequence[Envelope]) -> list[Envelope]:
    """The same where the scenario may be refused: then there is nothing to be seen."""
    try:
        return changed(scenario, history, "c")
    except InputError:
        assume(False)
        raise


def outcomes(comparison: Comparison) -> tuple[object, object]:
    return standing_object(comparison.baseline), standing_object(comparison.counterfactual)


@settings(max_examples=30)
@given(ANY)
def test_the_empty_scenario_is_the_baseline(history: list[Envelope]) -> None:
    comparison = compared(Scenario(), history)
    assert audit_view(comparison.baseline) == audit_view(comparison.counterfactual)
    view = comparison_view(comparison)
    assert view["first_divergence"] is None
    assert view["differences"] == {}
    assert view["rulings"] == []
    assert view["rulings_alike"] == len(comparison.pairs)


@settings(max_examples=30)
@given(ANY, ANY, st.data())
def test_a_fact_added_and_dropped_is_nothing(
    history: list[Envelope], other: list[Envelope], data: st.DataObject
) -> None:
    extra = data.draw(st.sampled_from(other))
    line = cloudevents.encode(msgspec.structs.replace(extra, source="else", recorded_at=0))
    more = tried(Scenario.of(add=(line,)), history)
    assert len(more) == len(history) + 1
    less = changed(Scenario.of(drop=(f"else#{extra.id}",)), more, "c")
    assert less == history


@settings(max_examples=30)
@given(ANY, st.data())
def test_dropping_a_violation_is_as_if_it_had_never_been(
    history: list[Envelope], data: st.DataObject
) -> None:
    found = [e for e in history if type(e.fact) is f.ViolationFound]
    assume(found)
    gone = data.draw(st.sampled_from(found))
    dropped = compared(Scenario.of(drop=(gone.id,)), history).counterfactual
    never = ruled([e for e in history if e is not gone], as_of=LAST)
    assert standing_object(dropped) == standing_object(never)


@settings(max_examples=30)
@given(ANY, st.data())
def test_moving_a_fact_there_and_back_is_nothing(
    history: list[Envelope], data: st.DataObject
) -> None:
    fact = data.draw(st.sampled_from(history))
    moved = Scenario.of(move=((fact.id, read_moment("2024-08-15 12:00")),))
    away = tried(moved, history)
    here = cloudevents.to_dict(fact)["time"]
    back = Scenario.of(move=((fact.id, read_moment(here)),))
    assert tried(back, away) == history


@settings(max_examples=30)
@given(ANY)
def test_a_version_that_comes_into_force_changes_nothing_by_itself(
    history: list[Envelope],
) -> None:
    """After the last fact a switch of version moves no score and no stop (C-028, I-29)."""
    start = when("2024-09-24")
    before = [e for e in history if e.effective_at < start]
    older = Library(Older("2024-09"))
    for as_of in (start, LAST):
        old = replay("c", before, older, as_of=as_of)
        new = replay("c", before, library(), as_of=as_of)
        assert standing_object(old) == standing_object(new)


class Older:
    """A shelf without one version."""

    def __init__(self, missing: str) -> None:
        self.missing = missing

    def versions(self, name: str):  # type: ignore[no-untyped-def]
        return tuple(r for r in SHELF.versions(name) if r.version != self.missing)


def test_the_name_of_the_same_rulebook_is_the_baseline() -> None:
    view = comparison_view(compared(Scenario.of(rulebook="douyin-creator"), envelopes(EXAM_FIRST)))
    assert view["differences"] == {}


def test_another_version_judges_from_always() -> None:
    scenario = Scenario.of(rulebook="douyin-creator@2022-02")
    view = comparison_view(compared(scenario, envelopes(EXAM_FIRST)), every=True)
    assert view["counterfactual"]["rulebook"] == "douyin-creator@2022-02"
    features = {s["feature"] for s in view["counterfactual"]["standing"]["sanctions"]}
    assert features == {"cart", "live", "video_self_only"}
    assert view["first_divergence"]["event"] == "e3"
    reasons = [r["counterfactual"]["reason"] for r in view["rulings"]]
    assert "before_first_version" not in reasons
    assert reasons[4] == "not_covered"


def test_dropping_the_exam_leaves_the_stop_to_its_end() -> None:
    view = comparison_view(compared(Scenario.of(drop=("e5",)), envelopes(EXAM_FIRST)))
    assert view["first_divergence"] == {
        "event": "e5",
        "type": "exam_sat",
        "effective_at": "2024-07-10T15:00:00+08:00",
        "steps": [1],
        "ground": None,
    }
    sides = view["differences"]["sanctions"]
    assert [s["state"] for s in sides["baseline"]] == ["lifted"]
    assert [s["state"] for s in sides["counterfactual"]] == ["served"]
    assert "score" not in view["differences"]
    gone = next(r for r in view["rulings"] if r["event"] == "e5")
    assert gone["counterfactual"] is None


def test_exam_and_appeal_change_places_by_two_moves() -> None:
    scenario = Scenario.of(
        move=(("e5", read_moment("2024-07-12 10:00")), ("e6", read_moment("2024-07-10 15:00")))
    )
    history = envelopes(EXAM_FIRST)
    moved = compared(scenario, history).counterfactual
    straight = ruled(envelopes(APPEAL_FIRST), as_of=LAST)
    assert standing_object(moved) == standing_object(straight)


def test_a_bare_date_keeps_the_time_of_day() -> None:
    scenario = Scenario.of(move=(("e6", read_moment("2024-07-20")),))
    facts = changed(scenario, envelopes(EXAM_FIRST))
    assert facts[5].effective_at == when("2024-07-20 10:00")


def test_set_changes_a_figure_and_says_so() -> None:
    scenario = Scenario.of(set={"nodes.8.below": "7"})
    view = comparison_view(compared(scenario, envelopes(EXAM_FIRST)))
    assert view["counterfactual"]["standing"]["sanctions"] == []
    assert view["counterfactual"]["rulebook"].endswith("+")
    scenario = Scenario.of(set={"nodes.8.below": "9"})
    view = comparison_view(compared(scenario, envelopes(EXAM_FIRST)), every=True)
    clauses = view["rulings"][2]["counterfactual"]["clauses"]
    assert "scenario: nodes.8.below" in clauses
    assert "assumed: nodes.8.below" in view["rulings"][2]["baseline"]["clauses"]


def test_recoveries_as_due_take_the_place_of_the_recorded_ones() -> None:
    history = envelopes(
        [
            ("2024-07-01 00:00", f.CreatorEnrolled()),
            ("2024-08-05 09:00", f.RecoveryGranted("2024-07", 200)),
        ]
    )
    view = comparison_view(compared(Scenario.of(recoveries="due"), history, when("2024-08-15")))
    assert view["differences"]["score"] == {
        "baseline": "12",
        "counterfactual": "11",
        "steps": [1],
    }
    due = [e["at"] for e in view["counterfactual"]["since_last_fact"]]
    assert due == ["2024-08-01T00:00:00+08:00"]
    assert view["first_divergence"]["event"] == "e2"


def test_what_only_time_changes_is_a_divergence_too() -> None:
    history = envelopes([("2024-07-01 00:00", f.CreatorEnrolled())])
    view = comparison_view(compared(Scenario.of(recoveries="due"), history, when("2024-08-15")))
    assert view["first_divergence"] == {
        "event": None,
        "type": None,
        "effective_at": "2024-08-01T00:00:00+08:00",
        "steps": [1],
        "ground": None,
    }
    assert view["differences"]["score"] == {
        "baseline": "10",
        "counterfactual": "11",
        "steps": [1],
    }


def test_what_time_did_before_a_fact_is_told_with_it() -> None:
    history = envelopes(
        [("2024-07-01 00:00", f.CreatorEnrolled()), ("2024-08-05 09:00", f.ExamRightClaimed())]
    )
    comparison = compared(Scenario.of(recoveries="due"), history, when("2024-08-06"))
    _, claimed = comparison_view(comparison, every=True)["rulings"]
    recorded, due = claimed["baseline"], claimed["counterfactual"]
    assert claimed["differs"]
    assert due["text"] == {
        "en": f"A recovery of 1 point fell due on 2024-08-01 00:00. {recorded['text']['en']}",
        "zh": f"于2024-08-01 00:00应得累积加分1分。{recorded['text']['zh']}",
    }
    assert set(due["clauses"]) > set(recorded["clauses"])
    assert "recovery.points" in [ground["path"] for ground in due["grounds"]]
    told = divergence(comparison, words_of(comparison, "en"))
    assert f"With the change: {due['text']['en']}" in told


def test_what_time_did_on_both_sides_is_no_difference_of_the_next_fact() -> None:
    history = envelopes(
        [
            ("2024-07-08 09:00", f.CreatorEnrolled()),
            ("2024-07-10 09:00", f.ViolationFound("v1", "misleading", "other")),
            ("2024-07-12 09:00", f.ExamRightClaimed()),
            ("2024-07-13 09:00", f.ProfileChanged(level=4)),
        ]
    )
    comparison = compared(Scenario.of(drop=["e3"]), history, when("2024-08-06"))
    assert [pair.envelope.id for pair in comparison.differing] == ["e3"]
    (dropped,) = comparison_view(comparison)["rulings"]
    assert dropped["baseline"]["effects"] == []
    assert dropped["baseline"]["text"]["en"] == (
        "The right to sit exams in place of penalties was claimed."
    )
    last = comparison_view(comparison, every=True)["rulings"][-1]
    assert [e["kind"] for e in last["counterfactual"]["effects"]] == ["node_served"]


def test_an_added_fact_needs_only_type_time_and_data() -> None:
    event = {
        "type": "appeal_granted",
        "time": "2024-07-10T12:00:00+08:00",
        "data": {"violation": "v1"},
    }
    scenario = Scenario.of(add=(json.dumps(event),))
    view = comparison_view(compared(scenario, envelopes(EXAM_FIRST)))
    added = next(r for r in view["rulings"] if r["source"] == "what-if")
    assert added["baseline"] is None
    assert added["counterfactual"]["recorded_at"] is None
    assert added["counterfactual"]["score_after"] == "10"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"drop": ("e99",)}, 'creator "mei" has no fact "e99"'),
        ({"drop": ("e5", "e5")}, 'creator "mei" has no fact "e5"'),
        ({"add": ("{",)}, "add, line 1"),
        ({"add": ('{"type":"appeal_grant"}',)}, "appeal_granted"),
        ({"add": ('{"type":"exam_studied","subject":"x"}',)}, "time"),
        ({"add": ("[]",)}, "add, line 1"),
        ({"add": (OVER,)}, "add 1, data.until: found"),
    ],
)
def test_a_scenario_that_makes_no_sense_says_why(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said.replace("(", r"\(")):
        changed(Scenario.of(**asked), envelopes(EXAM_FIRST))


def test_an_added_fact_may_not_take_the_place_of_one() -> None:
    history = envelopes(EXAM_FIRST)
    line = cloudevents.encode(msgspec.structs.replace(history[4], recorded_at=0))
    with pytest.raises(InputError, match="there is a fact"):
        changed(Scenario.of(add=(line,)), history)
    facts = changed(Scenario.of(drop=("e5",), add=(line,)), history)
    assert len(facts) == len(history)


def test_an_id_of_two_sources_must_say_which() -> None:
    history = envelopes(EXAM_FIRST)
    history[0] = msgspec.structs.replace(history[0], source="other", id="e5")
    with pytest.raises(InputError, match="demo#e5"):
        changed(Scenario.of(drop=("e5",)), history)
    assert len(changed(Scenario.of(drop=("demo#e5",)), history)) == 5


def test_a_reform_that_no_rulebook_has_is_refused() -> None:
    with pytest.raises(RulebookError, match=r"nodes\.8\.below"):
        ReformedShelf(SHELF, "", {"nodes.8.belo": "7"}).versions("douyin-creator")
    with pytest.raises(RulebookError, match="did you mean"):
        ReformedShelf(SHELF, "douyin-creater", {}).versions("x")


def test_an_added_fact_comes_after_what_is_recorded_at_its_instant() -> None:
    event = {
        "type": "violation_found",
        "time": "2024-07-10T09:00:00+08:00",
        "data": {"violation": "v1", "category": "fraud", "detected_by": "other"},
    }
    view = comparison_view(compared(Scenario.of(add=(json.dumps(event),)), envelopes(EXAM_FIRST)))
    added = next(r for r in view["rulings"] if r["source"] == "what-if")
    assert added["counterfactual"]["reason"] == "duplicate_violation"


def test_a_later_version_judges_what_is_older_than_it() -> None:
    scenario = Scenario.of(rulebook="douyin-creator@2024-09")
    view = comparison_view(compared(scenario, envelopes(EXAM_FIRST)))
    assert view["first_divergence"] is None
    assert view["counterfactual"]["rulebook"] == "douyin-creator@2024-09"
