"""What would have avoided it: the smallest sets of single changes after which a target is met.

A change is one decision gone the other way: a violation that was not found, an appeal granted, an
exam passed, a recovery as early as its period allows. What was decided is decided otherwise at the
same instant; what never was is decided at once, as nothing sooner could help. Sets are tried by
size and each is verified by a replay, so that no smaller set works and none holds another.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from math import comb
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ledger.facts.envelope import Envelope, replay_order
from ledger.facts.types import (
    AppealDenied,
    AppealGranted,
    ExamSat,
    ExamStudied,
    Fact,
    RecoveryGranted,
    ViolationFound,
)
from projections.fold.calendar import midnight
from projections.fold.exams import covered
from projections.standing.history import period_end
from projections.standing.replay import Replay
from projections.standing.writing import instant
from replay.whatif.questions.target import NoStop, Score, said
from replay.whatif.scenario import SOURCE
from replay.whatif.world import World

EFFORT = 800_000
"""How many facts are replayed at most: a size of sets that would take more is not begun."""
MOST = 3
"""How many changes a set has at most."""
FULL_MARK = 100_00
View = dict[str, Any]


class Change(Struct, frozen=True):
    """One decision gone the other way: some facts are out, others are in."""

    kind: str
    """`absent`, `granted`, `passed` or `recovered`."""
    about: str
    """The violation, or the period of the recovery."""
    at: int
    """When it takes effect, at the earliest."""
    out: frozenset[int]
    """Positions."""
    into: tuple[Envelope, ...] = ()


Changes = tuple[Change, ...]
Watched = Callable[[Sequence[Changes]], Iterable[Changes]]


class Found(Struct):
    """Sets of changes, smallest first."""

    world: World
    target: NoStop | Score
    changes: list[Change]
    """All that were tried."""
    sets: list[tuple[Change, ...]]
    sizes: int
    """Up to how many changes all sets were tried."""
    already: bool
    """The target is met as it is."""


def avoid(world: World, target: NoStop | Score, watched: Watched = iter) -> Found:
    """Every smallest set, up to `MOST` changes and as far as `EFFORT` goes.

    `watched` hands on the sets of one size, each as it is tried.
    """
    world = replace(world, as_of=target.as_of)
    changes = [c for c in _changes(world) if c.at <= target.as_of]
    found = Found(world, target, changes, [], 0, target.met(world.replay()))
    if found.already:
        return found
    pool = list(changes)
    spent = 0
    for size in range(1, MOST + 1):
        spent += comb(len(pool), size) * len(world.facts)
        if size > 1 and spent > EFFORT:
            break
        for chosen in watched([*_sets(pool, size, found.sets)]):
            if target.met(changed(world, chosen).replay()):
                found.sets.append(chosen)
        found.sizes = size
        if size == 1:  # what helps alone is in no larger set
            alone = {id(each) for (each,) in found.sets}
            pool = [each for each in pool if id(each) not in alone]
    return found


def changed(world: World, changes: Iterable[Change]) -> World:
    """The world after some changes."""
    out: set[int] = set()
    into: list[Envelope] = []
    for change in changes:
        out |= change.out
        into += change.into
    return world.with_facts([*(e for e in world.facts if e.position not in out), *into])


def _sets(
    pool: Sequence[Change], size: int, found: Sequence[tuple[Change, ...]]
) -> Iterator[tuple[Change, ...]]:
    """Those that hold none of what was found, and nothing about a violation that is absent."""
    smaller = [{id(each) for each in one} for one in found]
    for chosen in combinations(pool, size):
        gone = [change.about for change in chosen if change.kind == "absent"]
        if any(c.about in gone and c.kind != "absent" for c in chosen if c.kind != "recovered"):
            continue
        ids = {id(each) for each in chosen}
        if not any(one <= ids for one in smaller):
            yield chosen


def _changes(world: World) -> list[Change]:
    """Every single change, in the order of the facts that it is about."""
    facts = replay_order(world.counting())
    baseline = world.replay()
    place = _Places(world)
    by_violation: dict[str, list[Envelope]] = {}
    for e in facts:
        if (name := getattr(e.fact, "violation", None)) is not None:
            by_violation.setdefault(name, []).append(e)
    made: list[Change] = []
    for e in facts:
        if isinstance(e.fact, ViolationFound):
            about = by_violation[e.fact.violation]
            if next(x for x in about if isinstance(x.fact, ViolationFound)) is e:
                made += _of_violation(e, about, baseline, place)
        elif isinstance(e.fact, RecoveryGranted):
            made += _earlier(e, e.fact, baseline)
    return made


class _Places:
    """Where facts that were never recorded stand: after all that were."""

    def __init__(self, world: World) -> None:
        self.creator = world.creator
        self.last = max((e.position for e in world.facts), default=0)

    def envelope(self, fact: Fact, at: int) -> Envelope:
        self.last += 1
        return Envelope(SOURCE, f"changed-{self.last}", self.creator, at, fact, 0, self.last)


def _of_violation(
    e: Envelope, about: Sequence[Envelope], baseline: Replay, place: _Places
) -> Iterator[Change]:
    assert isinstance(e.fact, ViolationFound)
    name, at = e.fact.violation, e.effective_at
    found = frozenset(x.position for x in about if isinstance(x.fact, ViolationFound))
    yield Change("absent", name, at, found)
    yield _granted(name, at, about, place)
    slot = baseline.history.violations.get(name)
    violation = None if slot is None else baseline.creator.violations[slot]
    if violation is None or not violation.state:
        return
    rules = baseline.tables.book.versions[violation.version]
    if covered(violation, rules) and not violation.passed:
        yield _passed(name, at, about, place)


def _granted(name: str, at: int, about: Sequence[Envelope], place: _Places) -> Change:
    """The decision that left it as it was, gone the other way; else one at once."""
    decided = [x for x in about if isinstance(x.fact, AppealGranted | AppealDenied)]
    full = [x for x in decided if isinstance(x.fact, AppealGranted) and x.fact.points is None]
    other = next((x for x in decided if x not in full), None)
    if other is not None and not full:
        grant = replace(other, fact=AppealGranted(name))
        return Change("granted", name, other.effective_at, frozenset({other.position}), (grant,))
    earlier = place.envelope(AppealGranted(name), at)
    return Change("granted", name, at, frozenset(x.position for x in full), (earlier,))


def _passed(name: str, at: int, about: Sequence[Envelope], place: _Places) -> Change:
    """The last answer with full marks; where there was none, study and answer at once."""
    answers = [x for x in about if isinstance(x.fact, ExamSat)]
    if answers:
        last = answers[-1]
        better = replace(last, fact=ExamSat(name, FULL_MARK))
        return Change("passed", name, last.effective_at, frozenset({last.position}), (better,))
    into = [place.envelope(ExamStudied(name), at), place.envelope(ExamSat(name, FULL_MARK), at)]
    return Change("passed", name, at, frozenset(), tuple(into))


def _earlier(e: Envelope, fact: RecoveryGranted, baseline: Replay) -> Iterator[Change]:
    """At 00:00 after its period, where it came later."""
    at = midnight(period_end(fact.period) + 1, baseline.tables.book)
    if baseline.creator.enrolled and baseline.creator.enrolled_at <= at < e.effective_at:
        moved = replace(e, effective_at=at)
        yield Change("recovered", fact.period, at, frozenset({e.position}), (moved,))


def avoid_view(found: Found) -> View:
    """What `--avoid --json` prints."""
    world = found.world
    return {
        "creator": world.creator,
        "as_of": instant(world.as_of, world.zone),
        "known_at": None if world.known_at is None else instant(world.known_at, world.zone),
        "target": said(found.target),
        "already": found.already,
        "changes_tried": len(found.changes),
        "all_sets_up_to": found.sizes,
        "sets": [
            [
                {
                    "change": change.kind,
                    "period" if change.kind == "recovered" else "violation": change.about,
                    "at": instant(change.at, world.zone),
                }
                for change in chosen
            ]
            for chosen in found.sets
        ],
    }
