"""The question about everybody: each group of creators folded, added up and forgotten."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from msgspec import Struct, field

from ledger.errors import InputError
from ledger.rulebook.shelf import verify_pins
from projections.fold.state import ABSENT, FOREVER
from projections.standing.question import Question
from projections.standing.replay import DEFAULT_RULEBOOK
from projections.standing.tables import Tables
from replay.population.columns import Columns
from replay.population.engine import fold
from replay.population.layout import Layout
from replay.population.study.cases import OtherOrder, Wrongful
from replay.population.study.check import Check
from replay.population.study.people import Times, drawn
from replay.population.study.reforms import Reform, Reforms, reforms
from replay.population.study.sample import Sample
from replay.population.study.sweep import Sweep
from replay.population.study.tally import Mask, Moves, Rows, Tally
from replay.population.study.where import Condition, chosen
from replay.population.workers import Answers
from replay.whatif.scenario import Scenario

CELLS = 16 * 1024 * 1024
"""Integers of summaries that are held at a time."""


Advance = Callable[[int], object]
"""Told how many creators more were looked at; what it raises ends the work."""


class Asked(Struct, frozen=True, kw_only=True):
    """What is asked of everybody."""

    name: str = DEFAULT_RULEBOOK
    """Of the rulebook under which they are enrolled."""
    scenario: Scenario = Scenario()
    sweeps: tuple[Sweep, ...] = ()
    where: tuple[Condition, ...] = ()
    sample: int | None = None
    seed: int = 0
    threads: int | None = None
    listed: bool = False
    """Whether it is wanted who moved."""
    check: float = 0.0
    """The share of creators who are asked of CPython too."""
    orders: bool = False
    wrongful: bool = False
    archive: str = ""
    """Directory or URL of the log's archive, in place of the log itself."""
    cuda: bool = False
    """Whether a device folds."""


class Group(Protocol):
    """Some creators, and their facts."""

    creators: list[str]

    def columns(self, tables: Tables) -> Columns:
        """As a rulebook reads them."""


class Moved(NamedTuple):
    """A creator who is stopped on one side only. Scores are hundredths, of the first counter."""

    creator: str
    newly: bool
    before: int
    after: int
    features: tuple[int, ...]
    """Those that are stopped on that side, by their places in its layout."""
    until: int
    """When the last of them ends."""


class Result(Struct):
    """Sums of each side, the baseline first, and how each other one differs from it."""

    asked: Asked
    reforms: Reforms
    times: Times
    sample: Sample | None
    log_hash: str
    """Of all facts up to the last position that counts."""
    tallies: list[Tally] = field(default_factory=list)
    moves: list[Moves] = field(default_factory=list)
    """Of each side but the baseline."""
    left_out: Counter[str] = field(default_factory=Counter)
    """{rulebook: creators who are enrolled under it}."""
    elsewhere: int = 0
    """Creators who do not meet the conditions."""
    moved: list[Moved] = field(default_factory=list)
    check: Check | None = None
    orders: OtherOrder | None = None
    wrongful: Wrongful | None = None

    @property
    def baseline(self) -> Tally:
        return self.tallies[0]

    @property
    def other(self) -> Tally | None:
        """The side of the scenario."""
        return self.tallies[1] if self.reforms.other else None

    @property
    def swept(self) -> list[tuple[Reform, Tally, Moves]]:
        """Each point of a sweep."""
        n = len(self.reforms.swept)
        if not n:
            return []
        return list(zip(self.reforms.swept, self.tallies[-n:], self.moves[-n:], strict=True))


def empty(asked: Asked, made: Reforms, times: Times, log_hash: str) -> Result:
    """Nobody so far."""
    result = Result(asked, made, times, None, log_hash)
    result.tallies = [Tally(each.layout, times.as_of) for each in made.every]
    result.moves = [Moves() for _ in made.every[1:]]
    return result


def prepare(question: Question, asked: Asked) -> Result:
    """All that can be refused is refused here, before anybody is looked at.

    Raises InputError for what can't be asked, RulebookError for rules that can't be.
    """
    if asked.check and not 0 < asked.check <= 1:  # which no number says of itself that is none
        raise InputError(f"check {asked.check}: a share of everybody is needed, up to 1")
    known_at = FOREVER
    if question.known_at is not None:
        newest = question.shelf.versions(asked.name, drafts=True)[-1]
        known_at = question.known_at.instant(newest.zone)
    made = reforms(asked.name, question.shelf_at(known_at), asked.scenario, asked.sweeps)
    verify_pins(made.baseline.rulebooks, question.log.pins(), by="was pinned in this ledger")
    layout = made.baseline.layout
    chosen(asked.where, np.zeros((0, layout.width), np.int64), layout)
    zone = made.baseline.rulebooks[-1].zone
    as_of = question.now if question.as_of is None else question.as_of.instant(zone)
    end = question.log.end()
    result = empty(asked, made, Times(as_of, known_at, end.position), end.hash.hex())
    if asked.archive:
        from replay.population.study.archive import open_archive

        open_archive(asked.archive, end)
    result.check = Check(asked.check) if asked.check else None
    result.orders = OtherOrder() if asked.orders else None
    result.wrongful = Wrongful() if asked.wrongful else None
    return result


def creators(question: Question, result: Result) -> list[str] | None:
    """Those of a sample; None where everybody is asked about."""
    if result.asked.sample is None:
        return None
    total = sum(1 for _ in question.creators())
    names = drawn(question.creators(), result.asked.sample, result.asked.seed)
    result.sample = Sample(len(names), total, result.asked.seed)
    return names


