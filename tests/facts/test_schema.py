"""The published JSON Schema is what the code makes, and names every type and field."""

import json
from pathlib import Path

from ledger.facts.schema import as_text, fact_schema
from ledger.facts.types import TYPE_NAME

FILE = Path(__file__).parents[2] / "docs" / "schema" / "fact.schema.json"


def test_the_schema_in_docs_is_current() -> None:
    assert FILE.read_text() == as_text(), (
        "python -m ledger.facts.schema > docs/schema/fact.schema.json"
    )


def test_every_type_is_an_alternative() -> None:
    alternatives = fact_schema()["oneOf"]
    assert [one["title"] for one in alternatives] == list(TYPE_NAME.values())
    for type_, one in zip(TYPE_NAME, alternatives, strict=True):
        data = one["properties"]["data"]
        assert list(data["properties"]) == list(type_.__struct_fields__)
        assert data["additionalProperties"] is False
        assert ("data" in one["required"]) == bool(data["required"])


def test_an_override_needs_its_ground() -> None:
    by_name = {one["title"]: one for one in fact_schema()["oneOf"]}
    data = by_name["violation_found"]["properties"]["data"]
    assert data["dependentRequired"] == {"points": ["ground"]}
    assert json.loads(FILE.read_text())["$schema"].endswith("2020-12/schema")
