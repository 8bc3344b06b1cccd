"""Ladders: the n-th offence comes to more than the first.

Counted are the standing violations that climb the same ladder, of the same category or of all, in
its window; or, where the ladder says so, not violations but the stops before. What a void one means
for those after it is the rulebook's choice: as decided, or judged again.
"""

from projections.fold.calendar import end_of, local_day
from projections.fold.measures import demand
from projections.fold.rules import Book, LadderRule, Rules, StopRule
from projections.fold.score import credit
from projections.fold.state import (
    ABSENT,
    EXACT,
    FOREVER,
    LIFTED,
    MONTHS,
    NATURAL_DAYS,
    OCCASIONS,
    OWN,
    PERMANENT,
    RE_JUDGED,
    RUNNING,
    STANDING,
    STEP_REACHED,
    Creator,
    Stop,
    Violation,
)
from projections.fold.stops import (
    begin_stop,
    end_stop,
    move_end,
    note_start,
    served_until,
    tidy,
)
from projections.fold.trace import Trace


def climb(
    creator: Creator, slot: int, rules: Rules, book: Book, at: int, trace: Trace | None
) -> None:
    """Which step of which ladder a violation reaches; its points, unless the fact gave them."""
    violation = creator.violations[slot]
    violation.ladder = ladder_of(violation, rules)
    if trace is not None:
        member_grounds(violation, rules, trace)
    if violation.ladder == ABSENT:
        return
    ladder = rules.ladders[violation.ladder]
    if ladder.window_shape != ABSENT:
        violation.counts_until = end_of(
            ladder.window_shape, ladder.window_length, violation.found_at, violation.found_on, book
        )
    if ladder.by_stops:
        nth = 1 + stops_before(creator, violation, ladder, 1, book)
    else:
        nth = offences(creator, slot, ladder, rules, ladder.per_category, ladder.batches, 1)
    violation.step = step_at(ladder, nth)
    if trace is not None:
        step_grounds(violation, ladder, nth, trace)
        count_grounds(creator, slot, ladder, nth, book, trace)
    if violation.step == ABSENT:
        return
    points = ladder.steps[violation.step].points
    if points != ABSENT and not violation.own_points:
        violation.judged = points
    if trace is not None:
        trace.append((STEP_REACHED, slot, nth, at))


def member_grounds(violation: Violation, rules: Rules, trace: Trace) -> None:
    """Which offences a ladder counts, asked up to the first that counts this one."""
    if violation.category == ABSENT:
        return
    for i in range(rules.ladder_count):
        climbs = rules.ladders[i].members[violation.category] != 0
        trace.asked("ladders.*.categories", violation.version, i, met=climbs)
        trace.asked("ladders.*.severities", violation.version, i, met=climbs)
        if climbs:
            return


def step_grounds(violation: Violation, ladder: LadderRule, nth: int, trace: Trace) -> None:
    """The step that the n-th offence reaches, and those that it does not."""
    version, number = violation.version, violation.ladder
    for i in range(ladder.step_count):
        if i == violation.step:
            trace.rests("ladders.*.steps.*.nth", version, number, i, found=nth)
        else:
            met = ladder.steps[i].nth <= nth
            trace.asked("ladders.*.steps.*.nth", version, number, i, found=nth, met=met)


def count_grounds(
    creator: Creator, slot: int, ladder: LadderRule, nth: int, book: Book, trace: Trace
) -> None:
    """What decides how many there are, as far as it would come to another number otherwise."""
    violation = creator.violations[slot]
    rules = book.versions[violation.version]
    version, number = violation.version, violation.ladder
    per, batches = ladder.per_category, ladder.batches
    if ladder.by_stops:
        trace.rests("ladders.*.counts", version, number)
        ever = 1 + stops_before(creator, violation, ladder, 0, book)
    else:
        ever = offences(creator, slot, ladder, rules, per, batches, 0)
        if offences(creator, slot, ladder, rules, 1 - per, batches, 1) != nth:
            trace.asked("ladders.*.per", version, number, met=True)
        others = {1 + stops_before(creator, violation, ladder, 1, book)}
        others.add(offences(creator, slot, ladder, rules, per, 1 - batches, 1))
        if others != {nth}:
            trace.asked("ladders.*.counts", version, number, met=True)
    if ladder.window_shape != ABSENT and ever > 1:
        trace.rests("ladders.*.within", version, number, met=ever == nth)


def ladder_of(violation: Violation, rules: Rules) -> int:
    """The first ladder that the category climbs."""
    if violation.category != ABSENT:
        for i in range(rules.ladder_count):
            if rules.ladders[i].members[violation.category]:
                return i
    return ABSENT


def offences(
    creator: Creator,
    slot: int,
    ladder: LadderRule,
    rules: Rules,
    per_category: int,
    batches: int,
    within: int,
) -> int:
    """How many there are, this one included: by its ladder's own words, or by others."""
    this = creator.violations[slot]
    count = 1
    for i in range(creator.violation_slots):
        other = creator.violations[i]
        if (
            i != slot
            and counts_before(other, this, ladder, rules, per_category, batches, within)
            and (not batches or first_of_batch(creator, other))
        ):
            count += 1
    return count


