"""The JSON Schema of a fact, made from the same plans that read one.

`python -m ledger.facts.schema` prints it; `docs/schema/fact.schema.json` is that output. It says
what a schema can: lengths, words, ranges of integers. The readers in `forms` say the rest.
"""

import json
from typing import Any

from ledger.facts.forms import ID, INSTANT
from ledger.facts.plans import PLANS, Plan

DIALECT = "https://json-schema.org/draft/2020-12/schema"
COMMON = ("specversion", "type", "source", "id", "subject", "time")


def fact_schema() -> dict[str, Any]:
    """One alternative per fact type."""
    return {
        "$schema": DIALECT,
        "title": "A fact of the penalty ledger, as a CloudEvent",
        "type": "object",
        "oneOf": [_event(name, plan) for name, plan in PLANS.items()],
    }


def _event(name: str, plan: Plan) -> dict[str, Any]:
    return {
        "title": name,
        "description": " ".join((plan.type.__doc__ or "").split()),
        "properties": {
            "specversion": {"const": "1.0"},
            "type": {"const": name},
            "source": ID.schema,
            "id": ID.schema,
            "subject": ID.schema,
            "time": INSTANT.schema,
            "recordedtime": INSTANT.schema,
            "data": _data(plan),
        },
        "required": [*COMMON, "data"] if plan.required else list(COMMON),
        "patternProperties": {"^[a-z0-9]{1,64}$": {}},
        "additionalProperties": False,
    }


def _data(plan: Plan) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: field.form.schema for name, field in plan.fields.items()},
        "required": [name for name, field in plan.fields.items() if field.required],
        "additionalProperties": False,
    }
    for name in plan.later:
        said = "later than the time of the event, which a schema can't compare"
        schema["properties"][name] = {**schema["properties"][name], "description": said}
    if plan.needs:
        schema["dependentRequired"] = {name: [other] for name, other in plan.needs.items()}
    return schema


def as_text() -> str:
    """The schema as the file holds it."""
    return json.dumps(fact_schema(), indent=2) + "\n"


if __name__ == "__main__":
    print(as_text(), end="")
