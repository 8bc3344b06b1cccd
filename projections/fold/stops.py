"""Stops: how one begins, how long it lasts, and how it ends.

Each row is an instance of its own with its own clock; the latest end per feature counts (C-030, or
as the rulebook's overlap says: with `sum` a stop waits until those of its feature have ended). A
node's stop is lifted with its crossing (`nodes`), one that belongs to one violation when that is
void.
"""

from projections.fold.calendar import end_of
from projections.fold.rules import Book, NodeRule, Rules, StopRule
from projections.fold.score import due, outstanding, remove, resume_expiry
from projections.fold.state import (
    ABSENT,
    EXACT,
    FOREVER,
    LIFTED,
    MAX,
    MONTHS,
    NODE_LIFTED,
    NODE_SERVED,
    NODE_STARTED,
    OCCASIONS,
    PERMANENT,
    RUNNING,
    SERVED,
    STANDING,
    SUM,
    TALLY,
    WHILE_TRIGGERED,
    Counter,
    Creator,
    Crossing,
    Stop,
)
from projections.fold.trace import Trace
from projections.fold.waiting import after_others


def bad(score: int, sign: int, bound: int) -> bool:
    """Whether a score is on the bad side of a node (I-01): low on a balance, high on a tally."""
    return sign * score <= bound


def begin_stop(
    creator: Creator,
    rule: StopRule,
    version: int,
    counter: int,
    at: int,
    day: int,
    book: Book,
    trace: Trace | None,
) -> Stop:
    """A new running row of a feature; what it belongs to is for the caller to say."""
    stop = creator.stops[creator.stops_made]
    creator.stops_made += 1
    stop.state = RUNNING
    stop.version = version
    stop.node = ABSENT
    stop.violation = ABSENT
    stop.crossing = ABSENT
    stop.feature = rule.feature
    stop.place = creator.stops_made
    stop.counter = counter
    stop.kind = rule.kind
    stop.length = rule.length
    stop.occasions = rule.length if rule.kind == OCCASIONS else 0
    stop.decided_at = at
    stop.started_at = at
    stop.until = FOREVER
    overlap = book.versions[version].overlap
    if (overlap != MAX and rule.kind < OCCASIONS) or (overlap == SUM and rule.kind == OCCASIONS):
        after_others(creator, stop, day, book, trace)
    elif rule.kind == EXACT:
        stop.until = at + rule.length
    elif rule.kind < OCCASIONS:
        stop.until = end_of(rule.kind, rule.length, at, day, book)
    elif rule.kind == PERMANENT:
        creator.counters[counter].permanent += 1
    elif rule.kind == WHILE_TRIGGERED:
        creator.watching += 1
    stop.planned_from = stop.started_at
    stop.planned_until = stop.until
    if counter != ABSENT:
        hold(creator.counters[counter], at)
    creator.next_end = min(creator.next_end, stop.until)
    due(creator)
    return stop


def end_stop(
    creator: Creator, row: int, state: int, at: int, book: Book, trace: Trace | None
) -> None:
    """One row ends, as served or lifted; a served node may take points off a tally."""
    stop = creator.stops[row]
    planned = stop.until
    stop.state = state
    stop.until = at
    if stop.counter != ABSENT:
        release(creator, stop, at, book)
    if trace is not None:
        trace.append((NODE_LIFTED if state == LIFTED else NODE_SERVED, row, planned, at))
        timed = stop.kind == WHILE_TRIGGERED and planned < FOREVER
        if state == SERVED and (stop.kind < OCCASIONS or timed) and at == planned:
            trace.lasted(row)
    if state == SERVED and stop.node != ABSENT:
        rules = book.versions[stop.version]
        removes = rules.nodes[stop.node].removes
        crossing = creator.crossings[stop.crossing]
        if crossing.stops_from != row:
            return
        if trace is not None:
            removes_grounds(creator, stop, rules, trace)
        if removes > 0:
            removes *= weight(crossing, book)
            remove(creator, stop.counter, removes, at, rules, trace)
            if trace is not None and (rules.nodes[stop.node].every > 0 or left(creator, stop)):
                trace.asked("nodes.*.every", stop.version, stop.node, met=True)


def weight(crossing: Crossing, book: Book) -> int:
    """How many multiples it stands for: where only the deepest starts, one."""
    left = crossing.standing - crossing.above
    return min(left, 1) if book.versions[crossing.version].deepest else left


def removes_grounds(creator: Creator, stop: Stop, rules: Rules, trace: Trace) -> None:
    """What a served node takes off its tally, and what it might."""
    if rules.nodes[stop.node].removes > 0:
        trace.rests("nodes.*.removes", stop.version, stop.node)
        trace.rests("clauses.node", stop.version)
    elif rules.counters[stop.counter].sign == TALLY and left(creator, stop):
        trace.asked("nodes.*.removes", stop.version, stop.node)


