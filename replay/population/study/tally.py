"""What many creators come to: summaries added up, and both sides of each creator compared."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from projections.fold.state import ABSENT, DAY, FOREVER
from replay.population.layout import Layout
from replay.population.study.where import cohorts

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
LENGTHS = (1, 3, 7, 15, 30, 90)
"""Days: a stop that runs is of the first class that is as long, or longer than all, or for good."""
NEAR = 100_000
CLASSES = len(LENGTHS) + 3
"""None, these, longer, and without a known end."""


class Additive(Struct):
    """Every field of it is a sum."""

    def merge(self, other: Self) -> None:
        """Of other creators: as if they had been added after these."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Sum(Additive):
    """Of one amount of each creator: exact, and what the spread of a sample needs."""

    total: int = 0
    squares: float = 0.0

    def add(self, values: Rows) -> None:
        self.total += exact(values)
        self.squares += float(np.square(values, dtype=np.float64).sum())


class Part(Additive):
    """Creators who have something in common."""

    creators: int = 0
    stopped: int = 0
    microseconds: int = 0
    scores: int = 0
    """Of the first counter."""


class Tally(Struct):
    """One side: all creators under one set of rules. Points are hundredths."""

    layout: Layout
    as_of: int
    creators: int = 0
    scores: list[Counter[int]] = field(default_factory=list)
    """{score: how many}, for each counter."""
    stopped: int = 0
    features: list[int] = field(default_factory=list)
    """How many are stopped, of each."""
    for_good: list[int] = field(default_factory=list)
    microseconds: list[int] = field(default_factory=list)
    time: Sum = field(default_factory=Sum)
    """In which any feature was stopped; as `score` of the first counter."""
    score: Sum = field(default_factory=Sum)
    crossed: Any = 0
    """How often each node was, and by how many; what is owed, and what violations come to."""
    crossers: Any = 0
    owing: Any = 0
    owed: Any = 0
    violations: Any = 0
    points: Any = 0
    cohorts: dict[int, Part] = field(default_factory=lambda: defaultdict(Part))
    levels: dict[int, Part] = field(default_factory=lambda: defaultdict(Part))

    def __post_init__(self) -> None:
        if self.scores:  # it was sent from elsewhere
            return
        features = len(self.layout.features)
        self.scores = [Counter() for _ in self.layout.counters]
        self.features, self.for_good, self.microseconds = ([0] * features for _ in range(3))

    def add(self, rows: Rows) -> None:
        layout = self.layout
        until, lasted = rows[:, layout.until], rows[:, layout.stopped]
        running = until != ABSENT
        any_, together = running.any(axis=1), rows[:, layout.suspended]
        self.creators += len(rows)
        self.stopped += int(np.count_nonzero(any_))
        _each(self.features, np.count_nonzero(running, axis=0))
        _each(self.for_good, np.count_nonzero(until >= FOREVER, axis=0))
        for n in range(len(layout.features)):
            self.microseconds[n] += exact(lasted[:, n])
        scores = rows[:, layout.scores]
        for n, counter in enumerate(self.scores):
            counter.update(counts(scores[:, n]))
        self.time.add(together)
        self.score.add(scores[:, 0])
        self._columns(rows)
        self._parts(self.cohorts, cohorts(rows), any_, together, scores[:, 0])
        self._parts(self.levels, rows[:, 1], any_, together, scores[:, 0])

    def merge(self, other: "Tally") -> None:
        """Other creators, under the same rules: as if they had been added after these."""
        self.creators += other.creators
        self.stopped += other.stopped
        for mine, more in zip(self.scores, other.scores, strict=True):
            mine.update(more)
        for name in ("features", "for_good", "microseconds"):
            for n, value in enumerate(getattr(other, name)):
                getattr(self, name)[n] += value
        self.time.merge(other.time)
        self.score.merge(other.score)
        for name in ("crossed", "crossers", "owing", "owed", "violations", "points"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for parts, others in ((self.cohorts, other.cohorts), (self.levels, other.levels)):
            for key, part in others.items():
                parts[key].merge(part)

    def _columns(self, rows: Rows) -> None:
        layout = self.layout
        sums = rows.sum(axis=0)  # of all columns: much quicker than of some
        self.crossed = self.crossed + sums[layout.crossed]
        self.violations = self.violations + sums[layout.violations]
        self.points = self.points + sums[layout.points]
        self.crossers = self.crossers + np.count_nonzero(rows[:, layout.crossed], axis=0)
        if layout.accounts:
            owed = np.maximum(rows[:, layout.owed], 0)
            self.owing = self.owing + np.count_nonzero(owed, axis=0)
            self.owed = self.owed + owed.sum(axis=0)

    @staticmethod
    def _parts(
        parts: dict[int, Part], keys: Rows, stopped: Mask, together: Rows, scores: Rows
    ) -> None:
        names, keys = coded(keys)
        high, low = (_by(keys, part) for part in (together >> 24, together & 0xFFFFFF))
        sums = _by(keys, stopped), _by(keys, scores)
        for key, number in enumerate(np.bincount(keys).tolist()):
            if number:
                part = parts[names[key]]
                part.creators += number
                part.stopped += sums[0][key]
                part.microseconds += (high[key] << 24) + low[key]
                part.scores += sums[1][key]


def _each(sums: list[int], more: Any) -> None:
    for n, value in enumerate(more.tolist()):
        sums[n] += value


def _by(keys: Rows, values: Any) -> list[int]:
    """Sums of values by key; exact, as these are small enough for the floats between."""
    return [int(value) for value in np.bincount(keys, weights=values).tolist()]


def counts(values: Rows) -> dict[int, int]:
    """{value: how often}."""
    names, keys = coded(values)
    found = np.bincount(keys)
    return {names[n]: int(found[n]) for n in np.flatnonzero(found).tolist()}


def coded(values: Rows) -> tuple[Sequence[int], Rows]:
    """Values as codes from 0 on, and what they stand for; quick where they lie close together."""
    first, last = int(values.min()), int(values.max())
    if last - first < NEAR:
        return range(first, last + 1), values - first
    names, keys = np.unique(values, return_inverse=True)
    return names.tolist(), keys


class Moves(Additive):
    """Who moved, from the baseline to another side."""

    newly: int = 0
    freed: int = 0
    higher: int = 0
    """The score of the first counter is, as a number; where both sides have that counter."""
    lower: int = 0
    matrix: Rows = field(default_factory=lambda: np.zeros((CLASSES, CLASSES), np.int64))
    """By the class of the longest stop that runs: rows the baseline, columns the other side."""

    def add(self, before: Rows, after: Rows, one: Layout, other: Layout) -> tuple[Mask, Mask]:
        """Also says who is newly stopped, and who is freed."""
        a, b = classes(before, one), classes(after, other)
        newly, freed = (a == 0) & (b > 0), (a > 0) & (b == 0)
        self.newly += int(newly.sum())
        self.freed += int(freed.sum())
        if one.counters[0] == other.counters[0]:
            self._scores(before[:, one.scores][:, 0], after[:, other.scores][:, 0])
        pairs = np.bincount(a * CLASSES + b, minlength=CLASSES * CLASSES)
        self.matrix += pairs.reshape(CLASSES, CLASSES)
        return newly, freed

    def _scores(self, before: Rows, after: Rows) -> None:
        self.higher += int((after > before).sum())
        self.lower += int((after < before).sum())


def classes(rows: Rows, layout: Layout) -> Rows:
    """The longest stop that runs, from its beginning to its end: 0 none, 1 the shortest class."""
    since, until = rows[:, layout.since], rows[:, layout.until]
    limits = np.array([n * DAY for n in LENGTHS])
    length = np.searchsorted(limits, until - since) + 1
    length = np.where(until >= FOREVER, CLASSES - 1, length)
    length = np.where(until == ABSENT, 0, length)
    return np.asarray(length.max(axis=1, initial=0))


def exact(values: Rows) -> int:
    """A sum that may be larger than the numbers of the machine."""
    return (int((values >> 24).sum()) << 24) + int((values & 0xFFFFFF).sum())
