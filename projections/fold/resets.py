"""Resets: a counter starts again on a date, or in cycles from enrolment (I-43).

A reset is neither credit nor deduction: no node starts by it, running stops go on, and points that
it took away do not come back by a later appeal.
"""

from projections.fold.calendar import add_months, day_of, local_day, midnight, month_of, year_of
from projections.fold.recovery import version_at
from projections.fold.rules import Book, CounterRule
from projections.fold.score import due, outstanding
from projections.fold.state import FOREVER, SCORE_RESET, STANDING, Creator
from projections.fold.stops import end_while_triggered
from projections.fold.trace import Trace


def plan_reset(creator: Creator, at: int, book: Book) -> None:
    """When, after an instant, a counter is next reset, by the version that is then in force."""
    upcoming = FOREVER
    today = local_day(at, book)
    for version in range(version_at(at, book), book.version_count):
        rules = book.versions[version]
        until = FOREVER
        if version + 1 < book.version_count:
            until = book.versions[version + 1].in_force_at
        for i in range(rules.counter_count):
            day = next_day(creator, rules.counters[i], today)
            if day < FOREVER and midnight(day, book) < until:
                upcoming = min(upcoming, midnight(day, book))
        if upcoming < FOREVER:
            break
        today = local_day(until, book) - 1
    creator.next_reset = upcoming
    due(creator)


def next_day(creator: Creator, rule: CounterRule, today: int) -> int:
    """The first local day after today on which a counter is reset; FOREVER where it never is."""
    found = FOREVER
    if rule.date_count > 0:
        this_year = year_of(today)
        for i in range(rule.date_count):
            month, day_of_month = rule.dates[i] // 100, rule.dates[i] % 100
            day = day_of(this_year, month, day_of_month)
            if day <= today:
                day = day_of(this_year + 1, month, day_of_month)
            found = min(found, day)
    if rule.reset_months > 0:
        passed = (month_of(today) - month_of(creator.enrolled_on)) // rule.reset_months
        for cycle in range(max(passed, 1), passed + 2):
            day = add_months(creator.enrolled_on, cycle * rule.reset_months)
            if today < day < found:
                found = day
    return found


def reset_due(creator: Creator, book: Book, trace: Trace | None) -> None:
    """Reset the counters whose day this is, and those that waited for their stops to end."""
    at = creator.next_reset
    version = version_at(at, book)
    rules = book.versions[version]
    today = local_day(at, book)
    for i in range(rules.counter_count):
        rule = rules.counters[i]
        counter = creator.counters[i]
        now = midnight(today, book) == at and next_day(creator, rule, today - 1) == today
        if now or (counter.reset_waiting and counter.running == 0):
            if rule.reset_after_stops and counter.running > 0:
                counter.reset_waiting = 1
                if trace is not None:
                    trace.asked("counters.*.reset.after_stops", version, i)
            else:
                counter.reset_waiting = 0
                reset(creator, i, rule, at, version, trace)
                if i == rules.courses_counter:
                    creator.course_points = 0
    if creator.watching:
        end_while_triggered(creator, at, book, trace)
    plan_reset(creator, at, book)


def reset_grounds(
    creator: Creator, index: int, rule: CounterRule, version: int, trace: Trace
) -> None:
    """The dates or the cycle, what is spared, and what is carried over."""
    score = creator.counters[index].score
    if rule.date_count:
        trace.rests("counters.*.reset.on", version, index)
    if rule.reset_months:
        trace.rests("counters.*.reset.every_months", version, index)
    trace.asked("counters.*.reset.not_from", version, index, found=score)
    if rule.reset_carry_from < FOREVER:
        trace.asked("counters.*.reset.carry_from", version, index, found=score)
        trace.asked("counters.*.reset.carry", version, index, found=score)
    if rule.reset_not_while_owing or owing(creator):
        trace.asked("counters.*.reset.not_while_owing", version, index, met=True)
    if rule.reset_after_stops or creator.counters[index].running > 0:
        trace.asked("counters.*.reset.after_stops", version, index, met=True)
    carried = -rule.sign * score >= rule.reset_carry_from
    if not carried or rule.reset_carry == rule.initial:
        trace.asked("counters.*.initial", version, index)


def reset(
    creator: Creator, index: int, rule: CounterRule, at: int, version: int, trace: Trace | None
) -> None:
    """Set one counter to its initial value, or to what is carried over."""
    counter = creator.counters[index]
    reached = -rule.sign * counter.score
    if reached >= rule.reset_not_from:
        if trace is not None:
            trace.asked("counters.*.reset.not_from", version, index, found=counter.score)
        return
    if rule.reset_not_while_owing and owing(creator):
        if trace is not None:
            trace.asked("counters.*.reset.not_while_owing", version, index)
        return
    if trace is not None:
        reset_grounds(creator, index, rule, version, trace)
    score = rule.reset_carry if reached >= rule.reset_carry_from else rule.initial
    for i in range(creator.violation_slots):
        violation = creator.violations[i]
        if violation.state == STANDING and violation.counter == index:
            violation.expired += outstanding(violation)
            violation.expires_at = FOREVER
    if trace is not None and score != counter.score:
        trace.append((SCORE_RESET, index, score - counter.score, at))
    counter.score = score
    counter.looked = score


def owing(creator: Creator) -> bool:
    """Whether more is demanded than was posted, on any account."""
    for i in range(creator.account_slots):
        if creator.accounts[i].demanded > creator.accounts[i].posted:
            return True
    return False
