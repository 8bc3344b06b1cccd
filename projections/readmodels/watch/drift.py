"""Does a target hold what a replay would say? Each difference by name, and its repair.

Every creator is judged anew from the log, as of the instant of the row that is held, and compared
with all that the target keeps for it. A runner may be at work meanwhile: a creator that differs is
looked at again, by the checkpoint of that moment, before it is called different.
"""

import random
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct, field

from projections.readmodels.feed import Course
from projections.readmodels.follower import LEASE
from projections.readmodels.rows import Row
from projections.readmodels.source import Source, Streams, own
from projections.readmodels.target import (
    BUILDING,
    Checkpoint,
    Generation,
    Step,
    Target,
    TargetError,
    count_totals,
)

PAGE = 5_000
"""Facts that are judged at a time."""
LOOKS = 3
"""How often a creator is looked at before it is called different."""


class Drift(Struct):
    """What a check found."""

    position: int = 0
    """Up to which the ledger was compared."""
    compared: int = 0
    differs: dict[str, list[str]] = field(default_factory=dict)
    """{creator: parts that are held otherwise}; `stray`: the log knows no such creator."""
    totals: dict[str, tuple[int, int]] = field(default_factory=dict)
    """{what is counted: (held, replayed)} where they differ."""
    counted: bool = False
    """Whether the counts could be compared: of all creators, while nothing moved."""
    repaired: int = 0

    @property
    def left(self) -> int:
        """How many differences have not been repaired."""
        return len(self.differs) + len(self.totals) - self.repaired


def check(
    source: Source,
    target: Target,
    generation: Generation,
    *,
    sample: float = 1.0,
    seed: int = 0,
    watch: Callable[[int], None] = lambda _: None,
) -> Drift:
    """Compare all creators, or a random share of them, with a replay.

    `watch` is told how many facts have been gone through.
    """
    drift, totals = Drift(), dict[str, int]()
    chosen, number = random.Random(seed), generation.number  # noqa: S311  a sample, no secret
    before = _mark(target, number)
    drift.position = before.position
    last, seen = "", 0
    while True:
        streams = source.histories(last, before.position, PAGE)
        names = sorted(
            c
            for c in (*streams.facts, *streams.unreadable)
            if target.owns(c) and (c in streams.unreadable or own(streams.facts[c]))
        )
        for stray in _strays(target, number, last, streams.last, set(names)):
            held = target.stored(number, [stray]).get(stray)
            if held is not None and held.position <= before.position:
                drift.differs[stray] = ["stray"]
        for row in _compare(source, target, number, names, drift, lambda: chosen.random() < sample):
            count_totals(totals, row)
        if not streams.last:
            break
        last = streams.last
        seen += sum(map(len, streams.facts.values()))
        watch(seen)
    drift.counted = sample >= 1 and _mark(target, number) == before
    if drift.counted:
        counted = target.totals(number)
        if counted is not None:
            pairs = {k: (counted.get(k, 0), totals.get(k, 0)) for k in counted.keys() | totals}
            drift.totals = {k: pair for k, pair in sorted(pairs.items()) if pair[0] != pair[1]}
    return drift


def _compare(
    source: Source,
    target: Target,
    number: int,
    names: Sequence[str],
    drift: Drift,
    takes: Callable[[], bool],
) -> Iterator[Row]:
    """The rows as they should be; what differs is noted."""
    left = [name for name in names if takes()]
    if not drift.compared and not left:
        left = list(names[:1])  # a small sample of a few is one
    drift.compared += len(left)
    for look in range(LOOKS):
        rows = expected(source, target, number, left)
        differs = target.inspect(number, rows)
        if look == LOOKS - 1:
            drift.differs |= differs
        yield from (row for row in rows if row.creator not in differs or look == LOOKS - 1)
        left = list(differs)
        if not left:
            return


def expected(source: Source, target: Target, number: int, names: Sequence[str]) -> list[Row]:
    """The rows that a replay gives, as of the instants of the rows that are held."""
    mark = _mark(target, number)
    held = target.stored(number, names)
    source.rules_of(mark.position)
    until = max([mark.position, *(row.position for row in held.values())])
    streams: Streams = source.streams(names, until)
    rows = []
    for creator in names:
        old = held.get(creator)
        end = mark.position if old is None else max(mark.position, old.position)
        facts = [e for e in streams.facts.get(creator, ()) if e.position <= end]
        course = Course(
            judge=source,
            creator=creator,
            stream=facts,
            end=old.position if old else end,
            broken=streams.unreadable.get(creator),
            history=target.history,
            publishes=False,
            source="",
            held=None,
        )
        at = max(mark.clock, old.as_of if old else 0)
        # of a fact that was learned before the clock came to its recording the row says when
        ahead = old is not None and bool(facts) and facts[-1].recorded_at > mark.clock
        course.begin(at, old.as_of if old is not None and ahead else at)
        assert course.row is not None
        rows.append(course.row)
    return rows


def repair(source: Source, target: Target, generation: Generation, drift: Drift, me: str) -> None:
    """Write anew exactly those rows that differ. Raises TargetError where a runner leads."""
    number = generation.number
    if leader := target.lead(number, me, LEASE):
        raise TargetError(
            f"{leader.rpartition(':')[0]} leads {target.name}: stop that runner, then repair"
        )
    try:
        strays = {c for c, parts in drift.differs.items() if parts == ["stray"]}
        names = list(drift.differs)
        for some in (names[n : n + 500] for n in range(0, len(names), 500)):
            mark = _mark(target, number)
            rows = expected(source, target, number, [c for c in some if c not in strays])
            # Out with all that is held of them first: parts of a row may be there without it.
            for step in (
                Step(generation=number, before=mark, after=mark, removed=some),
                Step(generation=number, before=mark, after=mark, rows=rows),
            ):
                target.apply(step, me, LEASE)
            drift.repaired += len(some)
    finally:
        target.release(number, me)


def _strays(target: Target, number: int, after: str, until: str, known: set[str]) -> Iterator[str]:
    """Creators in a range of ids that have a row and should have none; `until` empty: no end."""
    while names := target.creators(number, after, 1000):
        for name in names:
            if until and name > until:
                return
            if name not in known:
                yield name
        after = names[-1]


def _mark(target: Target, number: int) -> Checkpoint:
    for g in target.generations():
        if g.number == number:
            if g.checkpoint.phase == BUILDING:
                raise TargetError(f"{target.name} is still being built: check it when it is live")
            return g.checkpoint
    raise TargetError(f"{target.name} has no generation {number} any more")
