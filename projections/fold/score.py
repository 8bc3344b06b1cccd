"""The score: deducted by violations, credited by grants, passes, recoveries and expiry.

C-031 starts it, C-033 caps it, C-040 floors it. On a balance a violation takes points and a credit
gives them; on a tally the other way round. `sign` is the direction of a credit.
"""

from projections.fold.calendar import local_day, midnight
from projections.fold.rules import Book, CounterRule, Rules
from projections.fold.state import (
    ABSENT,
    BALANCE,
    EXACT,
    FOREVER,
    FROM_FOUND,
    NONE,
    POINTS_EXPIRED,
    POINTS_REMOVED,
    STANDING,
    Counter,
    Creator,
    Violation,
)
from projections.fold.trace import Trace


def start(creator: Creator, rules: Rules, trace: Trace | None) -> None:
    """Every counter at its initial value (C-031)."""
    for i in range(rules.counter_count):
        if trace is not None:
            trace.rests("counters.*.initial", rules.number, i)
        counter = creator.counters[i]
        counter.score = rules.counters[i].initial
        counter.looked = counter.score
        counter.lifting = 0
        counter.permanent = 0


def deduct(creator: Creator, index: int, points: int, rules: Rules, trace: Trace | None) -> int:
    """Take points for a violation as far as floor or cap allow (I-19); returns what was taken."""
    counter = creator.counters[index]
    rule = rules.counters[index]
    room = counter.score - rule.floor if rule.sign == BALANCE else rule.cap - counter.score
    applied = points if points < room else room
    if applied < 0:
        applied = 0
    if trace is not None:
        bound_grounds(creator, index, -rule.sign * points, applied < points, rules, trace)
    counter.score -= rule.sign * applied
    counter.lifting -= rule.sign * applied
    creator.nominal = -rule.sign * points
    creator.touched = index
    return applied


def credit(creator: Creator, index: int, points: int, rules: Rules, trace: Trace | None) -> int:
    """Give points back as far as cap or floor allow (C-033, I-17); returns what was given."""
    counter = creator.counters[index]
    rule = rules.counters[index]
    room = rule.cap - counter.score if rule.sign == BALANCE else counter.score - rule.floor
    applied = points if points < room else room
    if applied < 0:
        applied = 0
    if trace is not None:
        bound_grounds(creator, index, rule.sign * points, applied < points, rules, trace)
    counter.score += rule.sign * applied
    counter.looked = counter.score
    creator.touched = index
    return applied


def bound_grounds(
    creator: Creator, index: int, change: int, clipped: bool, rules: Rules, trace: Trace
) -> None:
    """Which way a counter moves, and how far: cap or floor, which may leave a part of it out."""
    if change:
        trace.asked("counters.*.direction", rules.number, index, met=True)
    bound = "counters.*.floor" if change < 0 else "counters.*.cap"
    reached = creator.counters[index].score + change
    if clipped:
        trace.rests(bound, rules.number, index, found=reached)
    elif change < 0 or (change > 0 and rules.counters[index].cap < FOREVER):
        trace.asked(bound, rules.number, index, found=reached)


def outstanding(violation: Violation) -> int:
    """What was deducted for a violation and has not come back (C-074, I-18)."""
    return violation.deducted - violation.restored - violation.expired


def weighing(violation: Violation) -> int:
    """What of it still weighs on the score: a recovery has made up for the rest."""
    return max(outstanding(violation) - violation.recovered, 0)


def give_back(
    creator: Creator, violation: Violation, nominal: int, rules: Rules, trace: Trace | None
) -> None:
    """Points of a violation come back as its judgement is withdrawn, or by an exam in its place.

    What has expired does not come back, but it counts for lifting: the judgement is gone.
    """
    index = violation.counter
    sign = rules.counters[index].sign
    points = min(nominal, outstanding(violation))
    violation.restored += credit(creator, index, points, rules, trace)
    creator.nominal += sign * points
    creator.counters[index].lifting += sign * nominal


