"""The archive back as the envelopes of the log, field by field: nothing is lost in it."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pyarrow as pa
from msgspec.structs import fields

from ledger.facts.envelope import Envelope
from ledger.facts.types import FACT_TYPES, TYPE_NAME, Fact
from projections.archive.part import Part
from projections.archive.schema import ATTRIBUTES, CORE

PLAN: dict[str, tuple[type[Fact], tuple[tuple[str, Any], ...]]] = {
    TYPE_NAME[type_]: (type_, tuple((f.name, f.default) for f in fields(type_)))
    for type_ in FACT_TYPES
}


def envelopes(part: Part) -> Iterator[list[Envelope]]:
    """The facts of each creator, in the order of their rows; the part has all columns."""
    facts = rows(part.facts)
    details: dict[int, dict[str, Any]] = {}
    for given in part.given.values():
        details.update(zip(given.rows.tolist(), rows(given.table), strict=True))
    for first, last in zip(part.first.tolist(), part.last.tolist(), strict=True):
        yield [_envelope(facts[i], details.get(i, {})) for i in range(first, last)]


def rows(table: pa.Table) -> list[dict[str, Any]]:
    """The rows of a table, instants as UTC microseconds."""
    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.int64()))
    made: list[dict[str, Any]] = table.to_pylist()
    return made


def _envelope(row: dict[str, Any], details: dict[str, Any]) -> Envelope:
    type_, named = PLAN[row["type"]]
    given: dict[str, Any] = {}
    for name, default in named:
        found = row[name] if name in CORE else details.get(name)
        if found is None:
            found = default
        given[name] = tuple(found) if isinstance(found, list) else found
    attributes = details.get(ATTRIBUTES)
    return Envelope(
        source=row["source"],
        id=row["id"],
        subject=row["creator"],
        effective_at=row["effective_at"],
        fact=type_(**given),
        recorded_at=row["recorded_at"],
        position=row["position"],
        version=row["version"],
        attributes=None if attributes is None else msgspec.json.decode(attributes),
    )