def counts_before(
    other: Violation,
    this: Violation,
    ladder: LadderRule,
    rules: Rules,
    per_category: int,
    batches: int,
    within: int,
) -> bool:
    """Whether another violation is an earlier one of the same ladder and still in its window."""
    if other.state != STANDING or other.category == ABSENT or other.order > this.order:
        return False
    if other.waiting_until != ABSENT or other.ladder == ABSENT:
        return False
    if not ladder.members[other.category]:
        return False
    together = other.batch != ABSENT and other.batch == this.batch
    if batches and together and other.found_at == this.found_at:
        return False
    same = rules.categories[other.category].quota == rules.categories[this.category].quota
    if per_category and not same:
        return False
    return not within or ladder.window_shape == ABSENT or other.counts_until > this.found_at


def first_of_batch(creator: Creator, violation: Violation) -> bool:
    """Of the violations found together the first stands for all."""
    if violation.batch == ABSENT:
        return True
    for i in range(creator.violation_slots):
        other = creator.violations[i]
        if (
            other.state == STANDING
            and other.batch == violation.batch
            and other.found_at == violation.found_at
            and other.order < violation.order
        ):
            return False
    return True


def stops_before(
    creator: Creator, violation: Violation, ladder: LadderRule, within: int, book: Book
) -> int:
    """How many nodes and violations had stopped something before it was found.

    Neither what was lifted counts, nor what a void violation had stopped, nor what had not begun.
    The rows of one crossing or one violation follow each other, and count once.
    """
    count = 0
    counted = ABSENT
    for row in range(creator.stops_made):
        stop = creator.stops[row]
        if stop.counter == ABSENT or stop.state == LIFTED or stop.started_at >= violation.found_at:
            continue
        if counted != ABSENT and one_sanction(creator.stops[counted], stop):
            continue
        if stop.violation != ABSENT and creator.violations[stop.violation].state != STANDING:
            continue
        until = FOREVER
        if within and ladder.window_shape != ABSENT:
            day = local_day(stop.started_at, book)
            until = end_of(ladder.window_shape, ladder.window_length, stop.started_at, day, book)
        if until > violation.found_at:
            count += 1
            counted = row
    return count


def one_sanction(a: Stop, b: Stop) -> bool:
    """Whether one crossing, or one violation, stopped both."""
    return a.crossing == b.crossing and a.violation == b.violation


def step_at(ladder: LadderRule, nth: int) -> int:
    """The highest step that the n-th offence reaches; ABSENT below the first."""
    found = ABSENT
    for i in range(ladder.step_count):
        if ladder.steps[i].nth <= nth:
            found = i
    return found


def consequences(
    creator: Creator, slot: int, at: int, day: int, book: Book, trace: Trace | None
) -> None:
    """The fines and the stops of one violation: its step's, else its category's."""
    violation = creator.violations[slot]
    rules = book.versions[violation.version]
    fine(creator, violation, 1, at, rules, trace)
    for i in range(stop_count(violation, rules)):
        rule = stop_rule(violation, i, rules)
        stop = begin_stop(creator, rule, violation.version, violation.counter, at, day, book)
        stop.violation = slot
        note_start(creator, at, book, trace)
        if trace is not None:
            stop_ground(violation, i, creator.stops_made - 1, rules, trace)


def stop_count(violation: Violation, rules: Rules) -> int:
    """How many features it stops by itself: its step's, else its category's."""
    if own_stops(violation, rules):
        return rules.ladders[violation.ladder].steps[violation.step].stop_count
    return rules.categories[violation.category].stop_count


def own_stops(violation: Violation, rules: Rules) -> bool:
    """Whether the step that it reached says what is stopped; else its category does."""
    if violation.step == ABSENT:
        return False
    return rules.ladders[violation.ladder].steps[violation.step].stop_count != ABSENT


def stop_ground(violation: Violation, i: int, row: int, rules: Rules, trace: Trace) -> None:
    """How long the i-th of its stops lasts, and what it stops."""
    key, about = "categories.*.stops.*", [violation.category]
    if own_stops(violation, rules):
        key, about = "ladders.*.steps.*.stops.*", [violation.ladder, violation.step]
    trace.stop(f"{key}.length", violation.version, *about, i, row=row)
    trace.asked(f"{key}.feature", violation.version, *about, i, met=True)


def stop_rule(violation: Violation, i: int, rules: Rules) -> StopRule:
    """One of these stops."""
    if own_stops(violation, rules):
        return rules.ladders[violation.ladder].steps[violation.step].stops[i]
    return rules.categories[violation.category].stops[i]


def fine(
    creator: Creator, violation: Violation, sign: int, at: int, rules: Rules, trace: Trace | None
) -> None:
    """Demand what a violation costs, or (sign -1) demand it no longer."""
    if trace is not None:
        fine_grounds(violation, rules, trace)
    if violation.step != ABSENT:
        step = rules.ladders[violation.ladder].steps[violation.step]
        if step.fine_count != ABSENT:
            demand(creator, step.fines, step.fine_count, sign, at, trace)
            return
    category = rules.categories[violation.category]
    demand(creator, category.fines, category.fine_count, sign, at, trace)


