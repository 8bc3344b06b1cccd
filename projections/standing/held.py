"""What a creator has as of a replay's instant, by the words of the rulebook.

The fold keeps what it needs to rule on: there a right or a measure may be past, an account unused.
"""

from collections.abc import Iterator
from operator import attrgetter

from projections.fold.calendar import local_day, midnight
from projections.fold.exams import quota_free
from projections.fold.state import ABSENT, RUNNING, STANDING, Measure, Violation
from projections.standing.replay import Replay

_holder = attrgetter("holder")
VIOLATION_STATES = ("standing", "waiting", "void")


def violation_state(violation: Violation) -> str:
    """Of one that was found: `waiting` where its effect waits for an appeal."""
    if violation.state != STANDING:
        return "void"
    return "standing" if violation.waiting_until == ABSENT else "waiting"


def runs(measure: Measure, as_of: int) -> bool:
    """Whether a measure has begun, was not lifted, and has not ended by itself."""
    return measure.state == RUNNING and as_of < measure.until


def taken_quotas(replay: Replay) -> Iterator[tuple[str, int]]:
    """Each category whose exam is taken, and the instant from which on it is free again."""
    creator, book, quotas = replay.creator, replay.tables.book, replay.creator.quotas
    if set(map(_holder, quotas)) == {ABSENT}:
        return  # as it is with nearly everybody
    today = local_day(replay.as_of, book)
    for category, code in replay.tables.names.categories.items():
        quota = quotas[code]
        if quota.holder != ABSENT and not quota_free(creator, code, today):
            yield category, midnight(quota.free_on, book)


def due(replay: Replay) -> Iterator[tuple[str, str, int]]:
    """(account, currency, minor units demanded less posted) of each account that was used."""
    accounts = zip(replay.history.accounts, replay.creator.accounts, strict=True)
    for (account, currency), row in accounts:
        if row.demanded or row.posted:
            yield account, currency, row.demanded - row.posted
