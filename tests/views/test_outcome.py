"""What stands and why, and what can still be done: sentences, and that they are what was ruled."""

from pathlib import Path
from typing import NamedTuple

import pytest
import stopping
from everything import walked
from hypothesis import given, settings
from law.reading import ruled
from model.histories import histories
from samples import EXAM_FIRST, Line, envelopes, when

from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from projections.explain.messages import LANGUAGES
from projections.explain.phrases import say
from projections.fold.state import ABSENT, NODE_STARTED, RUNNING, Crossing
from projections.fold.trace import Turn
from projections.standing.naming import naming
from projections.standing.replay import Replay, in_order
from projections.views.chances import chances
from projections.views.deciding import decided
from projections.views.glance import glance_view
from projections.views.outcome import outcome
from projections.views.report import glance
from projections.views.windows import longest, open_windows, pending_appeals

START = EXAM_FIRST[:2]
FRAUD: Line = ("2024-07-10 09:00", f.ViolationFound("v1", "fraud", "other"))


GOLDEN = Path(__file__).parents[1] / "golden" / "glance"


class Case(NamedTuple):
    lines: list[Line]
    as_of: str
    late: str | None = None
    """When all was recorded, if it was not when it took effect."""


CASES = {
    "stopped_for_a_day": Case(EXAM_FIRST[:4], "2024-07-10 12:00"),
    "nothing_stopped_after_an_exam": Case(EXAM_FIRST[:5], "2024-07-10 16:00"),
    "for_good_known_late_appeal_pending": Case(
        [*START, FRAUD, ("2024-07-10 10:00", f.AppealLodged("v1"))],
        "2024-07-20 12:00",
        "2024-07-21 09:00",
    ),
    "money_and_a_measure": Case(
        [
            *START[:1],
            ("2024-07-09 09:00", f.MoneyPosted("deposit", 50_000, "CNY", "paid")),
            ("2024-07-09 10:00", f.MeasureImposed("warning", "risk", when("2024-07-20"))),
        ],
        "2024-07-10 12:00",
    ),
    "before_the_enrolment": Case(START, "2024-07-01"),
    "two_nodes_and_what_a_grant_leaves": Case(
        [
            *START,
            ("2024-07-10 09:00", f.ViolationFound("v1", "misleading", "other")),
            ("2024-07-10 12:00", f.ViolationFound("v2", "prohibited_content", "other")),
        ],
        "2024-07-10 18:00",
    ),
    "an_exam_that_only_time_can_open": Case(
        [
            *START,
            ("2024-07-10 09:00", f.ViolationFound("v1", "spam", "other")),
            ("2024-07-10 10:00", f.ExamStudied("v1")),
            ("2024-07-10 11:00", f.ExamSat("v1", 100_00)),
            ("2024-07-11 09:00", f.ViolationFound("v2", "spam", "other")),
            ("2024-07-11 10:00", f.ExamStudied("v2")),
            ("2024-07-11 11:00", f.AppealLodged("v2")),
            ("2024-07-11 12:00", f.AppealDenied("v2")),
        ],
        "2024-07-18 12:00",
    ),
}


def told(case: Case) -> str:
    """The lines in both languages."""
    recorded = dict.fromkeys(range(len(case.lines) + 1), case.late) if case.late else {}
    facts = envelopes(case.lines, recorded=recorded)
    result = ruled(facts, as_of=when(case.as_of), known_at=when("2024-08-01"), rulings=False)
    blocks = [block for language in LANGUAGES for block in glance(result, language)]
    lines = [[title, *(" " * indent + text for indent, text in block)] for title, block in blocks]
    return "\n\n".join("\n".join(block) for block in lines) + "\n"


@pytest.mark.parametrize("name", CASES)
def test_what_is_told(name: str) -> None:
    assert told(CASES[name]) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_every_golden_glance_is_of_a_case() -> None:
    assert {file.stem for file in GOLDEN.iterdir()} == set(CASES)


def same_look(one: Crossing, other: Crossing) -> bool:
    return (one.started_at, one.looked) == (other.started_at, other.looked)


