"""What is still open, and what will change by time alone: windows, ends, and the next of them."""

from collections.abc import Iterator
from typing import NamedTuple

from projections.fold.calendar import local_day, midnight
from projections.fold.exams import covered, why_not
from projections.fold.given import Fact
from projections.fold.recovery import next_recovery, version_at
from projections.fold.resets import next_day
from projections.fold.rules import Rules
from projections.fold.score import runs_down, weighing
from projections.fold.state import (
    ABSENT,
    APPEAL_LODGED,
    DAY,
    EXAM_SAT,
    FOREVER,
    PERMANENT,
    QUOTA_USED,
    REASONS,
    RUNNING,
    STANDING,
    Creator,
    Stop,
    Violation,
)
from projections.standing.held import runs, taken_quotas, violation_state
from projections.standing.naming import Naming
from projections.standing.replay import Replay

AHEAD = 400 * DAY
"""How far ahead the next recovery is looked for."""


class Window(NamedTuple):
    """An appeal or an exam that can still be had."""

    kind: str
    """`appeal` or `exam`."""
    violation: str
    until: int
    """The instant at which it closes."""
    obstacle: str
    """Reason code for which an answer right now would have no effect; empty if none."""
    left: int
    """How many appeals, or answers, are left."""
    slot: int
    """That of the violation."""


class Pending(NamedTuple):
    """An appeal that was lodged to effect and not decided since."""

    slot: int
    """That of the violation."""
    lodged_at: int
    """The latest one, where it was lodged more than once."""


class Change(NamedTuple):
    at: int
    kind: str
    """stop, appeal, exam, quota, measure, expiry, effect, lapse, reset or recovery."""
    about: str


def open_windows(replay: Replay, names: Naming) -> list[Window]:
    """Those of standing violations that close some day, in the order in which they do."""
    book, creator = replay.tables.book, replay.creator
    today = local_day(replay.as_of, book)
    lengths = [(rules.appeal_window_days, rules.exam_window_days) for rules in book.versions]
    found = []
    for slot, violation in enumerate(creator.violations):
        if violation.state != STANDING:
            continue
        appeal, exam = lengths[violation.version]
        if today > violation.found_on + appeal and today > violation.notice_on + exam:
            continue  # as it is with nearly all of a long record
        rules, name = book.versions[violation.version], names.violations[slot]
        last = min(violation.found_on + rules.appeal_window_days, FOREVER)
        left = rules.appeal_attempts - violation.lodged
        if left > 0 and today <= last < FOREVER:
            found.append(Window("appeal", name, midnight(last + 1, book), "", left, slot))
        last = violation.notice_on + rules.exam_window_days
        over = violation.passed or violation.abandoned or violation.answers >= rules.exam_answers
        if covered(violation, rules) and not over and today <= last:
            now = Fact(EXAM_SAT, replay.as_of, today, 2, violation.version, violation=slot)
            obstacle = REASONS[why_not(creator, now, violation, rules, None)]
            quota = creator.quotas[rules.categories[violation.category].quota]
            if not violation.answers and quota.holder != ABSENT and quota.free_on > last:
                obstacle = REASONS[QUOTA_USED]  # whatever else is done in time: said first
            left = rules.exam_answers - violation.answers
            found.append(Window("exam", name, midnight(last + 1, book), obstacle, left, slot))
    return sorted(found, key=lambda w: (w.until, w.kind, w.violation))


def endless_appeals(replay: Replay) -> list[int]:
    """The violations, by slot, that may be appealed without a time limit that the rules set."""
    versions = replay.tables.book.versions
    return [
        slot
        for slot, violation in enumerate(replay.creator.violations)
        if violation.state == STANDING
        and versions[violation.version].appeal_window_days >= FOREVER
        and violation.lodged < versions[violation.version].appeal_attempts
    ]