def fine_grounds(violation: Violation, rules: Rules, trace: Trace) -> None:
    """The fines of the step that it reached, where that has its own, else of its category."""
    ladder, step = violation.ladder, violation.step
    if step != ABSENT and rules.ladders[ladder].steps[step].fine_count != ABSENT:
        count = rules.ladders[ladder].steps[step].fine_count
        trace.fines("ladders.*.steps.*.fines", rules.number, ladder, step, count=count)
    else:
        count = rules.categories[violation.category].fine_count
        trace.fines("categories.*.fines", rules.number, violation.category, count=count)


def judge_again(
    creator: Creator, gone: Violation, at: int, book: Book, trace: Trace | None
) -> None:
    """A violation is void: those after it on its ladder stand one step lower from now on."""
    for i in range(creator.violation_slots):
        violation = creator.violations[i]
        if (
            violation.state != STANDING
            or violation.order < gone.order
            or violation.step == ABSENT
            or violation.ladder != gone.ladder
            or violation.version != gone.version
            or violation.waiting_until != ABSENT
        ):
            continue
        rules = book.versions[violation.version]
        ladder = rules.ladders[violation.ladder]
        nth = offences(creator, i, ladder, rules, ladder.per_category, ladder.batches, 1)
        step = step_at(ladder, nth)
        if step == violation.step:
            continue
        if not ladder.re_judged:
            if trace is not None:
                trace.asked("ladders.*.after_void", rules.number, violation.ladder)
            continue
        if trace is not None:
            trace.rests("ladders.*.after_void", rules.number, violation.ladder)
        move(creator, i, step, at, book, trace)
        if trace is not None:
            step_grounds(violation, ladder, nth, trace)
            points_ground(creator, i, rules, trace)


def points_ground(creator: Creator, slot: int, rules: Rules, trace: Trace) -> None:
    """Where its points come from: the table or its ladder's step, unless the fact gave them."""
    violation = creator.violations[slot]
    if violation.own_points == OWN:
        return
    if violation.step != ABSENT and not violation.own_points:
        ladder, step = violation.ladder, violation.step
        if rules.ladders[ladder].steps[step].points != ABSENT:
            trace.rests("ladders.*.steps.*.points", rules.number, ladder, step)
            return
        trace.asked("ladders.*.steps.*.points", rules.number, ladder, step)
    trace.rests("categories.*.points", rules.number, violation.category)


def move(creator: Creator, slot: int, step: int, at: int, book: Book, trace: Trace | None) -> None:
    """Put a violation on another step: its fines, its points, the length of its stops."""
    violation = creator.violations[slot]
    rules = book.versions[violation.version]
    ladder = rules.ladders[violation.ladder]
    fine(creator, violation, -1, at, rules, trace)
    violation.step = step
    fine(creator, violation, 1, at, rules, trace)
    points = rules.categories[violation.category].points
    if step != ABSENT and ladder.steps[step].points != ABSENT:
        points = ladder.steps[step].points
    back = min(violation.judged - points, violation.deducted - violation.restored)
    if points != ABSENT and not violation.own_points and back > 0:
        violation.judged = points
        violation.restored += credit(creator, violation.counter, back, rules, trace)
        creator.nominal += rules.counters[violation.counter].sign * back
        creator.counters[violation.counter].lifting += rules.counters[violation.counter].sign * back
    for row in range(creator.stops_open, creator.stops_made):
        if creator.stops[row].state == RUNNING and creator.stops[row].violation == slot:
            shorten(creator, row, at, rules, book, trace)
    tidy(creator)
    if trace is not None:
        trace.append((RE_JUDGED, slot, step + 1, at))


def shorten(
    creator: Creator, row: int, at: int, rules: Rules, book: Book, trace: Trace | None
) -> None:
    """A stop as it is judged now: not at all, or from its start for the new length, if shorter.

    Below the first step that is what the category says by itself. No stop begins by it.
    """
    stop = creator.stops[row]
    violation = creator.violations[stop.violation]
    for i in range(stop_count(violation, rules)):
        rule = stop_rule(violation, i, rules)
        if rule.feature == stop.feature:
            if rule.kind < OCCASIONS and stop.kind in (EXACT, NATURAL_DAYS, MONTHS, PERMANENT):
                until = served_until(stop, rule.kind, rule.length, stop.started_at, book)
                if until < stop.until:
                    if trace is not None:
                        stop_ground(violation, i, row, rules, trace)
                    if stop.kind == PERMANENT:
                        creator.counters[stop.counter].permanent -= 1
                    stop.kind = rule.kind
                    stop.length = rule.length
                    move_end(creator, row, until, at, book, trace)
                return
            if rule.kind == stop.kind:
                return
    end_stop(creator, row, LIFTED, at, book, trace)
