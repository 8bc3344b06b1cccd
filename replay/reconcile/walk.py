"""A creator's facts once more, with all recoveries that the rules make due granted in their time.

Recorded recoveries are kept. One that falls due and is not recorded is granted for what follows and
listed, so that whoever records all that is listed is told of none again. One that adds nothing is
granted and not listed.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from msgspec import Struct, field

from projections.fold.calendar import midnight, month_start
from projections.fold.given import Fact
from projections.fold.recovery import closed, grant_due, version_at
from projections.fold.rules import Rules
from projections.fold.state import (
    ABSENT,
    APPLIED,
    BALANCE,
    CLEAN_DAYS,
    FOREVER,
    MONTHLY,
    NONE,
    RECOVERY_GRANTED,
    STANDING,
    Creator,
)
from projections.fold.step import RECOVERIES, advance, advance_to_recovery, rule
from projections.standing.history import EPOCH, History, blank, period_end
from projections.standing.replay import make_room
from projections.standing.tables import Tables

MONTH = len("2024-07")


class Due(NamedTuple):
    """A recovery that fell due."""

    at: int
    period: str
    version: int
    points: int
    """What it adds, in hundredths."""


class NotDue(NamedTuple):
    """A recorded recovery that was granted and not due, and why."""

    row: int
    """Its place in the history."""
    version: int
    """In force when the recovery would have been due."""
    why: str
    violations: tuple[int, ...] = ()
    """By slot, those that stood against it."""


class Walk(Struct):
    """What became of it."""

    creator: Creator
    """As it would stand."""
    reasons: list[int] = field(default_factory=list)
    """Of each fact. Only those of recoveries may be others than those of the record."""
    missing: list[Due] = field(default_factory=list)
    not_due: list[NotDue] = field(default_factory=list)
    amounts: list[tuple[int, Due]] = field(default_factory=list)
    """Those that gave other points than are due, by their place in the history."""


def walk(history: History, tables: Tables, as_of: int) -> Walk:
    """Rule a creator's facts up to an instant."""
    return _Walker(history, tables).run(as_of)


class _Walker:
    def __init__(self, history: History, tables: Tables) -> None:
        self.history, self.book = history, tables.book
        self.creator = blank(history, tables, simulate=True)
        self.walk = Walk(self.creator)
        self.periods = tuple(history.periods)
        self.recorded = {(period_end(name), len(name) == MONTH) for name in history.periods}
        """Of each recorded period the last day, and whether it is a month."""
        self.due: dict[str, Due] = {}
        """Those that a recorded fact grants, by period."""

    def run(self, as_of: int) -> Walk:
        creator, book, reasons = self.creator, self.book, self.walk.reasons
        for fact in self.history.rows:
            make_room(creator, book)
            if fact.day > creator.recoveries_from or fact.at >= creator.next_due:
                self.clock(fact.at if fact.rank >= RECOVERIES else fact.at - 1)
                advance(creator, fact.at, book, None)
            reason = rule(creator, fact, book, None)
            reasons.append(reason)
            if fact.kind == RECOVERY_GRANTED and reason == APPLIED:
                self.granted(fact, len(reasons) - 1)
        make_room(creator, book)
        self.clock(as_of)
        advance(creator, as_of, book, None)
        slots = self.history.periods
        refused = [d for d in self.due.values() if not creator.periods[slots[d.period]].awarded]
        self.walk.missing = sorted([*self.walk.missing, *(d for d in refused if d.points)])
        return self.walk

    def clock(self, until: int) -> None:
        while True:
            day = advance_to_recovery(self.creator, until, self.book, None)
            if day == FOREVER:
                return
            self.fall_due(day)

    def fall_due(self, day: int) -> None:
        """The recovery of the day: that of a fact, else granted here."""
        creator, at = self.creator, midnight(day, self.book)
        version = version_at(at, self.book)
        rules = self.book.versions[version]
        points, by_rule = room(creator, rules), rules.recovery_automatic != 0
        recorded = (day - 1, rules.recovery_cadence == MONTHLY) in self.recorded
        if points and (by_rule or not recorded):
            grant_due(creator, day, self.book, None)
        else:
            creator.recoveries_from = day
            creator.award_closed_on = max(creator.award_closed_on, day - 1)
        if not by_rule and (points or recorded):
            due = Due(at, period(day, rules), version, points)
            if recorded:
                self.due[due.period] = due
            else:
                self.walk.missing.append(due)

    def granted(self, fact: Fact, row: int) -> None:
        """Was that one due, and for as much?"""
        due = self.due.get(self.periods[fact.slot])
        if due is None:
            version, why, violations = self.why_not(fact)
            self.walk.not_due.append(NotDue(row, version, why, violations))
        elif fact.points not in (ABSENT, self.book.versions[due.version].recovery_points):
            self.walk.amounts.append((row, due))

    def why_not(self, fact: Fact) -> tuple[int, str, tuple[int, ...]]:
        """The version of that time, the reason, and the violations that stood against it."""
        creator, book = self.creator, self.book
        last, at = fact.amount, midnight(fact.amount + 1, book)
        version = version_at(at, book)
        rules = book.versions[version]
        months = len(self.periods[fact.slot]) == MONTH
        if rules.recovery_cadence != (MONTHLY if months else CLEAN_DAYS):
            return version, "cadence", ()
        if at < book.versions[0].in_force_at:
            return version, "before", ()
        if fact.at < at:
            return version, "early", ()
        if months:
            first = month_start(last)
            if creator.enrolled_at > midnight(first, book):
                return version, "enrolled", ()
            if found := tuple(stood(creator, first, last, at)):
                return version, "violation", found
        if closed(creator, rules, None):
            return version, "closed", ()
        return version, "run", ()


def period(day: int, rules: Rules) -> str:
    """What the recovery that falls due at 00:00 of a day is for, as facts name it."""
    last = EPOCH + timedelta(days=day - 1)
    return f"{last:%Y-%m}" if rules.recovery_cadence == MONTHLY else f"{last}"


def room(creator: Creator, rules: Rules) -> int:
    """How much of a recovery the cap lets through."""
    counter, rule = creator.counters[rules.recovery_counter], rules.counters[rules.recovery_counter]
    left = rule.cap - counter.score if rule.sign == BALANCE else counter.score - rule.floor
    return max(min(rules.recovery_points, left), 0)


def stood(creator: Creator, first: int, last: int, at: int) -> Iterator[int]:
    """Violations found from one local day to another that stood at an instant, by slot."""
    for slot in range(creator.violation_slots):
        violation = creator.violations[slot]
        if violation.state == NONE or not first <= violation.found_on <= last:
            continue
        if violation.state == STANDING or violation.void_at > at:
            yield slot
