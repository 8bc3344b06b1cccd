"""A stop that waited and begins earlier: each ruling tells what was planned at its time."""

from law.reading import EVER, ruled, when
from samples import Line, envelopes

from ledger.facts import types as f
from projections.explain.explanation import explain
from projections.standing.replay import Replay
from projections.views.objects import audit_view

LINES: list[Line] = [
    ("2023-02-01 08:00", f.CreatorEnrolled("waiting", 4, 461)),
    ("2023-03-01 10:00", f.ViolationFound("i1", "insult", "other")),
    ("2023-03-01 11:00", f.ViolationFound("i2", "insult", "other")),
    ("2023-03-02 12:00", f.AppealGranted("i1")),
    ("2023-03-03 12:00", f.AppealGranted("i2")),
]


def asked(as_of: int = EVER) -> Replay:
    return ruled(envelopes(LINES), as_of)


def test_each_ruling_tells_the_plan_of_its_time() -> None:
    found, first, second = audit_view(asked())["rulings"][2:]
    assert found["effects"] == [
        {
            "kind": "node_started",
            "node": None,
            "violation": "i2",
            "feature": "live",
            "until": "2023-03-05T10:00:00+08:00",
            "from": "2023-03-03T10:00:00+08:00",
            "at": "2023-03-01T11:00:00+08:00",
        }
    ]
    assert "from 2023-03-03 10:00 until 2023-03-05 10:00" in found["text"]["en"]
    moved = first["effects"][1]
    assert (moved["kind"], moved["until"]) == ("node_moved", "2023-03-04T12:00:00+08:00")
    assert "begins now, until 2023-03-04 12:00" in first["text"]["en"]
    assert "即时开始执行，至2023-03-04 12:00" in first["text"]["zh"]
    lifted = second["effects"][0]
    assert (lifted["kind"], lifted["planned_until"]) == (
        "node_lifted",
        "2023-03-04T12:00:00+08:00",
    )
    assert "would have lasted until 2023-03-04 12:00" in second["text"]["en"]


def test_the_rule_of_overlap_is_cited() -> None:
    assert "overlap" in [reference.path for reference in explain(asked())[3].references]


def test_the_standing_has_the_stop_as_it_is() -> None:
    result = asked(when("2023-03-02 12:00"))
    stop = audit_view(result)["standing"]["sanctions"][1]
    assert (stop["from"], stop["until"]) == (
        "2023-03-02T12:00:00+08:00",
        "2023-03-04T12:00:00+08:00",
    )
    assert stop["state"] == "running"
