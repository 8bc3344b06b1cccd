"""The JSON Schema of a rulebook file, made from the structs: editors complete and check with it.

A file differs from the structs in one thing: any value may be a figure table with its citation, and
any table may carry a citation. The schema says what JSON Schema can say; the rest is `check`.
"""

from typing import Any, TypeAlias

from msgspec import inspect

from ledger.rulebook.checks.pieces import WORD
from ledger.rulebook.checks.sense import NAME, VERSION
from ledger.rulebook.citations import LANGUAGES, LARGEST
from ledger.rulebook.model import DURATIONS, NODE_LIMITS, OWN, STOP_LENGTHS
from ledger.rulebook.shapes import shape

EXACTLY_ONE = {"Node": NODE_LIMITS, "Stop": STOP_LENGTHS, "Duration": DURATIONS[:-1]}
WORDS = {
    ("Rulebook", "counters"),
    ("Rulebook", "features"),
    ("Rulebook", "words"),
    ("Rulebook", "categories"),
    ("Rulebook", "lapses"),
    ("Category", "severities"),
    ("Courses", "points"),
}
"""Tables whose keys are words that facts name."""
PATTERNS = {"name": NAME, "version": VERSION}
CITATION_KEYS: dict[str, dict[str, Any]] = {
    "clause": {"type": "string", "description": "Where in the source, as in §4.3."},
    "source": {"type": "string", "description": "A key of [sources]."},
    "assumed": {"type": "boolean", "description": "True where no source says it."},
    "note": {
        "description": "Why it is assumed, or how the source is read; in both languages, or one.",
        "anyOf": [
            {"type": "string"},
            {
                "type": "object",
                "properties": {language: {"type": "string"} for language in LANGUAGES},
                "required": list(LANGUAGES),
                "additionalProperties": False,
            },
        ],
    },
}
CITATION = {key: {"$ref": f"#/$defs/{key}"} for key in CITATION_KEYS}
Schema: TypeAlias = dict[str, Any]


def schema() -> Schema:
    """The schema, draft 2020-12."""
    definitions: dict[str, Schema] = dict(CITATION_KEYS)
    root = _struct(shape(), definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rulebook of the penalty ledger",
        **root,
        "$defs": definitions,
    }


def _schema(wanted: inspect.Type, definitions: dict[str, Schema]) -> Schema:
    match wanted:
        case inspect.UnionType():
            found = [t for t in wanted.types if not isinstance(t, inspect.NoneType)]
            said = [_schema(each, definitions) for each in found]
            return {"anyOf": said} if len(said) > 1 else said[0]
        case inspect.StructType():
            name = wanted.cls.__name__
            if name not in definitions:
                definitions[name] = {}
                definitions[name] = _struct(wanted, definitions)
            return {"$ref": f"#/$defs/{name}"}
        case inspect.DictType():
            return _table(wanted, definitions)
        case inspect.VarTupleType():
            items = {"type": "array", "items": _schema(wanted.item_type, definitions)}
            return _figure(items, definitions)
        case _:
            return _figure(_leaf(wanted), definitions)


def _struct(wanted: inspect.StructType, definitions: dict[str, Schema]) -> Schema:
    name = wanted.cls.__name__
    properties: dict[str, Schema] = {}
    for field in wanted.fields:
        if name == "Rulebook" and field.name in OWN:
            continue
        found = _schema(field.type, definitions)
        if (name, field.name) in WORDS:
            found["propertyNames"] = {"pattern": f"^{WORD.pattern}$"}
        if name == "Rulebook" and field.name in PATTERNS:
            pattern = PATTERNS[field.name].pattern
            found = {"type": "string", "pattern": f"^{pattern}$"}
        properties[field.name] = found
    result: Schema = {
        "type": "object",
        "description": (wanted.cls.__doc__ or "").strip().split("\n")[0],
        "properties": {**properties, **CITATION},
        "required": [f.name for f in wanted.fields if f.required],
        "additionalProperties": False,
    }
    if name in EXACTLY_ONE:
        result["oneOf"] = [{"required": [field]} for field in EXACTLY_ONE[name]]
    return result


def _table(wanted: inspect.DictType, definitions: dict[str, Schema]) -> Schema:
    item = _schema(wanted.value_type, definitions)
    properties: dict[str, Schema] = dict(CITATION)
    if isinstance(wanted.key_type, inspect.LiteralType):
        properties |= {str(v): item for v in wanted.key_type.values}
        return {"type": "object", "properties": properties, "additionalProperties": False}
    return {"type": "object", "properties": properties, "additionalProperties": item}


def _leaf(wanted: inspect.Type) -> Schema:
    match wanted:
        case inspect.IntType():
            return {"type": "integer", "minimum": 0, "maximum": LARGEST}
        case inspect.DecimalType():
            return {"type": "number", "minimum": 0, "maximum": LARGEST}
        case inspect.BoolType():
            return {"type": "boolean"}
        case inspect.DateType():
            return {"type": "string", "format": "date"}
        case inspect.LiteralType():
            return {"enum": list(wanted.values)}
        case _:
            return {"type": "string"}


def _figure(value: Schema, definitions: dict[str, Schema]) -> Schema:
    """A value, plain or in a table with its citation."""
    words = [str(w) for w in value.get("enum", [])] or [value["type"], value.get("format", "")]
    if value.get("type") == "array":
        words = ["list", str(value["items"]["$ref"]).rpartition("/")[2]]
    name = "-".join(["figure", *filter(None, words)])
    definitions[name] = {
        "anyOf": [
            value,
            {
                "type": "object",
                "properties": {"value": value, **CITATION},
                "required": ["value"],
                "additionalProperties": False,
            },
        ]
    }
    return {"$ref": f"#/$defs/{name}"}
