"""Every concept that a rulebook may have can be spoken of: ladders, resets, waiting effects, …"""

from typing import Any

import pytest
from everything import SHELF, asked, walk, walked
from samples import Line, envelopes
from schemas import problems

from ledger.facts import types as f
from projections.explain.explanation import explain, since_last, story
from projections.explain.messages import LANGUAGES
from projections.fold.trace import Turn
from projections.standing.replay import Replay
from projections.standing.writing import instant
from projections.views.objects import audit_view, standing_view
from projections.views.report import row, standing_lines
from replay.audit.timeline import timeline
from replay.whatif.counterfactual import comparison_view, counterfactual
from replay.whatif.scenario import Scenario

from .test_sentences import check, entries


def found(name: str, category: str = "abuse", **more: Any) -> f.ViolationFound:
    return f.ViolationFound(name, category, "other", **more)


def said(result: Replay, event: str, language: str = "en") -> str:
    rulings = audit_view(result)["rulings"]
    texts: dict[str, dict[str, str]] = {r["event"]: r["text"] for r in rulings}
    return texts[event][language]


def clauses(result: Replay, number: int) -> list[str]:
    return [r.path for r in explain(result)[number].references]


def by_time(result: Replay, language: str = "en") -> dict[str, str]:
    """{day: what time did on it}."""
    return {entry["at"][:10]: entry["text"][language] for entry in audit_view(result)["time"]}


def relied(result: Replay, day: str) -> list[str]:
    """What time relied on, on a day."""
    (why,) = (
        why
        for event, why in story(result)
        if isinstance(event, Turn) and instant(event.at, result.rulebook.zone)[:10] == day
    )
    return [r.path for r in why.references]


def lines(result: Replay, language: str = "en") -> str:
    return "\n".join(standing_lines(result, language))


@pytest.mark.parametrize("simulate", [False, True])
@pytest.mark.parametrize("seed", range(40))
def test_any_history_can_be_told(seed: int, simulate: bool) -> None:
    result = walked(seed, simulate=simulate)
    view = audit_view(result)
    assert problems(view, "audit") == []
    assert problems(standing_view(result), "standing") == []
    for told in entries(view):
        check(told)
    for language in LANGUAGES:
        assert "{" not in lines(result, language) + since_last(result, language)
        assert "None" not in lines(result, language)
        timeline(result, language, width=0)
    assert row(result, "en")


@pytest.mark.parametrize("seed", range(10))
def test_any_history_can_be_compared(seed: int) -> None:
    facts = walk(seed)
    scenario = Scenario.of(drop=(facts[-1].id,), recoveries="due")
    view = comparison_view(counterfactual(scenario, walked(seed), facts, SHELF))
    assert view["first_divergence"] is not None


LADDER: list[Line] = [
    ("2022-02-01 09:00", found("v1")),
    ("2022-02-20 09:00", found("v2")),
    ("2022-02-21 09:00", found("v3")),
]


def test_a_step_of_a_ladder_says_its_points_and_its_stops() -> None:
    result = asked(LADDER, "2022-02-22")
    assert "violation v2 is offence no. 2 on the ladder “speech”, which sets 3 points" in said(
        result, "e3"
    )
    assert "; it stops speech for 7 days, until" in said(result, "e3")
    assert "ladders.speech.steps.0.points" in clauses(result, 2)
    assert "ladders.speech.steps.0.stops.0.days" in clauses(result, 2)
    assert "ladders.speech.steps.1.fines.0.amount" in clauses(result, 3)
    assert "违规v2为“speech”阶梯的第2次违规，按该阶梯计3分" in said(result, "e3", "zh")


def test_a_stop_that_is_served_after_another_says_from_when() -> None:
    result = asked(LADDER, "2022-02-22")
    assert "stops speech for 15 days, from 2022-02-27 02:00 until" in said(result, "e4")
    *_, last = standing_view(result)["sanctions"]
    assert (last["node"], last["violation"], last["state"]) == (None, "v3", "running")
    assert last["from"] == "2022-02-27T02:00:00+01:00"
    assert ", from 2022-02-27 02:00 on" not in lines(result)  # stopped by the one before it


