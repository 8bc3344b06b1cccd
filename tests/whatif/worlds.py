"""Small worlds to ask what-if about."""

from collections.abc import Sequence

from samples import Line, envelopes, when

from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from ledger.rulebook.shelf import Shelf
from projections.standing.replay import Library
from replay.whatif.scenario import Scenario
from replay.whatif.world import World

SHELF = Shelf()
LIBRARY = Library(SHELF)
LAST = when("2025-12-31")


def world(history: Sequence[Envelope], as_of: int = LAST, *, known_at: int | None = None) -> World:
    """Under the shipped rulebooks."""
    who = history[0].subject if history else "c"
    return World(who, history, SHELF, LIBRARY, "Asia/Shanghai", as_of, known_at)


def of(lines: Sequence[Line], as_of: str = "2025-12-31") -> World:
    """Of facts e1, e2, … by their times."""
    return world(envelopes(lines), when(as_of))


def after(scenario: Scenario, before: World) -> World:
    """What a scenario makes of it."""
    return scenario.worlds(before)[-1]


def facts(made: World) -> list[tuple[object, ...]]:
    """What can make a difference in a replay, whatever their order in the list."""
    rows = ((e.position, e.source, e.id, e.effective_at, repr(e.fact)) for e in made.facts)
    return sorted(rows, key=repr)


THREE: list[Line] = [
    ("2024-07-08 09:00", f.CreatorEnrolled(level=4, reputation=480)),
    ("2024-07-09 10:00", f.ExamRightClaimed()),
    ("2024-07-10 09:00", f.ViolationFound("v1", "misleading", "other")),
    ("2024-07-10 10:00", f.AppealLodged("v1")),
    ("2024-07-12 09:00", f.ViolationFound("v2", "spam", "other")),
    ("2024-07-12 10:00", f.ExamStudied("v2")),
    ("2024-07-13 10:00", f.AppealDenied("v1")),
    ("2024-07-14 09:00", f.ViolationFound("v3", "misleading", "other")),
    ("2024-07-15 10:00", f.ExamSat("v2", 90_00)),
]
"""Two falls below a node, an appeal that was denied, an exam that was failed."""
