"""A replay as a row: what is running, open or due at its instant, and until when that holds."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from operator import attrgetter
from typing import Any

from msgspec import Raw, Struct, json

from ledger.facts.forms import END_OF_TIME
from projections.fold.calendar import midnight
from projections.fold.recovery import next_recovery, version_at
from projections.fold.state import (
    ABSENT,
    FOREVER,
    NONE,
    OCCASIONS,
    RUNNING,
    STANDING,
    VOID,
)
from projections.readmodels.rows import (
    Appeal,
    Measure,
    Money,
    Quota,
    Row,
    Score,
    Stop,
    Violation,
    Window,
)
from projections.standing.held import VIOLATION_STATES, due, runs, taken_quotas, violation_state
from projections.standing.naming import Naming, naming
from projections.standing.replay import Replay
from projections.standing.writing import instant, money, points
from projections.views.objects import STOP_STATES
from projections.views.windows import AHEAD, open_windows, pending_appeals

_encode = json.Encoder().encode
_state = attrgetter("state")
WRITTEN = 10_000
"""Of so many stops, windows and the like the text is kept: most go on from row to row."""
View = dict[str, Any]


def make_row(
    replay: Replay, *, position: int, history: bool = False, next_fact_at: int = FOREVER
) -> Row:
    """The row of a replay as of its instant.

    `history` adds stops that have ended and the violations one by one. `next_fact_at` is when the
    first recorded fact takes effect that has not by then.
    """
    names = naming(replay)
    row = Row(
        creator=replay.subject,
        position=position,
        as_of=replay.as_of,
        next_change_at=None,
        standing=b"",
        rulebook=replay.rulebook.label,
        scores=tuple(_scores(replay, names)),
        stops=tuple(_stops(replay, names, history=history)),
        measures=tuple(_measures(replay, names)),
        windows=tuple([Window(*w[:3], w.obstacle or None) for w in open_windows(replay, names)]),
        appeals=tuple(_appeals(replay, names)),
        quotas=tuple([Quota(*taken) for taken in taken_quotas(replay)]),
        money=tuple([Money(*account) for account in due(replay)]),
        violations=tuple(_violations(replay, names)) if history else (),
    )
    row.next_change_at = _end(min(next_fact_at, _changes_at(replay, row)))
    row.standing = _encode(_view(replay, row))
    return row


def _scores(replay: Replay, names: Naming) -> list[Score]:
    creator = replay.creator
    scores = [c.score if creator.enrolled else None for c in creator.counters]
    return list(map(Score, names.counters, scores))


def _stops(replay: Replay, names: Naming, *, history: bool) -> Iterator[Stop]:
    creator = replay.creator
    for stop in creator.stops[0 if history else creator.stops_open : creator.stops_made]:
        if stop.state == RUNNING or history:
            owner = names.whose(stop)
            left = stop.occasions if stop.kind == OCCASIONS and stop.state == RUNNING else None
            yield Stop(
                node=owner["node"],
                violation=owner.get("violation"),
                feature=names.feature(stop),
                started_at=_end(stop.started_at),
                until=_end(stop.until),
                occasions_left=left,
                state=STOP_STATES[stop.state],
            )


def _measures(replay: Replay, names: Naming) -> Iterator[Measure]:
    for measure in replay.creator.measures:
        if runs(measure, replay.as_of):
            owner = measure.violation
            violation = None if owner == ABSENT else names.violations[owner]
            until = _end(measure.until)
            yield Measure(names.measure(measure), violation, measure.started_at, until)


def _appeals(replay: Replay, names: Naming) -> list[Appeal]:
    return [Appeal(names.violations[a.slot], a.lodged_at) for a in pending_appeals(replay)]


def _violations(replay: Replay, names: Naming) -> Iterator[Violation]:
    for slot, violation in enumerate(replay.creator.violations):
        if violation.state != NONE:
            yield Violation(
                violation=names.violations[slot],
                category=names.words[slot],
                found_at=violation.found_at,
                points=violation.judged,
                deducted=violation.deducted,
                restored=violation.restored,
                state=violation_state(violation),
                lodged=bool(violation.lodged),
            )


def _changes_at(replay: Replay, row: Row) -> int:
    """The first instant after as_of at which time alone may make another row of it."""
    creator, book, as_of = replay.creator, replay.tables.book, replay.as_of
    instants = [creator.next_due]
    instants += [w.until for w in row.windows]
    instants += [m.until for m in row.measures if m.until is not None]
    instants += [q.available_from for q in row.quotas]
    following = version_at(as_of, book) + 1
    if following < len(book.versions):
        instants.append(book.versions[following].in_force_at)
    if creator.recoveries and creator.enrolled:
        day = next_recovery(creator, as_of + AHEAD, book)
        instants.append(midnight(day, book) if day < FOREVER else as_of + AHEAD)
    return min([at for at in instants if at > as_of], default=FOREVER)


def _end(at: int) -> int | None:
    """None for an instant that never comes."""
    return None if at >= END_OF_TIME else at


def _view(replay: Replay, row: Row) -> dict[str, Any]:
    """The public object; its words and forms are those of `standing --json`."""
    zone = replay.rulebook.zone
    scores = [None if s.score is None else points(s.score) for s in row.scores]
    return {
        "rulebook": row.rulebook,
        "score": scores[0],
        "counters": {s.counter: score for s, score in zip(row.scores, scores, strict=True)},
        "stops": [_text(stop, zone) for stop in row.stops if stop.state == "running"],
        "measures": [_text(measure, zone) for measure in row.measures],
        "windows": [_text(window, zone) for window in row.windows],
        "appeals": [_text(appeal, zone) for appeal in row.appeals],
        "exam_quota": [_text(quota, zone) for quota in row.quotas],
        "money": [_text(account, zone) for account in row.money],
        "violations": _counts(replay),
    }


def _counts(replay: Replay) -> dict[str, int]:
    """How many violations there are in each state, as `violation_state` says."""
    violations = replay.creator.violations
    states = list(map(_state, violations))
    found, waiting = states.count(STANDING), 0
    if replay.tables.book.starts_late:
        waiting = [violation_state(v) for v in violations].count("waiting")
    counted = (found - waiting, waiting, states.count(VOID))
    return dict(zip(VIOLATION_STATES, counted, strict=True))


@lru_cache(WRITTEN)
def _text(part: Struct, zone: str) -> Raw:
    """One entry of the public object."""
    return Raw(_encode(VIEWS[type(part)](part, zone)))


def _stop_view(stop: Stop, zone: str) -> View:
    view: View = {"node": stop.node}
    if stop.node is None:
        view["violation"] = stop.violation
    view |= {"feature": stop.feature} | _times(stop.started_at, stop.until, zone)
    if stop.occasions_left is not None:
        view["occasions_left"] = stop.occasions_left
    return view


def _measure_view(m: Measure, zone: str) -> View:
    return {"measure": m.measure, "violation": m.violation} | _times(m.started_at, m.until, zone)


def _window_view(w: Window, zone: str) -> View:
    about = {"kind": w.kind, "violation": w.violation}
    return about | {"until": instant(w.until, zone), "obstacle": w.obstacle}


def _appeal_view(appeal: Appeal, zone: str) -> View:
    return {"violation": appeal.violation, "lodged_at": instant(appeal.lodged_at, zone)}


def _quota_view(quota: Quota, zone: str) -> View:
    return {"category": quota.category, "available_from": instant(quota.available_from, zone)}


def _money_view(m: Money, _: str) -> View:
    return {"account": m.account, "currency": m.currency, "due": money(m.due, m.currency)}


VIEWS: dict[type[Struct], Callable[[Any, str], View]] = {
    Stop: _stop_view,
    Measure: _measure_view,
    Window: _window_view,
    Appeal: _appeal_view,
    Quota: _quota_view,
    Money: _money_view,
}


def _times(started_at: int | None, until: int | None, zone: str) -> View:
    start, end = [None if at is None else instant(at, zone) for at in (started_at, until)]
    return {"from": start, "until": end}
