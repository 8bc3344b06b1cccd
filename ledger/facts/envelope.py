"""A fact with its ids, its two times and its place in the log; and the order of replay.

Replay order is (effective_at, class, position). The class makes ties at one instant total and
favours the creator: profile and rights first, then appeals and study, answers, recoveries, new
violations, all else. A fact that names a violation found at that same instant follows it (class 5),
so that logs with dates only keep their sense.
"""

from bisect import bisect_right
from collections.abc import Container, Iterable
from itertools import compress, count, islice
from operator import attrgetter, eq
from typing import Annotated, NamedTuple, TypeAlias

from msgspec import Meta, Struct

from ledger.facts.types import (
    AnyFact,
    AppealDenied,
    AppealGranted,
    AppealLodged,
    CreatorEnrolled,
    ExamAbandoned,
    ExamInvited,
    ExamRightClaimed,
    ExamRightRevoked,
    ExamSat,
    ExamStudied,
    Fact,
    FactRetracted,
    Instant,
    ProfileChanged,
    RecoveryGranted,
    RulesExamSat,
    ViolationFound,
)

VIOLATIONS, REST = 4, 5
REPLAY_CLASS: dict[type[Fact], int] = {
    CreatorEnrolled: 0,
    ProfileChanged: 0,
    ExamRightClaimed: 0,
    ExamRightRevoked: 0,
    AppealLodged: 1,
    AppealGranted: 1,
    AppealDenied: 1,
    ExamInvited: 1,
    ExamStudied: 1,
    ExamSat: 2,
    ExamAbandoned: 2,
    RecoveryGranted: 3,
    RulesExamSat: 3,
    ViolationFound: VIOLATIONS,
}


LAYOUT = 1
"""Version of the stored bytes; see `codec`."""
Place: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Envelope(Struct, frozen=True, array_like=True, tag=LAYOUT, gc=False):
    """One recorded fact. Instants are UTC microseconds since 1970.

    The fields in their order are the stored bytes.
    """

    source: str
    """Who says so; with `id` the idempotency key."""
    id: str
    subject: str
    """The creator."""
    effective_at: Instant
    """When it was so (CloudEvents `time`)."""
    fact: AnyFact
    recorded_at: Instant = 0
    """When the ledger learned it; 0 before it is recorded."""
    position: Place = 0
    """Place in the whole log, from 1, never used twice; 0 before it is recorded."""
    version: Place = 0
    """Place in the creator's stream, from 1; 0 before it is recorded."""
    attributes: dict[str, str | int | bool] | None = None
    """Other CloudEvents attributes, kept as they are."""


def replay_order(
    envelopes: Iterable[Envelope], retracted: Container[int] = (), until: int | None = None
) -> list[Envelope]:
    """The facts of one creator, up to an instant, in the order in which they are ruled.

    `retracted` holds positions; a retracted violation moves nothing.
    """
    facts = sorted(envelopes, key=attrgetter("effective_at"))
    instants = list(map(attrgetter("effective_at"), facts))
    if until is not None:
        last = bisect_right(instants, until)
        del facts[last:], instants[last:]
    end = 0
    ties = map(eq, instants, islice(instants, 1, None))
    for start in compress(count(), ties):
        if start >= end:
            end = bisect_right(instants, instants[start], lo=start)
            facts[start:end] = _by_class(facts[start:end], retracted)
    return facts


def _by_class(instant: list[Envelope], retracted: Container[int]) -> list[Envelope]:
    """The facts of one instant by their class, and within it by position."""
    ranks = {e.position: REPLAY_CLASS.get(type(e.fact), REST) for e in instant}
    if VIOLATIONS in ranks.values():
        found = {
            e.fact.violation
            for e in instant
            if type(e.fact) is ViolationFound and e.position not in retracted
        }
        for e in instant:
            usual = ranks[e.position]
            if usual < VIOLATIONS and getattr(e.fact, "violation", None) in found:
                ranks[e.position] = REST
    return sorted(instant, key=lambda e: (ranks[e.position], e.position))


class Known(NamedTuple):
    """What was known at an instant."""

    facts: list[Envelope]
    retracted: dict[int, Envelope]
    """{position of a withdrawn fact: its retraction}."""
    by_id: dict[tuple[str, str], Envelope]
    """The facts that retractions name, by (source, id)."""


def known(envelopes: Iterable[Envelope], known_at: int | None) -> Known:
    """What was known at `known_at` (None: all), retractions of that time included.

    A retraction acts on a fact of the same source at a lower position; one can't be retracted.
    """
    facts = list(envelopes)
    if known_at is not None:
        facts = [e for e in facts if e.recorded_at <= known_at]
    retractions = [e for e in facts if type(e.fact) is FactRetracted]
    if not retractions:
        return Known(facts, {}, {})
    named = {r.fact.event for r in retractions if isinstance(r.fact, FactRetracted)}
    by_id = {(e.source, e.id): e for e in facts if e.id in named}
    retracted: dict[int, Envelope] = {}
    for r in sorted(retractions, key=attrgetter("position")):
        assert isinstance(r.fact, FactRetracted)
        target = by_id.get((r.source, r.fact.event))
        if target is None or target.position >= r.position:
            continue
        if not isinstance(target.fact, FactRetracted):
            retracted.setdefault(target.position, r)
    return Known(facts, retracted, by_id)
