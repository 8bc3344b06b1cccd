"""Facts in, standing and rulings out: the replay of one creator as of T, as known at K."""

from collections import namedtuple
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, Protocol, cast

from msgspec import Struct

from ledger.facts.envelope import Envelope, known, replay_order
from ledger.facts.types import CreatorEnrolled, FactRetracted
from ledger.rulebook.model import Rulebook
from projections.fold.given import Fact
from projections.fold.recovery import version_at
from projections.fold.rules import Book
from projections.fold.state import (
    ABSENT,
    APPLIED,
    APPLIED_WITH_REASON,
    FOREVER,
    GRANTED_AS_DUE,
    NONE,
    REASONS,
    RECOVERY_GRANTED,
    RETRACTED,
    Creator,
    Crossing,
    Stop,
    Violation,
)
from projections.fold.step import advance, advance_simulated, clock, rule
from projections.fold.trace import Effect, End, Failure, Ground, Stay, Trace, Turn
from projections.standing.history import History, blank, build
from projections.standing.tables import Tables, compile_tables

DEFAULT_RULEBOOK = "douyin-creator"


class Shelf(Protocol):
    """Where rulebooks are found: `ledger.rulebook.shelf.Shelf`, or a reformed one."""

    def versions(self, name: str) -> tuple[Rulebook, ...]: ...


class Ruling(Struct, gc=False):
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
    effects: list[Effect]
    """What the fact itself brought about; see `fold.state`."""
    rulebook: Rulebook
    """The version in force at effective_at."""
    grounds: list[Ground]
    """What it was decided on, in the order in which the law asked."""
    retracted_by: Envelope | None = None
    waited: int = 0
    """How many turns of time, of those since the ruling before, came before a retracted fact."""
    turns: list[Turn] = []
    """What time did between the ruling before and this one."""
    violation: Violation | None = None
    """The violation it is about, as it stood after."""
    stays: list[Stay] = []
    failed: list[Failure] = []
    """Every condition that a refused fact failed, the final ones first."""
    profile: tuple[int, int] = (ABSENT, ABSENT)
    """Level and reputation after it."""
    revoked_at: int = ABSENT
    ends: dict[int, End] = {}
    """By feature, until when what it touched is stopped after it."""
    before: tuple[int, ...] = ()
    """The score of each counter before and after it."""
    after: tuple[int, ...] = ()

    @property
    def with_time(self) -> list[Effect]:
        """Its effects, after those of time since the ruling before."""
        return [effect for turn in self.turns for effect in turn.effects] + self.effects

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
    turns: list[Turn]
    """What time did between the last ruling and as_of."""
    rulebook: Rulebook
    """The version in force at as_of."""
    coming: list[Envelope]
    """The known facts that take effect only after as_of, by then."""

    @property
    def clock_effects(self) -> list[Effect]:
        """What fell due between the last ruling and as_of."""
        return [effect for turn in self.turns for effect in turn.effects]


def in_order(replay: Replay) -> Iterator[Ruling | Turn]:
    """Rulings and what time did between them; they sum to the standing."""
    withdrawn: list[Ruling] = []
    for ruling in replay.rulings:
        if ruling.row is None:
            withdrawn.append(ruling)
            continue
        yield from _between(withdrawn, ruling.turns)
        yield ruling
    yield from _between(withdrawn, replay.turns)


def _between(withdrawn: list[Ruling], turns: list[Turn]) -> Iterator[Ruling | Turn]:
    """What time did, and the withdrawn facts of the while."""
    for i, turn in enumerate(turns):
        while withdrawn and withdrawn[0].waited <= i:
            yield withdrawn.pop(0)
        yield turn
    yield from withdrawn
    withdrawn.clear()


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
    coming = _coming(facts, retracted, as_of) if len(listed) < len(facts) else []
    tables = library.tables(rulebook_name((*ruled, *coming)))
    history = build(ruled, tables, by_id)
    creator = blank(history, tables, simulate=simulate)
    trace = Trace() if rulings else None
    made: list[Ruling] = []
    if trace is not None:
        trace.scores = scores(creator)
        made = rule_all(creator, history.rows, tables, trace, listed, retracted)
    else:
        fold_rows(creator, history.rows, tables.book)
    if tables.book.starts_late:
        make_room(creator, tables.book)
    if creator.recoveries:
        advance_simulated(creator, as_of, True, tables.book, trace)
    advance(creator, as_of, tables.book, trace)
    turns = [] if trace is None else trace.turns
    version = tables.rulebooks[version_at(as_of, tables.book)]
    return Replay(subject, as_of, known_at, tables, history, creator, made, turns, version, coming)


def _coming(facts: Sequence[Envelope], retracted: Container[int], as_of: int) -> list[Envelope]:
    """What takes effect later. A withdrawal counts from when it is known."""
    later = [
        e
        for e in facts
        if e.effective_at > as_of
        and e.position not in retracted
        and type(e.fact) is not FactRetracted
    ]
    return sorted(later, key=attrgetter("effective_at", "position"))


def rulebook_name(facts: Iterable[Envelope]) -> str:
    """That of the enrolment; also before it, since nobody is judged by another."""
    for e in facts:
        if type(e.fact) is CreatorEnrolled:
            return e.fact.rulebook or DEFAULT_RULEBOOK
    return DEFAULT_RULEBOOK


