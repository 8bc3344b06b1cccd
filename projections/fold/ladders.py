"""Ladders: the n-th offence comes to more than the first.

Counted are the standing violations that climb the same ladder, of the same category or of all, in
its window; or, where the ladder says so, not violations but the stops before. What a void one means
for those after it is the rulebook's choice (`consequences.judge_again`).
"""

from projections.fold.calendar import add_months, end_of, local_day, midnight
from projections.fold.rules import (
    BY_CATEGORY,
    BY_SEVERITY,
    MEMBER,
    SEVERAL,
    Book,
    LadderRule,
    Rules,
)
from projections.fold.state import (
    ABSENT,
    EXACT,
    FOREVER,
    LIFTED,
    MONTHS,
    STANDING,
    STEP_REACHED,
    Creator,
    Stop,
    Violation,
)
from projections.fold.trace import Trace


def climb(
    creator: Creator, slot: int, rules: Rules, book: Book, at: int, trace: Trace | None
) -> None:
    """Which step of which ladder a violation reaches; its points, unless the fact gave them."""
    violation = creator.violations[slot]
    violation.ladder = ladder_of(violation, rules)
    if violation.ladder == ABSENT:
        if trace is not None:
            member_grounds(creator, violation, rules, trace)
        return
    ladder = rules.ladders[violation.ladder]
    if ladder.window_shape != ABSENT:
        violation.counts_until = within_until(ladder, violation.found_at, violation.found_on, book)
    if ladder.by_stops:
        nth = 1 + stops_before(creator, violation, ladder, 1, book)
    else:
        nth = offences(creator, slot, ladder, rules, ladder.per_category, ladder.batches, 1)
    violation.step = step_at(ladder, nth)
    if trace is not None:
        member_grounds(creator, violation, rules, trace)
        step_grounds(violation, ladder, nth, trace)
        count_grounds(creator, slot, ladder, nth, book, trace)
    if violation.step == ABSENT:
        return
    points = ladder.steps[violation.step].points
    if points != ABSENT and not violation.own_points:
        violation.judged = points
    if trace is not None:
        trace.append((STEP_REACHED, slot, nth, at))


def within_until(ladder: LadderRule, at: int, day: int, book: Book) -> int:
    """How long something counts: what was so long ago, and no longer, is within the window.

    Natural days and months are counted to 24:00 of the last one, for months the corresponding day;
    exact time takes its last instant in.
    """
    if ladder.window_shape == MONTHS:
        return midnight(add_months(day, ladder.window_length) + 1, book)
    if ladder.window_shape == EXACT:
        return at + ladder.window_length + 1
    return end_of(ladder.window_shape, ladder.window_length, at, day, book)


def member_grounds(creator: Creator, violation: Violation, rules: Rules, trace: Trace) -> None:
    """Which offences a ladder counts, asked up to the first that counts this one.

    Left out are those whose first step not even all that came before would reach.
    """
    if violation.category == ABSENT:
        return
    version = violation.version
    ever = [v for v in creator.violations if v.state == STANDING and v.category != ABSENT]
    for i in range(rules.ladder_count):
        ladder = rules.ladders[i]
        highest = 1 + creator.stops_made if ladder.by_stops else len(ever)
        counted = ladder.members[violation.category]
        climbs = counted == MEMBER
        if highest >= ladder.steps[0].nth:
            others = any(ladder.members[v.category] != MEMBER for v in ever)
            choice = ladder.says & BY_CATEGORY and (ladder.says & SEVERAL or others)
            if counted & BY_SEVERITY and choice:
                trace.asked("ladders.*.categories", version, i, met=climbs)
            if counted & BY_CATEGORY and ladder.says & BY_SEVERITY:
                trace.asked("ladders.*.severities", version, i, met=climbs)
        if climbs:
            return


def step_grounds(violation: Violation, ladder: LadderRule, nth: int, trace: Trace) -> None:
    """The step that the n-th offence reaches, and the next one where it might reach that."""
    version, number, step = violation.version, violation.ladder, violation.step
    if step != ABSENT:
        trace.rests("ladders.*.steps.*.nth", version, number, step, found=nth)
    reached = 0 if step == ABSENT else ladder.steps[step].nth
    if step + 1 < ladder.step_count and reached < nth:
        trace.asked("ladders.*.steps.*.nth", version, number, step + 1, found=nth)


def count_grounds(
    creator: Creator, slot: int, ladder: LadderRule, nth: int, book: Book, trace: Trace
) -> None:
    """What decides how many there are, as far as it would come to another number otherwise."""
    violation = creator.violations[slot]
    rules = book.versions[violation.version]
    version, number = violation.version, violation.ladder
    per, batches = ladder.per_category, ladder.batches
    each = offences(creator, slot, ladder, rules, per, 0, 1)
    together = offences(creator, slot, ladder, rules, per, 1, 1)
    stops = 1 + stops_before(creator, violation, ladder, 1, book)
    if not stops_known(rules):
        stops = nth
    if ladder.by_stops:
        ever = 1 + stops_before(creator, violation, ladder, 0, book)
    else:
        ever = offences(creator, slot, ladder, rules, per, batches, 0)
        if told(ladder, nth, offences(creator, slot, ladder, rules, 1 - per, batches, 1)):
            trace.asked("ladders.*.per", version, number, met=True)
    if told(ladder, nth, each) or told(ladder, nth, together) or told(ladder, nth, stops):
        relied = ladder.by_stops != 0 and violation.step != ABSENT
        trace.add("ladders.*.counts", version, number, relied=relied)
    if ladder.window_shape != ABSENT and ever > 1:
        trace.rests("ladders.*.within", version, number, met=ever == nth)
    for other in creator.violations:
        judged = other.state == STANDING and other.version != version
        if judged and other.counts_until < FOREVER:
            met = other.counts_until > violation.found_at
            trace.asked("ladders.*.within", other.version, other.ladder, met=met)


def stops_known(rules: Rules) -> bool:
    """Whether there are stops that a ladder could count."""
    counts = [rule.stop_count for rule in rules.nodes]
    counts += [rule.stop_count for rule in rules.categories]
    counts += [step.stop_count for ladder in rules.ladders for step in ladder.steps]
    return max(counts, default=0) > 0


def told(ladder: LadderRule, nth: int, other: int) -> bool:
    """Whether another count would be told: one of the two reaches a step."""
    return nth != other and step_at(ladder, max(nth, other)) != ABSENT


def ladder_of(violation: Violation, rules: Rules) -> int:
    """The first ladder that the category climbs."""
    if violation.category != ABSENT:
        for i in range(rules.ladder_count):
            if rules.ladders[i].members[violation.category] == MEMBER:
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
    if ladder.members[other.category] != MEMBER:
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
            until = within_until(ladder, stop.started_at, day, book)
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
