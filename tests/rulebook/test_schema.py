"""The published JSON Schema is the one the code makes, and it takes what the loader takes."""

import json
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.rulebook.schema import schema
from ledger.rulebook.shelf import SHIPPED

from .samples import SOUND, changed

ROOT = SHIPPED.parents[1]
FILES = [*SHIPPED.glob("*/*.toml"), *ROOT.glob("examples/*/rulebooks/*/*.toml")]
SCHEMA = schema()
TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": int | float,
}


def fits(value: Any, s: dict[str, Any]) -> bool:
    """JSON Schema as far as ours goes; a keyword it does not know is a `KeyError`."""
    return all(KEYWORDS[word](value, s[word], s) for word in s)


def typed(value: Any, name: str, _: object) -> bool:
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def additional(value: Any, other: Any, s: dict[str, Any]) -> bool:
    rest = [v for k, v in value.items() if k not in s["properties"]]
    return not rest if other is False else all(fits(v, other) for v in rest)


KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(["$schema", "$defs", "title", "description"], lambda *_: True),
    "$ref": lambda v, ref, _: fits(v, SCHEMA["$defs"][ref.removeprefix("#/$defs/")]),
    "type": typed,
    "enum": lambda v, words, _: v in words,
    "pattern": lambda v, pattern, _: re.search(pattern, v) is not None,
    "format": lambda v, _, __: bool(date.fromisoformat(v)),
    "minimum": lambda v, least, _: v >= least,
    "maximum": lambda v, most, _: v <= most,
    "items": lambda v, s, _: all(fits(item, s) for item in v),
    "required": lambda v, names, _: all(name in v for name in names),
    "properties": lambda v, p, _: all(fits(v[k], p[k]) for k in v if k in p),
    "additionalProperties": additional,
    "propertyNames": lambda v, s, _: all(fits(name, s) for name in v),
    "anyOf": lambda v, ways, _: any(fits(v, s) for s in ways),
    "oneOf": lambda v, ways, _: sum(fits(v, s) for s in ways) == 1,
}


def as_json(text: str) -> Any:
    return json.loads(json.dumps(tomllib.loads(text), default=date.isoformat))


def accepted(text: str) -> bool:
    try:
        return fits(as_json(text), SCHEMA)
    except (AttributeError, TypeError):  # a keyword asked of a value of another type
        return False


def test_the_published_schema_is_current() -> None:
    file = ROOT / "docs" / "schema" / "rulebook.schema.json"
    assert json.loads(file.read_text("utf-8")) == SCHEMA, "penalty-ledger rulebook schema"


def test_every_reference_is_defined_and_used() -> None:
    named = set(re.findall(r'"#/\$defs/([^"]+)"', json.dumps(SCHEMA)))
    assert named == SCHEMA["$defs"].keys()


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_it_takes_the_shipped_files(file: Path) -> None:
    assert accepted(file.read_text("utf-8"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("below = 8", "belwo = 8"),
        ("below = 8", "below = 8\nabove = 8"),
        ("below = 8", 'below = "8"'),
        ("below = 8", 'below = { valeu = 8, clause = "§3", source = "r" }'),
        ("cap = 12", "cap = -1"),
        ('"balance"', '"balanced"'),
        ("2020-01-01", "2020"),
        ("[clauses.appeal]", "[clauses.apeal]"),
        ("[categories.late]", "[categories.Late]"),
        ('version = "1"', 'version = "1/2"'),
        ("answers = 2\n", ""),
    ],
)
def test_it_refuses_what_the_loader_refuses(old: str, new: str) -> None:
    assert accepted(SOUND)
    assert not accepted(changed(old, new))