def make_room(creator: Creator, book: Book) -> None:
    """Rows for all that one step can start: what waited for an appeal, and what is left behind."""
    free = book.widest
    if book.starts_late:
        causes = 1
        if creator.next_effect < FOREVER:
            causes += creator.violation_slots
        if book.falls_back:
            causes += creator.crossings_made - creator.crossings_open
        free *= causes
    stops = len(creator.stops) - creator.stops_made
    if stops < free or len(creator.crossings) - creator.crossings_made < free:
        add_rows(creator, 2 * free)


def add_rows(creator: Creator, free: int) -> None:
    """As many stops and crossings as it takes to have so many that are free."""
    stops, crossings = creator.stops, creator.crossings
    if (more := creator.stops_made + free - len(stops)) > 0:
        stops += [Stop() for _ in range(more)]
    if (more := creator.crossings_made + free - len(crossings)) > 0:
        crossings += [Crossing() for _ in range(more)]


def fold_rows(creator: Creator, rows: Sequence[Fact], book: Book) -> None:
    """Rule all rows without a trace: `step` for each, without the call."""
    widest, waits = book.widest, book.starts_late
    room = -1
    recoveries = creator.recoveries
    skips = recoveries == GRANTED_AS_DUE
    for fact in rows:
        if skips and fact.kind == RECOVERY_GRANTED:
            continue
        if waits:
            make_room(creator, book)
        elif creator.stops_made > room or creator.crossings_made > room:
            add_rows(creator, 2 * widest)
            room = min(len(creator.stops), len(creator.crossings)) - widest
        if recoveries or fact.at >= creator.next_due:
            clock(creator, fact, book, None)
        rule(creator, fact, book, None)


def rule_all(
    creator: Creator,
    rows: Iterable[Fact],
    tables: Tables,
    trace: Trace,
    listed: Sequence[Envelope],
    retracted: dict[int, Envelope],
) -> list[Ruling]:
    """A ruling for each listed fact, the retracted ones in their places: `rows` lack these."""
    made = []
    rows = iter(rows)
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
        made.append(_ruled(creator, fact, envelope, tables, trace))
    return made


def _ruled(
    creator: Creator, fact: Fact, envelope: Envelope, tables: Tables, trace: Trace
) -> Ruling:
    """One fact, once the clock has run up to it."""
    before = trace.scores if creator.enrolled else None
    reason = rule(creator, fact, tables.book, trace)
    after, touched = scores(creator), creator.touched
    ruling = Ruling(
        envelope=envelope,
        row=fact,
        reason=REASONS[reason],
        score_before=None if before is None else before[touched],
        score_after=after[touched] if creator.enrolled else None,
        nominal=creator.nominal,
        counter=touched,
        effects=trace.effects,
        rulebook=tables.rulebooks[fact.version],
        grounds=trace.grounds,
        turns=trace.turns,
        violation=None if trace.brief else _as_it_stands(creator, fact.violation),
        stays=trace.stays,
        failed=trace.failed,
        profile=(creator.level, creator.reputation),
        revoked_at=creator.revoked_at,
        ends=trace.ends(creator),
        before=trace.scores,
        after=after,
    )
    trace.turns, trace.scores = [], after
    trace.clear()
    return ruling


def scores(creator: Creator) -> tuple[int, ...]:
    """Of each counter; nothing before enrolment."""
    return tuple([counter.score for counter in creator.counters])


def _as_it_stands(creator: Creator, slot: int) -> Violation | None:
    """A row that reads as the violation does now; of one that nobody has found only the state."""
    if slot == ABSENT:
        return None
    violation = creator.violations[slot]
    if violation.state == NONE:
        unknown = Violation()
        unknown.state = NONE
        return unknown
    return _then()(violation)


@cache
def _then() -> Callable[[Violation], Violation]:
    """What takes a violation's fields down; several times faster than a copy of the row."""
    fields = tuple(Violation.__annotations__)
    then: Any = namedtuple("Then", fields)  # type: ignore[misc]  # the row says which
    values = attrgetter(*fields)
    return lambda violation: cast(Violation, then._make(values(violation)))


def _retracted(
    creator: Creator, envelope: Envelope, by: Envelope, tables: Tables, trace: Trace
) -> Ruling:
    """Without effect; what fell due until then belongs to the next fact that is ruled."""
    at = envelope.effective_at
    if creator.recoveries:
        advance_simulated(creator, at, False, tables.book, trace)
    advance(creator, at, tables.book, trace)
    score = creator.counters[0].score if creator.enrolled else None
    version = tables.rulebooks[version_at(at, tables.book)]
    same = trace.scores
    return Ruling(
        envelope,
        None,
        REASONS[RETRACTED],
        score,
        score,
        0,
        0,
        [],
        version,
        [],
        retracted_by=by,
        waited=len(trace.turns),
        before=same,
        after=same,
    )


__all__ = ["APPLIED", "Library", "Replay", "Ruling", "replay"]


def score_steps(replay: Replay) -> list[list[tuple[int, int]]]:
    """Of each counter (instant, score), from the enrolment on, wherever facts or time moved it."""
    steps: list[list[tuple[int, int]]] = [[] for _ in replay.creator.counters]
    enrolled = False
    for event in in_order(replay):
        at = event.at if isinstance(event, Turn) else event.envelope.effective_at
        begins = not enrolled and isinstance(event, Ruling) and event.score_after is not None
        enrolled |= begins
        if enrolled:
            for score, levels in zip(event.after, steps, strict=True):
                if begins or levels[-1][1] != score:
                    levels.append((at, score))
    return steps
