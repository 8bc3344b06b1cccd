"""What was stopped in fact: at each instant what the ledger then said, by what it then knew.

A platform acts on the answer of the moment. So a feature was stopped at an instant t where the
standing as of t, known at t, says so, and that is a function of the log. What the same log says
today of the same while, the stops as *judged*, may differ: a fact was recorded late, or withdrawn.

Between two instants at which something was learned nothing changes but the time. The facts known by
then are folded once and kept; what is learned next decides how far: a fact that takes effect after
all that were folded is added to them. Only one that reaches back has them folded again. What was
known in between of the time after the next fact is asked of a copy.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any, Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from ledger.errors import RulebookError
from ledger.facts.envelope import Envelope, replay_order
from ledger.facts.types import CreatorEnrolled, FactRetracted
from projections.fold.state import ABSENT, FOREVER, OCCASIONS, UNTIL_OPENED, Creator
from projections.fold.step import advance, advance_simulated
from projections.standing.history import History, blank, empty, further, grow
from projections.standing.replay import DEFAULT_RULEBOOK, Replay, fold_rows, make_room
from projections.standing.spans import Span, merged
from projections.standing.tables import Tables

Key = tuple[str, str]
R = TypeVar("R")
effective_at = attrgetter("effective_at")


class Law(Protocol):
    """The rules as they were known: `projections.standing.question.Question` is one."""

    def tables(self, name: str, known_at: int) -> Tables:
        """Those in force. Raises RulebookError where that can't be said."""

    def learned(self, name: str) -> list[int]:
        """The instants at which it became known that a version rules, or does not."""


class Stretch(Struct, frozen=True):
    """One stop for a while without a break: [start, end)."""

    feature: str
    node: str | None
    """None where a violation stops the feature by itself, and where the feature lapsed."""
    violation: str | None
    """That violation."""
    category: str
    """Of that violation; else empty."""
    rulebook: str
    """`name@version` that the stop is of."""
    decided_at: int
    start: int
    end: int
    """Where it goes on, the instant up to which was looked."""
    goes_on: bool
    kind: int
    """How it is measured: `fold.state.PERMANENT`, `OCCASIONS`, …"""
    until: int
    """Where it goes on, when it is to end: FOREVER where nobody knows or it never does."""
    occasions: int
    """Left, of one in occasions that goes on; else 0."""

    @property
    def span(self) -> Span:
        return self.start, self.end

    @property
    def stop(self) -> tuple[object, ...]:
        """Which stop it is, whatever was known of it."""
        return self.feature, self.node, self.violation, self.rulebook, self.decided_at


def judged(replay: Replay) -> list[Stretch]:
    """The stops of a replay up to its instant, each once; those still to come are left out."""
    rows = _rows(replay.creator, replay.history, replay.tables, (0, replay.as_of + 1), 0)
    return _joined(rows, replay.as_of)


def executed(envelopes: Iterable[Envelope], law: Law, until: int) -> list[Stretch]:
    """What was stopped in fact up to an instant, by one creator's facts recorded up to then.

    Where the ledger could not judge, as it did not have the rulebook, nothing was stopped.
    """
    lessons = _lessons(envelopes, law, until)
    belief = Belief(law)
    found: list[Stretch] = []
    for (at, facts), (following, coming) in pairwise([*lessons, (until + 1, [])]):
        belief.learn(facts, at)
        found += belief.stops((at, following), belief.reaches(coming))
    return _joined(found, until)


def by_feature(stretches: Iterable[Stretch]) -> dict[str, list[Span]]:
    """{feature: when it was stopped by any of them}."""
    spans: dict[str, list[Span]] = {}
    for stretch in stretches:
        spans.setdefault(stretch.feature, []).append(stretch.span)
    return {feature: merged(each) for feature, each in spans.items()}


def _lessons(
    envelopes: Iterable[Envelope], law: Law, until: int
) -> list[tuple[int, list[Envelope]]]:
    """What was learned, by instant: facts, or that other rules were in force."""
    known = sorted(
        (e for e in envelopes if e.recorded_at <= until), key=attrgetter("recorded_at", "position")
    )
    lessons = {at: list(facts) for at, facts in groupby(known, attrgetter("recorded_at"))}
    names = {e.fact.rulebook for e in known if type(e.fact) is CreatorEnrolled}
    for name in names | {None}:
        for at in law.learned(name or DEFAULT_RULEBOOK):
            if known and known[0].recorded_at < at <= until:
                lessons.setdefault(at, [])
    return sorted(lessons.items())


