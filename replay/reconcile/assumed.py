"""What rests on figures that no source gives: points that stand, stops, recoveries.

A stop rests on its node's limit and on its length, points on what the category or the step of its
ladder has, what an exam gave back on what the category lets it restore.
"""

from collections import Counter
from collections.abc import Iterator

from projections.explain.places import ASSUMED, Place
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

Rest = Counter[str]
"""What rests on one figure: creators, violations, points (hundredths that they still take or were
given back), stops, those of them that run, recoveries."""
Figure = tuple[str, str]
"""(name@version, key path)."""


def resting(case: Case) -> dict[Figure, Rest]:
    """What of one creator's record rests on each assumed figure."""
    found: dict[Figure, Rest] = {}
    for ground, rest in (*_standing(case), *_recovered(case)):
        place = case.law.place(ground)
        if assumed(place):
            figure = place.rulebook.label, place.path
            found.setdefault(figure, Rest(creators=1)).update(rest)
    return found


def assumed(place: Place) -> bool:
    return place.clause.startswith(ASSUMED)


def _standing(case: Case) -> Iterator[tuple[Ground, Rest]]:
    creator, book = case.recorded.creator, case.recorded.tables.book
    for violation in creator.violations:
        if violation.state != STANDING or violation.category == ABSENT:
            continue
        if violation.own_points != OWN:
            taken = violation.deducted - violation.restored
            yield _points_of(violation, book), Rest(violations=1, points=taken)
        if violation.by_exam:
            about = (violation.category,)
            ground = Ground("categories.*.restorable", violation.version, about)
            yield ground, Rest(violations=1, points=violation.by_exam)
    yield from _stopped(creator, book)


def _points_of(violation: Violation, book: Book) -> Ground:
    """Where its points stand: on the step that it has reached, else with its category."""
    if ABSENT not in (violation.ladder, violation.step):
        about = violation.ladder, violation.step
        if book.versions[violation.version].ladders[about[0]].steps[about[1]].points != ABSENT:
            return Ground("ladders.*.steps.*.points", violation.version, about)
    return Ground("categories.*.points", violation.version, (violation.category,))


def _stopped(creator: Creator, book: Book) -> Iterator[tuple[Ground, Rest]]:
    for stop in creator.stops[: creator.stops_made]:
        rest = Rest(stops=1, running=int(stop.state == RUNNING))
        if stop.node == ABSENT or stop.kind == UNTIL_OPENED:
            continue
        node = book.versions[stop.version].nodes[stop.node]
        place = next(i for i, rule in enumerate(node.stops) if rule.feature == stop.feature)
        yield Ground("nodes.*.limit", stop.version, (stop.node,)), rest
        yield Ground("nodes.*.stops.*.length", stop.version, (stop.node, place)), rest


def _recovered(case: Case) -> Iterator[tuple[Ground, Rest]]:
    for _, row, reason in case.ruled():
        if row.kind == RECOVERY_GRANTED and row.points == ABSENT and reason == APPLIED:
            yield Ground("recovery.points", row.version), Rest(recoveries=1)
