"""What was stopped in fact: at each instant what the ledger then said, by what it then knew.

A platform acts on the answer of the moment. So a feature was stopped at an instant t where the
standing as of t, known at t, says so, and that is a function of the log. What the same log says
today of the same while, the stops as *judged*, may differ: a fact was recorded late, or withdrawn.

Between two instants at which something was learned nothing changes but the time. The facts known by
then are folded once and kept: a fact that takes effect after all of them is added. One that reaches
back has those after it folded again, from the nearest point that was kept on the way.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from ledger.errors import RulebookError
from ledger.facts.envelope import Envelope, replay_order
from ledger.facts.types import CreatorEnrolled, FactRetracted
from ledger.rulebook.model import Rulebook
from projections.fold.state import (
    ABSENT,
    FOREVER,
    GRANTED_BY_FACT,
    OCCASIONS,
    UNTIL_OPENED,
    Creator,
)
from projections.standing.borrowed import borrowed, run_up
from projections.standing.history import History, blank, empty, further, grow
from projections.standing.replay import DEFAULT_RULEBOOK, Replay, fold_rows
from projections.standing.spans import Span, merged
from projections.standing.tables import Tables

Key = tuple[str, str]
effective_at = attrgetter("effective_at")
GROWING = (
    *("violations", "periods", "measures", "measure_names", "accounts", "batch_names", "items"),
    *("appeals", "uncoded"),
)
"""What a history gets more of with each fact: slots of names that it has met, rows to look up."""


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
    rulebook: Rulebook
    """The version that the stop is of."""
    decided_at: int
    start: int
    end: int
    """Where it goes on, just after the instant up to which was looked."""
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
        return self.feature, self.node, self.violation, self.rulebook.label, self.decided_at


def judged(replay: Replay) -> list[Stretch]:
    """The stops of a replay up to its instant, each once; those still to come are left out."""
    rows = _rows(replay.creator, replay.history, replay.tables, (0, replay.as_of + 1), 0)
    return _joined(rows, replay.as_of)


def executed(
    envelopes: Iterable[Envelope], law: Law, until: int, *, simulate: bool = False
) -> list[Stretch]:
    """What was stopped in fact up to an instant, by one creator's facts recorded up to then.

    `simulate` grants recoveries as they fall due, in belief too, in place of the recorded ones.

    Where the ledger could not judge, as it did not have the rulebook, nothing was stopped.
    """
    lessons = _lessons(envelopes, law, until)
    belief = Belief(law, simulate=simulate)
    found: list[Stretch] = []
    for (at, facts), (following, coming) in pairwise([*lessons, (until + 1, [])]):
        belief.learn(facts, at)
        found += belief.stops((at, following), belief.changes_at(coming))
    return _joined(found, until)


def told(replay: Replay, envelopes: Iterable[Envelope], law: Law) -> list[Stretch]:
    """The same up to the instant of a replay, or to that of its knowledge where that is earlier."""
    known_at = FOREVER if replay.known_at is None else replay.known_at
    return executed(envelopes, law, min(replay.as_of, known_at))


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


class Point(Struct):
    """A creator as far as facts and clock have gone; it may be gone back to."""

    creator: Creator
    until: int = -1
    """The instant up to which they have: what takes effect later can still be added."""
    folded: int = 0
    """How many facts the creator is made of."""
    names: tuple[int, ...] = ()
    imposed: dict[str, int] = {}
    """Of its history, what goes back with it: how many there are of GROWING, and `imposed`."""


class Belief:
    """What is known of a creator, folded up to the instant of a question."""

    def __init__(self, law: Law, *, simulate: bool = False) -> None:
        self.law, self.simulate = law, simulate
        self.facts: list[Envelope] = []
        """Known and not withdrawn, by effective time; of retractions only what they do."""
        self.known: dict[Key, Envelope] = {}
        self.enrolments: list[Envelope] = []
        self.tables: Tables | None = None

    def learn(self, facts: Sequence[Envelope], at: int) -> None:
        for e in facts:
            if type(e.fact) is not FactRetracted:
                self.known[e.source, e.id] = e
                self.enrolments += [e] if type(e.fact) is CreatorEnrolled else []
                self._back_before(e.effective_at)
                insort(self.facts, e, key=effective_at)
            elif (target := self.known.pop((e.source, e.fact.event), None)) is not None:
                self._back_before(target.effective_at)
                self.facts.remove(target)
                self.enrolments = [x for x in self.enrolments if x is not target]
        try:
            tables = self.law.tables(self._rulebook(), at)
        except RulebookError:
            tables = None
        if tables is not self.tables:
            self.tables = tables
            if tables is not None:
                self._begin(tables)

    def changes_at(self, coming: Sequence[Envelope]) -> int:
        """The earliest instant at which facts that are learned next change something."""
        instants = [e.effective_at for e in coming if type(e.fact) is not FactRetracted]
        for e in coming:
            if type(e.fact) is FactRetracted and (e.source, e.fact.event) in self.known:
                instants.append(self.known[e.source, e.fact.event].effective_at)
        return min(instants, default=FOREVER)

    def stops(self, span: Span, changes_at: int) -> Iterator[Stretch]:
        """What was stopped while nothing more was learned.

        `changes_at` is where what is learned then will have it folded anew.
        """
        if self.tables is None:
            return
        first, end = self.live.creator.stops_open, span[1]
        if self.live.until < changes_at < end:
            self._fold(changes_at)
            if self._happens_before(end):
                self._keep()
        self._fold(end)
        if self._happens_before(end):
            run_up(self.live.creator, end - 1, self.tables)
            self.live.until = end - 1
        yield from _rows(self.live.creator, self.history, self.tables, span, first)

    def _happens_before(self, end: int) -> bool:
        """Whether a fact or the clock changes something that is folded."""
        creator, folded = self.live.creator, self.live.folded
        follows = folded < len(self.facts) and self.facts[folded].effective_at < end
        return follows or creator.next_due < end or creator.recoveries != GRANTED_BY_FACT

    def _rulebook(self) -> str:
        """That of the first enrolment."""
        first = min(self.enrolments, key=attrgetter("effective_at", "position"), default=None)
        fact = None if first is None else first.fact
        return (type(fact) is CreatorEnrolled and fact.rulebook) or DEFAULT_RULEBOOK

    def _begin(self, tables: Tables) -> None:
        self.history = empty(tables)
        self.live = Point(blank(self.history, tables, simulate=self.simulate))
        self.kept: list[Point] = []

    def _keep(self) -> None:
        """What has been reached can be gone back to: the way goes on with a copy."""
        point, history = self.live, self.history
        point.names = tuple(len(getattr(history, name)) for name in GROWING)
        point.imposed = dict(history.imposed)
        near = len(self.kept) > 1 and self.kept[-1].folded - self.kept[-2].folded < self._stride()
        self.kept[len(self.kept) - near :] = [point]
        self.live = Point(borrowed(point.creator), point.until, point.folded)

    def _stride(self) -> int:
        """How many facts lie between two points that are kept, the last of them left out."""
        return max(len(self.facts) // 64, 64)

    def _back_before(self, at: int) -> None:
        """To a point from which it can go on otherwise at an instant."""
        if self.tables is None or self.live.until < at:
            return
        while self.kept and self.kept[-1].until >= at:
            self.kept.pop()
        if not self.kept:
            self._begin(self.tables)
            return
        point = self.kept[-1]
        self.history.imposed = dict(point.imposed)
        for name, length in zip(GROWING, point.names, strict=True):
            grown = getattr(self.history, name)
            forget = grown.popitem if isinstance(grown, dict) else grown.pop
            while len(grown) > length:
                forget()
        self.live = Point(borrowed(point.creator), point.until, point.folded)

    def _fold(self, until: int) -> None:
        """All facts that take effect before an instant."""
        assert self.tables is not None
        last = bisect_left(self.facts, until, lo=self.live.folded, key=effective_at)
        while self.live.folded < last:
            begin = self.live.folded
            upto = self.facts[min(begin + self._stride(), last) - 1].effective_at
            end = bisect_right(self.facts, upto, lo=begin, key=effective_at)
            rows = further(self.history, replay_order(self.facts[begin:end]), self.tables, {})
            grow(self.live.creator, self.history)
            fold_rows(self.live.creator, rows, self.tables.book)
            self.live.folded, self.live.until = end, upto
            if end < last:
                self._keep()


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
            rulebook=rulebook,
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
        replace(s, goes_on=True) if s.end > until else replace(s, until=s.end, occasions=0)
        for s in made
    )
    return sorted(ended, key=lambda s: (s.start, s.decided_at))
