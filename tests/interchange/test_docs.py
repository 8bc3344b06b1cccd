"""docs/interchange.md against the code: its mapping is one, its tables are whole."""

import re
from pathlib import Path

from replay.interchange.dsa import REQUIRED, RESTRICTS
from replay.interchange.ocel import APPEALS, MEASURES, OBJECT_TYPES, STOPS
from replay.interchange.words import Mapping, Words, load

PAGE = (Path(__file__).parents[2] / "docs" / "interchange.md").read_text(encoding="utf-8")


def test_its_mapping_is_one_and_has_every_table(tmp_path: Path) -> None:
    (text,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.M | re.S)
    file = tmp_path / "m.toml"
    file.write_text(text, encoding="utf-8")
    mapping = load(file)
    tables = set(Mapping.__struct_fields__) - {"title"}
    assert {name for name in tables if getattr(mapping, name) not in ({}, Words())} == tables


def test_it_names_what_is_required_and_what_restricts() -> None:
    assert all(f"`{name}`" in PAGE for name in (*REQUIRED, *RESTRICTS))


def test_it_has_every_object_with_its_attributes_and_every_relation() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| `\w+:mei.*?` \| (.*?) \|", PAGE, re.M))
    named = {
        name: set(re.findall(r"`(\w+)`", said)) - {"lodged", "granted", "denied"}
        for name, said in rows.items()
    }
    assert named == {name: set(types) for name, types in OBJECT_TYPES.items()}
    for way in (*APPEALS.values(), *STOPS.values(), *MEASURES.values()):
        assert f"`{way}`" in PAGE
