"""What wrongful penalties cost: for each granted appeal, the record beside one in which it was not.

A full grant says that the violation was none: beside the record stands the same without it. A
partial grant says that it was worth less: beside the record stands the same with that much less
from the start. What was executed in error is what was stopped in fact, by what was believed at the
time, and would not have been had nobody ever recorded the violation so.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ledger.facts.envelope import Envelope
from ledger.facts.types import AppealGranted, ViolationFound
from projections.fold.state import DAY, FOREVER, LIFTED
from projections.standing.executed import by_feature, executed, judged
from projections.standing.replay import Replay, Ruling
from projections.standing.spans import Span, total, without
from projections.standing.writing import instant, points
from projections.views.objects import head_view
from replay.whatif.outcome import days
from replay.whatif.world import World

HOUR = DAY // 24
View = dict[str, Any]
Spans = dict[str, list[Span]]


class Case(Struct, frozen=True):
    """One granted appeal."""

    ruling: Ruling
    violation: str
    full: bool
    found: tuple[Envelope, ...]
    """The facts that found it."""
    instead: tuple[Envelope, ...]
    """What they would have been: nothing, or the same with fewer points."""


class Cost(Struct, frozen=True):
    """What is lost where the record stands beside a history without what was wrongful."""

    missing: int | None
    """By how much the score is lower as of the instant; None where nobody has one."""
    stopped: dict[str, int]
    """{feature: microseconds stopped more, as judged}."""
    in_error: dict[str, int]
    """{feature: microseconds executed that would not have been}."""


def cases(world: World, baseline: Replay) -> list[Case]:
    """The grants that had an effect, in their order."""
    found: dict[str, list[Envelope]] = {}
    for e in world.counting():
        if isinstance(e.fact, ViolationFound):
            found.setdefault(e.fact.violation, []).append(e)
    made = []
    for ruling in baseline.rulings:
        fact = ruling.envelope.fact
        if isinstance(fact, AppealGranted) and ruling.applied and ruling.violation is not None:
            full = fact.points is None or fact.points >= ruling.violation.judged
            by = tuple(found.get(fact.violation, ()))
            less = () if full else _less(by, ruling.violation.judged - (fact.points or 0))
            made.append(Case(ruling, fact.violation, full, by, less))
    return made


def _less(found: Iterable[Envelope], left: int) -> tuple[Envelope, ...]:
    """The same violation, worth only what the grant has left of it."""
    return tuple(
        replace(e, fact=replace(e.fact, points=left, ground="unstated"))
        for e in found
        if isinstance(e.fact, ViolationFound)
    )


def otherwise(world: World, chosen: Sequence[Case]) -> World:
    """The world in which what was wrongful never was; a partial grant is in its points already."""
    out = {e.position for case in chosen for e in case.found}
    out |= {case.ruling.envelope.position for case in chosen if not case.full}
    into = [e for case in chosen for e in case.instead]
    return world.with_facts([*(e for e in world.facts if e.position not in out), *into])


class Costs:
    """The record of a world, and what others would have spared it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.baseline = world.replay(rulings=True)
        self.cases = cases(world, self.baseline)
        self._judged = by_feature(judged(self.baseline))
        self._executed = self._in_fact(world)

    def _in_fact(self, world: World) -> Spans:
        """What was stopped in fact, as far as it was known."""
        known_at = world.as_of if world.known_at is None else world.known_at
        until = min(world.as_of, known_at)
        return by_feature(executed(world.facts, world.law, until, simulate=world.simulate))

    def of(self, chosen: Sequence[Case]) -> Cost:
        """What the wrongful part of some cases cost together."""
        other = otherwise(self.world, chosen)
        result = other.replay()
        missing = None
        if self.baseline.creator.enrolled and result.creator.enrolled:
            scores = (side.creator.counters[0].score for side in (result, self.baseline))
            missing = next(scores) - next(scores)
        return Cost(
            missing,
            _more(self._judged, by_feature(judged(result)), longer),
            _more(self._executed, self._in_fact(other), outside),
        )


def longer(spans: list[Span], others: list[Span]) -> int:
    """By how much some spans are longer than others; below 0 where they are shorter."""
    return total(spans) - total(others)


def outside(spans: list[Span], others: list[Span]) -> int:
    """How much of some spans lies in none of the others."""
    return total(without(spans, others))


def _more(ours: Spans, theirs: Spans, measure: Any) -> dict[str, int]:
    every = dict.fromkeys((*ours, *theirs))
    found = {name: measure(ours.get(name, []), theirs.get(name, [])) for name in every}
    return {name: amount for name, amount in found.items() if amount}


def wrongful_view(world: World) -> View:
    """What `--wrongful --json` prints."""
    costs = Costs(world)
    return head_view(costs.baseline) | {
        "cases": [_case_view(case, costs) for case in costs.cases],
        "together": _cost_view(costs.of(costs.cases)),
    }


def _case_view(case: Case, costs: Costs) -> View:
    violation = case.ruling.violation
    assert violation is not None
    zone = costs.baseline.rulebook.zone
    at = case.ruling.envelope.effective_at
    lifted = _lifted(costs.baseline, at)
    return {
        "violation": case.violation,
        "event": case.ruling.envelope.id,
        "found_at": instant(violation.found_at, zone),
        "granted_at": instant(at, zone),
        "full": case.full,
        "deducted": points(violation.deducted),
        "restored": points(violation.restored),
        "stop_days_lifted": None if lifted is None else days(lifted),
    } | _cost_view(costs.of([case]))


def _lifted(replay: Replay, at: int) -> int | None:
    """What was left of the stops that ended with the grant; None where one had no end."""
    stops = replay.creator.stops[: replay.creator.stops_made]
    lifted = [stop for stop in stops if stop.state == LIFTED and stop.until == at]
    if any(stop.planned_until >= FOREVER for stop in lifted):
        return None
    return sum(stop.planned_until - max(at, stop.planned_from) for stop in lifted)


def _cost_view(cost: Cost) -> View:
    return {
        "points_missing": None if cost.missing is None else points(cost.missing),
        "feature_days_lost": {name: days(amount) for name, amount in cost.stopped.items()},
        "hours_executed_in_error": {
            name: points((amount * 100 + HOUR // 2) // HOUR)
            for name, amount in cost.in_error.items()
        },
    }
