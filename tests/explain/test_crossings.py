"""A fine of a node is told with the node that it rests on, whether or not a stop goes with it."""

from law.reading import EVER, ruled
from samples import Line, envelopes

from ledger.facts import types as f
from projections.explain.explanation import explain
from projections.standing.replay import Replay
from projections.views.objects import audit_view


def asked(book: str, *lines: Line) -> Replay:
    start: Line = ("2024-03-01 08:00", f.CreatorEnrolled(book, 4, 461))
    return ruled(envelopes([start, *lines]), EVER)


def paths(result: Replay, number: int) -> list[str]:
    return [r.path for r in explain(result)[number].references if r.path.startswith("nodes")]


def test_without_a_stop() -> None:
    result = asked(
        "crossings",
        ("2024-03-02 10:00", f.ViolationFound("v1", "offence", "other")),
        ("2024-03-07 10:00", f.AppealGranted("v1")),
    )
    assert paths(result, 1) == ["nodes.fined.at_or_above", "nodes.fined.fines.0.amount"]
    assert paths(result, 2) == ["nodes.fined.at_or_above", "nodes.fined.lifted_by"]


def test_after_its_stop_was_served() -> None:
    result = asked(
        "douyin-merchant",
        (
            "2024-03-02 10:00",
            f.ViolationFound("a1", "general", "other", points=1200, ground="unstated"),
        ),
        ("2024-03-07 10:00", f.AppealGranted("a1")),
    )
    found, granted = audit_view(result)["rulings"][1:]
    assert "assumed: categories.general.fines" not in found["clauses"]
    assert granted["clauses"][-1] == "assumed: nodes.a12.lifted_by"
    assert granted["text"]["en"].startswith(
        "The appeal was granted: all that was done about violation a1 (“general violation”) is "
        "revoked, and 12 points are taken off (12 → 0); 2000.00 CNY are no longer due on the "
        "account “deposit”."
    )
    assert "不再自保证金扣缴人民币2000.00元" in granted["text"]["zh"]


def test_of_several_multiples() -> None:
    result = asked(
        "douyin-merchant",
        (
            "2024-03-02 10:00",
            f.ViolationFound("a1", "general", "other", points=3600, ground="unstated"),
        ),
        ("2024-03-03 10:00", f.AppealGranted("a1", points=100)),
        ("2024-03-07 11:00", f.AppealGranted("a1", points=100)),
        ("2024-03-07 12:00", f.AppealGranted("a1", points=1100)),
        ("2024-03-07 13:00", f.AppealGranted("a1")),
    )
    texts = [r["text"]["en"] for r in audit_view(result)["rulings"]]
    node = "(“Twelve points for general violations”)"
    assert f"reached 36 or more {node}, which brings closure of the shop for 3 days" in texts[1]
    assert "6000.00 CNY (2000.00 CNY × 3) are due" in texts[1]
    assert "with the tally of general violations (A) at 35, less than 12 is needed" in texts[2]
    for number, released in ((2, "2000.00"), (3, ""), (4, "2000.00"), (5, "2000.00")):
        assert (f"{released} CNY are no longer due" in texts[number]) == bool(released)
        assert ("nodes.a12.lifted_by" in paths(result, number)) == bool(released)
