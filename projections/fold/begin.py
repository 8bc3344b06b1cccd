"""A creator before the first fact: every scalar at its start, every row marked unused."""

from projections.fold.given import MeasureRow, Sizes
from projections.fold.state import (
    ABSENT,
    FOREVER,
    NONE,
    UNCLAIMED,
    Creator,
)


def begin(
    creator: Creator, sizes: Sizes, measures: list[MeasureRow], first: int, recoveries: int
) -> None:
    """Make a creator, perhaps used for another one before, blank.

    `measures[first:first + sizes.measures]` are the measures that its facts will name.
    """
    creator.enrolled = 0
    creator.enrolled_at = 0
    creator.enrolled_on = 0
    creator.level = ABSENT
    creator.reputation = ABSENT
    creator.right = UNCLAIMED
    creator.claimed_ever = 0
    creator.revoked_at = -FOREVER
    creator.rules_exam_free_on = -FOREVER
    creator.rules_exam_version = ABSENT
    creator.award_closed_on = -FOREVER
    creator.recoveries_from = -FOREVER
    creator.crossings_made = 0
    creator.crossings_open = 0
    creator.stops_made = 0
    creator.stops_open = 0
    creator.watching = 0
    creator.next_end = FOREVER
    creator.next_expiry = FOREVER
    creator.next_effect = FOREVER
    creator.next_reset = FOREVER
    creator.next_lapse = FOREVER
    creator.next_due = FOREVER
    creator.recoveries = recoveries
    creator.found = 0
    creator.qualified_days = 0
    creator.qualified_on = -FOREVER
    creator.course_points = 0
    creator.nominal = 0
    creator.touched = 0
    creator.violation_slots = sizes.violations
    creator.account_slots = sizes.accounts
    creator.feature_slots = sizes.features
    creator.told = 0
    begin_rows(creator, sizes, measures, first)


def begin_rows(creator: Creator, sizes: Sizes, measures: list[MeasureRow], first: int) -> None:
    """Every row that is there from the beginning; crossings and stops are filled as they start."""
    for i in range(sizes.counters):
        counter = creator.counters[i]
        counter.score = 0
        counter.looked = 0
        counter.lifting = 0
        counter.permanent = 0
        counter.running = 0
        counter.stopped_since = 0
        counter.reset_waiting = 0
    for i in range(sizes.violations):
        creator.violations[i].state = NONE
    for i in range(sizes.categories):
        quota = creator.quotas[i]
        quota.holder = ABSENT
        quota.free_on = 0
    for i in range(sizes.measures):
        measure = creator.measures[i]
        measure.state = NONE
        measure.name = measures[first + i].name
        measure.violation = measures[first + i].violation
        measure.before = measures[first + i].before
        measure.started_at = 0
        measure.until = FOREVER
    for i in range(sizes.accounts):
        account = creator.accounts[i]
        account.demanded = 0
        account.posted = 0
    for i in range(sizes.periods):
        creator.periods[i].awarded = 0
    for i in range(sizes.features):
        creator.features[i].state = NONE