def test_a_void_offence_moves_those_after_it_down() -> None:
    result = asked([*LADDER, ("2022-02-22 09:00", f.AppealGranted("v1"))], "2022-02-23")
    text = said(result, "e5")
    assert "violation v2 (“abuse”) is judged again on the ladder “speech”, below its first" in text
    assert "violation v3 (“abuse”) is judged again on the ladder “speech”, at the step of" in text
    assert "ladders.speech.after_void" in clauses(result, 4)
    (_, two, three) = standing_view(result)["violations"]
    assert "step" not in two
    assert (three["ladder"], three["step"]) == ("speech", 2)


WAITING: list[Line] = [("2024-04-01 09:00", found("v1", "spam", severity="serious"))]


def test_an_effect_that_waits_for_the_appeal() -> None:
    result = asked(WAITING, "2024-04-02")
    (violation,) = standing_view(result)["violations"]
    assert (violation["state"], violation["deducted"]) == ("waiting", "0")
    assert violation["takes_effect"] == "2024-04-09T00:00:00+02:00"
    assert violation["severity"] == "serious"
    assert "“spam – serious”: its 25 points" in said(result, "e2")
    waits = "takes effect after 2024-04-08 24:00, unless an appeal is lodged, and then: "
    assert f"  Violation v1 (“spam – serious”) {waits}25 points" in lines(result)
    assert "2024-04-09 00:00  violation v1 takes effect" in lines(result)
    assert {"appeal.effect", "categories.spam.severities.serious.points"} <= {*clauses(result, 1)}


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        (f.AppealLodged("v1"), "its effect waits for the decision"),
        (f.AppealDenied("v1"), "so it takes effect, 25 points deducted (100 → 75)"),
        (f.AppealGranted("v1"), "is void before it took effect"),
        (f.AppealGranted("v1", 5_00), "stands and takes effect, 20 points deducted"),
    ],
)
def test_what_an_appeal_makes_of_it(fact: f.Fact, text: str) -> None:
    result = asked([*WAITING, ("2024-04-02 09:00", fact)], "2024-04-03")
    assert text in said(result, "e3")
    state = standing_view(result)["violations"][0]
    assert ("takes_effect" in state) == isinstance(fact, f.AppealLodged)
    assert state.get("takes_effect") is None


def test_what_takes_effect_by_time_is_told_with_what_it_brings() -> None:
    result = asked([*WAITING, ("2024-04-20 09:00", f.ExamRightClaimed())], "2024-04-30")
    text = by_time(result)["2024-04-09"]
    assert text.startswith("Violation v1 (“spam – serious”) took effect on 2024-04-09 00:00")
    assert "as no appeal had been lodged, 25 points deducted" in text
    assert "200.00 CNY are due" in text
    assert said(result, "e3") == "The right to sit exams in place of penalties was claimed."
    result = asked(WAITING, "2024-04-30")
    assert "took effect on 2024-04-09 00:00" in since_last(result, "en")


def test_resets_recoveries_and_courses() -> None:
    result = asked([("2022-02-01 09:00", found("v1"))], "2022-02-20")
    assert "a recovery falls due, if no violation is found until then" in lines(result)
    later: Line = ("2022-07-02 09:00", f.CourseTaken("cooking"))
    result = asked([("2022-02-01 09:00", found("v1")), later], "2022-07-03")
    assert by_time(result)["2022-07-01"] == (
        "The reset on 2022-07-01 00:00 lowered the credit by 19 points."
    )
    assert "counters.credit.reset.on" in relied(result, "2022-07-01")
    assert "recovery.runs.1.days" in relied(result, "2022-07-02")
    assert said(result, "e3") == "The course “cooking” gives no points in “everything” (1)."
    again: Line = ("2022-02-02 09:00", f.RecoveryGranted("2022-01"))
    result = asked([("2022-02-01 09:00", found("v1")), again], "2022-07-03")
    assert said(result, "e3").startswith("Recoveries under “everything” (1) fall due by themselves")