def whole(result: Result) -> Result:
    """When everybody was added. Raises InputError where nobody was."""
    result.moved.sort()
    _refuse_nobody(result)
    return result


def add(
    question: Question | None, result: Result, group: Group, advance: Advance = lambda _: None
) -> None:
    """One group to all sums: the baseline says who they are, the other sides what they come to.

    The question's log is for what is asked of creators one by one; without it, that is left out.
    Of some sides after the others: `advance` is told 0 between, so that it may end the work there.
    """
    every, asked = result.reforms.every, result.asked
    base, batches = every[0], list(_batches(every, len(group.creators)))
    if asked.where and len(batches[0]) > 1:
        batches[:1] = [[0], batches[0][1:]]  # not everybody is to be folded under all of them
    columns = group.columns(base.tables)
    sides = _fold(result, columns, [every[n] for n in batches[0]])
    mask = chosen(asked.where, sides[:, 0], base.layout)
    result.elsewhere += int((~mask).sum())
    if not mask.any():
        return
    names = group.creators
    if not mask.all():
        names = [name for name, kept in zip(names, mask.tolist(), strict=True) if kept]
        sides, columns = sides[mask], of_some(columns, mask)
    before = _by_column(sides, 0)
    result.tallies[0].add(before)
    if question:
        _one_by_one(question, result, names, columns)
        _check(question, result, names, base, before)
    for numbers in batches:
        if numbers is not batches[0]:
            advance(0)
            first = every[numbers[0]]
            alike = first.reads_as(base)
            read = columns if alike else of_some(group.columns(first.tables), mask)
            sides = _fold(result, read, [every[n] for n in numbers])
        for place, number in enumerate(numbers):
            if number:
                _compare(result, number, names, before, _by_column(sides, place))
                if question:
                    _check(question, result, names, every[number], sides[:, place])


def _by_column(sides: Rows, place: int) -> Rows:
    """One side, column after column in memory, as it is summed up."""
    return np.asfortranarray(sides[:, place])


def _compare(result: Result, number: int, names: Sequence[str], before: Rows, after: Rows) -> None:
    """One side beside the baseline."""
    every = result.reforms.every
    result.tallies[number].add(after)
    moves = result.moves[number - 1]
    masks = moves.add(before, after, every[0].layout, every[number].layout)
    if result.asked.listed and every[number] is result.reforms.other:
        layouts = every[0].layout, every[number].layout
        result.moved += _moved(names, (before, after), layouts, masks)


def _batches(every: Sequence[Reform], creators: int) -> Iterator[list[int]]:
    """All sides, together those that one pass can do, as many as there is room for their summaries.

    The baseline is the first of the first.
    """
    most = max(CELLS // (max(creators, 1) * every[0].layout.width), 1)
    left = list(range(len(every)))
    while left:
        first = every[left[0]]
        alike = [n for n in left if _together(first, every[n])][:most]
        left = [n for n in left if n not in alike]
        yield alike


def _together(one: Reform, other: Reform) -> bool:
    return one.simulate == other.simulate and one.reads_as(other)


def _fold(result: Result, columns: Columns, sides: Sequence[Reform]) -> Rows:
    """Summaries of all creators of some columns: (creators, sides, width)."""
    who: Callable[..., Answers] = fold
    if result.asked.cuda:
        from replay.population import device

        who = device.fold
    return who(
        columns,
        [side.tables for side in sides],
        as_of=result.times.as_of,
        simulate=sides[0].simulate,
        threads=result.asked.threads,
    ).summaries


def of_some(columns: Columns, chosen: Mask) -> Columns:
    """Of some creators only."""
    return columns if chosen.all() else columns.some(np.flatnonzero(chosen))


def _one_by_one(question: Question, result: Result, names: Sequence[str], columns: Columns) -> None:
    """Questions to those alone whose facts can have an answer."""
    for cases in (result.orders, result.wrongful):
        if cases is not None:
            for n in np.flatnonzero(cases.may(columns)).tolist():
                cases.visit(question, names[n])


def _check(
    question: Question, result: Result, names: Sequence[str], side: Reform, rows: Rows
) -> None:
    """Those of the sample, under one set of rules."""
    check, times = result.check, result.times
    if check is None:
        return
    for name, row in zip(names, rows, strict=True):
        if check.takes(name):
            facts = [e for e in question.log.stream(name) if e.position <= times.until]
            check.compare(name, facts, times, side, row)
            check.creators += side is result.reforms.baseline


def _moved(
    names: Sequence[str],
    sides: tuple[Rows, Rows],
    layouts: tuple[Layout, Layout],
    masks: tuple[Mask, Mask],
) -> Iterator[Moved]:
    newly, freed = masks
    scores = [rows[:, at.scores][:, 0] for rows, at in zip(sides, layouts, strict=True)]
    until = [rows[:, at.until] for rows, at in zip(sides, layouts, strict=True)]
    for n in np.flatnonzero(newly | freed).tolist():
        ends = until[bool(newly[n])][n]
        yield Moved(
            names[n],
            bool(newly[n]),
            int(scores[0][n]),
            int(scores[1][n]),
            tuple(np.flatnonzero(ends != ABSENT).tolist()),
            int(ends.max()),
        )


def _refuse_nobody(result: Result) -> None:
    asked = result.asked
    if result.baseline.creators:
        return
    if result.elsewhere:
        said = " and ".join(map(str, asked.where)) or "enrolled"
        raise InputError(f"of {result.elsewhere:,} creators nobody is {said}")
    others = ", ".join(f"{name} ({n:,})" for name, n in sorted(result.left_out.items()))
    hint = f"; there are creators of {others}: --of says whose" if others else ""
    raise InputError(f"nobody is enrolled under {asked.name}{hint}")
