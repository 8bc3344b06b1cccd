"""What of the source rules is asked before a fact is let in: its form, not its effect."""

import json

import pytest

from ledger.facts.cloudevents import Refusal, parse
from ledger.facts.envelope import Envelope

FOUND = {"violation": "v1", "category": "spam", "detected_by": "platform_screening"}
CASES = {
    # rule: (type, data, field that is refused, or nothing)
    **{
        f"C-011 a violation may be found by {by}": (
            "violation_found", FOUND | {"detected_by": by}, "",
        )
        for by in (
            "platform_screening",
            "authority_notice",
            "court_document",
            "user_complaint",
            "media_exposure",
            "other",
        )
    },
    "C-011 a violation found by hearsay is refused": (
        "violation_found", FOUND | {"detected_by": "hearsay"}, "detected_by",
    ),
    "C-011 a violation that nobody found is refused": (
        "violation_found", {"violation": "v1", "category": "spam"}, "detected_by",
    ),
    "C-007 points without a ground are malformed": (
        "violation_found", FOUND | {"points": "5"}, "ground",
    ),
    **{
        f"C-007 C-008 points may be given for the ground {ground}": (
            "violation_found", FOUND | {"points": "5", "ground": ground}, "",
        )
        for ground in (
            "egregious", "repeated", "mass_refusal", "concurrent", "severe_single",
            "first_offence", "unintentional", "minor", "unstated",
        )
    },
    "C-008 a ground that no rule knows is refused": (
        "violation_found", FOUND | {"points": "0", "ground": "sympathy"}, "ground",
    ),
    "C-012 any word may name a measure": (
        "violation_found", FOUND | {"measures": ["video_self_only", "a_new_one"]}, "",
    ),
    "C-016 a violation without its notice's instant is refused": (
        "violation_found", FOUND | {"time": None}, "time",
    ),
    "C-055 a mark above a hundred is refused": (
        "exam_sat", {"violation": "v1", "mark": "100.01"}, "mark",
    ),
    "C-058 an answer without its mark is refused": ("exam_sat", {"violation": "v1"}, "mark"),
    "C-062 the right is revoked on one of four grounds": (
        "exam_right_revoked", {"ground": "improper_claim"}, "",
    ),
    "C-062 the right is not revoked on a fifth": (
        "exam_right_revoked", {"ground": "displeasure"}, "ground",
    ),
    "C-035 a risk measure names its trigger": (
        "measure_imposed", {"measure": "funds_frozen", "ground": "media"}, "",
    ),
    "C-037 a risk measure without a ground is refused": (
        "measure_imposed", {"measure": "funds_frozen"}, "ground",
    ),
    "C-096 likes, comments and shares are no facts of the ledger": (
        "likes_received", {"count": 1000}, "type",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "data", "refused"), CASES.values(), ids=CASES)
def test_door(kind: str, data: dict[str, object], refused: str) -> None:
    event = {
        "specversion": "1.0",
        "type": kind,
        "source": "s",
        "id": "e1",
        "subject": "c",
        "time": "2024-07-10T09:00:00+08:00",
        "data": {k: v for k, v in data.items() if k != "time"},
    }
    if "time" in data:
        del event["time"]
    answer = parse(json.dumps(event), file="facts.jsonl", line_no=1)
    if not refused:
        assert isinstance(answer, Envelope), str(answer)
    else:
        assert isinstance(answer, Refusal)
        assert answer.field.removeprefix("data.") == refused
