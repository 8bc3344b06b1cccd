"""The JSON of standing and audit: fields, order, forms, and their published schemas."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from law.reading import ruled
from model.histories import KINDS as HISTORY_KINDS
from model.histories import histories
from samples import APPEAL_FIRST, EXAM_FIRST, Line, envelopes, when
from schemas import problems, schema

from ledger.facts import types as f
from ledger.facts.codec import decode, encode
from projections.fold.state import EFFECTS, KINDS, REASONS
from projections.standing.replay import Replay
from projections.views.objects import audit_view, standing_view

GOLDEN = Path(__file__).parents[1] / "golden" / "answers"
STANDING = ["score", "counters", "sanctions", "measures", "violations", "exam_quota", "money"]
HEAD = ["creator", "as_of", "known_at", "rulebook"]
RULING = [
    "position", "event", "source", "type", "effective_at", "recorded_at", "score_before", "change",
    "score_after", "outcome", "reason", "effects", "clauses", "rulebook", "grounds", "text",
]  # fmt: skip


def asked(lines: list[Line], as_of: str, **options: str) -> Replay:
    known_at = options.get("known_at", as_of)
    return ruled(envelopes(lines), as_of=when(as_of), known_at=when(known_at))


@pytest.mark.parametrize(
    ("name", "lines"), [("exam_first", EXAM_FIRST), ("appeal_first", APPEAL_FIRST)]
)
@pytest.mark.parametrize("day", ["2024-07-10 12:00", "2024-07-31"])
def test_golden(name: str, lines: list[Line], day: str) -> None:
    view = audit_view(asked(lines, day))
    assert problems(view, "audit") == []
    written = json.dumps(view, ensure_ascii=False, indent=1) + "\n"
    file = GOLDEN / f"audit_{name}_{day[:10]}.json"
    assert written == file.read_text(encoding="utf-8")


def test_order_of_fields() -> None:
    result = asked(EXAM_FIRST, "2024-07-31")
    assert list(standing_view(result)) == HEAD + STANDING
    view = audit_view(result)
    assert list(view) == [*HEAD, "rulebooks", "standing", "rulings", "time"]
    assert list(view["standing"]) == STANDING
    assert list(view["rulings"][0]) == RULING


def test_schemas_list_every_name() -> None:
    ruling = schema("audit")["$defs"]["Ruling"]["properties"]
    assert ruling["type"]["enum"] == list(KINDS)
    assert ruling["reason"]["anyOf"][0]["enum"] == list(REASONS[1:])
    assert schema("audit")["$defs"]["Effect"]["properties"]["kind"]["enum"] == list(EFFECTS)


@settings(max_examples=100)
@given(histories(kinds=(*HISTORY_KINDS, "retraction")))
def test_every_answer_fits_its_schema(history: list) -> None:  # type: ignore[type-arg]
    at = when("2024-08-01")
    result = ruled(history, as_of=at, known_at=at)
    assert problems(audit_view(result), "audit") == []
    assert problems(standing_view(result), "standing") == []


def test_before_enrolment_scores_are_null() -> None:
    lines: list[Line] = [
        ("2024-07-01 09:00", f.ViolationFound("v1", "spam", "other")),
        *EXAM_FIRST[:1],
    ]
    before = audit_view(asked(lines, "2024-07-02"))
    assert before["standing"]["score"] is None
    assert before["standing"]["counters"] == {"credit": None}
    view = audit_view(asked(lines, "2024-07-31"))
    early, enrolled = view["rulings"]
    assert (early["score_before"], early["change"], early["score_after"]) == (None, None, None)
    assert early["reason"] == "not_enrolled"
    scores = (enrolled["score_before"], enrolled["change"], enrolled["score_after"])
    assert scores == (None, "10", "10")


def test_nominal_stands_only_where_it_differs_and_has_the_sign_of_change() -> None:
    lines: list[Line] = [
        *EXAM_FIRST[:1],
        ("2024-07-09 09:00", f.ViolationFound("v1", "fraud", "other")),
        ("2024-07-10 09:00", f.AppealGranted("v1")),
        ("2024-07-11 09:00", f.RecoveryGranted("2024-06", 300)),
    ]
    _, found, granted, recovered = audit_view(asked(lines, "2024-07-31"))["rulings"]
    assert (found["change"], found["nominal"]) == ("-10", "-12")
    assert "nominal" not in granted
    assert (recovered["change"], recovered["nominal"]) == ("2", "3")


def test_a_lifted_stop_tells_its_original_end() -> None:
    (stop,) = standing_view(asked(EXAM_FIRST, "2024-07-31"))["sanctions"]
    assert stop == {
        "node": "8",
        "feature": "product_sharing",
        "from": "2024-07-10T09:00:00+08:00",
        "until": "2024-07-10T15:00:00+08:00",
        "state": "lifted",
        "planned_until": "2024-07-11T09:00:00+08:00",
    }


def test_a_permanent_stop_has_no_end() -> None:
    lines: list[Line] = [
        *EXAM_FIRST[:1],
        ("2024-07-09 09:00", f.ViolationFound("v1", "fraud", "other")),
        ("2024-07-12 09:00", f.AppealGranted("v1")),
    ]
    stop = standing_view(asked(lines, "2024-07-10"))["sanctions"][-1]
    assert (stop["node"], stop["until"], stop["state"]) == ("0", None, "running")
    assert "planned_until" not in stop
    stop = standing_view(asked(lines, "2024-07-13"))["sanctions"][-1]
    assert (stop["state"], stop["planned_until"]) == ("lifted", None)


def test_imposed_measures_end_by_themselves() -> None:
    until = when("2024-07-20")
    lines: list[Line] = [
        *EXAM_FIRST[:1],
        ("2024-07-09 09:00", f.MeasureImposed("warning", "risk", until)),
    ]
    (row,) = standing_view(asked(lines, "2024-07-19"))["measures"]
    assert (row["violation"], row["state"]) == (None, "running")
    (row,) = standing_view(asked(lines, "2024-07-20"))["measures"]
    assert (row["state"], row["until"]) == ("ended", "2024-07-20T00:00:00+08:00")


def test_a_measure_recorded_with_an_end_before_its_begin_is_read_and_never_runs() -> None:
    over = f.MeasureImposed("warning", "risk", when("2024-07-08"))
    (stored,) = envelopes([("2024-07-09 09:00", over)])
    assert decode(encode(stored)) == stored
    lines: list[Line] = [*EXAM_FIRST[:1], ("2024-07-09 09:00", over)]
    (row,) = standing_view(asked(lines, "2024-07-10"))["measures"]
    assert row["state"] == "ended"


def test_quota_only_while_it_is_taken() -> None:
    lines = EXAM_FIRST[:5]
    quota = [{"category": "misleading", "available_from": "2024-08-09T00:00:00+08:00"}]
    assert standing_view(asked(lines, "2024-08-08 23:59"))["exam_quota"] == quota
    assert standing_view(asked(lines, "2024-08-09"))["exam_quota"] == []


def test_money_is_due_less_posted() -> None:
    lines: list[Line] = [
        *EXAM_FIRST[:1],
        ("2024-07-09 09:00", f.MoneyPosted("deposit", 50_000, "CNY", "paid")),
        ("2024-07-09 09:00", f.MoneyPosted("deposit", 500, "JPY", "paid")),
    ]
    assert standing_view(asked(lines, "2024-07-31"))["money"] == [
        {"account": "deposit", "currency": "CNY", "due": "-500.00"},
        {"account": "deposit", "currency": "JPY", "due": "-500"},
    ]


def test_a_category_no_version_knows_keeps_its_word() -> None:
    lines: list[Line] = [
        *EXAM_FIRST[:1],
        ("2024-07-09 09:00", f.ViolationFound("v1", "unheard_of", "other")),
        ("2024-07-09 09:00", f.ViolationFound("v1", "novel", "other", None, 100, "unstated")),
    ]
    (row,) = standing_view(asked(lines, "2024-07-31"))["violations"]
    assert (row["category"], row["points"]) == ("novel", "1")


def test_violations_in_the_order_in_which_they_were_found() -> None:
    lines: list[Line] = [
        *EXAM_FIRST[:1],
        ("2024-07-08 10:00", f.AppealLodged("v2")),
        ("2024-07-09 09:00", f.ViolationFound("v1", "spam", "other")),
        ("2024-07-09 10:00", f.ViolationFound("v2", "spam", "other")),
    ]
    rows = standing_view(asked(lines, "2024-07-31"))["violations"]
    assert [row["violation"] for row in rows] == ["v1", "v2"]
