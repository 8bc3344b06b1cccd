"""The columns of the archive, from the annotations of the fact types: no type is known by name.

`facts` has one row for each fact, with what most facts have; `details` one row for each fact that
gives more, under the fact's position. What a fact leaves out is null; but who breaks no rule is of
the category "", since a column without nulls is read three times as fast.
"""

from types import NoneType
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from msgspec.structs import fields

from ledger.errors import StoreError
from ledger.facts.types import FACT_TYPES, TYPE_NAME

try:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray
except ImportError as missing:
    raise StoreError(
        f"the archive needs a package that is not installed ({missing.name}): "
        "pip install 'penalty-ledger[archive]'"
    ) from missing

SCHEMA = 3
"""Version of the columns; a newer program reads older ones or says that it can't."""
CORE = ("violation", "category", "detected_by")
"""Fields of facts that are columns of `facts`; all others are columns of `details`."""
KINDS = tuple(TYPE_NAME[type_] for type_ in FACT_TYPES)

# What the decoder does with a field: see `decode`.
VIOLATION, CATEGORY, DETECTED_BY, TEXT, INTEGER, FLAG_SET, FLAG_EITHER, LISTED = range(8)
ATTRIBUTES, RETRACTS, RETRACTION = "attributes", "retracts", "retraction"
RETRACTIONS = ("withdrawn", "unknown_event", "not_retractable")
"""What a retraction comes to, and what `retraction` says of it."""

INSTANT = pa.timestamp("us", "UTC")
WORD = pa.dictionary(pa.int32(), pa.string())
FACTS = pa.schema(
    [
        pa.field("creator", WORD, nullable=False),
        pa.field("version", pa.int32(), nullable=False),
        pa.field("position", pa.int64(), nullable=False),
        pa.field("type", WORD, nullable=False),
        pa.field("effective_at", INSTANT, nullable=False),
        pa.field("recorded_at", INSTANT, nullable=False),
        pa.field("violation", pa.string()),
        pa.field("violation_number", pa.int32(), nullable=False),
        pa.field("category", WORD, nullable=False),
        pa.field("detected_by", WORD),
        pa.field("details", pa.bool_(), nullable=False),
        pa.field("source", WORD, nullable=False),
        pa.field("id", pa.string(), nullable=False),
    ]
)


class Column(NamedTuple):
    """A column of `details` that is a field of fact types."""

    name: str
    act: int
    arrow: Any


def _column(name: str, annotation: Any, default: Any) -> Column:
    """Which column a field is; a flag that is off by default is there only where it is set."""
    if get_origin(annotation) not in {tuple, None}:
        inner = [a for a in get_args(annotation) if a is not NoneType]
        if NoneType in get_args(annotation):
            return _column(name, inner[0], default)
    if annotation is bool:
        return Column(name, FLAG_SET if default is False else FLAG_EITHER, pa.bool_())
    if get_origin(annotation) is tuple:
        return Column(name, LISTED, pa.list_(pa.field("element", pa.string())))
    meta = [m.extra["form"] for m in getattr(annotation, "__metadata__", ()) if m.extra]
    if meta == ["instant"]:
        return Column(name, INTEGER, INSTANT)
    if meta and meta[0] in {"hundredths", "integer", "minor_units"}:
        return Column(name, INTEGER, pa.int64())
    return Column(name, TEXT, pa.string())


def _columns() -> dict[str, Column]:
    found: dict[str, Column] = {}
    for type_ in FACT_TYPES:
        hints = get_type_hints(type_, include_extras=True)
        for field in fields(type_):
            column = _column(field.name, hints[field.name], field.default)
            assert found.setdefault(field.name, column) == column, field.name
    return {name: column for name, column in found.items() if name not in CORE}


COLUMNS = _columns()
DETAILS = pa.schema(
    [
        pa.field("position", pa.int64(), nullable=False),
        *(pa.field(column.name, column.arrow) for column in COLUMNS.values()),
        pa.field(ATTRIBUTES, pa.string()),
        pa.field(RETRACTS, pa.int32()),
        pa.field(RETRACTION, WORD),
    ]
)
PLACE = pa.field("row", pa.int32(), nullable=False)
"""Of a row of `details` in a file: which row of its row group of `facts` it belongs to."""
NUMBER = {name: number for number, name in enumerate([*COLUMNS, ATTRIBUTES])}
"""By which number the decoder knows a column of `details`."""


def program() -> NDArray[np.int16]:
    """For the decoder, by kind and place of the field: what to do, and the column's number."""
    most = max(len(fields(type_)) for type_ in FACT_TYPES)
    acts = np.full((len(FACT_TYPES), most, 2), -1, np.int16)
    core = {"violation": VIOLATION, "category": CATEGORY, "detected_by": DETECTED_BY}
    for kind, type_ in enumerate(FACT_TYPES):
        for place, field in enumerate(fields(type_)):
            if field.name in core:
                acts[kind, place] = core[field.name], 0
            else:
                acts[kind, place] = COLUMNS[field.name].act, NUMBER[field.name]
    return acts
