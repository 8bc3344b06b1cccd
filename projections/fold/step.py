"""One step of the fold: the clock up to the fact, then the fact (advance, rule).

`advance` lets fall due what falls due by time alone; `rule` sends the fact to the one function that
bears the name of its kind. Both are total: every order of well-formed facts yields a standing.
"""

from projections.fold.appeals import appeal_denied, appeal_granted, appeal_lodged
from projections.fold.calendar import local_day
from projections.fold.courses import course_taken, rules_exam_sat
from projections.fold.exams import (
    exam_abandoned,
    exam_invited,
    exam_right_claimed,
    exam_right_revoked,
    exam_sat,
    exam_studied,
)
from projections.fold.features import feature_opened, feature_used, lapse_due
from projections.fold.given import Fact
from projections.fold.measures import measure_imposed, measure_lifted, money_posted
from projections.fold.moves import occasion_held
from projections.fold.recovery import (
    day_qualified,
    grant_due,
    next_recovery,
    recovery_granted,
)
from projections.fold.resets import reset_due
from projections.fold.rules import Book
from projections.fold.score import expire_due
from projections.fold.state import (
    APPEAL_DENIED,
    APPEAL_GRANTED,
    APPEAL_LODGED,
    APPLIED,
    COURSE_TAKEN,
    CREATOR_ENROLLED,
    DAY_QUALIFIED,
    EXAM_ABANDONED,
    EXAM_INVITED,
    EXAM_RIGHT_CLAIMED,
    EXAM_RIGHT_REVOKED,
    EXAM_SAT,
    EXAM_STUDIED,
    FACT_RETRACTED,
    FEATURE_OPENED,
    FEATURE_USED,
    FOREVER,
    MEASURE_IMPOSED,
    MEASURE_LIFTED,
    MONEY_POSTED,
    NOT_ENROLLED,
    OCCASION_HELD,
    PROFILE_CHANGED,
    RECOVERY_GRANTED,
    RULEBOOK_ADOPTED,
    RULES_EXAM_SAT,
    VIOLATION_FOUND,
    Creator,
)
from projections.fold.stops import end_due, end_while_triggered
from projections.fold.trace import Trace, refuse
from projections.fold.violations import (
    creator_enrolled,
    effects_due,
    profile_changed,
    violation_found,
)

RECOVERIES = 3
"""The class in which recoveries take their place at an instant."""