def make_up(creator: Creator, index: int, points: int) -> None:
    """Set what a recovery gave against violations, those that weigh longest first.

    What has come back so does not come back a second time when they expire.
    """
    while points > 0:
        longest = ABSENT
        for i in range(creator.violation_slots):
            violation = creator.violations[i]
            if (
                violation.state == STANDING
                and violation.counter == index
                and weighing(violation) > 0
                and (longest == ABSENT or outlasts(violation, creator.violations[longest]))
            ):
                longest = i
        if longest == ABSENT:
            return
        made_up = min(points, weighing(creator.violations[longest]))
        creator.violations[longest].recovered += made_up
        points -= made_up


def outlasts(one: Violation, other: Violation) -> bool:
    """Whether the points of one expire after those of the other."""
    if one.expires_at != other.expires_at:
        return one.expires_at > other.expires_at
    return one.order > other.order


def spent(counter: Counter, rule: CounterRule) -> bool:
    """Whether the score has reached its end."""
    return counter.score == (rule.floor if rule.sign == BALANCE else rule.cap)


def due(creator: Creator) -> None:
    """When the clock next changes something."""
    creator.next_due = min(
        creator.next_end,
        creator.next_expiry,
        creator.next_effect,
        creator.next_reset,
        creator.next_lapse,
    )


def expire_due(creator: Creator, book: Book, trace: Trace | None) -> None:
    """Points whose time has come stop counting; then look when the next ones will."""
    at = creator.next_expiry
    upcoming = FOREVER
    for i in range(creator.violation_slots):
        violation = creator.violations[i]
        if runs_down(creator, violation, book):
            if violation.expires_at <= at:
                violation.expires_at = FOREVER
                points = weighing(violation)
                if trace is not None and points + violation.recovered > 0:
                    expiry_grounds(creator, violation, book, trace)
                    recovered_grounds(creator, violation, book, trace)
                    trace.append((POINTS_EXPIRED, i, points, at))
                violation.expired += outstanding(violation) - points
                retire(creator, i, points, book.versions[violation.version], trace)
            else:
                upcoming = min(upcoming, violation.expires_at)
    creator.next_expiry = upcoming
    due(creator)


def reset_dates(index: int, rules: Rules, trace: Trace) -> None:
    """When a counter starts again, where that has left no mark of its own."""
    if rules.counters[index].date_count:
        trace.asked("counters.*.reset.on", rules.number, index)
    if rules.counters[index].reset_months:
        trace.asked("counters.*.reset.every_months", rules.number, index)


def counter_ground(violation: Violation, rules: Rules, trace: Trace) -> None:
    """Which counter its points are on, where there are several."""
    if violation.category != ABSENT and rules.counter_count > 1:
        trace.asked("categories.*.counter", rules.number, violation.category, met=True)


def expiry_grounds(
    creator: Creator, violation: Violation, book: Book, trace: Trace, *, relied: bool = True
) -> None:
    """The time after which points stop counting, from when it runs, and what pauses it."""
    version, counter = violation.version, violation.counter
    rule = book.versions[version].counters[counter]
    if relied:
        trace.rests("clauses.expiry", version)
    counter_ground(violation, book.versions[version], trace)
    expiry_ground(violation, trace, relied=relied)
    if not relied:
        return
    if rule.expires_from != FROM_FOUND:
        trace.rests("counters.*.expires_from", version, counter)
    else:
        trace.asked("counters.*.expires_from", version, counter, met=True)
    if rule.expiry_pauses:
        trace.rests("counters.*.expiry_pauses", version, counter)
        elsewhere_grounds(creator, violation, trace)
    else:
        trace.asked("counters.*.expiry_pauses", version, counter)


def recovered_grounds(creator: Creator, violation: Violation, book: Book, trace: Trace) -> None:
    """How long others count: a recovery was set against those that did longest."""
    others = [v for v in creator.violations if v.state != NONE and v.counter == violation.counter]
    if any(other.recovered for other in others):
        for other in others:
            ages = expiry_shape(other, book.versions[other.version]) != ABSENT
            if ages and other is not violation and other.deducted:
                expiry_ground(other, trace, relied=False)


def expiry_ground(violation: Violation, trace: Trace, *, relied: bool) -> None:
    """The time after which its points stop counting."""
    version = violation.version
    if violation.category != ABSENT:
        trace.add("categories.*.expires_after", version, violation.category, relied=relied)
    else:
        trace.add("counters.*.expires_after", version, violation.counter, relied=relied)


