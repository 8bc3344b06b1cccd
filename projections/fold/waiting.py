"""Stops that wait for others of their feature, and when they are served.

With `sum` a stop begins when those decided before it have ended; one in occasions ends nobody knows
when, so that what waits for it has no beginning yet (FOREVER). With `restart` it begins on the next
local day and takes their place.
"""

from projections.fold.calendar import end_of, local_day, midnight
from projections.fold.rules import Book
from projections.fold.state import (
    FOREVER,
    NATURAL_DAYS,
    NODE_MOVED,
    OCCASIONS,
    RESTART,
    RUNNING,
    SUM,
    Creator,
    Stop,
)
from projections.fold.trace import Trace


def after_others(creator: Creator, stop: Stop, day: int, book: Book, trace: Trace | None) -> None:
    """`sum` waits for the feature's running stops; `restart` takes their place from next day on."""
    overlap = book.versions[stop.version].overlap
    last = creator.stops_made - 1
    latest = free_at(creator, last, stop.decided_at, book)
    if latest > stop.decided_at:
        stop.started_at = latest if overlap == SUM else min(midnight(day + 1, book), latest)
    stop.until = served_until(stop, stop.kind, stop.length, stop.started_at, book)
    if overlap == RESTART:
        for row in range(creator.stops_open, last):
            other = creator.stops[row]
            if (
                other.state == RUNNING
                and other.feature == stop.feature
                and stop.started_at < other.until <= stop.until
            ):
                other.until = stop.started_at
                creator.next_end = min(creator.next_end, other.until)
                if trace is not None:
                    trace.append((NODE_MOVED, row, other.until, stop.decided_at))


def free_at(creator: Creator, row: int, at: int, book: Book) -> int:
    """When, from an instant on, the stops decided before a row leave its feature free.

    FOREVER where `sum` waits for occasions: nobody knows when they are held.
    """
    stop = creator.stops[row]
    waits = book.versions[stop.version].overlap == SUM
    for i in range(creator.stops_open, creator.stops_made):
        other = creator.stops[i]
        if other.state != RUNNING or other.feature != stop.feature or i == row:
            continue
        if other.place > stop.place:
            continue
        if at < other.until < FOREVER or (waits and awaits_occasions(other)):
            at = other.until
    return at


def awaits_occasions(stop: Stop) -> bool:
    """Whether its end hangs on occasions: its own, or those of a stop that it waits for."""
    return stop.kind == OCCASIONS or stop.started_at == FOREVER


def served_until(stop: Stop, kind: int, length: int, start: int, book: Book) -> int:
    """When a stop is over if it begins at an instant and lasts so long.

    A natural day on which it begins at 00:00, as it waited for that, is served whole: it counts.
    """
    if kind >= OCCASIONS or start == FOREVER:
        return FOREVER
    begun = local_day(start, book)
    if kind == NATURAL_DAYS and stop.decided_at < start == midnight(begun, book):
        begun -= 1
    return end_of(kind, length, start, begun, book)
