"""Recoveries that fall due, asked day by day: slow, and plain enough to be read beside the rules.

The law leaps from one to the next (`fold.recovery.next_recovery`); this is what it must find.
"""

from datetime import date, timedelta

from projections.fold.calendar import local_day, midnight
from projections.fold.recovery import closed, version_at
from projections.fold.rules import Book, Rules
from projections.fold.state import (
    CLEAN_DAYS,
    FOREVER,
    GRANTED_AS_DUE,
    MONTHLY,
    STANDING,
    Creator,
)

DAY_ZERO = date(1970, 1, 1)


def next_recovery(creator: Creator, until: int, book: Book) -> int:
    """The first local day, not yet dealt with, at whose 00:00 one is due; FOREVER: none."""
    if not creator.enrolled:
        return FOREVER
    for day in range(
        max(creator.recoveries_from, creator.enrolled_on) + 1, local_day(until, book) + 1
    ):
        at = midnight(day, book)
        rules = book.versions[version_at(at, book)]
        comes = creator.recoveries == GRANTED_AS_DUE or rules.recovery_automatic
        if not comes or closed(creator, rules, None) or at < book.versions[0].in_force_at:
            continue
        if rules.recovery_cadence == MONTHLY and month_was_clean(creator, day, book):
            return day
        if rules.recovery_cadence == CLEAN_DAYS and run_is_full(creator, day, rules):
            return day
    return FOREVER


def month_was_clean(creator: Creator, day: int, book: Book) -> bool:
    """On the first of a month, about the month before."""
    today = DAY_ZERO + timedelta(days=day)
    if today.day != 1:
        return False
    first = ((today - timedelta(days=1)).replace(day=1) - DAY_ZERO).days
    found = {v.found_on for v in creator.violations if v.state == STANDING}
    return creator.enrolled_at <= midnight(first, book) and found.isdisjoint(range(first, day))


def run_is_full(creator: Creator, day: int, rules: Rules) -> bool:
    """The whole clean days before a day, since the last that was not clean or was counted."""
    found = [v.found_on for v in creator.violations if v.state == STANDING]
    anchor = max(creator.enrolled_on, creator.award_closed_on, *found)
    clean = day - 1 - anchor
    score = creator.counters[rules.recovery_counter].score
    run = next((run for run in rules.runs if score < run.below), None)
    if run is None or clean <= 0:
        return False
    again = run.then > 0 and creator.award_closed_on == anchor
    return clean % (run.then if again else run.days) == 0
