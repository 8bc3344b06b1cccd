"""Which rulings are shown: the last ones, those of a time, of a violation, or with a change."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.facts.types import RecoveryGranted
from ledger.text import safe
from projections.explain.effects import effect_view
from projections.fold.state import NODE_STARTED, POINTS_EXPIRED, RECOVERY_DUE
from projections.fold.trace import Effect, Turn
from projections.standing.naming import Naming, naming
from projections.standing.replay import Replay, Ruling, in_order

Event = Ruling | Turn


class Selection(NamedTuple):
    """What is asked for; the empty one is everything."""

    last: int | None = None
    since: int | None = None
    """Instants in UTC microseconds, both inclusive."""
    until: int | None = None
    violation: str | None = None
    changes: bool = False
    """Only what moved a score, or started or ended something."""


def select(replay: Replay, wanted: Selection) -> Iterator[Event]:
    """The events asked for, in their order. Raises LedgerError for a violation that is not there.

    The replay must have its rulings.
    """
    events: Iterable[Event] = in_order(replay)
    if wanted.violation is not None:
        if wanted.violation not in naming(replay).violations:
            who, what = safe(replay.subject), safe(wanted.violation)
            raise LedgerError(
                f'no fact about a violation "{what}" of "{who}" is known at that time'
            )
        events = _about(wanted.violation, events, replay)
    since, until = wanted.since, wanted.until
    if since is not None:
        events = (event for event in events if at(event) >= since)
    if until is not None:
        events = (event for event in events if at(event) <= until)
    if wanted.changes:
        events = (event for event in events if changes(event))
    return iter(events if wanted.last is None else deque(events, maxlen=wanted.last))


def at(event: Event) -> int:
    """When it was."""
    return event.at if isinstance(event, Turn) else event.envelope.effective_at


def changes(event: Event) -> bool:
    """Whether it moved a score, or brought about anything at all."""
    return event.before != event.after or any(map(tells, event.effects)) or _enrols(event)


def is_noise(event: Event) -> bool:
    """A recovery or an expiry that finds nothing to give or to take."""
    idle = isinstance(event, Turn) or (event.applied and type(event.envelope.fact) in IDLE)
    return idle and not changes(event)


IDLE = {RecoveryGranted}


def tells(effect: Effect) -> bool:
    """Whether an effect is more than a recovery, or an expiry, of nothing."""
    code, _, amount, _ = effect
    return bool(amount) or code not in (RECOVERY_DUE, POINTS_EXPIRED)


def _enrols(event: Event) -> bool:
    return isinstance(event, Ruling) and event.score_before is None is not event.score_after


def _about(violation: str, events: Iterable[Event], replay: Replay) -> Iterator[Event]:
    """What names a violation, and what became of the stops that it began."""
    names = naming(replay)
    begun: set[int] = set()
    for event in events:
        named = isinstance(event, Ruling) and violation == getattr(
            event.envelope.fact, "violation", None
        )
        if named:
            begun |= {row for code, row, _, _ in event.effects if code == NODE_STARTED}
        if named or any(
            _names(effect, violation, begun, replay, names) for effect in event.effects
        ):
            yield event


def _names(effect: Effect, violation: str, begun: set[int], replay: Replay, names: Naming) -> bool:
    view = effect_view(effect, replay, names)
    return view.get("violation") == violation or ("feature" in view and effect[1] in begun)
