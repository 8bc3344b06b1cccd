"""Points for learning the rules: the accrual exam and courses.

As recoveries they raise the score up to the cap and neither lift, shorten nor pause a timed or
permanent stop (C-034); while a permanent one runs there are none (I-21).
"""

from projections.fold.given import Fact
from projections.fold.recovery import recover, run_on
from projections.fold.rules import Book, Rules
from projections.fold.score import reset_dates
from projections.fold.state import (
    ABSENT,
    APPLIED,
    CLOSED,
    LIMIT_REACHED,
    NOT_A_PASS,
    NOT_OFFERED,
    Creator,
)
from projections.fold.trace import Trace, fails, refuse


def rules_exam_sat(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """The accrual exam: full mark, once in so many days, also where the cap leaves nothing."""
    rules = book.versions[fact.version]
    if not rules.accrual_offered:
        return refuse(trace, NOT_OFFERED, "clauses.accrual_exam", fact.version)
    reason = APPLIED
    passed = fact.mark >= rules.accrual_pass_mark
    free = fact.day >= creator.rules_exam_free_on
    if trace is not None:
        accrual_grounds(creator, fact, passed, free, rules, trace)
    if not passed:
        reason = fails(trace, reason, NOT_A_PASS, 0)
    if not free:
        reason = fails(trace, reason, LIMIT_REACHED, 0)
    if creator.counters[rules.accrual_counter].permanent:
        if trace is not None:
            run_on(creator, trace)
            trace.condition("clauses.recovery_closed", fact.version, met=False)
        reason = fails(trace, reason, CLOSED, 0)
    if trace is not None:
        trace.settle(reason)
    if reason != APPLIED:
        return reason
    if trace is not None:
        trace.rests("accrual_exam.points", fact.version)
    creator.rules_exam_free_on = fact.day + rules.accrual_days
    creator.rules_exam_version = fact.version
    recover(creator, rules.accrual_counter, rules.accrual_points, fact.at, rules, book, trace)
    return APPLIED


def accrual_grounds(
    creator: Creator, fact: Fact, passed: bool, free: bool, rules: Rules, trace: Trace
) -> None:
    """The mark, and the time since the last one that gave points, by the rules of that one."""
    trace.condition("clauses.accrual_exam", fact.version, met=passed and free)
    trace.condition("accrual_exam.pass_mark", fact.version, found=fact.mark, met=passed)
    if creator.rules_exam_version != ABSENT:
        version, found = creator.rules_exam_version, creator.rules_exam_free_on
        trace.condition("accrual_exam.per_days", version, found=found, met=free)
    if rules.counter_count > 1:
        trace.asked("accrual_exam.counter", fact.version, met=True)


def course_taken(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """Points for a course, so many in all until the counter is reset; none are stored up."""
    rules = book.versions[fact.version]
    points = rules.courses[fact.slot] if fact.slot != ABSENT else ABSENT
    if points == ABSENT:
        return refuse(trace, NOT_OFFERED, "clauses.recovery", fact.version)
    counter = creator.counters[rules.courses_counter]
    if counter.permanent or (rules.courses_not_while_stopped and counter.running):
        if trace is not None:
            run_on(creator, trace)
            courses_counter(rules, trace)
        return refuse(trace, CLOSED, "courses.not_while_stopped", fact.version)
    left = rules.courses_at_most - creator.course_points
    if left <= 0:
        if trace is not None:
            reset_dates(rules.courses_counter, rules, trace)
        return refuse(trace, LIMIT_REACHED, "courses.at_most", fact.version, creator.course_points)
    if trace is not None:
        course_grounds(creator, fact, points, left, rules, trace)
    points = min(points, left)
    before = counter.score
    recover(creator, rules.courses_counter, points, fact.at, rules, book, trace)
    creator.course_points += abs(counter.score - before)
    return APPLIED


def course_grounds(
    creator: Creator, fact: Fact, points: int, left: int, rules: Rules, trace: Trace
) -> None:
    """What a course gives, and how much courses give in all."""
    version, found = fact.version, creator.course_points
    if creator.counters[rules.courses_counter].running:
        trace.asked("courses.not_while_stopped", version, met=True)
    trace.rests("courses.points.*", version, fact.slot)
    if found or points > left:
        trace.add("courses.at_most", version, found=found, met=points <= left, relied=points > left)
        reset_dates(rules.courses_counter, rules, trace)
    courses_counter(rules, trace)


def courses_counter(rules: Rules, trace: Trace) -> None:
    if rules.counter_count > 1:
        trace.asked("courses.counter", rules.number, met=True)
