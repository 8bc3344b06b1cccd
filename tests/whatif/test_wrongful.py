"""Wrongful penalties: the record beside one in which they never were."""

from hypothesis import given, settings
from model.histories import histories
from samples import EXAM_FIRST, START, Line, envelopes, when

from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from projections.standing.executed import by_feature, judged
from projections.standing.spans import total
from replay.whatif.answered import wrongful_lines
from replay.whatif.questions.wrongful import Costs, wrongful_view
from replay.whatif.scenario import Scenario
from replay.whatif.told import Teller

from .worlds import after, of, world


def test_what_a_granted_appeal_came_too_late_for() -> None:
    """The stop ran for six hours, until the exam lifted it; the appeal restored what was left."""
    (case,) = wrongful_view(of(EXAM_FIRST, "2024-07-31"))["cases"]
    assert (case["deducted"], case["restored"], case["points_missing"]) == ("3", "3", "0")
    assert case["feature_days_lost"] == {"product_sharing": "0.25"}
    assert case["hours_executed_in_error"] == {"product_sharing": "6"}


def test_what_was_recorded_late_was_executed_longer_than_judged() -> None:
    """The grant is of 10 July 15:00 and was recorded on the 20th: the day was served in full."""
    lines: list[Line] = [*START, ("2024-07-10 15:00", f.AppealGranted("v1"))]
    late = envelopes(lines, recorded={5: "2024-07-20 09:00"})
    (case,) = wrongful_view(world(late, when("2024-07-31")))["cases"]
    assert case["feature_days_lost"] == {"product_sharing": "0.25"}
    assert case["hours_executed_in_error"] == {"product_sharing": "24"}
    assert case["stop_days_lifted"] == "0.75"


def test_a_recovery_that_did_not_come_is_missing() -> None:
    """A month with a violation has no recovery, and the grant gives none back (I-23)."""
    lines: list[Line] = [
        ("2024-05-01 09:00", f.CreatorEnrolled()),
        ("2024-06-10 09:00", f.ViolationFound("v0", "misleading", "other")),
        ("2024-07-10 09:00", f.AppealGranted("v0")),
    ]
    due = after(Scenario.of(recoveries="due"), of(lines, "2024-08-02"))
    (case,) = wrongful_view(due)["cases"]
    assert case["points_missing"] == "1"


def test_a_partial_grant_says_that_it_was_worth_less() -> None:
    lines: list[Line] = [*START, ("2024-07-10 15:00", f.AppealGranted("v1", 150))]
    (case,) = wrongful_view(of(lines, "2024-07-31"))["cases"]
    assert not case["full"]
    assert (case["restored"], case["points_missing"]) == ("1.5", "0")
    assert case["feature_days_lost"] == {"product_sharing": "0.25"}


def test_two_that_together_crossed_a_node_are_looked_at_together_too() -> None:
    lines: list[Line] = [
        ("2024-07-08 09:00", f.CreatorEnrolled()),
        ("2024-07-09 09:00", f.ViolationFound("v1", "malicious_report", "other")),
        ("2024-07-10 09:00", f.ViolationFound("v2", "malicious_report", "other")),
        ("2024-07-20 09:00", f.AppealGranted("v1")),
        ("2024-07-21 09:00", f.AppealGranted("v2")),
    ]
    view = wrongful_view(of(lines, "2024-07-31"))
    lost = [case["feature_days_lost"] for case in view["cases"]]
    assert lost == [{"product_sharing": "1"}, {"product_sharing": "1"}]
    assert view["together"]["feature_days_lost"] == {"product_sharing": "1"}


def test_what_another_violation_stops_all_the_same_is_not_in_error() -> None:
    """Three days from the second violation on, less what is left of the first one's day."""
    lines: list[Line] = [
        ("2024-07-08 09:00", f.CreatorEnrolled()),
        ("2024-07-10 09:00", f.ViolationFound("v1", "misleading", "other")),
        ("2024-07-10 12:00", f.ViolationFound("v2", "misleading", "other")),
        ("2024-07-20 09:00", f.AppealGranted("v2")),
    ]
    (case,) = wrongful_view(of(lines, "2024-07-31"))["cases"]
    assert case["hours_executed_in_error"] == {"product_sharing": "51"}
    assert case["feature_days_lost"] == {"product_sharing": "2.13"}


def test_what_a_scenario_spares_is_not_executed_in_it_either() -> None:
    """With July's recovery the score is 11, and never below 8."""
    lines: list[Line] = [
        ("2024-06-20 09:00", f.CreatorEnrolled()),
        ("2024-08-05 09:00", f.ViolationFound("v1", "misleading", "other")),
        ("2024-09-05 09:00", f.AppealGranted("v1")),
    ]
    here = of(lines, "2024-09-10")
    (case,) = wrongful_view(here)["cases"]
    assert case["hours_executed_in_error"] == {"product_sharing": "24"}
    (case,) = wrongful_view(after(Scenario.of(recoveries="due"), here))["cases"]
    assert (case["feature_days_lost"], case["hours_executed_in_error"]) == ({}, {})


def test_a_lifted_stop_without_an_end_has_no_days() -> None:
    lines: list[Line] = [
        ("2024-07-08 09:00", f.CreatorEnrolled()),
        ("2024-07-10 09:00", f.ViolationFound("v1", "fraud", "other")),
        ("2024-07-20 09:00", f.AppealGranted("v1")),
    ]
    here = of(lines, "2024-07-31")
    view = wrongful_view(here)
    assert view["cases"][0]["stop_days_lifted"] is None
    said = list(wrongful_lines(view, Teller(here.replay(), "zh")))
    assert "  申诉通过撤销的停用：无期限" in said


@settings(max_examples=30, deadline=None)
@given(histories(most=12))
def test_a_cost_is_the_difference_to_the_record_without_it(history: list[Envelope]) -> None:
    costs = Costs(world(history, when("2024-12-31")))
    for case in costs.cases:
        if not case.full or len(case.found) != 1:
            continue
        dropped = after(Scenario.of(drop=[case.found[0].id]), costs.world).replay()
        ours, theirs = (by_feature(judged(side)) for side in (costs.baseline, dropped))
        cost = costs.of([case])
        for feature in {*ours, *theirs}:
            more = total(ours.get(feature, [])) - total(theirs.get(feature, []))
            assert cost.stopped.get(feature, 0) == more


def test_the_days_lifted_are_of_the_stops_that_the_grant_itself_ended() -> None:
    lines: list[Line] = [
        *START,
        ("2024-07-10 15:00", f.AppealGranted("v1")),
        ("2024-07-12 09:00", f.ViolationFound("v2", "misleading", "other")),
        ("2024-07-12 21:00", f.AppealGranted("v2")),
    ]
    cases = wrongful_view(of(lines, "2024-07-31"))["cases"]
    assert [case["stop_days_lifted"] for case in cases] == ["0.75", "0.5"]


def test_what_was_served_at_the_instant_of_a_grant_was_not_lifted() -> None:
    """The stop of `a1` was cut to the day on which that of `b1` began, and the grant came then."""
    own = {"ground": "unstated"}
    lines: list[Line] = [
        ("2024-03-01 09:00", f.CreatorEnrolled("douyin-merchant")),
        ("2024-04-01 10:00", f.ViolationFound("a1", "general", "other", points=1200, **own)),
        ("2024-04-02 15:00", f.ViolationFound("b1", "serious", "other", points=800, **own)),
        ("2024-04-03 00:00", f.AppealGranted("b1")),
    ]
    (case,) = wrongful_view(of(lines, "2024-07-31"))["cases"]
    assert case["stop_days_lifted"] == "7"
