"""Recoveries: points for keeping the rules (003 §4.3).

They raise the score up to the cap (C-032, C-033) and never lift, shorten or pause a timed or
permanent stop (C-034). While a permanent stop runs there are none (I-21). A simulation grants the
recoveries as they fall due, in class 3 of their instant.
"""

from projections.fold.calendar import local_day, midnight, month_start
from projections.fold.given import Fact
from projections.fold.rules import Book, Rules
from projections.fold.score import credit, make_up, spent
from projections.fold.state import (
    ABSENT,
    ALREADY_GRANTED,
    APPLIED,
    AUTOMATIC,
    CLEAN_DAYS,
    CLOSED,
    FOREVER,
    GRANTED_AS_DUE,
    MONTHLY,
    NOT_OFFERED,
    QUALIFIED_DAYS,
    RECOVERY_DUE,
    RUNNING,
    STANDING,
    Creator,
)
from projections.fold.stops import end_while_triggered
from projections.fold.trace import Trace, refuse


def recovery_granted(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """Once per period, unless closed; a refused recovery leaves its period free."""
    rules = book.versions[fact.version]
    points = fact.points
    if trace is not None and rules.recovery_cadence:
        automatic = rules.recovery_automatic != 0
        trace.add("recovery.automatic", fact.version, met=not automatic, relied=automatic)
    if rules.recovery_automatic:
        return refuse(trace, AUTOMATIC, "clauses.recovery", fact.version)
    if points == ABSENT:
        if not rules.recovery_cadence:
            return refuse(trace, NOT_OFFERED, "clauses.recovery", fact.version)
        points = rules.recovery_points
    period = creator.periods[fact.slot]
    if period.awarded:
        return refuse(trace, ALREADY_GRANTED, "clauses.recovery", fact.version)
    if closed(creator, rules, trace):
        return CLOSED
    if trace is not None:
        trace.rests("clauses.recovery", fact.version)
        if rules.recovery_cadence:
            counter_grounds(rules, trace)
        if fact.points == ABSENT:
            trace.rests("recovery.points", fact.version)
    period.awarded = 1
    creator.award_closed_on = max(creator.award_closed_on, fact.amount)
    recover(creator, rules.recovery_counter, points, fact.at, rules, book, trace)
    return APPLIED


def closed(creator: Creator, rules: Rules, trace: Trace | None) -> bool:
    """While a permanent stop runs, or where a spent score does not come back by itself."""
    counter = creator.counters[rules.recovery_counter]
    if trace is not None and rules.recovery_cadence:
        elsewhere_grounds(creator, rules, trace)
    if counter.permanent:
        if trace is not None:
            run_on(creator, trace)
        refuse(trace, CLOSED, "clauses.recovery_closed", rules.number)
        return True
    if not rules.recovery_cadence or not spent(counter, rules.counters[rules.recovery_counter]):
        return False
    if rules.recovery_not_at_floor:
        refuse(trace, CLOSED, "recovery.not_at_floor", rules.number)
        return True
    if trace is not None:
        trace.asked("recovery.not_at_floor", rules.number, met=True)
    return False


def elsewhere_grounds(creator: Creator, rules: Rules, trace: Trace) -> None:
    """Which counter recovers, asked where another one would be closed, or would not."""
    shut = [
        creator.counters[i].permanent > 0
        or (rules.recovery_not_at_floor != 0 and spent(creator.counters[i], rules.counters[i]))
        for i in range(rules.counter_count)
    ]
    if len(set(shut)) > 1:
        trace.asked("recovery.counter", rules.number, met=True)


def counter_grounds(rules: Rules, trace: Trace) -> None:
    if rules.counter_count > 1:
        trace.asked("recovery.counter", rules.number, met=True)


def day_qualified(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """Qualified days add up, each once; a full run of them gives points and begins anew."""
    rules = book.versions[fact.version]
    if rules.recovery_cadence != QUALIFIED_DAYS:
        key = "recovery.cadence" if rules.recovery_cadence else "clauses.recovery"
        return refuse(trace, NOT_OFFERED, key, fact.version)
    if fact.day == creator.qualified_on:
        return refuse(trace, ALREADY_GRANTED, "clauses.recovery", fact.version)
    if closed(creator, rules, trace):
        return CLOSED
    if trace is not None:
        trace.rests("recovery.cadence", fact.version)
    creator.qualified_on = fact.day
    creator.qualified_days += 1
    needed = run_days(creator, rules, trace)
    if creator.qualified_days >= needed:
        if trace is not None:
            counter_grounds(rules, trace)
            trace.rests("recovery.points", fact.version)
        creator.qualified_days -= needed
        recover(creator, rules.recovery_counter, rules.recovery_points, fact.at, rules, book, trace)
    return APPLIED


def run_days(creator: Creator, rules: Rules, trace: Trace | None) -> int:
    """The length of the run that applies at the present score."""
    score = creator.counters[rules.recovery_counter].score
    for i in range(rules.run_count):
        if score < rules.runs[i].below:
            if trace is not None:
                run_grounds(creator, i, score, rules, trace)
            return rules.runs[i].days
    return FOREVER


def run_grounds(creator: Creator, index: int, score: int, rules: Rules, trace: Trace) -> None:
    """The days that are needed, and below which score, where another run would need others."""
    found = creator.qualified_days
    full = found >= rules.runs[index].days
    if rules.run_count > 1:
        counter_grounds(rules, trace)
    for i in range(index):
        if (found >= rules.runs[i].days) != full:
            trace.asked("recovery.runs.*.below", rules.number, i, found=score)
    then = next((run for run in rules.runs[index + 1 :] if score < run.below), None)
    if full != (then is not None and found >= then.days):
        trace.asked("recovery.runs.*.below", rules.number, index, found=score, met=True)
    trace.rests("recovery.runs.*.days", rules.number, index, found=found, met=full)


def recover(
    creator: Creator,
    index: int,
    points: int,
    at: int,
    rules: Rules,
    book: Book,
    trace: Trace | None,
) -> None:
    """Points back, and no stop ends by it but one that lasts only while the score is bad."""
    given = credit(creator, index, points, rules, trace)
    if book.expires:
        make_up(creator, index, given)
    creator.nominal = rules.counters[index].sign * points
    if creator.watching:
        end_while_triggered(creator, at, book, trace)
    if trace is not None and run_on(creator, trace):
        trace.rests("clauses.recovery_keeps_stops", rules.number)


def run_on(creator: Creator, trace: Trace) -> bool:
    """Whether there are stops that run on; no recovery shortens them."""
    trace.stays.clear()
    beside = False
    for row in range(creator.stops_open, creator.stops_made):
        stop = creator.stops[row]
        if stop.state == RUNNING:
            beside = True
            trace.stays_on(row, stop.until, 0)
    return beside


def grant_due(creator: Creator, day: int, book: Book, trace: Trace | None) -> None:
    """The recovery that `next_recovery` found to be due at 00:00 of `day`."""
    at = midnight(day, book)
    rules = book.versions[version_at(at, book)]
    creator.recoveries_from = day
    creator.award_closed_on = max(creator.award_closed_on, day - 1)
    if trace is not None:
        due_grounds(creator, day, rules, trace)
    before = creator.counters[rules.recovery_counter].score
    recover(creator, rules.recovery_counter, rules.recovery_points, at, rules, book, trace)
    if trace is not None:
        change = creator.counters[rules.recovery_counter].score - before
        trace.append((RECOVERY_DUE, day - 1, change, at))
        trace.stays.clear()
        trace.turn(at, creator)


def due_grounds(creator: Creator, day: int, rules: Rules, trace: Trace) -> None:
    """How often a recovery falls due, and how many clean days it needs."""
    counter = creator.counters[rules.recovery_counter]
    version, score = rules.number, counter.score
    trace.rests("clauses.recovery", version)
    trace.rests("recovery.points", version)
    if spent(counter, rules.counters[rules.recovery_counter]):
        trace.asked("recovery.not_at_floor", version, met=True)
    if creator.recoveries != GRANTED_AS_DUE:
        trace.asked("recovery.automatic", version, met=True)
    trace.asked("in_force_from", 0, found=day, met=True)
    counter_grounds(rules, trace)
    if rules.recovery_cadence == MONTHLY:
        trace.rests("recovery.cadence", version)
        return
    trace.asked("recovery.cadence", version, met=True)
    for i in range(rules.run_count):
        met = score < rules.runs[i].below
        if rules.runs[i].below < FOREVER:
            trace.asked("recovery.runs.*.below", version, i, found=score, met=met)
        if met:
            trace.rests("recovery.runs.*.days", version, i)
            trace.add("recovery.runs.*.then", version, i, relied=rules.runs[i].then > 0)
            return


def next_recovery(creator: Creator, until: int, book: Book) -> int:
    """The first local day, at whose 00:00 a recovery falls due as things stand, up to `until`.

    Returns FOREVER where none does. A day already dealt with is not asked again. Until the next
    fact only the version changes, so that under each of them the day follows from the calendar.
    """
    if not creator.enrolled:
        return FOREVER
    last = local_day(until, book)
    day = max(creator.recoveries_from, creator.enrolled_on, book.versions[0].in_force_on - 1) + 1
    while day <= last:
        index = book.version_count - 1
        upto = last
        while index > 0 and day < book.versions[index].in_force_on:
            upto = min(last, book.versions[index].in_force_on - 1)
            index -= 1
        due = next_under(creator, day, upto, book.versions[index], book)
        if due <= upto:
            return due
        day = upto + 1
    return FOREVER


def next_under(creator: Creator, day: int, last: int, rules: Rules, book: Book) -> int:
    """As `next_recovery`, from `day` to `last` under one version; beyond them it says nothing."""
    if comes_by_itself(creator, rules):
        if rules.recovery_cadence == MONTHLY:
            return next_clean_month(creator, day, last, book)
        if rules.recovery_cadence == CLEAN_DAYS:
            return next_full_run(creator, day, rules)
    return FOREVER


def comes_by_itself(creator: Creator, rules: Rules) -> bool:
    """In a simulation every recovery does, else those of a rulebook that says so."""
    wanted = creator.recoveries == GRANTED_AS_DUE or rules.recovery_automatic != 0
    return wanted and not closed(creator, rules, None)


def next_clean_month(creator: Creator, day: int, last: int, book: Book) -> int:
    """The first of a month, where the whole month before was one of an enrolled, clean creator."""
    before = month_start(day - 1)
    first = month_start(before + 31)
    while first <= last:
        if creator.enrolled_at <= midnight(before, book) and is_clean(creator, before, first):
            return first
        before = first
        first = month_start(before + 31)
    return FOREVER


def is_clean(creator: Creator, first: int, end: int) -> bool:
    """No violation that stands was found from `first` to the day before `end`."""
    for i in range(creator.violation_slots):
        violation = creator.violations[i]
        if violation.state == STANDING and first <= violation.found_on < end:
            return False
    return True


def next_full_run(creator: Creator, day: int, rules: Rules) -> int:
    """The day after one at whose 24:00 the clean days since the anchor are a multiple of a run."""
    anchor = clean_anchor(creator)
    score = creator.counters[rules.recovery_counter].score
    for i in range(rules.run_count):
        run = rules.runs[i]
        if score < run.below:
            again = run.then > 0 and creator.award_closed_on == anchor
            days = run.then if again else run.days
            runs = max((day - 2 - anchor) // days + 1, 1)
            return anchor + runs * days + 1
    return FOREVER


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
