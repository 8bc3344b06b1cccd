"""What an event log tells of a creator: a step for each fact, and for each thing that time did."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from ledger.facts.cloudevents import to_dict
from ledger.facts.plans import PLANS
from ledger.facts.types import TYPE_NAME
from projections.explain.effects import effect_view
from projections.fold.state import EFFECTS
from projections.fold.trace import Effect, Turn
from projections.standing.naming import Naming
from projections.standing.replay import Replay, Ruling, in_order
from projections.standing.writing import instant, points

OF_RULINGS = {
    "event": "string",
    "source": "string",
    "recorded_at": "time",
    "rulebook": "string",
    "outcome": "string",
    "reason": "string",
    "change": "float",
    "score": "float",
}
"""What each fact's step says beside its own fields, and of which type it is.

`score` is the first counter's; a step before enrolment has none.
"""
OF_EFFECTS = {
    "node": "string",
    "feature": "string",
    "violation": "string",
    "measure": "string",
    "points": "float",
    "score": "float",
}
"""What a step of time says, where it is about such a thing."""
BY_SCHEMA = {"integer": "integer", "boolean": "boolean"}


class Step(NamedTuple):
    at: int
    kind: str
    """The type of the fact; of what time did the kind of its effect."""
    said: dict[str, Any]
    """Plain values: strings, numbers as decimals in strings, true or false."""
    effects: list[Effect]
    ruling: Ruling | None
    """None of what time did."""


def steps(replay: Replay, names: Naming) -> Iterator[Step]:
    """In the order of replay."""
    for event in in_order(replay):
        if isinstance(event, Ruling):
            yield _of_ruling(event, replay)
        else:
            yield from _of_turn(event, replay, names)


@cache
def attributes(kind: str) -> dict[str, str]:
    """{name: type} of all that a step of a kind may say: string, time, integer, float, boolean."""
    if kind not in PLANS:
        return OF_EFFECTS
    own = {f"fact.{name}": _type(field.form.schema) for name, field in PLANS[kind].fields.items()}
    return OF_RULINGS | own


KINDS = (*TYPE_NAME.values(), *EFFECTS)
"""Every kind of step."""


def _type(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:  # a decimal string or an integer; a level is the same
        return "float"
    if schema.get("format") == "date-time":
        return "time"
    return BY_SCHEMA.get(schema.get("type", ""), "string")


def _of_ruling(ruling: Ruling, replay: Replay) -> Step:
    e, zone = ruling.envelope, replay.rulebook.zone
    said: dict[str, Any] = {
        "event": e.id,
        "source": e.source,
        "recorded_at": instant(e.recorded_at, zone),
        "rulebook": ruling.rulebook.label,
        "outcome": "applied" if ruling.applied else "no_effect",
    }
    if ruling.reason:
        said["reason"] = ruling.reason
    if ruling.change is not None:
        said |= {"change": points(ruling.change), "score": points(ruling.after[0])}
    for name, value in to_dict(e).get("data", {}).items():
        said[f"fact.{name}"] = ", ".join(value) if isinstance(value, list) else value
    return Step(e.effective_at, TYPE_NAME[type(e.fact)], said, ruling.effects, ruling)


def _of_turn(turn: Turn, replay: Replay, names: Naming) -> Iterator[Step]:
    for effect in turn.effects:
        view = effect_view(effect, replay, names)
        said = {name: view[name] for name in OF_EFFECTS if view.get(name) is not None}
        said["score"] = points(turn.after[0])
        yield Step(effect[3], view["kind"], said, [effect], None)
