"""A small sound rulebook with one of each concept; tests put one thing in it wrong."""

from collections.abc import Iterator
from pathlib import Path

from msgspec import inspect

from ledger.rulebook.shapes import bare

SOUND = """\
name = "shop"
version = "1"
in_force_from = 2020-01-01
zone = "Europe/Berlin"
title = { en = "Shop", zh = "店" }

[sources]
"r" = { title = "Rules" }

[counters.score]
direction = "balance"
clause = "§1"
source = "r"
initial = 10
cap = 12
floor = 0

[features]
sell = { en = "selling", zh = "销售" }

[categories.late]
title = { en = "Late", zh = "迟" }
points = { value = 2, clause = "§2", source = "r" }
restorable = { value = 0.5, assumed = true, note = "a guess" }

[nodes.8]
clause = "§3"
source = "r"
below = 8
stops = [
  { feature = "sell", days = 3 },
]
lifted_by = ["appeal"]

[recovery]
clause = "§4"
source = "r"
cadence = "clean_days"
points = 1
runs = [{ days = 7, below = 10 }, { days = 30 }]

[exam]
clause = "§5"
source = "r"
minimum_level = 1
reputation_above = 4
window_days = 7
answers = 2
pass_mark = 100
quota_days = 30

[clauses.appeal]
en = "A violation may be contested."
zh = "可申诉。"
clause = "§6"
source = "r"
"""


def changed(*pairs: str) -> str:
    """`SOUND` with each first text replaced by the second, which must have been there."""
    text = SOUND
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def put(root: Path, text: str, place: str = "shop/1.toml") -> Path:
    """Write a rulebook where a shelf finds it."""
    file = root / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def structs(wanted: inspect.Type) -> Iterator[inspect.StructType]:
    """Every struct that a rulebook is made of."""
    match bare(wanted):
        case inspect.StructType() as struct:
            yield struct
            for field in struct.fields:
                if field.name != "citations":
                    yield from structs(field.type)
        case inspect.DictType() as table:
            yield from structs(table.value_type)
        case inspect.VarTupleType() as row:
            yield from structs(row.item_type)
