"""Appeals: contested once and in time, granted whole or in part, or denied (003 §3.4).

A whole grant voids the violation from its own instant on and gives back what was taken and has not
come back yet (C-020, C-021, C-074, C-075; delta, I-08). A denied, late or absent appeal changes
nothing (C-022 to C-024). The version that judged the violation keeps judging its appeal.
"""

from projections.fold.consequences import fine, judge_again, points_ground
from projections.fold.given import Fact
from projections.fold.measures import end_measures
from projections.fold.moves import move_up
from projections.fold.nodes import lift
from projections.fold.rules import Book
from projections.fold.score import give_back, outstanding, overdue, reset_dates
from projections.fold.state import (
    ABSENT,
    ALREADY_APPEALED,
    APPLIED,
    BY_APPEAL,
    CLOSED_BY_APPEAL,
    FOREVER,
    NONE,
    QUOTA_RETURNED,
    RUNNING,
    STANDING,
    UNKNOWN_VIOLATION,
    VOID,
    WINDOW_CLOSED,
    Creator,
    Violation,
)
from projections.fold.stops import end_while_triggered, lift_of_violation
from projections.fold.trace import Trace, fails, refuse
from projections.fold.violations import effect_now


def not_open(violation: Violation, clause: str, trace: Trace | None) -> int:
    """Why nothing can be done about a violation any more, or APPLIED."""
    if violation.state == NONE:
        return UNKNOWN_VIOLATION
    if violation.state == VOID:
        return refuse(trace, CLOSED_BY_APPEAL, clause, violation.version)
    return APPLIED


