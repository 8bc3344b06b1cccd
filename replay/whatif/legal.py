"""What no intervention may do: a fact before the enrolment, an appeal before its violation."""

from collections.abc import Iterable

from ledger.errors import InputError
from ledger.facts.envelope import Envelope
from ledger.facts.types import (
    NAMES_VIOLATION,
    TYPE_NAME,
    CreatorEnrolled,
    FactRetracted,
    MoneyPosted,
    ViolationFound,
)
from ledger.text import safe
from projections.standing.writing import clock_time
from replay.whatif.world import World

ANY_TIME = {CreatorEnrolled, FactRetracted, MoneyPosted}
"""What counts whenever it is."""


def check(before: World, after: World) -> World:
    """The world after a step. Raises InputError where the step turned the order of things round.

    What the record itself has in such an order stays: it has no effect, and its ruling says why.
    """
    same = {id(e) for e in before.facts}
    touched = [e for e in after.facts if id(e) not in same]
    if not touched:
        return after
    counting = after.counting()
    _not_before_enrolment(touched, counting, after.zone)
    was, now = _found(before.counting()), _found(counting)
    moved = {e.fact.violation for e in touched if isinstance(e.fact, ViolationFound)}
    new = {e.position for e in touched}
    earlier = {e.position: e for e in before.facts}
    for e in counting:
        name = getattr(e.fact, "violation", None)
        if type(e.fact) not in NAMES or name not in now:
            continue
        if (e.position in new or name in moved) and e.effective_at < now[name]:
            old = earlier.get(e.position)
            if old is None or old.effective_at >= was.get(name, 0):
                raise InputError(
                    f'{TYPE_NAME[type(e.fact)]} "{safe(e.id)}" would be at '
                    f"{clock_time(e.effective_at, after.zone)}, before its violation "
                    f'"{safe(name)}" is found at {clock_time(now[name], after.zone)}'
                )
    return after


NAMES = NAMES_VIOLATION - {ViolationFound, MoneyPosted}


def _found(facts: Iterable[Envelope]) -> dict[str, int]:
    """{violation: when it is found first}."""
    found: dict[str, int] = {}
    for e in facts:
        if isinstance(e.fact, ViolationFound):
            at = found.get(e.fact.violation, e.effective_at)
            found[e.fact.violation] = min(at, e.effective_at)
    return found


def _not_before_enrolment(
    touched: Iterable[Envelope], facts: Iterable[Envelope], zone: str
) -> None:
    enrolled = min((e.effective_at for e in facts if type(e.fact) is CreatorEnrolled), default=None)
    for e in touched if enrolled is not None else ():
        assert enrolled is not None
        if type(e.fact) not in ANY_TIME and e.effective_at < enrolled:
            raise InputError(
                f'{TYPE_NAME[type(e.fact)]} "{safe(e.id)}" would be at '
                f"{clock_time(e.effective_at, zone)}, before the creator is enrolled at "
                f"{clock_time(enrolled, zone)}"
            )
