"""What a picture shows, before anything has a place on it.

Instants are microseconds UTC, scores hundredths, titles already in the language of the picture. An
end that never comes is FOREVER.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from msgspec import Struct

from projections.fold.state import FOREVER

Step = tuple[int, int]
"""An instant, and the score from then on."""


class Window(NamedTuple):
    """A stretch of time."""

    since: int
    until: int

    @property
    def length(self) -> int:
        return self.until - self.since


class Band(Struct):
    """Where a node is triggered: everything on the bad side of its edge."""

    edge: int
    upward: bool
    """Whether the bad side is above."""
    label: str
    short: str
    """The same for a narrow margin."""
    assumed: bool


class Panel(Struct):
    """One counter."""

    title: str
    steps: list[Step]
    bands: list[Band]
    low: int
    high: int
    """The scores at the bottom and at the top."""
    capped: bool
    """Whether the top is the highest that can be had."""
    tally: bool
    """Whether more is worse."""
    supposed: list[Step] = []
    """The same in another history, where two are compared."""
    other_edges: list[int] = []
    """Where nodes are triggered there and not here."""

    def worse(self, before: int, after: int) -> bool:
        return after > before if self.tally else after < before


class Bar(Struct):
    """A stop."""

    start: int
    end: int
    """When it ended or will end; of a lifted stop the lift."""
    planned: int
    """Its end as judged."""
    lifted: bool
    label: str


class Lane(Struct):
    """The stops of one feature."""

    title: str
    bars: list[Bar]
    executed: list[Window] = []
    """When it was stopped by what was known at the time; empty where nothing is known of that."""
    supposed: list[Bar] = []
    """Its stops in the other history."""


class Measure(Struct):
    """The measures of one name, each from when until when it ran."""

    title: str
    spans: list[Window]


class Mark(Struct):
    """A fact."""

    at: int
    group: str
    """Whose lane it is in: a key of `pages.groups`."""
    shape: str
    """A key of `pages.shapes`."""
    void: bool
    """Withdrawn, or of a violation that is void by now."""
    idle: bool
    """Without effect."""
    told: Callable[[], str]
    """What happened when; most of many facts are never asked."""
    position: int
    supposed: bool = False
    """Whether only the other history has it."""
    event: str = ""
    """What it is called where it can be moved; empty where it can't."""


class Chart(Struct):
    """All of one creator's history that a picture may show."""

    language: str
    zone: str
    caption: str
    """Whose, under which rules, as of when, as known when."""
    name: str
    """What the picture is, for those who can't see it."""
    since: int
    """The first fact."""
    as_of: int
    panels: list[Panel]
    lanes: list[Lane]
    measures: list[Measure]
    marks: list[Mark]
    asked: tuple[int | None, int | None] = (None, None)
    """From when, until when to look closely, where somebody has said so."""
    compared: bool = False
    """Whether another history stands beside."""
    parts_at: int | None = None
    """Where the two part."""
    movable: bool = False
    """Whether marks say which facts they are, and the picture where its times lie."""

    def whole(self) -> Window:
        """The whole record, and what is still to come of it."""
        bars = [bar for lane in self.lanes for bar in (*lane.bars, *lane.supposed)]
        ends = [bar.planned for bar in bars if bar.planned < FOREVER]
        return _with_margin(self.since, max([self.as_of, *ends]))

    def window(self) -> Window:
        """What is worth a close look: the last stop that began or ended, and what led to it.

        That is from the last instant at which the score was no worse than at the start to the
        stop's end as judged; with as_of, where that does not push the stop aside.
        """
        since, until = self.asked
        if since is not None or until is not None:
            whole = self.whole()
            first = whole.since if since is None else since
            last = whole.until if until is None else until
            return Window(first, max(last, first + 1))
        stops = [stop for stop in self._stops() if stop[0] <= self.as_of]
        if not stops:
            return self.whole()
        start, _, planned = max(stops, key=lambda stop: stop[stop[1] <= self.as_of])
        since = max(self._clean_until(start), self.since)
        if self.parts_at is not None:
            since = min(since, self.parts_at)
        until = planned if planned < FOREVER else max(self.as_of, start)
        until = max([until, *self._other_moves()])
        if self.as_of <= 2 * until - since:
            until = max(until, self.as_of)
        close = _with_margin(since, until)
        return close if 2 * close.length < self.whole().length else self.whole()

    def _other_moves(self) -> Iterator[int]:
        """When a score moves beside which another history has another."""
        for panel in self.panels:
            if panel.supposed and panel.supposed != panel.steps:
                yield from (at for at, _ in (*panel.steps, *panel.supposed) if at <= self.as_of)

    def _stops(self) -> Iterator[tuple[int, int, int]]:
        """Start, end, and end as judged, of all that was judged and all that was executed."""
        for lane in self.lanes:
            bars = (*lane.bars, *lane.supposed)
            yield from ((bar.start, bar.end, bar.planned) for bar in bars)
            yield from ((span.since, span.until, span.until) for span in lane.executed)

    def _clean_until(self, at: int) -> int:
        """Up to when, before an instant, the score was no worse than it had been at first."""
        steps = self.panels[0].steps if self.panels else []
        found = at
        for when, score in reversed(steps):
            if when <= at:
                if not self.panels[0].worse(steps[0][1], score):
                    break
                found = when
        return found


def _with_margin(since: int, until: int) -> Window:
    margin = max((until - since) // 12, 1_000_000)
    return Window(since - margin, until + margin)
