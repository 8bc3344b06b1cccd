"""docs/facts.md against the code: its facts are read, its lists are whole."""

import re
from pathlib import Path
from typing import get_args

from ledger.facts.cloudevents import parse
from ledger.facts.envelope import REPLAY_CLASS, REST, Envelope
from ledger.facts.plans import PLANS
from ledger.facts.types import (
    FACT_TYPES,
    TYPE_NAME,
    DetectedBy,
    MeasureGround,
    PointsGround,
    RevocationGround,
)

DOCS = (Path(__file__).parents[2] / "docs" / "facts.md").read_text(encoding="utf-8")


def table(heading: str) -> dict[str, list[str]]:
    section = DOCS.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.*) \|$", section, re.MULTILINE)[1:]
    return {cells[0]: cells[1:] for row in rows if (cells := row.split(" | "))}


def test_its_lines_are_facts() -> None:
    block = DOCS.partition("```jsonl\n")[2].partition("```")[0]
    for number, text in enumerate(block.splitlines(), 1):
        assert isinstance(parse(text, file="facts.md", line_no=number), Envelope)


def test_it_has_every_type_with_every_field() -> None:
    rows = table("Types")
    for kind in FACT_TYPES:
        name = TYPE_NAME[kind]
        fields = {*PLANS[name].required} | {f"{f}?" for f in PLANS[name].fields}
        said = set(re.findall(r"`([a-z_]+\??)`", rows.pop(f"`{name}`")[0]))
        assert {f.rstrip("?") for f in said} == set(kind.__struct_fields__), name
        assert said <= fields, name
        assert all(f.rstrip("?") not in PLANS[name].required for f in said if f[-1] == "?"), name
    assert list(rows) == ["---"] or not rows


def test_it_has_every_word_of_the_closed_lists() -> None:
    for words in (DetectedBy, MeasureGround, PointsGround, RevocationGround):
        for word in get_args(words):
            assert f"`{word}`" in DOCS


def test_it_has_the_classes_of_replay() -> None:
    rows = table("Order")
    for kind in FACT_TYPES:
        rank = REPLAY_CLASS.get(kind, REST)
        if rank < REST:
            assert f"`{TYPE_NAME[kind]}`" in rows[str(rank)][0]
