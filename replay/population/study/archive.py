"""Everybody in an archive of the log: read ahead, task after task, as rows for the fold."""

from collections import Counter, deque
from collections.abc import Callable, Container, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

import numpy as np

from ledger.errors import StoreError
from ledger.log.bond import Mark
from projections.archive.part import Part, whole
from projections.archive.plan import Archive, Task
from projections.fold.state import (
    CREATOR_ENROLLED,
    FACT_RETRACTED,
    FOREVER,
    KINDS,
    RULEBOOK_ADOPTED,
)
from projections.standing.replay import DEFAULT_RULEBOOK
from projections.standing.tables import Tables
from replay.population.archived import columns, load
from replay.population.columns import Columns
from replay.population.study.people import Times
from replay.population.study.tally import Mask, Rows

Made = TypeVar("Made")
SIZE = 200_000
"""Facts that are read at a time, at least: a row group, as its columns lie in one piece each."""


def open_archive(url: str, end: Mark) -> Archive:
    """Raises StoreError where there is none, or it is not of the log as that ends."""
    archive = Archive.open(url)
    log, shown = archive.manifest.log, archive.place.shown
    if log.position < end.position:
        raise StoreError(
            f"{shown!r} has the log up to position {log.position:,} of {end.position:,}: "
            "`project --parquet` brings it up"
        )
    if log.position > end.position or log.hash != end.hash.hex():
        raise StoreError(
            f"{shown!r} is of another log, or of this one before it was restored from an older "
            "copy: `project --parquet` into an empty directory makes one of this log"
        )
    return archive


class ArchivedGroup:
    """The creators of a task who are enrolled under a rulebook; the others are counted."""

    def __init__(self, part: Part, name: str, times: Times, chosen: Container[str] | None) -> None:
        self._part, self._times = part, times
        names = part.names.to_pylist()
        self.read = len(names)
        enrolled, known = _enrolments(part, times.known_at)
        if chosen is not None:
            known &= np.array([each in chosen for each in names], np.bool_)
        self._mask: Mask = known & (enrolled == name)
        self.creators, self.left_out = names, Counter[str]()
        if not self._mask.all():
            self.creators = [names[n] for n in np.flatnonzero(self._mask).tolist()]
            self.left_out.update(enrolled[known & ~self._mask].tolist())

    def prepare(self, tables: Tables) -> "ArchivedGroup":
        """The first rulebook's reading, made where others wait for nothing."""
        self._ready = tables, self._read(tables)
        return self

    def columns(self, tables: Tables) -> Columns:
        """As a rulebook reads them."""
        ready, made = self._ready
        return made if ready is tables else self._read(tables)

    def _read(self, tables: Tables) -> Columns:
        times = self._times
        made = columns(self._part, tables, as_of=times.as_of, known_at=known(times))
        return made if self._mask.all() else made.some(np.flatnonzero(self._mask))


def known(times: Times) -> int | None:
    """None where all that is recorded counts: then nobody asks when that was."""
    return None if times.known_at >= FOREVER else times.known_at


def _enrolments(
    part: Part, known_at: int
) -> tuple[np.ndarray[tuple[int], np.dtype[np.object_]], Mask]:
    """By creator: the rulebook of the first enrolment, and whether something was known at all."""
    enrolled = np.full(len(part.names), DEFAULT_RULEBOOK, object)
    given = part.given.get(KINDS[CREATOR_ENROLLED])
    if given is not None and "rulebook" in given.table.column_names:
        words = np.full(len(part.facts), None, object)
        words[given.rows] = whole(given.table, "rulebook").to_pylist()
        rows, starts = part.order(known_at=known_at)
        places = np.flatnonzero(part.kinds[rows] == CREATOR_ENROLLED)
        whose = np.searchsorted(starts, places, side="right") - 1
        firsts, first = np.unique(whose, return_index=True)
        said = words[rows[places[first]]]
        enrolled[firsts] = np.where(said == None, DEFAULT_RULEBOOK, said)  # noqa: E711  by row
    return enrolled, _known(part, known_at)


def _known(part: Part, known_at: int) -> Mask:
    """Of whom there was a fact that is not about a rulebook of that name."""
    first, last = part.first, part.last
    codes, types = part.coded("type")
    about = [code for code, type_ in enumerate(types) if type_ == KINDS[RULEBOOK_ADOPTED]]
    if known_at >= FOREVER and not any((codes == code).any() for code in about):
        return np.asarray(last > first)
    kinds = part.kinds
    if known_at < FOREVER:
        rows, starts = part.order(known_at=known_at, keep=True)
        kinds, first, last = kinds[rows], starts[:-1], starts[1:]
    about_rulebooks = kinds == RULEBOOK_ADOPTED
    own = ~about_rulebooks & (kinds != FACT_RETRACTED)
    has, adopted = (some(each, first, last) for each in (own, about_rulebooks))
    return np.asarray(has | ((last > first) & ~adopted))


def some(rows: Mask, first: Rows, last: Rows) -> Mask:
    """Which of the stretches has such a row."""
    sums = np.concatenate([[0], np.cumsum(rows)])
    return np.asarray(sums[last] > sums[first])


def read_group(
    task: Task, name: str, tables: Tables, times: Times, chosen: Container[str] | None
) -> ArchivedGroup:
    """The creators of one task, as `tables` read them."""
    part = load(task, known_at=known(times))
    return ArchivedGroup(part, name, times, chosen).prepare(tables)


def archived_groups(
    archive: Archive,
    asked: tuple[str, Tables, int],
    times: Times,
    chosen: Container[str] | None,
    left_out: Counter[str],
) -> Iterator[tuple[int, ArchivedGroup]]:
    """As `people.groups`, out of the archive; `asked` has the rulebook, its tables, and threads."""
    name, tables, threads = asked

    def read(task: Task) -> ArchivedGroup:
        return read_group(task, name, tables, times, chosen)

    for group in ahead(read, archive.tasks(SIZE), threads):
        left_out.update(group.left_out)
        yield group.read, group


def ahead(make: Callable[[Task], Made], tasks: Iterable[Task], threads: int) -> Iterator[Made]:
    """In order, while the next ones are made."""
    rest = iter(tasks)
    with ThreadPoolExecutor(threads) as pool:
        waiting = deque(pool.submit(make, task) for task in islice(rest, threads + 1))
        while waiting:
            made = waiting.popleft().result()
            waiting.extend(pool.submit(make, task) for task in islice(rest, 1))
            yield made