def appeal_lodged(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """In time and once (C-017, I-32). Lodging pauses nothing (C-024) but an effect that waits."""
    violation = creator.violations[fact.violation]
    reason = not_open(violation, "clauses.appeal_granted", trace)
    if reason != APPLIED:
        return reason
    rules = book.versions[violation.version]
    passed = fact.day - violation.found_on
    late, again = passed > rules.appeal_window_days, violation.lodged >= rules.appeal_attempts
    if trace is not None:
        lodged_grounds(violation, passed, late, again, trace)
    if late:
        reason = fails(trace, reason, WINDOW_CLOSED, 1)
    if again:
        reason = fails(trace, reason, ALREADY_APPEALED, 1)
    if reason != APPLIED:
        return reason
    violation.lodged += 1
    if violation.waiting_until != ABSENT:
        violation.waiting_until = FOREVER
    return APPLIED


def lodged_grounds(
    violation: Violation, passed: int, late: bool, again: bool, trace: Trace
) -> None:
    """The window, and how often a violation may be appealed."""
    version, refused = violation.version, late or again
    if late:
        trace.rests("clauses.appeal_window", version, met=False)
    elif not again:
        trace.rests("clauses.appeal", version)
    if late or not refused:
        trace.rests("appeal.window_days", version, found=passed, met=not late)
    if again:
        trace.rests("clauses.appeal", version, met=False)
        trace.rests("appeal.attempts", version, found=violation.lodged + 1, met=False)
    elif violation.lodged > 0:
        trace.asked("appeal.attempts", version, found=violation.lodged + 1, met=True)


def appeal_denied(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """Nothing is withdrawn and nothing ends (C-023); an effect that waited waits no longer."""
    violation = creator.violations[fact.violation]
    reason = not_open(violation, "clauses.appeal_granted", trace)
    if trace is not None and reason == APPLIED:
        trace.rests("clauses.appeal_denied", violation.version)
        effect_ground(violation, fact, book, trace)
    if reason == APPLIED and violation.waiting_until != ABSENT:
        effect_now(creator, fact.violation, fact.at, book, trace)
    return reason


def effect_ground(violation: Violation, fact: Fact, book: Book, trace: Trace) -> None:
    """Asked where the effect came at once and might have waited for this decision."""
    rules = book.versions[violation.version]
    closes = violation.found_on + rules.appeal_window_days
    waits = fact.violation not in trace.denied and (violation.lodged or fact.day <= closes)
    if not rules.effect_after_appeal and waits:
        trace.asked("appeal.effect", rules.number)
    trace.denied.add(fact.violation)


def appeal_granted(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """Honoured whether or not it was lodged in time: the authority decides."""
    violation = creator.violations[fact.violation]
    reason = not_open(violation, "clauses.appeal_granted", trace)
    if reason != APPLIED:
        return reason
    waited = violation.waiting_until != ABSENT
    left = violation.deducted - violation.restored
    if trace is not None:
        granted_grounds(creator, fact, book, trace)
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


def granted_grounds(creator: Creator, fact: Fact, book: Book, trace: Trace) -> None:
    """What a grant rests on; one of so many points is whole from what was judged on."""
    violation = creator.violations[fact.violation]
    trace.rests("clauses.appeal_granted", violation.version)
    whole = fact.points == ABSENT or fact.points >= violation.judged
    if whole and violation.answers > 0:
        after = violation.passed != 0
        clause = "clauses.appeal_after_exam" if after else "clauses.exam_closed_by_appeal"
        trace.rests(clause, violation.version)
    if violation.waiting_until != ABSENT:
        trace.rests("appeal.effect", violation.version)
    elif not whole:
        effect_ground(violation, fact, book, trace)
    if fact.points != ABSENT:
        points_ground(creator, fact.violation, book.versions[violation.version], trace)


def make_void(
    creator: Creator, fact: Fact, violation: Violation, book: Book, trace: Trace | None
) -> None:
    """The violation is void: its measures end, its exam closes, its quota returns (C-073 ff.)."""
    violation.state = VOID
    violation.void_at = fact.at
    end_measures(creator, violation, fact.at, trace)
    if violation.category == ABSENT:
        return
    rules = book.versions[violation.version]
    category = rules.categories[violation.category]
    if violation.waiting_until == ABSENT:
        if violation.step != ABSENT or category.stop_count + category.fine_count > 0:
            fine(creator, violation, -1, fact.at, rules, trace)
            lift_of_violation(creator, fact.violation, fact.at, book, trace)
        counted = violation.ladder != ABSENT
        if counted and (rules.ladders[violation.ladder].re_judged or trace is not None):
            judge_again(creator, violation, fact.at, book, trace)
    quota = creator.quotas[category.quota]
    if quota.holder == fact.violation:
        quota.holder = ABSENT
        if fact.day < quota.free_on and trace is not None:
            trace.asked("exam.quota_days", violation.version, found=quota.free_on, met=True)
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
    """Give points of a violation back, then see what that lifts (C-065, I-09)."""
    index = violation.counter
    rules = book.versions[violation.version]
    silent = creator.counters[index].score == rules.counters[index].initial
    if trace is not None and silent and min(nominal, outstanding(violation)) > 0:
        reset_dates(index, rules, trace)
    give_back(creator, violation, nominal, rules, trace)
    if creator.watching:
        end_while_triggered(creator, at, book, trace)
    if trace is not None and violation.state == STANDING:
        own_stops_stay(creator, violation, trace)
    if creator.crossings_open < creator.crossings_made:
        made = creator.crossings_made
        lift(creator, by, at, book, trace)
        if creator.crossings_made > made and creator.watching:
            end_while_triggered(creator, at, book, trace)
    move_up(creator, at, book, trace)
    if book.expires:
        overdue(creator, at, book)


def own_stops_stay(creator: Creator, violation: Violation, trace: Trace) -> None:
    """What a violation stops by itself stays as long as it stands."""
    for row in range(creator.stops_open, creator.stops_made):
        stop = creator.stops[row]
        own = stop.violation != ABSENT and creator.violations[stop.violation] is violation
        if own and stop.state == RUNNING:
            trace.stays_on(row, stop.until, 0)
