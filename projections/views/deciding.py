"""Which facts decided: that by which a violation was found, those that brought a stop."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import attrgetter

from ledger.facts.envelope import Envelope
from projections.fold.calendar import midnight
from projections.fold.state import (
    ABSENT,
    CLOSES_BATCH,
    GRANTED_AS_DUE,
    NONE,
    UNTIL_OPENED,
    VIOLATION_FOUND,
    Crossing,
    Stop,
)
from projections.standing.history import blank
from projections.standing.replay import Replay, fold_rows


def decided(replay: Replay, stop: Stop) -> tuple[list[int], list[Envelope]]:
    """The violations, by slot, that brought a stop at the instant of its decision, and the facts.

    Those found then, of several the one whose points crossed the limit, or its batch; else those
    that a fact of then was about; else those whose time to appeal was over then. A stop by want of
    use has neither.
    """
    if stop.kind == UNTIL_OPENED:
        return [], []
    at, history, creator = begun_at(stop, replay), replay.history, replay.creator
    when = attrgetter("at")
    span = range(bisect_left(history.rows, at, key=when), bisect_right(history.rows, at, key=when))
    about = [i for i in span if history.rows[i].violation != ABSENT]
    found = [
        i
        for i in about
        if history.rows[i].kind == VIOLATION_FOUND
        and creator.violations[history.rows[i].violation].state != NONE
        and creator.violations[history.rows[i].violation].found_at == at
    ]
    if len(found) > 1 and stop.crossing != ABSENT:
        found = _looked_at(replay, stop, found)
    if chosen := found or about:
        slots = [history.rows[i].violation for i in chosen]
        return list(dict.fromkeys(slots)), [history.envelopes[i] for i in chosen]
    versions, book = replay.tables.book.versions, replay.tables.book
    waited = [
        slot
        for slot, violation in enumerate(creator.violations)
        if violation.state != NONE
        and versions[violation.version].effect_after_appeal
        and midnight(violation.found_on + versions[violation.version].appeal_window_days + 1, book)
        == at
    ]
    return waited, [e for slot in waited for e in [finding(replay, slot)] if e is not None]


def _looked_at(replay: Replay, stop: Stop, found: Sequence[int]) -> list[int]:
    """Of violations found at one instant, by row, those after whose points a crossing was seen.

    A score is looked at after each that stands alone and after the last of a batch; the standing
    keeps what was seen but not after which. So the rows up to then are folded once more.
    """
    book, rows = replay.tables.book, replay.history.rows
    simulate = replay.creator.recoveries == GRANTED_AS_DUE
    creator = blank(replay.history, replay.tables, simulate=simulate)
    first = _first_seen(replay, stop)
    since, done = [], 0
    for row in range(found[0], found[-1] + 1):
        fold_rows(creator, rows[done : row + 1], book)
        done = row + 1
        since += [row] if row in found else []
        if creator.crossings_made > first:
            return since
        if rows[row].traits & CLOSES_BATCH:
            since = []
    return list(found)


def _first_seen(replay: Replay, stop: Stop) -> int:
    """The crossing of a stop, or the one in whose place it goes on."""
    crossings = replay.creator.crossings
    if stop.decided_at == begun_at(stop, replay):
        return stop.crossing
    look = _look(crossings[stop.crossing])
    return next(i for i, crossing in enumerate(crossings) if _look(crossing) == look)


def _look(crossing: Crossing) -> tuple[int, int]:
    return crossing.started_at, crossing.looked


def begun_at(stop: Stop, replay: Replay) -> int:
    """When its cause came: of one that goes on in the place of another that of both."""
    if stop.crossing == ABSENT:
        return stop.decided_at
    return replay.creator.crossings[stop.crossing].started_at


def finding(replay: Replay, slot: int) -> Envelope | None:
    """The fact by which a violation was found to effect."""
    at, history = replay.creator.violations[slot].found_at, replay.history
    first = bisect_left(history.rows, at, key=attrgetter("at"))
    for row, envelope in zip(history.rows[first:], history.envelopes[first:], strict=True):
        if row.kind == VIOLATION_FOUND and row.violation == slot:
            return envelope if row.at == at else None
    return None
