"""What a scenario is, as an answer to it says."""

from typing import Any

import msgspec

from projections.standing.writing import instant
from replay.whatif.query import Shift, moment_text
from replay.whatif.scenario import Add, Drop, Judge, Move, Recover, Scenario, Set

View = dict[str, Any]


def scenario_view(scenario: Scenario, zone: str) -> View:
    """What was asked, by kind; then the steps in their order, as a file has them."""
    steps = scenario.steps
    moves = [step for step in steps if isinstance(step, Move)]
    figures = [step.figures for step in steps if isinstance(step, Set)]
    books = [step.rulebook for step in steps if isinstance(step, Judge)]
    recoveries = [step.recoveries for step in steps if isinstance(step, Recover)]
    return {
        "name": scenario.name or None,
        "hash": scenario.hash,
        "drop": [step.facts.form for step in steps if isinstance(step, Drop)],
        "add": [_line(event) for s in steps if isinstance(s, Add) for event in s.events],
        "move": [_move_view(step, zone) for step in moves],
        "rulebook": books[-1] if books else None,
        "set": {name: value for each in figures for name, value in each.items()},
        "recoveries": recoveries[-1] if recoveries else "recorded",
        "steps": [({"name": s.name} if s.name else {}) | s.said() for s in steps],
    }


HEAD = ("creator", "as_of", "known_at", "rulebook")


def with_scenario(said: View, scenario: Scenario, zone: str) -> View:
    """An answer with what it was asked of, after its head."""
    head = {name: said[name] for name in HEAD if name in said}
    return head | {"scenario": scenario_view(scenario, zone)} | said


def _line(event: View) -> str:
    return msgspec.json.encode(event).decode()


def _move_view(step: Move, zone: str) -> View:
    event, to = step.facts.form, step.to
    if isinstance(to, Shift):
        return {"event": event, "by": str(to)}
    return {
        "event": event,
        "to": moment_text(to) if to.whole_day else instant(to.instant(zone), zone),
    }