def step(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """Rule one fact in replay order; returns the reason, 0 where there is none to give."""
    if creator.recoveries or fact.at >= creator.next_due:
        clock(creator, fact, book, trace)
    return rule(creator, fact, book, trace)


def clock(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> None:
    """What falls due up to the fact's instant."""
    if creator.recoveries:
        advance_simulated(creator, fact.at, fact.rank >= RECOVERIES, book, trace)
    advance(creator, fact.at, book, trace)


def advance(creator: Creator, at: int, book: Book, trace: Trace | None) -> None:
    """Clock effects up to and including an instant, in the order they fall due.

    At one instant: stops end, what waited takes effect, points expire, counters reset, features
    lapse.
    """
    while creator.next_due <= at:
        now = creator.next_due
        if creator.next_end == now:
            end_due(creator, book, trace)
        elif creator.next_effect == now:
            effects_due(creator, book, trace)
        elif creator.next_expiry == now:
            expire_due(creator, book, trace)
        elif creator.next_reset == now:
            reset_due(creator, book, trace)
        else:
            lapse_due(creator, book, trace)
        if creator.watching:
            end_while_triggered(creator, now, book, trace)
        if trace is not None:
            trace.turn(now, creator)


def advance_simulated(
    creator: Creator, at: int, inclusive: bool, book: Book, trace: Trace | None
) -> None:
    """The clock with recoveries granted as they fall due, up to an instant and its class 3."""
    until = at if inclusive else at - 1
    day = advance_to_recovery(creator, until, book, trace)
    while day < FOREVER:
        grant_due(creator, day, book, trace)
        day = advance_to_recovery(creator, until, book, trace)


def advance_to_recovery(creator: Creator, until: int, book: Book, trace: Trace | None) -> int:
    """The clock up to the next recovery: the day at whose 00:00 it falls due, not yet granted.

    Returns FOREVER where none falls due by `until`, and has dealt with the days up to then.
    """
    while True:
        day = next_recovery(creator, min(creator.next_due - 1, until), book)
        if day < FOREVER:
            return day
        if creator.next_due > until:
            creator.recoveries_from = local_day(until, book)
            return FOREVER
        creator.recoveries_from = local_day(creator.next_due - 1, book)
        advance(creator, creator.next_due, book, trace)


def rule(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """Send the fact to the function that bears its name; the most frequent are asked first."""
    creator.nominal = 0
    creator.touched = 0
    kind = fact.kind
    if not creator.enrolled:
        return rule_before_enrolment(creator, fact, book, trace)
    if kind == VIOLATION_FOUND:
        return violation_found(creator, fact, book, trace)
    if kind == EXAM_SAT:
        return exam_sat(creator, fact, book, trace)
    if kind == APPEAL_LODGED:
        return appeal_lodged(creator, fact, book, trace)
    if kind == APPEAL_GRANTED:
        return appeal_granted(creator, fact, book, trace)
    if kind == EXAM_STUDIED:
        return exam_studied(creator, fact, trace)
    if kind == RECOVERY_GRANTED:
        return recovery_granted(creator, fact, book, trace)
    if kind == EXAM_INVITED:
        return exam_invited(creator, fact, book, trace)
    if kind == APPEAL_DENIED:
        return appeal_denied(creator, fact, book, trace)
    return rule_rare(creator, fact, book, trace)


def rule_before_enrolment(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """Before product sharing is open nothing counts but money and retractions (C-001).

    What is no fact about a creator is not refused for it.
    """
    if fact.kind == CREATOR_ENROLLED:
        return creator_enrolled(creator, fact, book, trace)
    if fact.kind == MONEY_POSTED:
        return money_posted(creator, fact, trace)
    if fact.kind == RULEBOOK_ADOPTED:
        return APPLIED
    if fact.kind == FACT_RETRACTED:
        return fact.slot
    return refuse(trace, NOT_ENROLLED, "clauses.enrolment", fact.version)


def rule_rare(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    kind = fact.kind
    if kind == EXAM_ABANDONED:
        return exam_abandoned(creator, fact, trace)
    if kind == EXAM_RIGHT_CLAIMED:
        return exam_right_claimed(creator, fact, trace)
    if kind == EXAM_RIGHT_REVOKED:
        return exam_right_revoked(creator, fact, trace)
    if kind == PROFILE_CHANGED:
        return profile_changed(creator, fact, trace)
    if kind == RULES_EXAM_SAT:
        return rules_exam_sat(creator, fact, book, trace)
    if kind == MEASURE_IMPOSED:
        return measure_imposed(creator, fact, trace)
    if kind == MEASURE_LIFTED:
        return measure_lifted(creator, fact, trace)
    if kind == MONEY_POSTED:
        return money_posted(creator, fact, trace)
    if kind == FACT_RETRACTED:
        return fact.slot
    if kind == OCCASION_HELD:
        if trace is not None:
            trace.rests("clauses.node", fact.version)
        occasion_held(creator, fact.at, book, trace)
        return APPLIED
    if kind == COURSE_TAKEN:
        return course_taken(creator, fact, book, trace)
    if kind == DAY_QUALIFIED:
        return day_qualified(creator, fact, book, trace)
    if kind == FEATURE_OPENED:
        return feature_opened(creator, fact, book, trace)
    if kind == FEATURE_USED:
        return feature_used(creator, fact, book, trace)
    if kind == RULEBOOK_ADOPTED:
        return APPLIED
    return creator_enrolled(creator, fact, book, trace)
