"""The examples of `docs/rulebooks.md` have keys that the loader takes; every key is described."""

import re
import tomllib
from decimal import Decimal
from typing import get_args

import pytest

from ledger.rulebook.citations import Citations
from ledger.rulebook.concepts import Concept
from ledger.rulebook.model import OWN
from ledger.rulebook.shapes import misshapen, shape
from ledger.rulebook.shelf import SHIPPED

from .samples import structs

PAGE = (SHIPPED.parents[1] / "docs" / "rulebooks.md").read_text("utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0])
def test_every_key_of_an_example_is_known(block: str) -> None:
    plain = Citations(tomllib.loads(block, parse_float=Decimal)).plain
    assert [f for f in misshapen(plain) if "missing" not in f.text] == []


def test_every_concept_is_named() -> None:
    assert len(BLOCKS) >= 12
    assert [c for c in get_args(Concept) if f"`{c}`" not in PAGE] == []


STRUCTS = {struct.cls.__name__: struct for struct in structs(shape())}
TABLES = {
    "Rulebook": "the head",
    "Source": "`[sources.x]`",
    "Counter": "`[counters.x]`",
    "Duration": "a length",
    "Reset": "`reset`",
    "Feature": "`[features.x]`",
    "Lapse": "`[lapses.x]`",
    "Roles": "`[roles]`",
    "Category": "`[categories.x]`",
    "Severity": "`[categories.x.severities.y]`",
    "Fine": "a fine",
    "Ladder": "`[ladders.x]`",
    "Step": "a step",
    "Node": "`[nodes.x]`",
    "Stop": "a stop",
    "Recovery": "`[recovery]`",
    "CleanRun": "a run",
    "Courses": "`[courses]`",
    "AccrualExam": "`[accrual_exam]`",
    "Exam": "`[exam]`",
    "Appeal": "`[appeal]`",
    "Title": "`[clauses.x]`",
}
"""What the table of a struct's keys is headed: `key of …`, what is so without it, its meaning."""


def test_every_table_of_a_rulebook_is_described() -> None:
    assert set(TABLES) == set(STRUCTS)


@pytest.mark.parametrize("name", TABLES)
def test_every_key_is_described(name: str) -> None:
    _, _, after = PAGE.partition(
        f"\n| key of {TABLES[name]} | without it | meaning |\n|---|---|---|\n"
    )
    rows = re.findall(r"\| (.+?) \| (.+?) \| .+ \|\n", after.partition("\n\n")[0] + "\n")
    absent = {key: said for keys, said in rows for key in re.findall(r"`(\w+)`", keys)}
    fields = {f.name: f for f in STRUCTS[name].fields if name != "Rulebook" or f.name not in OWN}
    assert sorted(absent) == sorted(fields)
    for key, field in fields.items():
        assert (absent[key] == "needed") == field.required, key
        if isinstance(field.default, str | int | Decimal) and field.default not in ("", False):
            assert absent[key] == f"`{str(field.default).replace('True', 'true')}`", key