class Belief:
    """What is known of a creator, folded as far as nothing learned next comes before it."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self.facts: list[Envelope] = []
        """Known and not withdrawn, by effective time; of retractions only what they do."""
        self.known: dict[Key, Envelope] = {}
        self.enrolments: list[Envelope] = []
        self.tables: Tables | None = None
        self.history: History | None = None
        self.creator: Creator | None = None
        self.folded = 0
        """How many of `facts` the creator is made of."""

    def learn(self, facts: Sequence[Envelope], at: int) -> None:
        for e in facts:
            if type(e.fact) is FactRetracted:
                target = self.known.pop((e.source, e.fact.event), None)
                if target is not None:
                    self._changes_from(target.effective_at)
                    self.facts.remove(target)
                    self.enrolments = [x for x in self.enrolments if x is not target]
            else:
                self.known[e.source, e.id] = e
                self.enrolments += [e] if type(e.fact) is CreatorEnrolled else []
                self._changes_from(e.effective_at)
                insort(self.facts, e, key=effective_at)
        try:
            tables = self.law.tables(self._rulebook(), at)
        except RulebookError:
            tables = None
        if tables is not self.tables:
            self.tables, self.creator, self.folded = tables, None, 0

    def _rulebook(self) -> str:
        """That of the first enrolment."""
        first = min(self.enrolments, key=attrgetter("effective_at", "position"), default=None)
        assert first is None or type(first.fact) is CreatorEnrolled
        return (first and first.fact.rulebook) or DEFAULT_RULEBOOK

    def _changes_from(self, at: int) -> None:
        """What is folded does not hold if it goes as far as an instant that changes."""
        if self.folded and at <= self.facts[self.folded - 1].effective_at:
            self.folded, self.creator = 0, None

    def reaches(self, facts: Sequence[Envelope]) -> int:
        """The earliest instant at which facts that are learned next change something."""
        instants = [FOREVER]
        for e in facts:
            about = e
            if type(e.fact) is FactRetracted:
                about = self.known.get((e.source, e.fact.event), e)
            if about is not e or type(e.fact) is not FactRetracted:
                instants.append(about.effective_at)
        return min(instants)

    def stops(self, span: Span, changes_at: int) -> Iterator[Stretch]:
        """What was stopped while nothing more was learned; then something changes as of an instant.

        An instant that is folded already has all of it folded anew, so that it does not count here.
        """
        if self.tables is None:
            return
        if self.creator is None:
            self.history = empty(self.tables)
            self.creator = blank(self.history, self.tables)
        assert self.history is not None
        creator, book, end = self.creator, self.tables.book, span[1]
        first = creator.stops_open
        if self.folded and changes_at <= self.facts[self.folded - 1].effective_at:
            changes_at = end
        self._fold(creator, min(changes_at, end))
        if changes_at < end and (
            creator.recoveries or creator.next_due < end or self._next() < end
        ):
            measures, imposed = len(self.history.measures), dict(self.history.imposed)
            folded = self.folded
            creator = twin(creator)
            self._fold(creator, end)
            self.folded, self.history.imposed = folded, imposed
            run_up(creator, end - 1, self.tables)
            del self.history.measures[measures:]
        elif changes_at >= end:
            run_up(creator, end - 1, self.tables)
        yield from _rows(creator, self.history, self.tables, span, first)

    def _next(self) -> int:
        """When the first fact that is not folded yet takes effect."""
        return self.facts[self.folded].effective_at if self.folded < len(self.facts) else FOREVER

    def _fold(self, creator: Creator, until: int) -> None:
        """All facts that take effect before an instant: those of one instant are kept together."""
        if self._next() >= until:
            return
        assert self.tables is not None
        assert self.history is not None
        last = bisect_left(self.facts, until, lo=self.folded, key=effective_at)
        facts = replay_order(self.facts[self.folded : last])
        rows = further(self.history, facts, self.tables, {})
        grow(creator, self.history)
        fold_rows(creator, rows, self.tables.book)
        self.folded = last


def run_up(creator: Creator, at: int, tables: Tables) -> None:
    """The clock alone, up to and including an instant."""
    if tables.book.starts_late:
        make_room(creator, tables.book)
    if creator.recoveries:
        advance_simulated(creator, at, True, tables.book, None)
    advance(creator, at, tables.book, None)


def twin(row: R) -> R:
    """A copy of a row of the fold, and of all rows in it."""
    other = object.__new__(type(row))
    for name in type(row).__slots__:  # type: ignore[attr-defined]  # a Row has them
        value: Any = getattr(row, name, ABSENT)  # of an unused row most mean nothing
        setattr(other, name, [twin(each) for each in value] if type(value) is list else value)
    return other


def _rows(
    creator: Creator, history: History, tables: Tables, span: Span, first: int
) -> Iterator[Stretch]:
    """The stops of a creator, from a row on, as far as they lie within a span."""
    for stop in creator.stops[first : creator.stops_made]:
        start, end = max(stop.started_at, span[0]), min(stop.until, span[1])
        if start >= end:
            continue
        rulebook = tables.rulebooks[stop.version]
        node = violation = None
        category = ""
        if stop.node != ABSENT:
            node = tuple(rulebook.nodes)[stop.node]
        elif stop.kind != UNTIL_OPENED:
            violation = tuple(history.violations)[stop.violation]
            category = tuple(tables.names.grades)[creator.violations[stop.violation].category][0]
        yield Stretch(
            feature=tuple(tables.names.features)[stop.feature],
            node=node,
            violation=violation,
            category=category,
            rulebook=rulebook.label,
            decided_at=stop.decided_at,
            start=start,
            end=end,
            goes_on=False,
            kind=stop.kind,
            until=stop.until,
            occasions=stop.occasions if stop.kind == OCCASIONS else 0,
        )


def _joined(stretches: Iterable[Stretch], until: int) -> list[Stretch]:
    """Those of one stop that follow each other as one, by their beginnings; none after `until`."""
    last: dict[tuple[object, ...], int] = {}
    made: list[Stretch] = []
    for each in stretches:
        before = last.get(each.stop)
        if before is not None and each.start <= made[before].end:
            start, end = made[before].start, max(made[before].end, each.end)
            made[before] = replace(each, start=start, end=end)
        else:
            last[each.stop] = len(made)
            made.append(each)
    ended = (
        replace(s, end=until, goes_on=True)
        if s.end > until
        else replace(s, until=s.end, occasions=0)
        for s in made
    )
    return sorted(ended, key=lambda s: (s.start, s.decided_at))
