"""What docs/output.md and docs/readings.md say is what the program prints."""

import json
import re
from pathlib import Path

from samples import EXAM_FIRST, envelopes, when
from whatif.test_what_if import SHELF, compared, ruled

from projections.fold.state import EFFECTS, REASONS
from projections.views.objects import audit_view, standing_view
from replay.whatif.counterfactual import comparison_view, counterfactual
from replay.whatif.scenario import Scenario

DOCS = Path(__file__).parents[2] / "docs"
OUTPUT = (DOCS / "output.md").read_text(encoding="utf-8")
READINGS = (DOCS / "readings.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```json\n(.*?)^```", OUTPUT, re.M | re.S)
STANDING, RULING, WHAT_IF, POPULATION, SHADOW = SHOWN
del POPULATION  # looked at in tests/population


def test_the_standing_shown_is_one() -> None:
    result = ruled(
        envelopes(EXAM_FIRST), as_of=when("2024-07-10 12:00"), known_at=when("2024-07-11")
    )
    view = standing_view(result) | {"creator": "mei"}
    assert json.loads(STANDING) == view
    assert list(json.loads(STANDING)) == list(view)


def test_the_ruling_shown_is_one() -> None:
    result = ruled(envelopes(EXAM_FIRST), as_of=when("2024-07-31"))
    ruling = audit_view(result)["rulings"][4]
    shown = json.loads(RULING)
    assert list(shown) == list(ruling)
    del shown["text"], ruling["text"]
    assert len(shown["grounds"]) == 3
    some, every = shown.pop("grounds"), ruling.pop("grounds")
    assert [ground for ground in every if ground in some] == some
    assert shown == ruling


def test_the_fields_of_a_comparison_are_shown() -> None:
    view = comparison_view(compared(Scenario.of(drop=("e5",)), envelopes(EXAM_FIRST)))
    fields = re.findall(r'"(\w+)":', WHAT_IF)
    for name in (*view, *view["scenario"], *view["baseline"], *view["rulings"][0]):
        assert name in fields, name
    assert counterfactual(Scenario(), ruled(envelopes(EXAM_FIRST), as_of=0), [], SHELF).pairs == []


def test_every_reason_and_effect_is_described() -> None:
    assert [r for r in REASONS if r and f"`{r}`" not in READINGS] == []
    assert [e for e in EFFECTS if f"`{e}`" not in OUTPUT] == []
