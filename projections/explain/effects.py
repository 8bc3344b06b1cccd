"""The effects of a ruling as objects: what started or ended, used or returned, and until when."""

from collections.abc import Callable
from typing import Any

from projections.fold import state
from projections.fold.calendar import midnight
from projections.fold.state import (
    ABSENT,
    EFFECTS,
    EXAM_FAILED,
    EXAM_PASSED,
    MEASURE_ENDED,
    MEASURE_STARTED,
    MONEY_DUE,
    MONEY_RELEASED,
    NODE_LIFTED,
    NODE_MOVED,
    NODE_SERVED,
    NODE_STARTED,
    POINTS_EXPIRED,
    POINTS_REMOVED,
    QUOTA_RETURNED,
    QUOTA_TAKEN,
    RE_JUDGED,
    RECOVERY_DUE,
    SCORE_RESET,
    STEP_REACHED,
    TOOK_EFFECT,
)
from projections.fold.trace import Effect
from projections.standing.naming import Naming
from projections.standing.replay import Replay
from projections.standing.writing import day_date, instant, instant_or_none, money, points

View = dict[str, Any]


def effect_view(effect: Effect, replay: Replay, names: Naming) -> View:
    """`kind`, what it is about, and `at`: the clock's effects come before the fact's instant."""
    code, row, amount, at = effect
    zone = replay.rulebook.zone
    view: View = {"kind": EFFECTS[code]} | ABOUT[code](row, amount, replay, names)
    if code == NODE_STARTED and replay.creator.stops[row].planned_from != at:
        view["from"] = instant_or_none(replay.creator.stops[row].planned_from, zone)
    return view | {"at": instant(at, zone)}


def _stop(row: int, _: int, replay: Replay, names: Naming) -> View:
    stop = replay.creator.stops[row]
    return names.whose(stop) | {"feature": names.feature(stop)}


def _planned(row: int, amount: int, replay: Replay, names: Naming) -> View:
    planned = instant_or_none(amount, replay.rulebook.zone)
    return _stop(row, amount, replay, names) | {"planned_until": planned}


def _moved(row: int, until: int, replay: Replay, names: Naming) -> View:
    end = instant_or_none(until, replay.rulebook.zone)
    return _stop(row, until, replay, names) | {"until": end}


def _started(row: int, amount: int, replay: Replay, names: Naming) -> View:
    stop = replay.creator.stops[row]
    zone = replay.rulebook.zone
    view = _stop(row, amount, replay, names)
    return view | {"until": instant_or_none(stop.planned_until, zone)}


def _quota(row: int, _amount: int, _replay: Replay, names: Naming) -> View:
    return {"category": names.categories[row]}


def _quota_taken(row: int, free_on: int, replay: Replay, names: Naming) -> View:
    free_at = instant(midnight(free_on, replay.tables.book), replay.rulebook.zone)
    return _quota(row, free_on, replay, names) | {"available_from": free_at}


def _measure(row: int, _: int, replay: Replay, names: Naming) -> View:
    measure: state.Measure = replay.creator.measures[row]
    owner = measure.violation
    violation = None if owner == ABSENT else names.violations[owner]
    return {"measure": names.measure(measure), "violation": violation}


def _points(row: int, amount: int, _replay: Replay, names: Naming) -> View:
    return {"violation": names.violations[row], "points": points(amount)}


def _money(row: int, amount: int, _replay: Replay, names: Naming) -> View:
    account, currency = names.accounts[row]
    return {"account": account, "currency": currency, "amount": money(amount, currency)}


def _recovery(row: int, amount: int, _replay: Replay, _names: Naming) -> View:
    return {"period": day_date(row), "points": points(amount)}


def _mark(row: int, amount: int, _replay: Replay, names: Naming) -> View:
    return {"violation": names.violations[row], "mark": points(amount)}


def _reset(row: int, amount: int, _replay: Replay, names: Naming) -> View:
    return {"counter": names.counters[row], "change": points(amount)}


def _step_reached(row: int, amount: int, replay: Replay, names: Naming) -> View:
    violation = replay.creator.violations[row]
    ladder = names.ladder(violation)
    return {"violation": names.violations[row], "ladder": ladder, "offence": amount}


def _re_judged(row: int, amount: int, replay: Replay, names: Naming) -> View:
    violation = replay.creator.violations[row]
    step = names.step(violation, amount - 1)
    view: View = {"violation": names.violations[row], "ladder": names.ladder(violation)}
    return view | {"step": None if step is None else step.nth}


ABOUT: dict[int, Callable[[int, int, Replay, Naming], View]] = {
    NODE_STARTED: _started,
    NODE_LIFTED: _planned,
    NODE_SERVED: _stop,
    NODE_MOVED: _moved,
    QUOTA_TAKEN: _quota_taken,
    QUOTA_RETURNED: _quota,
    MEASURE_STARTED: _measure,
    MEASURE_ENDED: _measure,
    POINTS_EXPIRED: _points,
    POINTS_REMOVED: _points,
    MONEY_DUE: _money,
    MONEY_RELEASED: _money,
    RECOVERY_DUE: _recovery,
    EXAM_PASSED: _mark,
    EXAM_FAILED: _mark,
    SCORE_RESET: _reset,
    TOOK_EFFECT: _points,
    STEP_REACHED: _step_reached,
    RE_JUDGED: _re_judged,
}