def pending_appeals(replay: Replay) -> list[Pending]:
    """Those of standing violations, in the order in which they were lodged."""
    lodged: dict[int, int] = {}
    counted: dict[int, int] = {}
    violations = replay.creator.violations
    for fact in replay.history.appeals:
        slot = fact.violation
        violation = violations[slot]
        if violation.state != STANDING or fact.at < violation.found_at:
            continue
        if fact.kind != APPEAL_LODGED:
            lodged.pop(slot, None)
        elif (count := counted.get(slot, 0)) < violation.lodged:
            counted[slot] = count + 1
            lodged[slot] = fact.at
    return [Pending(slot, at) for slot, at in lodged.items()]


def longest(creator: Creator) -> list[Stop]:
    """Per feature the running stop that ends last: until then the feature is stopped.

    Of those whose end nobody knows the one for good, else that of most occasions, of what has a
    beginning.
    """
    by_feature: dict[int, Stop] = {}
    for stop in creator.stops[creator.stops_open : creator.stops_made]:
        if stop.state == RUNNING:
            other = by_feature.setdefault(stop.feature, stop)
            if _lasting(stop) > _lasting(other):
                by_feature[stop.feature] = stop
    return list(by_feature.values())


def _lasting(stop: Stop) -> tuple[int, bool, bool, int]:
    begins = stop.started_at < FOREVER
    return stop.until, begins, stop.kind == PERMANENT, stop.occasions


def behind(stop: Stop, creator: Creator) -> list[Stop]:
    """Those of its feature that wait for occasions, in the order in which they are served."""
    waits = [
        other
        for other in creator.stops[creator.stops_open : creator.stops_made]
        if other.state == RUNNING and other.feature == stop.feature and other is not stop
        if other.started_at == FOREVER
    ]
    return sorted(waits, key=lambda other: other.place)


def next_change(replay: Replay, names: Naming) -> Change | None:
    """The first thing that will change if nothing more is recorded."""
    changes = _changes(replay, names)
    return min(changes, key=lambda c: (c.at, c.kind == "appeal", c.kind, c.about), default=None)


def _changes(replay: Replay, names: Naming) -> Iterator[Change]:
    creator, book = replay.creator, replay.tables.book
    for stop in longest(creator):
        if stop.until < FOREVER:
            yield Change(stop.until, "stop", names.feature(stop))
    for window in open_windows(replay, names):
        yield Change(window.until, window.kind, window.violation)
    for measure in creator.measures:
        if runs(measure, replay.as_of) and measure.until < FOREVER:
            yield Change(measure.until, "measure", names.measure(measure))
    for category, free_at in taken_quotas(replay):
        yield Change(free_at, "quota", category)
    for slot, violation in enumerate(creator.violations):
        if runs_down(creator, violation, book) and weighing(violation) > 0:
            yield Change(violation.expires_at, "expiry", names.violations[slot])
    yield from _falls_due(replay, names)


def _falls_due(replay: Replay, names: Naming) -> Iterator[Change]:
    """Effects that wait for no appeal, lapses, resets, recoveries that come by themselves."""
    creator, book = replay.creator, replay.tables.book
    if not creator.enrolled:
        return
    for slot, violation in waiting(creator):
        if violation.waiting_until < FOREVER:
            yield Change(violation.waiting_until, "effect", names.violations[slot])
    for name, feature in zip(replay.tables.names.lapses, creator.features, strict=True):
        if feature.state == RUNNING and feature.lapses_at < FOREVER:
            yield Change(feature.lapses_at, "lapse", name)
    today = local_day(replay.as_of, book)
    for name, rule in zip(names.counters, _rules(replay).counters, strict=True):
        day = next_day(creator, rule, today)
        if day < FOREVER:
            yield Change(midnight(day, book), "reset", name)
    if creator.recoveries:
        day = next_recovery(creator, replay.as_of + AHEAD, book)
        if day < FOREVER and midnight(day, book) > replay.as_of:
            yield Change(midnight(day, book), "recovery", "")


def waiting(creator: Creator) -> Iterator[tuple[int, Violation]]:
    """Standing violations whose effect waits for an appeal, by slot."""
    for slot, violation in enumerate(creator.violations):
        if violation_state(violation) == "waiting":
            yield slot, violation


def _rules(replay: Replay) -> Rules:
    return replay.tables.book.versions[version_at(replay.as_of, replay.tables.book)]
