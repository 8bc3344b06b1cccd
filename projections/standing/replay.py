"""Facts in, standing and rulings out: the replay of one creator as of T, as known at K."""

from collections.abc import Sequence
from copy import copy
from typing import Protocol

from msgspec import Struct

from ledger.facts.envelope import Envelope, known, replay_order
from ledger.facts.types import CreatorEnrolled
from ledger.rulebook.model import Rulebook
from projections.fold.given import Fact
from projections.fold.recovery import version_at
from projections.fold.rules import Book
from projections.fold.score import Trace
from projections.fold.state import (
    ABSENT,
    APPLIED,
    APPLIED_WITH_REASON,
    FOREVER,
    GRANTED_AS_DUE,
    REASONS,
    RECOVERY_GRANTED,
    RETRACTED,
    Creator,
    Crossing,
    Stop,
    Violation,
)
from projections.fold.step import advance, advance_simulated, clock, rule, step
from projections.standing.history import History, blank, build
from projections.standing.tables import Tables, compile_tables

DEFAULT_RULEBOOK = "douyin-creator"


class Shelf(Protocol):
    """Where rulebooks are found: `ledger.rulebook.shelf.Shelf`, or a reformed one."""

    def versions(self, name: str) -> tuple[Rulebook, ...]: ...


class Ruling(Struct):
    """What one fact came to. Scores are hundredths, None before enrolment."""

    envelope: Envelope
    row: Fact | None
    """As the fold read it; None for a retracted fact."""
    reason: str
    score_before: int | None
    score_after: int | None
    nominal: int
    """The signed change before cap and floor."""
    counter: int
    effects: list[tuple[int, int, int, int]]
    """(effect, row, amount, at); see `fold.state`."""
    rulebook: Rulebook
    """The version in force at effective_at."""
    retracted_by: Envelope | None = None
    due: int = 0
    """How many of the effects, the first ones, fell due by time alone."""
    violation: Violation | None = None
    """The violation it is about, as it stood after."""
    lifting: tuple[int, ...] = ()
    """The lifting part of each counter after it."""

    @property
    def applied(self) -> bool:
        return REASONS.index(self.reason) in APPLIED_WITH_REASON

    @property
    def change(self) -> int | None:
        if self.score_after is None:
            return None
        return self.score_after - (self.score_before or 0)


class Replay(Struct):
    """The state after the replay, all rulings where they were asked for, and the names."""

    subject: str
    as_of: int
    known_at: int | None
    tables: Tables
    history: History
    creator: Creator
    rulings: list[Ruling]
    clock_effects: list[tuple[int, int, int, int]]
    """What fell due between the last fact and as_of."""
    rulebook: Rulebook
    """The version in force at as_of."""


