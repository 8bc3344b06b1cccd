"""as_of and known_at are two questions: what was so, and what the ledger had been told."""

import pytest
from law.reading import ruled
from samples import Line, envelopes, when

from ledger.facts import types as f
from projections.views.objects import audit_view, standing_view

LINES: list[Line] = [
    ("2024-06-20 09:00", f.CreatorEnrolled()),
    ("2024-07-01 09:00", f.ViolationFound("v1", "off_topic_goods", "other")),
    ("2024-06-30 09:00", f.ViolationFound("v2", "spam", "other")),
    ("2024-07-04 09:00", f.FactRetracted("e2", "another creator's video")),
]
TOLD = {2: "2024-07-01 10:00", 3: "2024-07-02 12:00", 4: "2024-07-04 09:00"}
HISTORY = envelopes(LINES, recorded=TOLD)


@pytest.mark.parametrize(
    ("as_of", "known_at", "score"),
    [
        ("2024-07-01 12:00", "2024-07-01 12:00", "9.5"),  # v2 was not known yet
        ("2024-07-01 12:00", "2024-07-03 00:00", "8.5"),  # on 3 July, about 1 July
        ("2024-06-30 12:00", "2024-07-03 00:00", "9"),
        ("2024-07-01 12:00", "2024-07-05 00:00", "9"),  # v1 is withdrawn, also about 1 July
        ("2024-07-03 00:00", "2024-07-03 00:00", "8.5"),
        ("2024-06-20 09:00", "2024-06-20 09:00", "10"),
        ("2024-06-20 08:59", "2024-07-05 00:00", None),
    ],
)
def test_what_was_believed_when(as_of: str, known_at: str, score: str | None) -> None:
    result = ruled(HISTORY, as_of=when(as_of), known_at=when(known_at))
    assert standing_view(result)["score"] == score


def test_a_retracted_fact_is_listed_where_it_was() -> None:
    result = ruled(HISTORY, as_of=when("2024-07-31"), known_at=when("2024-07-31"))
    _, found, withdrawn, retraction = audit_view(result)["rulings"]
    assert (found["event"], found["score_after"]) == ("e3", "9")
    assert (withdrawn["event"], withdrawn["outcome"]) == ("e2", "no_effect")
    assert (withdrawn["reason"], withdrawn["retracted_by"]) == ("retracted", "e4")
    scores = (withdrawn["score_before"], withdrawn["change"], withdrawn["score_after"])
    assert scores == ("9", "0", "9")
    assert (retraction["outcome"], retraction["change"]) == ("applied", "0")


def test_before_the_retraction_was_known_nothing_is_said_of_it() -> None:
    result = ruled(HISTORY, as_of=when("2024-07-31"), known_at=when("2024-07-03"))
    view = audit_view(result)
    assert [r["reason"] for r in view["rulings"]] == [None, None, None]
    assert view["known_at"] == "2024-07-03T00:00:00+08:00"
