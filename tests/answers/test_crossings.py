"""A fine of a node is told with the node that it rests on, whether or not a stop goes with it."""

from law.reading import EVER, ruled

from ledger import facts as f
from projections.explain import explain
from projections.standing import Replay
from projections.views import audit_view

from .samples import Line, envelopes


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
    assert paths(result, 1) == ["nodes.fined.at_or_above", "nodes.fined.fines"]
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
        "The appeal was granted: violation a1 (general violation) is void and 12 points are taken"
        " off (12 → 0); 2000.00 CNY are no longer due on the account “deposit”."
    )
    assert "不再应缴2000.00 CNY" in granted["text"]["zh"]
