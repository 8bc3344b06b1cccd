"""One more step of a scenario, as a form says it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from ledger.errors import InputError
from replay.web.steps import Step


def further(given: list[Step], form: Mapping[str, str]) -> list[Step]:
    """With what a form says; a fact that is moved again is moved once. Raises InputError."""
    kind, event = form.get("kind", ""), form.get("event", "")
    match kind:
        case "undo":
            return given[:-1]
        case "drop":
            rest = [step for step in given if step.get("move") != event]
            return [*rest, {"drop": event}]
        case "move":
            rest = [step for step in given if step.get("move") != event]
            return [*rest, {"move": event, "to": form.get("to", "")}]
        case "set":
            key, equals, value = form.get("figure", "").partition("=")
            if not (key.strip() and equals):
                raise InputError("a figure and its value are needed, as nodes.8.below=7")
            return [*given, {"set": {key.strip(): _figure(value.strip())}}]
        case "rulebook":
            return [*given, {"rulebook": form.get("rulebook", "")}]
        case "add":
            return [*given, {"add": _fact(form.get("fact", ""))}]
    raise InputError(f"found {kind[:40]!r}; wanted drop, move, set, rulebook, add or undo")


def _figure(value: str) -> Any:
    """A number as a number, `true` and `false` as such, else the word."""
    if value in ("true", "false"):
        return value == "true"
    try:
        return int(value)
    except ValueError:
        pass
    try:
        return float(value)
    except ValueError:
        return value


def _fact(said: str) -> Step:
    try:
        return msgspec.json.decode(said, type=Step)
    except (msgspec.DecodeError, RecursionError) as error:
        wanted = '{"type": "appeal_granted", "time": "2024-07-10T12:00:00+08:00", "data": {…}}'
        raise InputError(f"the fact is no CloudEvent, as {wanted}: {error}") from None