def elsewhere_grounds(creator: Creator, violation: Violation, trace: Trace) -> None:
    """Stops of other counters in the meantime: on its own they would have let the time pause."""
    for stop in creator.stops[: creator.stops_made]:
        if stop.counter in (ABSENT, violation.counter) or stop.until <= violation.ages_from:
            continue
        if stop.node != ABSENT:
            trace.asked("nodes.*.counter", stop.version, stop.node, met=True)
        elif creator.violations[stop.violation].category != ABSENT:
            category = creator.violations[stop.violation].category
            trace.asked("categories.*.counter", stop.version, category, met=True)


def runs_down(creator: Creator, violation: Violation, book: Book) -> bool:
    """Whether its points may expire: not where the time to that pauses while a stop runs, and not
    from a score that is at its end for good."""
    if violation.state != STANDING or violation.expires_at >= FOREVER:
        return False
    counter = creator.counters[violation.counter]
    rule = book.versions[violation.version].counters[violation.counter]
    if counter.permanent > 0 and spent(counter, rule):
        return False
    return not (counter.running > 0 and rule.expiry_pauses)


def overdue(creator: Creator, at: int, book: Book) -> None:
    """Points that would have expired from a score at its end for good do so once it is not."""
    for i in range(creator.violation_slots):
        violation = creator.violations[i]
        if runs_down(creator, violation, book):
            violation.expires_at = max(violation.expires_at, at)
            creator.next_expiry = min(creator.next_expiry, violation.expires_at)
    due(creator)


def pauses(violation: Violation, book: Book) -> bool:
    """Whether the version that judged it lets expiry pause."""
    return book.versions[violation.version].counters[violation.counter].expiry_pauses != 0


def resume_expiry(creator: Creator, index: int, at: int, book: Book) -> None:
    """The last stop of a counter has ended: what paused since it was found, or stopped, goes on."""
    for i in range(creator.violation_slots):
        violation = creator.violations[i]
        if (
            violation.state == STANDING
            and violation.counter == index
            and violation.expires_at < FOREVER
            and pauses(violation, book)
        ):
            since = max(creator.counters[index].stopped_since, violation.ages_from)
            shape = expiry_shape(violation, book.versions[violation.version])
            violation.expires_at = max(put_off(violation.expires_at, shape, since, at, book), at)
            creator.next_expiry = min(creator.next_expiry, violation.expires_at)
    due(creator)


def put_off(expires_at: int, shape: int, since: int, at: int, book: Book) -> int:
    """Later by the time between; where days count, by the whole local days in it."""
    if shape == EXACT:
        return expires_at + at - since
    first = local_day(since, book)
    if midnight(first, book) < since:
        first += 1
    days = max(local_day(at, book) - first, 0)
    return midnight(local_day(expires_at, book) + days, book)


def expiry_shape(violation: Violation, rules: Rules) -> int:
    """What the time to its expiry is counted in: its category's word, else the counter's."""
    if violation.category != ABSENT:
        return rules.categories[violation.category].expiry_shape
    return rules.counters[violation.counter].expiry_shape


def retire(creator: Creator, slot: int, points: int, rules: Rules, trace: Trace | None) -> None:
    """Points of a violation stop counting although it stands."""
    violation = creator.violations[slot]
    applied = credit(creator, violation.counter, points, rules, trace)
    violation.expired += points
    creator.nominal += rules.counters[violation.counter].sign * applied


def remove(
    creator: Creator, index: int, points: int, at: int, rules: Rules, trace: Trace | None
) -> None:
    """Take the oldest points off a counter: a served ban starts the tally anew."""
    left = points
    while left > 0:
        oldest = -1
        for i in range(creator.violation_slots):
            violation = creator.violations[i]
            if (
                violation.state == STANDING
                and violation.counter == index
                and weighing(violation) > 0
                and (oldest < 0 or violation.found_at < creator.violations[oldest].found_at)
            ):
                oldest = i
        if oldest < 0:
            return
        taken = min(left, weighing(creator.violations[oldest]))
        retire(creator, oldest, taken, rules, trace)
        left -= taken
        if trace is not None:
            trace.append((POINTS_REMOVED, oldest, taken, at))
