"""What the law says of its own steps: their effects, and the grounds on which it decided.

A ground names a figure of the rulebook by its key path, with a `*` for each name that the fold
knows as a number; what was on record; and whether the figure's condition was met. The law says it
at the line where it decides. A ruling *rests* on a ground that made it what it is; it *asked* one
that another figure might have turned. `trace` is None in the compiled fold: nothing of this is
there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec import Struct

from projections.fold.state import (
    ABSENT,
    APPLIED,
    NODE_LIFTED,
    NODE_MOVED,
    NODE_SERVED,
    NODE_STARTED,
    RUNNING,
    Creator,
)

Effect = tuple[int, int, int, int]
"""(effect, row, amount, at); see `state`."""
OF_A_STOP = (NODE_STARTED, NODE_LIFTED, NODE_MOVED, NODE_SERVED)
"""Effects whose row is that of a stop."""


class Ground(NamedTuple):
    key: str
    """`exam.window_days`, `categories.*.points`; `clauses.exam_pass` is a behaviour."""
    version: int
    """Of the rulebook, by number."""
    about: tuple[int, ...] = ()
    """What each `*` stands for: counter, category, node, ladder, step, or place in a list."""
    found: int | None = None
    """On record, in the unit of the figure: hundredths, days, levels; a local day for a date."""
    met: bool = True
    relied: bool = True
    """Whether the ruling rests on it; else it was asked and did not turn the ruling."""
    row: int = -1
    """The stop that it is about, where it is about one."""


_ground: Callable[[type[Ground], tuple[object, ...]], Ground] = tuple.__new__
"""A ground of all its fields, in half the time: a traced ruling has about ten."""


class Stay(Struct, frozen=True, gc=False):
    """A running stop that a credit left as it was."""

    row: int
    until: int
    score: int
    """What decides whether it is lifted: the score with recoveries left out."""


class Failure(Struct, frozen=True):
    """A condition that a fact failed."""

    reason: int
    final: int
    """1 where nothing can mend it any more."""
    grounds: list[Ground]


class End(NamedTuple):
    """Until when a feature is stopped, by the latest of its stops."""

    until: int
    row: int
    """Of that stop."""
    stops: int
    """How many run."""


def ends(effects: Sequence[Effect], creator: Creator) -> dict[int, End]:
    """By feature, what runs right after effects that started, moved or ended a stop."""
    if not effects:
        return {}
    touched = {creator.stops[row].feature for code, row, _, _ in effects if code in OF_A_STOP}
    found: dict[int, End] = {}
    if touched:
        for row in range(creator.stops_open, creator.stops_made):
            stop = creator.stops[row]
            if stop.state == RUNNING and stop.feature in touched:
                other = found.get(stop.feature, End(ABSENT, row, 0))
                last = End(stop.until, row, 0) if stop.until > other.until else other
                found[stop.feature] = last._replace(stops=other.stops + 1)
    return found


class Turn(Struct, frozen=True):
    """What time did at one instant."""

    at: int
    effects: list[Effect]
    grounds: list[Ground]
    before: tuple[int, ...]
    """The score of each counter."""
    after: tuple[int, ...]
    together: tuple[int, ...] = ()
    """The violations, by slot, that were found together and brought it about; else time alone."""
    ends: dict[int, End] = {}
    """See `ends`."""


class Trace:
    """Collects one step: `turns` of the clock first, then what the fact brought about."""

    __slots__ = (
        "brief",
        "crossed",
        "denied",
        "effects",
        "failed",
        "grounds",
        "lengths",
        "scores",
        "stays",
        "turns",
    )

    def __init__(self, *, brief: bool = False) -> None:
        self.brief = brief
        """Without what sentences alone need of each ruling: what was left running after it."""
        self.turns: list[Turn] = []
        self.lengths: dict[int, Ground] = {}
        """By row of the stop: the figure that says how long it lasts."""
        self.crossed: dict[int, tuple[int, int]] = {}
        """By row of the crossing: the score at which it began, and how many multiples it passed."""
        self.denied: set[int] = set()
        """By slot: violations whose appeal has been decided, and which stand."""
        self.scores: tuple[int, ...] = ()
        self.clear()

    def clear(self) -> None:
        self.effects: list[Effect] = []
        self.grounds: list[Ground] = []
        self.stays: list[Stay] = []
        self.failed: list[Failure] = []

    def branch(self) -> Trace:
        """Another one that goes on from here, while this one stays as it is."""
        other = Trace(brief=self.brief)
        other.turns, other.scores = list(self.turns), self.scores
        other.lengths, other.crossed = dict(self.lengths), dict(self.crossed)
        other.denied = set(self.denied)
        return other

    def append(self, effect: Effect) -> None:
        self.effects.append(effect)

    def add(
        self,
        key: str,
        version: int,
        *about: int,
        found: int | None = None,
        met: bool = True,
        relied: bool = True,
    ) -> None:
        self.grounds.append(_ground(Ground, (key, version, about, found, met, relied, -1)))

    def rests(
        self, key: str, version: int, *about: int, found: int | None = None, met: bool = True
    ) -> None:
        self.grounds.append(_ground(Ground, (key, version, about, found, met, True, -1)))

    def asked(
        self, key: str, version: int, *about: int, found: int | None = None, met: bool = False
    ) -> None:
        self.grounds.append(_ground(Ground, (key, version, about, found, met, False, -1)))

    def condition(
        self, key: str, version: int, *about: int, found: int | None = None, met: bool
    ) -> None:
        """One of several conditions that must all be met; `settle` follows the last of them."""
        self.grounds.append(_ground(Ground, (key, version, about, found, met, True, -1)))

    def fail(self, reason: int, final: int) -> None:
        """What was not met since the condition before is why."""
        told = sum(len(failure.grounds) for failure in self.failed)
        unmet = [ground for ground in self.grounds if ground.relied and not ground.met]
        self.failed.append(Failure(reason, final, unmet[told:]))

    def settle(self, reason: int) -> None:
        """A refusal rests on what failed, the final first, and on nothing that was met."""
        if reason != APPLIED:
            self.failed.sort(key=lambda failure: -failure.final)
            self.grounds = [g for failure in self.failed for g in failure.grounds]

    def stop(self, key: str, version: int, *about: int, row: int) -> None:
        """How long a stop lasts that begins, or that is judged again."""
        self.lengths[row] = Ground(key, version, about, row=row)
        self.grounds.append(self.lengths[row])

    def lasted(self, row: int) -> None:
        """A stop ends, now or at another time, by how long it lasts."""
        self.grounds.append(self.lengths[row])

    def occasions(self, row: int, left: int) -> None:
        """One fewer of those that a stop is to last."""
        length = self.lengths[row]
        served = left == 0
        self.grounds.append(length._replace(found=left, met=served, relied=served))

    def fines(self, key: str, version: int, *about: int, count: int, relied: bool = True) -> None:
        """Each amount of a list of fines, and what it is owed on."""
        if count and relied:
            self.rests("clauses.money", version)
        for i in range(count):
            self.add(f"{key}.*.amount", version, *about, i, relied=relied)
            self.asked(f"{key}.*.account", version, *about, i, met=True)
            self.asked(f"{key}.*.currency", version, *about, i, met=True)

    def stays_on(self, row: int, until: int, score: int) -> None:
        self.stays.append(Stay(row, until, score))

    def ends(self, creator: Creator) -> dict[int, End]:
        """Of the features that this step touched; see the function."""
        return {} if self.brief else ends(self.effects, creator)

    def turn(self, at: int, creator: Creator, together: tuple[int, ...] = ()) -> None:
        """What no one fact did is told by itself: time, or several that were found together."""
        scores = tuple([counter.score for counter in creator.counters])
        if self.effects or scores != self.scores:
            left = self.ends(creator)
            turn = Turn(at, self.effects, self.grounds, self.scores, scores, together, left)
            self.turns.append(turn)
        self.scores = scores
        self.clear()


def refuse(
    trace: Trace | None, reason: int, key: str, version: int, found: int | None = None
) -> int:
    """The reason why a fact has no effect, with the figure or behaviour that says so."""
    if trace is not None:
        trace.rests(key, version, found=found, met=False)
        trace.fail(reason, 0)
    return reason


def fails(trace: Trace | None, first: int, reason: int, final: int) -> int:
    """One condition of several failed: the first to fail gives the reason, a trace has them all.

    `final` is 1 where nothing that the creator does can mend it.
    """
    if trace is not None:
        trace.fail(reason, final)
    return reason if first == APPLIED else first
