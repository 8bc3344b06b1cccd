"""Appeals: contested once and in time, granted whole or in part, or denied (003 §3.4).

A whole grant voids the violation from its own instant on and gives back what was taken and has not
come back yet (C-020, C-021, C-074, C-075; delta, I-08). A denied, late or absent appeal changes
nothing (C-022 to C-024). The version that judged the violation keeps judging its appeal.
"""

from projections.fold.given import Fact
from projections.fold.ladders import fine, judge_again
from projections.fold.measures import end_measures
from projections.fold.nodes import lift
from projections.fold.rules import Book
from projections.fold.score import Trace, credit, outstanding
from projections.fold.state import (
    ABSENT,
    ALREADY_APPEALED,
    APPLIED,
    BY_APPEAL,
    CLOSED_BY_APPEAL,
    FOREVER,
    NONE,
    QUOTA_RETURNED,
    UNKNOWN_VIOLATION,
    VOID,
    WINDOW_CLOSED,
    Creator,
    Violation,
)
from projections.fold.stops import end_while_triggered, lift_of_violation, move_up
from projections.fold.violations import effect_now


def not_open(violation: Violation) -> int:
    """Why nothing can be done about a violation any more, or APPLIED."""
    if violation.state == NONE:
        return UNKNOWN_VIOLATION
    if violation.state == VOID:
        return CLOSED_BY_APPEAL
    return APPLIED


def appeal_lodged(creator: Creator, fact: Fact, book: Book) -> int:
    """In time and once (C-017, I-32). Lodging pauses nothing (C-024) but an effect that waits."""
    violation = creator.violations[fact.violation]
    reason = not_open(violation)
    if reason != APPLIED:
        return reason
    rules = book.versions[violation.version]
    if fact.day - violation.found_on > rules.appeal_window_days:
        return WINDOW_CLOSED
    if violation.lodged >= rules.appeal_attempts:
        return ALREADY_APPEALED
    violation.lodged += 1
    if violation.waiting_until != ABSENT:
        violation.waiting_until = FOREVER
    return APPLIED


def appeal_denied(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """Nothing is withdrawn and nothing ends (C-023); an effect that waited waits no longer."""
    violation = creator.violations[fact.violation]
    reason = not_open(violation)
    if reason == APPLIED and violation.waiting_until != ABSENT:
        effect_now(creator, fact.violation, fact.at, book, trace)
    return reason


def appeal_granted(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """Honoured whether or not it was lodged in time: the authority decides."""
    violation = creator.violations[fact.violation]
    reason = not_open(violation)
    if reason != APPLIED:
        return reason
    waited = violation.waiting_until != ABSENT
    left = violation.deducted - violation.restored
    if fact.points == ABSENT or fact.points >= violation.judged:
        make_void(creator, fact, violation, book, trace)
    elif waited:
        violation.judged -= fact.points
        effect_now(creator, fact.violation, fact.at, book, trace)
        return APPLIED
    else:
        left = min(fact.points, left)
    if not waited:
        restore(creator, violation, left, BY_APPEAL, fact.at, book, trace)
    return APPLIED


def make_void(
    creator: Creator, fact: Fact, violation: Violation, book: Book, trace: Trace | None
) -> None:
    """The violation is void: its measures end, its exam closes, its quota returns (C-073 ff.)."""
    violation.state = VOID
    end_measures(creator, violation, fact.at, trace)
    if violation.category == ABSENT:
        return
    rules = book.versions[violation.version]
    category = rules.categories[violation.category]
    if violation.waiting_until == ABSENT:
        if violation.step != ABSENT or category.stop_count + category.fine_count > 0:
            fine(creator, violation, -1, fact.at, rules, trace)
            lift_of_violation(creator, fact.violation, fact.at, book, trace)
        if violation.ladder != ABSENT and rules.ladders[violation.ladder].re_judged:
            judge_again(creator, violation, fact.at, book, trace)
    quota = creator.quotas[category.quota]
    if quota.holder == fact.violation:
        quota.holder = ABSENT
        if fact.day < quota.free_on and trace is not None:
            trace.append((QUOTA_RETURNED, category.quota, 0, fact.at))


def restore(
    creator: Creator,
    violation: Violation,
    nominal: int,
    by: int,
    at: int,
    book: Book,
    trace: Trace | None,
) -> None:
    """Give points of a violation back, then see what that lifts (C-065, I-09).

    What has expired does not come back, but it counts for lifting: the judgement is gone.
    """
    index = violation.counter
    rules = book.versions[violation.version]
    sign = rules.counters[index].sign
    points = min(nominal, outstanding(violation))
    violation.restored += credit(creator, index, points, rules)
    creator.nominal += sign * points
    creator.counters[index].lifting += sign * nominal
    if creator.watching:
        end_while_triggered(creator, at, book, trace)
    if creator.crossings_open < creator.crossings_made:
        lift(creator, by, at, book, trace)
    move_up(creator, at, book, trace)
