"""Features that lapse: one that has been open for long and not used for long is closed (C-104).

Both must be so at once. An opening and a use begin their time anew, an opening of an open feature
included. What is closed stays so until it is opened again, whatever the version in force.
"""

from projections.fold.calendar import end_of, local_day
from projections.fold.given import Fact
from projections.fold.recovery import version_at
from projections.fold.rules import Book
from projections.fold.score import due
from projections.fold.state import (
    ABSENT,
    APPLIED,
    FOREVER,
    NOT_OFFERED,
    NOT_OPEN,
    RUNNING,
    SERVED,
    Creator,
    Feature,
)
from projections.fold.stops import begin_stop, end_stop, note_start
from projections.fold.trace import Trace, refuse


def feature_opened(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """Open from now on; where it had lapsed, its stop ends."""
    if fact.slot == ABSENT:
        return refuse(trace, NOT_OFFERED, "clauses.lapse", fact.version)
    if trace is not None:
        lapse_grounds(fact.slot, fact.version, book, trace)
    feature = creator.features[fact.slot]
    if feature.state == SERVED:
        end_stop(creator, feature.stop, SERVED, fact.at, book, trace)
    feature.state = RUNNING
    feature.opened_at = fact.at
    feature.opened_on = fact.day
    feature.stop = ABSENT
    begin_idle(creator, feature, fact, book)
    return APPLIED


def feature_used(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """Not idle at this instant; what is not open can't be used."""
    if fact.slot == ABSENT:
        return refuse(trace, NOT_OFFERED, "clauses.lapse", fact.version)
    feature = creator.features[fact.slot]
    if feature.state != RUNNING:
        return refuse(trace, NOT_OPEN, "clauses.lapse", fact.version)
    if trace is not None:
        trace.rests("clauses.lapse", fact.version)
    begin_idle(creator, feature, fact, book)
    return APPLIED


def lapse_grounds(slot: int, version: int, book: Book, trace: Trace) -> None:
    """What closes a feature that is not used."""
    trace.rests("clauses.lapse", version)
    rule = book.versions[version].lapses[slot]
    if rule.open_shape != ABSENT:
        trace.rests("lapses.*.open_for", version, slot)
    if rule.unused_shape != ABSENT:
        trace.rests("lapses.*.unused_for", version, slot)


def begin_idle(creator: Creator, feature: Feature, fact: Fact, book: Book) -> None:
    feature.used_at = fact.at
    feature.used_on = fact.day
    feature.lapses_at = lapses_at(feature, fact.slot, fact.at, book)
    plan_lapse(creator)


def lapses_at(feature: Feature, slot: int, at: int, book: Book) -> int:
    """When a feature lapses if nothing more happens: by the first version that is then in force."""
    for version in range(version_at(at, book), book.version_count):
        rules = book.versions[version]
        rule = rules.lapses[slot]
        if rule.unused_shape == ABSENT:
            continue
        when = end_of(rule.unused_shape, rule.unused_length, feature.used_at, feature.used_on, book)
        if rule.open_shape != ABSENT:
            opened = feature.opened_on
            ripe = end_of(rule.open_shape, rule.open_length, feature.opened_at, opened, book)
            when = max(when, ripe)
        when = max(when, rules.in_force_at)
        if version + 1 == book.version_count or when < book.versions[version + 1].in_force_at:
            return when
    return FOREVER


def plan_lapse(creator: Creator) -> None:
    creator.next_lapse = FOREVER
    for slot in range(creator.feature_slots):
        feature = creator.features[slot]
        if feature.state == RUNNING:
            creator.next_lapse = min(creator.next_lapse, feature.lapses_at)
    due(creator)


def lapse_due(creator: Creator, book: Book, trace: Trace | None) -> None:
    """Close the features whose time has come."""
    at = creator.next_lapse
    version = version_at(at, book)
    for slot in range(creator.feature_slots):
        feature = creator.features[slot]
        if feature.state == RUNNING and feature.lapses_at <= at:
            feature.state = SERVED
            feature.stop = creator.stops_made
            rule = book.versions[version].lapses[slot].stops[0]
            begin_stop(creator, rule, version, ABSENT, at, local_day(at, book), book, trace)
            if trace is not None:
                note_start(creator, at, book, trace)
                lapse_grounds(slot, version, book, trace)
                trace.asked("in_force_from", version, found=local_day(at, book), met=True)
    plan_lapse(creator)
