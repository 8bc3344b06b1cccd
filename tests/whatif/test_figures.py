"""Which figures: what is named turns the outcome as `--set` has it, and nothing nearer does."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from model.histories import histories
from samples import EXAM_FIRST, Line, when

from ledger.errors import RulebookError
from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from replay.whatif.answered import figures_lines, figures_rows
from replay.whatif.outcome import outcome
from replay.whatif.questions.figures import Trials, figures_view, put, which_figures
from replay.whatif.scenario import Scenario
from replay.whatif.told import Teller

from .worlds import SHELF, after, of, world


def test_on_what_the_stop_of_the_worked_example_hangs() -> None:
    """002 §10(1): seven points are below eight, and eight and a half are not."""
    view = figures_view(of(EXAM_FIRST, "2024-07-31"))
    found = {figure["path"]: figure for figure in view["figures"]}
    assert found["nodes.8.below"]["stops"] == {"below": "7", "above": "8.51"}
    assert found["categories.misleading.points"]["stops"] == {"below": "2", "above": "3.51"}
    assert found["categories.misleading.restorable"]["stops"] == {"below": "0.99", "above": None}
    assert found["exam.minimum_level"]["stops"] == {"below": None, "above": "5"}
    assert found["exam.reputation_above"]["stops"] == {"below": None, "above": "4.8"}
    assert found["counters.credit.initial"]["score"] == {"below": "9.99", "above": "10.01"}
    assert found["nodes.8.stops.0.days"]["stops"]["above"] == "2"
    assert found["in_force_from"]["stops"]["above"] == "2024-07-11"


def test_assumed_figures_come_first() -> None:
    assumed = [figure["assumed"] for figure in figures_view(of(EXAM_FIRST))["figures"]]
    assert assumed == sorted(assumed, reverse=True)
    assert True in assumed
    assert False in assumed


def told(lines: list[Line], as_of: str) -> dict[str, Any]:
    """{version:path: the figure} of those that turn something."""
    view = figures_view(of(lines, as_of))
    return {f"{f['rulebook'].partition('@')[2]}:{f['path']}": f for f in view["figures"]}


ENROLLED: Line = ("2024-07-10 09:00", f.CreatorEnrolled(level=4, reputation=470))
EIGHT: list[Line] = [
    ENROLLED,
    ("2024-08-05 09:00", f.ViolationFound("v1", "misleading", "other")),
    ("2024-08-06 09:00", f.ViolationFound("v2", "infringement", "other")),
    ("2024-08-06 10:00", f.ViolationFound("v3", "malicious_report", "other")),
]
TWO_EXAMS: list[Line] = [
    ENROLLED,
    ("2024-07-11 09:00", f.ExamRightClaimed()),
    *(
        (f"2024-{day} {hour}:00", fact)
        for day, name in (("07-16", "v1"), ("07-26", "v2"))
        for hour, fact in (
            ("09", f.ViolationFound(name, "misleading", "other")),
            ("10", f.ExamStudied(name)),
            ("11", f.ExamSat(name, 100_00)),
        )
    ),
]
SMALL: list[Line] = [
    ENROLLED,
    ("2024-07-11 09:00", f.ViolationFound("v1", "improper_marketing", "other")),
]
NEAREST = [
    # the end of the range is beyond the last step that grows: 2, 1.99, 1.96, 1.84, 1.36, 0
    (EIGHT, "2024-07:categories.malicious_report.points", "stops", {"below": "0", "above": "2.01"}),
    # 30, 29, 26, 14, 0: the exam right was taken ten days before
    (TWO_EXAMS, "2024-07:exam.quota_days", "score", {"below": "10", "above": None}),
    # asked by a deduction that leaves the score above it
    (EIGHT, "2024-07:counters.credit.floor", "score", {"below": None, "above": "2.01"}),
    # no fact asks for recoveries that come by themselves
    (SMALL, "2024-09:recovery.automatic", "score", {"below": "true", "above": None}),
    # a violation is worth no less than its exam gives back
    (
        SMALL, "2024-07:categories.improper_marketing.points", "score",
        {"below": None, "above": "0.51", "refused": {"below": "0.49", "above": None}},
    ),
    (
        TWO_EXAMS, "2024-07:categories.misleading.restorable", "stops",
        {"below": "0.99", "above": "2"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "key", "field", "turned"), NEAREST)
def test_the_nearest_value_that_turns_it_is_found(
    lines: list[Line], key: str, field: str, turned: dict[str, object]
) -> None:
    as_of = "2024-11-07" if lines is SMALL else "2024-08-07"
    assert told(lines, as_of)[key][field] == turned


def test_lines_name_a_figure_as_set_takes_it_and_say_what_is_refused() -> None:
    here = of(SMALL, "2024-08-07")
    view, tell = figures_view(here), Teller(here.replay(), "zh")
    rows, below = list(figures_rows(view, tell)), list(figures_lines(view, tell))
    (row,) = [row for row in rows if row[0] == "2024-07:categories.improper_marketing.points"]
    assert row[2:] == ("0.49（不允许）、0.51", "–、2.01", "假定")
    assert "2022-02:in_force_from" in below[0]
    assert below[1].startswith("不允许：")


@settings(max_examples=12, deadline=None)
@given(histories(most=6))
def test_each_value_turns_the_outcome_and_the_one_before_it_does_not(
    history: list[Envelope],
) -> None:
    here = world(history, when("2024-12-31"))
    ours = outcome(here.replay())
    for each in which_figures(here):
        value = each.figure.place.value
        if isinstance(value, bool):
            continue
        for field, turned in (("scores", each.score), ("stops", each.stops)):
            for text, back in ((turned.below, 1), (turned.above, -1)):
                if text is None or not isinstance(value, Decimal | int):
                    continue
                unit = Decimal("0.01") if isinstance(value, Decimal) else 1
                nearest = type(value)(text)
                assert getattr(tried(here, each.figure.key, str(nearest)), field) != getattr(
                    ours, field
                )
                nearer = nearest + back * unit
                came = tried(here, each.figure.key, str(nearer))
                assert came is None or getattr(came, field) == getattr(ours, field)


def tried(here, key: str, value: str):  # type: ignore[no-untyped-def]
    """What comes out with a figure as `--set` has it; None where it is refused."""
    try:
        return outcome(after(Scenario.of(set={key: value}), here).replay())
    except RulebookError:
        return None


@settings(max_examples=12, deadline=None)
@given(histories(most=6))
def test_the_short_way_to_another_figure_is_the_long_one(history: list[Envelope]) -> None:
    here = world(history, when("2024-12-31"))
    trials = Trials(here)
    for figure in trials.figures()[::3]:
        value = figure.place.value
        if isinstance(value, bool) or not isinstance(value, Decimal | int):
            continue
        other = value + 1
        long = tried(here, figure.key, str(other))
        if long is not None:
            assert trials._tried(figure, other) == long


def test_a_value_is_put_where_its_path_leads() -> None:
    (rulebook,) = (r for r in SHELF.versions("douyin-creator") if r.version == "2024-07")
    changed = put(rulebook, ["nodes", "8", "stops", "0", "days"], 5)
    assert changed.nodes["8"].stops[0].days == 5
    assert rulebook.nodes["8"].stops[0].days == 1
    assert changed.nodes["6"] == rulebook.nodes["6"]