def test_an_item_counts_once() -> None:
    once: list[Line] = [("2022-02-01 09:00", found("v1", "fraud", item="post-1"))]
    twice: list[Line] = [*once, ("2022-02-02 09:00", found("v2", "fraud", item="post-1"))]
    result = asked(twice, "2022-02-03")
    assert "Violation v2: one for “fraud” about “post-1” stands already" in said(result, "e3")
    assert "categories.fraud.once_per_item" in clauses(result, 2)
    assert "2000.00 CNY are due on the account “deposit”" in said(result, "e2")
    assert "nodes.dozen.fines.0.amount" in clauses(result, 1)
    result = asked([*once, ("2022-02-03 09:00", f.AppealGranted("v1"))], "2022-02-04")
    assert "2000.00 CNY are no longer due" in said(result, "e3")
    assert "12 points are taken off (12 → 0)" in said(result, "e3")


def test_appeals_without_an_end_are_not_listed_as_windows() -> None:
    text = lines(asked([("2022-02-01 09:00", found("v1"))], "2022-02-02"))
    assert "until 24:00" not in text
    assert "  No source seen gives a time limit for an appeal, so the notice of " in text
    assert " counts: open are v1.\n" in text


def test_a_feature_that_nobody_uses_is_closed_until_it_is_opened_again() -> None:
    opened: list[Line] = [
        ("2022-02-01 09:00", f.FeatureOpened("shop")),
        ("2022-02-02 09:00", f.FeatureUsed("shop")),
    ]
    result = asked(opened, "2022-03-10")
    assert said(result, "e2") == (
        "“shop” was opened; it is closed once it has not been used for 40 days."
    )
    assert "2022-03-14 02:00  shop is closed, if it is not used until then" in lines(result)
    later: list[Line] = [*opened, ("2022-04-01 09:00", f.FeatureUsed("shop"))]
    result = asked(later, "2022-04-02")
    assert said(result, "e4") == "“shop” is not open at this time, so nothing follows from this."
    assert by_time(result) == {
        "2022-03-04": "A recovery of 5 points fell due on 2022-03-04 00:00.",
        "2022-03-14": "Shop was closed on 2022-03-14 02:00 until it is opened again, as it has not "
        "been used for 40 days.",
    }
    assert "lapses.shop.unused_for.days" in relied(result, "2022-03-14")
    closed = (
        "Shop is closed until it is opened again.\n    Since 2022-03-14 02:00, as it has not been"
    )
    assert closed in lines(result)
    assert "店铺已关闭，直至重新开通。" in lines(result, "zh")
    assert row(result, "en").endswith("shop until it is opened again")
    (sanction,) = standing_view(result)["sanctions"]
    assert (sanction["node"], sanction["lapse"], sanction["until"]) == (None, "shop", None)
    result = asked([*later, ("2022-04-03 09:00", f.FeatureOpened("shop"))], "2022-04-04")
    assert "; its closure for want of use until then ends." in said(result, "e5")


def test_a_lapse_holds_up_no_reset_and_no_course() -> None:
    """Under version 1 a reset waits for stops, and courses give nothing while one runs."""
    lapsed: list[Line] = [
        ("2022-02-01 09:00", f.FeatureOpened("shop")),
        ("2022-06-29 09:00", found("v1", "spam")),
        ("2022-07-05 09:00", f.CourseTaken("online")),
    ]
    result = asked(lapsed, "2022-07-06")
    assert said(result, "e4").startswith("The course “online” was taken")
    assert by_time(result)["2022-07-01"].startswith("The reset on 2022-07-01 00:00")
    (sanction,) = standing_view(result)["sanctions"]
    assert (sanction["lapse"], sanction["state"]) == ("shop", "running")


def test_points_whose_expiry_paused_say_so() -> None:
    once: list[Line] = [("2022-02-01 09:00", found("v1", "fraud"))]
    later: Line = ("2022-09-01 09:00", f.ExamRightClaimed())
    result = asked([*once, later], "2022-09-02")
    assert by_time(result)["2022-08-28"] == (
        "6 points of violation v1 expired on 2022-08-28 00:00, time under a stop not counted."
    )
    assert "2022-08-28 00:00到期失效（停用期间不计入期限）" in by_time(result, "zh")["2022-08-28"]
    assert "counters.strikes.expiry_pauses" in relied(result, "2022-08-28")


