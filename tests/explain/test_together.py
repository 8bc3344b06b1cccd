"""What was found together is told as the batch's, never under a fact without effect."""

import pytest
from law.reading import LIBRARIES, SHANGHAI

from projections.standing.replay import Replay
from projections.views.objects import audit_view
from replay.casebook.cases import parse
from replay.casebook.run import ruled

HEAD = "## c\nstart 2024-07-10 08:00\n"
REFUSED = {
    "the last of the batch has no effect": """
2024-07-10 09:00 | violation v1 misleading batch=b
2024-07-10 09:00 | violation v2 spam batch=b
2024-07-10 09:00 | violation v1 spam batch=b
""",
    "a single violation without effect is looked at before the batch has ended": """
2024-07-10 09:00 | violation v1 misleading batch=b
2024-07-10 09:00 | violation v2 spam batch=b
2024-07-10 09:00 | violation v9 unheard_of
2024-07-10 09:00 | violation v3 spam batch=b
""",
}


def asked(rows: str) -> Replay:
    (case,) = parse(HEAD + rows, "c", ("douyin-creator",), lambda _: SHANGHAI, blank=True)
    return next(ruled(case, LIBRARIES))


@pytest.mark.parametrize("rows", REFUSED.values(), ids=REFUSED)
def test_what_starts_is_told_by_itself_with_the_violations_named(rows: str) -> None:
    view = audit_view(asked(rows))
    refused = next(r for r in view["rulings"] if r["outcome"] == "no_effect")
    assert refused["effects"] == []
    assert all(ground["path"].startswith("clauses.") for ground in refused["grounds"][:1])
    (batch,) = view["time"]
    assert batch["at"] == refused["effective_at"]
    assert batch["before"] == refused["position"]
    assert batch["violations"] == ["v1", "v2"]
    assert [effect["kind"] for effect in batch["effects"]] == ["node_started"]
    assert "nodes.8.below" in {ground["path"] for ground in batch["grounds"]}
    assert batch["text"]["en"].startswith(
        "Found together, v1 and v2 count as one (credit score 10 → 6), and the nodes are looked at "
        "once; the credit score fell below 8"
    )
    assert batch["text"]["zh"].startswith(
        "违规v1、v2多条并犯，合并计算（信用分10分 → 6分）后一并判断节点；信用分低于8分"
    )


def test_the_last_of_a_batch_names_those_it_was_found_with() -> None:
    rows = REFUSED["the last of the batch has no effect"].rsplit("\n", 2)[0]
    view = audit_view(asked(rows))
    assert view["time"] == []
    first, last = (ruling["text"] for ruling in view["rulings"][-2:])
    assert "; found together with v2, as one deduction" in first["en"]
    assert "; found together, v1 and v2 count as one (credit score 10 → 6), and" in last["en"]
    assert (
        "；违规v1、v2多条并犯，合并计算（信用分10分 → 6分）后一并判断节点；信用分低于8分"
        in last["zh"]
    )


def test_a_limit_is_crossed_by_those_found_since_the_look_before() -> None:
    rows = """
2024-07-10 09:00 | violation v1 misleading batch=b
2024-07-10 09:00 | violation v2 spam
2024-07-10 09:00 | violation v3 misleading batch=b
"""
    first, alone, last = (
        ruling["text"]["en"] for ruling in audit_view(asked(rows))["rulings"][-3:]
    )
    assert first.endswith("found together with v3, as one deduction.")
    assert "found together, v1 and v2 count as one (credit score 10 → 6), and" in alone
    assert "fell below 8" in alone
    assert "found together with v1, as one deduction; the credit score fell below 6" in last
