"""What rests on figures that no source gives: points that stand, stops, recoveries.

A stop rests on its node's limit and on its length, points on what the category or the step of its
ladder has, what an exam gave back on what the category lets it restore.
"""

from msgspec import Struct

from projections.explain.places import ASSUMED
from projections.fold.rules import Book
from projections.fold.state import (
    ABSENT,
    APPLIED,
    OWN,
    RECOVERY_GRANTED,
    RUNNING,
    STANDING,
    UNTIL_OPENED,
    Creator,
    Violation,
)
from projections.fold.trace import Ground
from replay.reconcile.findings import Case

Figure = tuple[str, str]
"""(name@version, key path)."""


class Rest(Struct):
    """What rests on one figure."""

    creators: int = 0
    violations: int = 0
    points: int = 0
    """That these still take, or that were given back; in hundredths."""
    stops: int = 0
    running: int = 0
    recoveries: int = 0

    def add(self, other: "Rest") -> None:
        self.creators += other.creators
        self.violations += other.violations
        self.points += other.points
        self.stops += other.stops
        self.running += other.running
        self.recoveries += other.recoveries


Resting = dict[Ground, Rest]


def resting(case: Case) -> dict[Figure, Rest]:
    """What of one creator's record rests on each assumed figure."""
    grounds: Resting = {}
    creator, book = case.recorded.creator, case.recorded.tables.book
    _points(creator, book, grounds)
    _stops(creator, book, grounds)
    for row, reason in zip(case.recorded.history.rows, case.walk.reasons, strict=True):
        if row.kind == RECOVERY_GRANTED and row.points == ABSENT and reason == APPLIED:
            _on(grounds, "recovery.points", row.version).recoveries += 1
    found = {}
    for ground, rest in grounds.items():
        place = case.law.place(ground)
        if place.clause.startswith(ASSUMED):
            found[place.rulebook.label, place.path] = rest
    return found


def _on(grounds: Resting, key: str, version: int, *about: int) -> Rest:
    ground = Ground(key, version, about)
    rest = grounds.get(ground)
    if rest is None:
        rest = grounds[ground] = Rest(creators=1)
    return rest


def _points(creator: Creator, book: Book, grounds: Resting) -> None:
    """Of violations that stand: what was taken for them, and what an exam gave back."""
    for violation in creator.violations:
        if violation.state != STANDING or violation.category == ABSENT:
            continue
        if violation.own_points != OWN:
            key, *about = _points_of(violation, book)
            rest = _on(grounds, key, violation.version, *about)
            rest.violations += 1
            rest.points += violation.deducted - violation.restored
        if violation.by_exam:
            key = "categories.*.restorable"
            rest = _on(grounds, key, violation.version, violation.category)
            rest.violations += 1
            rest.points += violation.by_exam


def _points_of(violation: Violation, book: Book) -> tuple[str, *tuple[int, ...]]:
    """Where its points stand: on the step that it has reached, else with its category."""
    if ABSENT not in (violation.ladder, violation.step):
        ladder = book.versions[violation.version].ladders[violation.ladder]
        if ladder.steps[violation.step].points != ABSENT:
            return "ladders.*.steps.*.points", violation.ladder, violation.step
    return "categories.*.points", violation.category


def _stops(creator: Creator, book: Book, grounds: Resting) -> None:
    """The limit that was crossed, and how long that stops the feature."""
    for stop in creator.stops[: creator.stops_made]:
        if stop.node == ABSENT or stop.kind == UNTIL_OPENED:
            continue
        rules = book.versions[stop.version].nodes[stop.node].stops
        place = next(i for i, rule in enumerate(rules) if rule.feature == stop.feature)
        for rest in (
            _on(grounds, "nodes.*.limit", stop.version, stop.node),
            _on(grounds, "nodes.*.stops.*.length", stop.version, stop.node, place),
        ):
            rest.stops += 1
            rest.running += stop.state == RUNNING