def left(creator: Creator, stop: Stop) -> bool:
    """Whether points are left on its counter that could be taken off."""
    return any(
        violation.state == STANDING
        and violation.counter == stop.counter
        and outstanding(violation) > 0
        for violation in creator.violations
    )


def hold(counter: Counter, at: int) -> None:
    """A counter has a running stop more."""
    if counter.running == 0:
        counter.stopped_since = at
    counter.running += 1


def release(creator: Creator, stop: Stop, at: int, book: Book) -> None:
    """A counter has a running stop less; what waited for the last one waits no longer."""
    counter = creator.counters[stop.counter]
    counter.running -= 1
    if stop.kind == PERMANENT:
        counter.permanent -= 1
    elif stop.kind == WHILE_TRIGGERED:
        creator.watching -= 1
    if counter.running == 0:
        if counter.reset_waiting:
            creator.next_reset = min(creator.next_reset, at)
        if book.pauses:
            resume_expiry(creator, stop.counter, at, book)


def end_due(creator: Creator, book: Book, trace: Trace | None) -> None:
    """Stops whose time is over end (half-open: at `until` they have ended)."""
    at = creator.next_end
    creator.next_end = FOREVER
    for row in range(creator.stops_open, creator.stops_made):
        stop = creator.stops[row]
        if stop.state == RUNNING and stop.until <= at:
            end_stop(creator, row, SERVED, stop.until, book, trace)
    tidy(creator)


def tidy(creator: Creator) -> None:
    """Where the running stops begin, and when the next of them ends."""
    while (
        creator.stops_open < creator.stops_made
        and creator.stops[creator.stops_open].state != RUNNING
    ):
        creator.stops_open += 1
    upcoming = FOREVER
    for row in range(creator.stops_open, creator.stops_made):
        stop = creator.stops[row]
        if stop.state == RUNNING:
            upcoming = min(upcoming, stop.until)
    creator.next_end = upcoming
    due(creator)


def lift_of_violation(
    creator: Creator, slot: int, at: int, book: Book, trace: Trace | None
) -> None:
    """A void violation's own stops are lifted."""
    for row in range(creator.stops_open, creator.stops_made):
        stop = creator.stops[row]
        if stop.state == RUNNING and stop.violation == slot:
            end_stop(creator, row, LIFTED, at, book, trace)
    tidy(creator)


def end_while_triggered(creator: Creator, at: int, book: Book, trace: Trace | None) -> None:
    """After any credit: what lasts while the score is bad ends once it is good, by any cause."""
    watched = creator.watching
    for row in range(creator.stops_open, creator.stops_made):
        stop = creator.stops[row]
        if stop.state == RUNNING and stop.kind == WHILE_TRIGGERED:
            node = book.versions[stop.version].nodes[stop.node]
            over = not bad(creator.counters[stop.counter].score, node.sign, node.release)
            if trace is not None:
                release_grounds(creator, row, over, node, trace)
            if over:
                end_stop(creator, row, SERVED, at, book, trace)
    if creator.watching < watched:
        tidy(creator)


def release_grounds(creator: Creator, row: int, over: bool, node: NodeRule, trace: Trace) -> None:
    """Where the score must be back for a stop to end that lasts as long as it is not."""
    stop = creator.stops[row]
    found = creator.counters[stop.counter].score
    counter = creator.counters[stop.counter]
    if node.release == node.bound or bad(counter.score, node.sign, node.bound):
        trace.add("nodes.*.limit", stop.version, stop.node, found=found, met=not over, relied=over)
    else:
        trace.add(
            "nodes.*.release_at", stop.version, stop.node, found=found, met=not over, relied=over
        )
    if not over:
        trace.stays_on(row, stop.until, found)


def note_start(creator: Creator, at: int, book: Book, trace: Trace) -> None:
    """The last row has started; its effect tells the end that counts where others run beside it."""
    row = creator.stops_made - 1
    stop = creator.stops[row]
    overlap = book.versions[stop.version].overlap
    beside, end, timed = 0, 0, 0
    for other in creator.stops[creator.stops_open : row]:
        if other.state == RUNNING and other.feature == stop.feature:
            beside += 1
            if other.kind <= MONTHS or other.kind == PERMANENT:
                end = max(end, other.until)
            if other.kind <= OCCASIONS and other.until > at:
                timed += 1
    counts = stop.kind <= MONTHS or stop.kind == PERMANENT
    latest = max(end, stop.until) if end and counts and overlap == MAX else 0
    trace.append((NODE_STARTED, row, latest, at))
    if beside and stop.counter != ABSENT:
        trace.rests("clauses.highest_stop", stop.version)
    if timed and stop.kind <= OCCASIONS:
        trace.add("overlap", stop.version, relied=overlap != MAX)