class Library:
    """Compiled tables by rulebook name, so that many creators share one compilation."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._tables: dict[str, Tables] = {}

    def tables(self, name: str) -> Tables:
        if name not in self._tables:
            self._tables[name] = compile_tables(self._shelf.versions(name))
        return self._tables[name]


def replay(
    subject: str,
    envelopes: Sequence[Envelope],
    library: Library,
    *,
    as_of: int,
    known_at: int | None = None,
    rulings: bool = False,
    simulate: bool = False,
) -> Replay:
    """Replay one creator's facts, given in any order.

    `known_at` None means all that is recorded. `simulate` grants recoveries as they fall due and
    leaves the recorded ones out. Raises RulebookError where an enrolment names an unknown rulebook.
    """
    facts, retracted, by_id = known(envelopes, known_at)
    listed = replay_order(facts, retracted, as_of)
    ruled = [e for e in listed if e.position not in retracted] if retracted else listed
    tables = library.tables(_rulebook_name(ruled))
    history = build(ruled, tables, by_id)
    creator = blank(history, tables, simulate=simulate)
    trace: Trace = []
    made: list[Ruling] = []
    if rulings:
        made = _rule_all(creator, history, tables, trace, listed, retracted)
    else:
        fold_rows(creator, history.rows, tables.book)
    if tables.book.starts_late:
        make_room(creator, tables.book)
    effects: Trace | None = trace if rulings else None
    if creator.recoveries:
        advance_simulated(creator, as_of, True, tables.book, effects)
    advance(creator, as_of, tables.book, effects)
    version = tables.rulebooks[version_at(as_of, tables.book)]
    return Replay(subject, as_of, known_at, tables, history, creator, made, trace, version)


def _rulebook_name(ruled: Sequence[Envelope]) -> str:
    for e in ruled:
        if type(e.fact) is CreatorEnrolled:
            return e.fact.rulebook or DEFAULT_RULEBOOK
    return DEFAULT_RULEBOOK


def make_room(creator: Creator, book: Book) -> None:
    """Rows for all that one step can start, effects that waited for an appeal included."""
    waiting = creator.violation_slots if creator.next_effect < FOREVER else 0
    add_rows(creator, book.widest * (waiting + 1))


def add_rows(creator: Creator, free: int) -> None:
    """As many stops and crossings as it takes to have so many that are free."""
    stops, crossings = creator.stops, creator.crossings
    stops += [Stop() for _ in range(creator.stops_made + free - len(stops))]
    crossings += [Crossing() for _ in range(creator.crossings_made + free - len(crossings))]


def fold_rows(creator: Creator, rows: Sequence[Fact], book: Book) -> None:
    """Rule all rows without a trace."""
    widest, waits = book.widest, book.starts_late
    room = -1
    skips = creator.recoveries == GRANTED_AS_DUE
    for fact in rows:
        if skips and fact.kind == RECOVERY_GRANTED:
            continue
        if waits:
            make_room(creator, book)
        elif creator.stops_made > room or creator.crossings_made > room:
            add_rows(creator, 2 * widest)
            room = min(len(creator.stops), len(creator.crossings)) - widest
        step(creator, fact, book, None)


def _rule_all(
    creator: Creator,
    history: History,
    tables: Tables,
    trace: Trace,
    listed: Sequence[Envelope],
    retracted: dict[int, Envelope],
) -> list[Ruling]:
    """A ruling for each listed fact, the retracted ones in their places: `history` lacks these."""
    made = []
    rows = iter(history.rows)
    for envelope in listed:
        if envelope.position in retracted:
            by = retracted[envelope.position]
            made.append(_retracted(creator, envelope, by, tables, trace))
            continue
        fact = next(rows)
        if creator.recoveries == GRANTED_AS_DUE and fact.kind == RECOVERY_GRANTED:
            continue
        make_room(creator, tables.book)
        clock(creator, fact, tables.book, trace)
        before = [c.score for c in creator.counters] if creator.enrolled else None
        due = len(trace)
        reason = rule(creator, fact, tables.book, trace)
        touched = creator.touched
        made.append(
            Ruling(
                envelope=envelope,
                row=fact,
                reason=REASONS[reason],
                score_before=None if before is None else before[touched],
                score_after=creator.counters[touched].score if creator.enrolled else None,
                nominal=creator.nominal,
                counter=touched,
                effects=trace.copy(),
                rulebook=tables.rulebooks[fact.version],
                due=due,
                violation=_as_it_stands(creator, fact.violation),
                lifting=tuple(c.lifting for c in creator.counters),
            )
        )
        trace.clear()
    return made


def _as_it_stands(creator: Creator, slot: int) -> Violation | None:
    return None if slot == ABSENT else copy(creator.violations[slot])


def _retracted(
    creator: Creator, envelope: Envelope, by: Envelope, tables: Tables, trace: Trace
) -> Ruling:
    """Without effect; what fell due until then is told with the next fact that is ruled."""
    at = envelope.effective_at
    if creator.recoveries:
        advance_simulated(creator, at, False, tables.book, trace)
    advance(creator, at, tables.book, trace)
    score = creator.counters[0].score if creator.enrolled else None
    version = tables.rulebooks[version_at(at, tables.book)]
    return Ruling(envelope, None, REASONS[RETRACTED], score, score, 0, 0, [], version, by)


__all__ = ["APPLIED", "Library", "Replay", "Ruling", "replay"]
