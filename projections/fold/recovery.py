"""Recoveries and the accrual exam: points for keeping the rules (003 §4.3).

They raise the score up to the cap (C-032, C-033) and never lift, shorten or pause a timed or
permanent stop (C-034). While a permanent stop runs there are none (I-21). A simulation grants the
recoveries as they fall due, in class 3 of their instant.
"""

from projections.fold.calendar import first_of_month, local_day, midnight, month_of
from projections.fold.given import Fact
from projections.fold.rules import Book, Rules
from projections.fold.score import Trace, credit
from projections.fold.state import (
    ABSENT,
    ALREADY_GRANTED,
    APPLIED,
    AUTOMATIC,
    BALANCE,
    CLEAN_DAYS,
    CLOSED,
    FOREVER,
    GRANTED_AS_DUE,
    LIMIT_REACHED,
    MONTHLY,
    NOT_A_PASS,
    NOT_OFFERED,
    QUALIFIED_DAYS,
    RECOVERY_DUE,
    STANDING,
    Creator,
)
from projections.fold.stops import end_while_triggered


def recovery_granted(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """Once per period, unless closed; a refused recovery leaves its period free."""
    rules = book.versions[fact.version]
    points = fact.points
    if rules.recovery_automatic:
        return AUTOMATIC
    if points == ABSENT:
        if not rules.recovery_cadence:
            return NOT_OFFERED
        points = rules.recovery_points
    period = creator.periods[fact.slot]
    if period.awarded:
        return ALREADY_GRANTED
    if closed(creator, rules):
        return CLOSED
    period.awarded = 1
    creator.award_closed_on = max(creator.award_closed_on, fact.amount)
    recover(creator, rules.recovery_counter, points, fact.at, rules, book, trace)
    return APPLIED


def closed(creator: Creator, rules: Rules) -> bool:
    """While a permanent stop runs, or where a spent score does not come back by itself."""
    counter = creator.counters[rules.recovery_counter]
    if counter.permanent:
        return True
    rule = rules.counters[rules.recovery_counter]
    end = rule.floor if rule.sign == BALANCE else rule.cap
    return rules.recovery_not_at_floor != 0 and counter.score == end


def rules_exam_sat(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """The accrual exam: full mark, once in so many days, also where the cap leaves nothing."""
    rules = book.versions[fact.version]
    if not rules.accrual_offered:
        return NOT_OFFERED
    if fact.mark < rules.accrual_pass_mark:
        return NOT_A_PASS
    if fact.day < creator.rules_exam_free_on:
        return LIMIT_REACHED
    if creator.counters[rules.accrual_counter].permanent:
        return CLOSED
    creator.rules_exam_free_on = fact.day + rules.accrual_days
    recover(creator, rules.accrual_counter, rules.accrual_points, fact.at, rules, book, trace)
    return APPLIED


def course_taken(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """Points for a course, so many in all until the counter is reset; none are stored up."""
    rules = book.versions[fact.version]
    points = rules.courses[fact.slot] if fact.slot != ABSENT else ABSENT
    if points == ABSENT:
        return NOT_OFFERED
    counter = creator.counters[rules.courses_counter]
    if counter.permanent or (rules.courses_not_while_stopped and counter.running):
        return CLOSED
    points = min(points, rules.courses_at_most - creator.course_points)
    if points <= 0:
        return LIMIT_REACHED
    before = counter.score
    recover(creator, rules.courses_counter, points, fact.at, rules, book, trace)
    creator.course_points += abs(counter.score - before)
    return APPLIED


def day_qualified(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """Qualified days add up, each once; a full run of them gives points and begins anew."""
    rules = book.versions[fact.version]
    if rules.recovery_cadence != QUALIFIED_DAYS:
        return NOT_OFFERED
    if fact.day == creator.qualified_on:
        return ALREADY_GRANTED
    if closed(creator, rules):
        return CLOSED
    creator.qualified_on = fact.day
    creator.qualified_days += 1
    needed = run_days(creator, rules)
    if creator.qualified_days >= needed:
        creator.qualified_days -= needed
        recover(creator, rules.recovery_counter, rules.recovery_points, fact.at, rules, book, trace)
    return APPLIED


def run_days(creator: Creator, rules: Rules) -> int:
    """The length of the run that applies at the present score."""
    score = creator.counters[rules.recovery_counter].score
    for i in range(rules.run_count):
        if score < rules.runs[i].below:
            return rules.runs[i].days
    return FOREVER


def recover(
    creator: Creator,
    index: int,
    points: int,
    at: int,
    rules: Rules,
    book: Book,
    trace: Trace | None,
) -> None:
    credit(creator, index, points, rules)
    creator.nominal = rules.counters[index].sign * points
    if creator.watching:
        end_while_triggered(creator, at, book, trace)


def grant_due(creator: Creator, day: int, book: Book, trace: Trace | None) -> None:
    """The recovery that `next_recovery` found to be due at 00:00 of `day`."""
    at = midnight(day, book)
    rules = book.versions[version_at(at, book)]
    creator.recoveries_from = day
    creator.award_closed_on = max(creator.award_closed_on, day - 1)
    recover(creator, rules.recovery_counter, rules.recovery_points, at, rules, book, trace)
    if trace is not None:
        trace.append((RECOVERY_DUE, day - 1, creator.nominal, at))


def next_recovery(creator: Creator, until: int, book: Book) -> int:
    """The first local day, at whose 00:00 a recovery falls due as things stand, up to `until`.

    Returns FOREVER where none does. A day already dealt with is not asked again.
    """
    if not creator.enrolled:
        return FOREVER
    last = local_day(until, book)
    anchor = clean_anchor(creator)
    day = max(creator.recoveries_from, creator.enrolled_on) + 1
    while day <= last:
        at = midnight(day, book)
        rules = book.versions[version_at(at, book)]
        if comes_by_itself(creator, rules) and at >= book.versions[0].in_force_at:
            if rules.recovery_cadence == MONTHLY and month_is_clean(creator, day, book):
                return day
            if rules.recovery_cadence == CLEAN_DAYS and run_is_full(creator, day, anchor, rules):
                return day
        day += 1
    return FOREVER


def comes_by_itself(creator: Creator, rules: Rules) -> bool:
    """In a simulation every recovery does, else those of a rulebook that says so."""
    wanted = creator.recoveries == GRANTED_AS_DUE or rules.recovery_automatic != 0
    return wanted and not closed(creator, rules)


def month_is_clean(creator: Creator, day: int, book: Book) -> bool:
    """At 00:00 of the first of a month: enrolled for the whole month before, which was clean."""
    month = month_of(day)
    if day != first_of_month(month):
        return False
    before = first_of_month(month - 1)
    if creator.enrolled_at > midnight(before, book):
        return False
    for i in range(creator.violation_slots):
        violation = creator.violations[i]
        if violation.state == STANDING and before <= violation.found_on < day:
            return False
    return True


def run_is_full(creator: Creator, day: int, anchor: int, rules: Rules) -> bool:
    """At 24:00 of the day before: whole clean days since the anchor are a multiple of the run."""
    clean = day - 1 - anchor
    score = creator.counters[rules.recovery_counter].score
    for i in range(rules.run_count):
        run = rules.runs[i]
        if score < run.below:
            if run.then > 0 and creator.award_closed_on == anchor:
                return clean > 0 and clean % run.then == 0
            return clean > 0 and clean % run.days == 0
    return False


def clean_anchor(creator: Creator) -> int:
    """The latest of enrolment, standing violation and the day that the last award closed (I-23)."""
    anchor = max(creator.enrolled_on, creator.award_closed_on)
    for i in range(creator.violation_slots):
        violation = creator.violations[i]
        if violation.state == STANDING:
            anchor = max(anchor, violation.found_on)
    return anchor


def version_at(at: int, book: Book) -> int:
    """The version in force at an instant; the first one before that."""
    index = book.version_count - 1
    while index > 0 and at < book.versions[index].in_force_at:
        index -= 1
    return index
