"""Stops that change while they run: an occasion is served, what waited begins, a length is shorter.

No grant, pass or occasion makes a stop last longer than it was to last before.
"""

from projections.fold.rules import Book, StopRule
from projections.fold.score import due
from projections.fold.state import (
    ABSENT,
    EXACT,
    FOREVER,
    MONTHS,
    NATURAL_DAYS,
    NODE_MOVED,
    OCCASIONS,
    PERMANENT,
    RUNNING,
    SERVED,
    SUM,
    UNTIL_OPENED,
    WHILE_TRIGGERED,
    Creator,
)
from projections.fold.stops import end_stop, tidy
from projections.fold.trace import Trace
from projections.fold.waiting import free_at, served_until


def occasion_held(creator: Creator, at: int, book: Book, trace: Trace | None) -> None:
    """One occasion fewer for each stop that is measured in them, and that began before this one.

    One for good counts them below zero: it may come to a number of them yet.
    """
    served = False
    for row in range(creator.stops_open, creator.stops_made):
        stop = creator.stops[row]
        counts = stop.kind in (OCCASIONS, PERMANENT)
        if stop.state == RUNNING and counts and stop.started_at < at:
            stop.occasions -= 1
            if stop.kind == PERMANENT:
                continue
            if trace is not None:
                trace.occasions(row, stop.occasions)
            if stop.occasions == 0:
                end_stop(creator, row, SERVED, at, book, trace)
                served = True
    if served:
        move_up(creator, at, book, trace)
    tidy(creator)


def move_up(creator: Creator, at: int, book: Book, trace: Trace | None) -> None:
    """Something was lifted or shortened: what waited behind begins earlier, for its full length.

    It stays where it is if that would not let it end earlier.
    """
    moved = True
    while moved:
        moved = False
        for row in range(creator.stops_open, creator.stops_made):
            stop = creator.stops[row]
            waits = stop.state == RUNNING and at < stop.started_at
            if waits and book.versions[stop.version].overlap == SUM:
                start = free_at(creator, row, at, book)
                until = served_until(stop, stop.kind, stop.length, start, book)
                if until < stop.until or (until == FOREVER and start < stop.started_at):
                    if trace is not None:
                        trace.rests("overlap", stop.version)
                        if until < FOREVER:
                            trace.lasted(row)
                    stop.started_at = start
                    move_end(creator, row, until, at, book, trace)
                    moved = True


def shorten(
    creator: Creator, row: int, rule: StopRule, at: int, book: Book, trace: Trace | None
) -> bool:
    """A stop for what a rule says, from its own start, if that is shorter: whether it is.

    Days and occasions can't be compared: there it stays as it is. For good is longer than both, and
    what lasts with the score ends with it or with the time, whichever is first.
    """
    stop = creator.stops[row]
    if rule.kind == OCCASIONS and stop.kind in (OCCASIONS, PERMANENT):
        held = -stop.occasions if stop.kind == PERMANENT else stop.length - stop.occasions
        left = max(rule.length - held, 0)
        if stop.kind == OCCASIONS and left >= stop.occasions:
            return False
        if stop.kind == PERMANENT:
            creator.counters[stop.counter].permanent -= 1
        stop.kind = OCCASIONS
        stop.length = rule.length
        stop.occasions = left
        if left > 0:
            move_end(creator, row, FOREVER, at, book, trace)
        else:
            end_stop(creator, row, SERVED, at, book, trace)
        return True
    if rule.kind == WHILE_TRIGGERED and stop.kind in (EXACT, NATURAL_DAYS, MONTHS, PERMANENT):
        if stop.kind == PERMANENT:
            creator.counters[stop.counter].permanent -= 1
        creator.watching += 1
        stop.kind = WHILE_TRIGGERED
        return True
    if rule.kind >= OCCASIONS or stop.kind in (OCCASIONS, UNTIL_OPENED):
        return False
    waits = stop.started_at == FOREVER
    start = stop.decided_at if waits else stop.started_at
    until = served_until(stop, rule.kind, rule.length, start, book)
    end = served_until(stop, stop.kind, stop.length, start, book) if waits else stop.until
    if until >= end:
        return False
    if stop.kind == PERMANENT:
        creator.counters[stop.counter].permanent -= 1
    elif stop.kind == WHILE_TRIGGERED:
        creator.watching -= 1
    stop.kind = rule.kind
    stop.length = rule.length
    move_end(creator, row, FOREVER if waits else until, at, book, trace)
    return True


def stand_in(
    creator: Creator, before: int, crossing: int, rule: StopRule, at: int, book: Book
) -> int:
    """A row of another crossing for a stop that still runs: since its start, for the rule's length
    if that is shorter. ABSENT where it would be over by now.

    What lasts with the score leaves nothing behind: that of another node would last longer.
    """
    old = creator.stops[before]
    if old.kind == WHILE_TRIGGERED:
        return ABSENT
    row = creator.stops_made
    creator.stops_made += 1
    stop = creator.stops[row]
    stop.state = RUNNING
    stop.version = old.version
    stop.node = ABSENT
    stop.violation = ABSENT
    stop.crossing = ABSENT
    stop.place = old.place
    stop.feature = old.feature
    stop.counter = old.counter
    stop.kind = old.kind
    stop.length = old.length
    stop.occasions = old.occasions
    stop.decided_at = old.decided_at
    stop.started_at = old.started_at
    stop.until = old.until
    creator.counters[stop.counter].running += 1
    if stop.kind == PERMANENT:
        creator.counters[stop.counter].permanent += 1
    shorten(creator, row, rule, at, book, None)
    if stop.state != RUNNING:
        creator.stops_made -= 1
        return ABSENT
    stop.node = creator.crossings[crossing].node
    stop.crossing = crossing
    stop.planned_from = stop.started_at
    stop.planned_until = stop.until
    return row


def move_end(
    creator: Creator, row: int, until: int, at: int, book: Book, trace: Trace | None
) -> None:
    """A running stop ends earlier than it was to end so far, at once where that has passed."""
    if until <= at:
        end_stop(creator, row, SERVED, at, book, trace)
        return
    creator.stops[row].until = until
    creator.next_end = min(creator.next_end, until)
    due(creator)
    if trace is not None:
        trace.append((NODE_MOVED, row, until, at))
