"""What the law names as its grounds is in the rulebook's shape, and every ruling has some."""

import re

import pytest
from everything import walked
from msgspec import inspect

from ledger.rulebook.concepts import Concept
from ledger.rulebook.model import NODE_LIMITS, STOP_LENGTHS
from ledger.rulebook.shapes import bare, shape
from projections import fold
from projections.views.objects import audit_view

LAW = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in fold.__path__
    for path in sorted(__import__("pathlib").Path(folder).glob("*.py"))
)
HEADS = "|".join(field.name for field in shape().fields)
KEYS = sorted(
    set(re.findall(rf'"((?:{HEADS})\.[a-z_.*]+)"', LAW))
    | {"overlap", "crossing", "in_force_from"}
    | {f"nodes.*.fines.*.{word}" for word in ("amount", "account", "currency")}
)


def field(wanted: inspect.Type, part: str) -> inspect.Type:
    match bare(wanted):
        case inspect.DictType(value_type=inner) | inspect.VarTupleType(item_type=inner):
            assert part == "*"
            return inner
        case inspect.StructType() as struct:
            words = {"limit": NODE_LIMITS, "length": STOP_LENGTHS}.get(part, (part,))
            return next(f.type for f in struct.fields if f.name in words)
    raise AssertionError(part)


@pytest.mark.parametrize("key", KEYS)
def test_a_key_of_the_law_is_in_the_shape_of_rulebooks(key: str) -> None:
    if key.startswith("clauses."):
        assert key.partition(".")[2] in Concept.__args__  # type: ignore[attr-defined]
        return
    wanted = shape()
    for part in key.split("."):
        wanted = field(wanted, part)  # type: ignore[assignment]


def test_the_law_names_many_keys() -> None:
    assert len(KEYS) > 80


def test_every_ruling_of_a_rule_has_grounds() -> None:
    for seed in range(20):
        view = audit_view(walked(seed))
        for ruling in view["rulings"]:
            own = all(clause.startswith("ledger: ") for clause in ruling["clauses"])
            assert own != bool(ruling["grounds"]) or ruling["reason"] == "closed", ruling
        for entry in view["time"]:
            assert entry["grounds"], entry
