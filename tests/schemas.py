"""The published JSON Schemas, and as much of JSON Schema as they use."""

import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "docs" / "schema"
TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "null": type(None),
}


@cache
def schema(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))


def problems(value: Any, name: str) -> list[str]:
    """Where a value does not fit the schema `name`; the order of fields is looked at, too."""
    return list(_problems(value, schema(name), schema(name)["$defs"], "$"))


def _problems(value: Any, s: dict[str, Any], defs: dict[str, Any], at: str) -> list[str]:
    found = []
    for word, wanted in s.items():
        match word:
            case "$ref":
                found += _problems(value, defs[wanted.removeprefix("#/$defs/")], defs, at)
            case "type":
                if type(value) is not TYPES[wanted]:
                    return [f"{at}: {value!r} is no {wanted}"]
            case "enum":
                found += [f"{at}: {value!r}"] * (value not in wanted)
            case "pattern":
                if isinstance(value, str) and not re.search(wanted, value):
                    found.append(f"{at}: {value!r}")
            case "format":
                if isinstance(value, str) and datetime.fromisoformat(value).tzinfo is None:
                    found.append(f"{at}: {value!r} has no offset")
            case "anyOf":
                ways = [_problems(value, way, defs, at) for way in wanted]
                found += [] if [] in ways else ways[0]
            case "items":
                for i, item in enumerate(value):
                    found += _problems(item, wanted, defs, f"{at}[{i}]")
            case "required":
                found += [f"{at}: no {key}" for key in wanted if key not in value]
            case "properties":
                if [k for k in wanted if k in value] != [k for k in value if k in wanted]:
                    found.append(f"{at}: in another order: {', '.join(value)}")
                for key in value.keys() & wanted.keys():
                    found += _problems(value[key], wanted[key], defs, f"{at}.{key}")
            case "additionalProperties":
                rest = value.keys() - s.get("properties", {}).keys()
                if wanted is False:
                    found += [f"{at}: {key} is not described" for key in rest]
                else:
                    for key in rest:
                        found += _problems(value[key], wanted, defs, f"{at}.{key}")
            case "$schema" | "$id" | "$defs" | "title" | "description":
                pass
            case _:
                raise KeyError(word)
    return found