def test_a_ladder_that_counts_stops_says_how_many_there_were() -> None:
    """Under version 2 the effect waits for the appeal, and the first step drops the fine."""
    twice: list[Line] = [
        ("2024-04-01 09:00", found("v1", "abuse")),
        ("2024-05-01 09:00", found("v2", "spam", severity="serious")),
        ("2024-05-02 09:00", f.AppealDenied("v2")),
    ]
    result = asked(twice, "2024-05-03")
    assert (
        "violation v2 is offence no. 2 on the ladder “speech”, which sets 3 points, as 1 stop came "
        "before it, and no fine goes with that" in said(result, "e4")
    )
    assert "按该阶梯计3分（此前已停用1次），不另处款项" in said(result, "e4", "zh")
    assert "ladders.speech.steps.0.nth" in clauses(result, 3)
    assert not any("fines" in path for path in clauses(result, 3))
    assert standing_view(result)["money"] == []
    twice[0] = ("2024-04-01 09:00", found("v1", "fraud"))  # climbs no ladder: only its stop counts
    result = asked(twice, "2024-05-03")
    assert "as 1 stop came before it" in said(result, "e4")
    assert "ladders.speech.counts" in clauses(result, 3)


def test_measures_wait_with_the_effect() -> None:
    """`spam` at `serious` comes with a warning; under version 2 it waits for the appeal."""
    assert standing_view(asked(WAITING, "2024-04-02"))["measures"] == []
    result = asked([*WAITING, ("2024-04-02 09:00", f.AppealDenied("v1"))], "2024-04-03")
    assert "the measure “warning” applies with it" not in said(result, "e2")
    assert "the measure “warning” applies with it" in said(result, "e3")
    (measure,) = standing_view(result)["measures"]
    assert (measure["from"], measure["state"]) == ("2024-04-02T03:00:00+02:00", "running")
    text = since_last(asked(WAITING, "2024-04-30"), "en")
    assert text.startswith("Violation v1 (“spam – serious”) took effect on 2024-04-09 00:00, as no")
    assert text.index("took effect") < text.index("“warning” applies with it")


LOCKED: list[Line] = [
    ("2022-02-01 09:00", found("v1", "spam", points=50_00, ground="severe_single")),
    ("2022-02-15 09:00", f.AppealGranted("v1", 3_00)),
    ("2022-02-15 10:00", f.AppealGranted("v1", 8_00)),
]


def test_a_feature_that_is_locked_until_the_score_is_back_says_what_is_needed() -> None:
    """Node `low` locks below 60 and lets go at 100; an appeal lifts it at 60, recoveries aside."""
    result = asked(LOCKED, "2022-02-16")
    assert said(result, "e3").endswith(
        "(65 → 68), and violation v1 (“spam”) stands; the stop of shop (node low) goes on: with "
        "the credit at 53 (what was gained since it began does not count), 60 is needed."
    )
    assert (
        "credit53分（停用开始后的累积加分不计），低于60分，店铺的停用（low节点）维持不变"
        in said(result, "e3", "zh")
    )
    assert said(result, "e4").endswith(
        "the stop of shop (node low) is lifted at once: "
        "with the credit at 61 (what was gained since it began does not count), 60 is enough."
    )


def test_what_no_appeal_lifts_is_locked_until_the_score_is_back() -> None:
    scenario = Scenario.of(set={"nodes.low.lifted_by": "none"})
    facts = envelopes([(LOCKED[0][0], f.CreatorEnrolled(rulebook="everything")), *LOCKED])
    result = counterfactual(scenario, asked(LOCKED, "2022-02-16"), facts, SHELF).counterfactual
    for event, score in (("e3", "68"), ("e4", "76")):
        text = f"the stop of shop (node low) goes on: with the credit at {score}, 100 is needed."
        assert said(result, event).endswith(text)
