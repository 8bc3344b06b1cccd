"""What a violation comes to beside its points: its fines and its stops; and judged again.

They are those of the step that it reached on its ladder, where that has its own, else those of its
category. When an earlier one is void, a ladder may judge those after it again.
"""

from projections.fold.ladders import offences, step_at, step_grounds
from projections.fold.measures import amount, demand
from projections.fold.moves import shorten
from projections.fold.rules import Book, Rules, StopRule
from projections.fold.score import give_back
from projections.fold.state import (
    ABSENT,
    LIFTED,
    OWN,
    RE_JUDGED,
    RUNNING,
    STANDING,
    Creator,
    Violation,
)
from projections.fold.stops import begin_stop, end_stop, note_start, tidy
from projections.fold.trace import Trace


def consequences(
    creator: Creator, slot: int, at: int, day: int, book: Book, trace: Trace | None
) -> None:
    """The fines and the stops of one violation: its step's, else its category's."""
    violation = creator.violations[slot]
    rules = book.versions[violation.version]
    violation.fined = violation.step
    fine(creator, violation, 1, at, rules, trace)
    for i in range(stop_count(violation, rules)):
        rule = stop_rule(violation, i, rules)
        stop = begin_stop(creator, rule, violation.version, violation.counter, at, day, book, trace)
        stop.violation = slot
        if trace is not None:
            note_start(creator, at, book, trace)
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
        fine_grounds(violation, violation.fined, rules, trace, relied=True)
    if violation.fined != ABSENT:
        step = rules.ladders[violation.ladder].steps[violation.fined]
        if step.fine_count != ABSENT:
            demand(creator, step.fines, step.fine_count, sign, at, trace)
            return
    category = rules.categories[violation.category]
    demand(creator, category.fines, category.fine_count, sign, at, trace)


def dearer(creator: Creator, violation: Violation, step: int, rules: Rules) -> bool:
    """Whether the fines of a step are higher, on some account, than those that it owes."""
    for account in range(creator.account_slots):
        owed = amount_of(violation, violation.fined, account, rules)
        if amount_of(violation, step, account, rules) > owed:
            return True
    return False


def amount_of(violation: Violation, step: int, account: int, rules: Rules) -> int:
    """What a step, or below the first one its category, demands on an account."""
    if step != ABSENT:
        reached = rules.ladders[violation.ladder].steps[step]
        if reached.fine_count != ABSENT:
            return amount(reached.fines, reached.fine_count, account)
    category = rules.categories[violation.category]
    return amount(category.fines, category.fine_count, account)


def fine_grounds(
    violation: Violation, step: int, rules: Rules, trace: Trace, *, relied: bool
) -> None:
    """The fines of a step, where that has its own, else of its category."""
    ladder = violation.ladder
    if step != ABSENT and rules.ladders[ladder].steps[step].fine_count != ABSENT:
        count = rules.ladders[ladder].steps[step].fine_count
        key = "ladders.*.steps.*.fines"
        trace.fines(key, rules.number, ladder, step, count=count, relied=relied)
    else:
        count = rules.categories[violation.category].fine_count
        key = "categories.*.fines"
        trace.fines(key, rules.number, violation.category, count=count, relied=relied)


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
            trace.asked("categories.*.points", rules.number, violation.category, met=True)
            return
        trace.asked("ladders.*.steps.*.points", rules.number, ladder, step)
    trace.rests("categories.*.points", rules.number, violation.category)


def move(creator: Creator, slot: int, step: int, at: int, book: Book, trace: Trace | None) -> None:
    """Put a violation on another step: its fines, its points, its stops, none of them worse."""
    violation = creator.violations[slot]
    rules = book.versions[violation.version]
    ladder = rules.ladders[violation.ladder]
    violation.step = step
    if dearer(creator, violation, step, rules):
        if trace is not None:
            fine_grounds(violation, step, rules, trace, relied=False)
    else:
        fine(creator, violation, -1, at, rules, trace)
        violation.fined = step
        fine(creator, violation, 1, at, rules, trace)
    points = rules.categories[violation.category].points
    if step != ABSENT and ladder.steps[step].points != ABSENT:
        points = ladder.steps[step].points
    back = min(violation.judged - points, violation.deducted - violation.restored)
    if points != ABSENT and not violation.own_points and back > 0:
        violation.judged = points
        give_back(creator, violation, back, rules, trace)
    for row in range(creator.stops_open, creator.stops_made):
        if creator.stops[row].state == RUNNING and creator.stops[row].violation == slot:
            measure_again(creator, row, at, rules, book, trace)
    tidy(creator)
    if trace is not None:
        trace.append((RE_JUDGED, slot, step + 1, at))


def measure_again(
    creator: Creator, row: int, at: int, rules: Rules, book: Book, trace: Trace | None
) -> None:
    """A stop as it is judged now: for the new length, if shorter, or not at all.

    Below the first step that is what the category says by itself. No stop begins by it.
    """
    stop = creator.stops[row]
    violation = creator.violations[stop.violation]
    for i in range(stop_count(violation, rules)):
        rule = stop_rule(violation, i, rules)
        if rule.feature == stop.feature:
            if shorten(creator, row, rule, at, book, trace) and trace is not None:
                stop_ground(violation, i, row, rules, trace)
            return
    end_stop(creator, row, LIFTED, at, book, trace)