def check_reasons(result: Replay) -> None:
    """The sum of each running stop's node, and who brought it, are those of the ruling."""
    began = {
        row: event
        for event in in_order(result)
        for code, row, _, _ in event.effects
        if code == NODE_STARTED
    }
    names = naming(result)
    for row, stop in enumerate(result.creator.stops[: result.creator.stops_made]):
        if stop.state != RUNNING or stop.node == ABSENT:
            continue
        event, crossing = began[row], result.creator.crossings[stop.crossing]
        if crossing.started_at != stop.decided_at:  # it goes on in the place of another
            before = result.creator.crossings[: stop.crossing]
            assert crossing.reached in {c.reached for c in before if same_look(c, crossing)}
            continue
        slots, facts = decided(result, stop)
        if isinstance(event, Turn):
            assert {*event.together} <= {*slots} if event.together else True
            continue
        assert event.after[stop.counter] == crossing.reached
        assert event.envelope in facts
        assert getattr(event.envelope.fact, "violation", None) in {
            names.violations[s] for s in slots
        }
        if len(slots) == 1:
            assert event.before[stop.counter] == crossing.looked


@settings(max_examples=75)
@given(histories())
def test_reasons_are_what_was_ruled(history: list[Envelope]) -> None:
    check_reasons(ruled(history, as_of=when("2024-08-20")))


@pytest.mark.parametrize("seed", range(60))
def test_reasons_are_what_was_ruled_whatever_the_rulebook_has(seed: int) -> None:
    result = walked(seed)
    check_reasons(result)
    glance_view(result)  # has words for all of it


@settings(max_examples=30)
@given(histories())
def test_every_stop_window_and_appeal_is_told(history: list[Envelope]) -> None:
    result = ruled(history, as_of=when("2024-08-20"), rulings=False)
    stops = [h for h in outcome(result) if h.kind in ("stop", "sanction")]
    assert len(stops) == len(longest(result.creator))
    every = len(open_windows(result, naming(result))) + len(pending_appeals(result))
    assert len(chances(result)) == every
    dated = chances(result, 1)
    assert len(dated) == every  # no date is left out, only what it would change
    assert not any(chance.consequence for chance in dated[1:])


def test_a_stop_in_the_place_of_a_deeper_one_keeps_its_cause(tmp_path: Path) -> None:
    result = stopping.asked(tmp_path, stopping.book(), [stopping.FIRST, stopping.PART])
    (headline,) = [h for h in outcome(result) if h.kind == "stop"]
    assert headline.violations == ["v1"]
    said = say(headline.why, "en")
    assert said.startswith("since 2023-03-01 10:00, because violation v1 (“an offence”) took")
    assert said.endswith("10 → 3, below 8°")


def found(at: str, name: str, category: str, batch: str | None = None) -> Line:
    return at, f.ViolationFound(name, category, "other", batch=batch)


T = "2024-08-05 10:00"
TOGETHER = [
    ([found(T, "v1", "misleading"), found(T, "v2", "spam")], ["v1"]),
    (
        [
            found("2024-08-01", "v0", "misleading"),
            found(T, "v1", "spam"),
            found(T, "v2", "misleading"),
        ],
        ["v2"],
    ),
    ([found(T, "v1", "malicious_report", "b"), found(T, "v2", "spam", "b")], ["v1", "v2"]),
    (
        [
            found(T, "v1", "malicious_report", "b"),
            found(T, "v2", "spam"),
            found(T, "v3", "spam", "b"),
        ],
        ["v1", "v2"],
    ),
    (
        [
            found(T, "v1", "malicious_report", "b"),
            found(T, "v2", "spam", "b"),
            found(T, "v3", "spam"),
        ],
        ["v1", "v2"],
    ),
]


@pytest.mark.parametrize(("lines", "names"), TOGETHER)
def test_of_several_at_one_instant_those_are_named_whose_points_crossed(
    lines: list[Line], names: list[str]
) -> None:
    result = ruled(envelopes([*START[:1], *lines]), as_of=when("2024-08-05 12:00"), rulings=False)
    (headline,) = [h for h in outcome(result) if h.kind == "stop"]
    assert headline.violations == names


@pytest.mark.parametrize(
    ("second", "obstacle"),
    [("2024-08-01 09:00", "quota_used"), ("2024-08-09 09:00", "not_studied")],
)
def test_nobody_is_sent_to_study_for_an_exam_that_comes_too_late(
    second: str, obstacle: str
) -> None:
    """The exam right of the category is free on 9 August; a window closes after seven days."""
    lines: list[Line] = [
        *START[:2],
        found("2024-07-10 09:00", "v1", "misleading"),
        ("2024-07-10 10:00", f.ExamStudied("v1")),
        ("2024-07-10 11:00", f.ExamSat("v1", 100_00)),
        found(second, "v2", "misleading"),
    ]
    result = ruled(envelopes(lines), as_of=when(second), rulings=False)
    (window,) = [w for w in open_windows(result, naming(result)) if w.kind == "exam"]
    assert window.obstacle == obstacle
