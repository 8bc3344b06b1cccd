"""What the creators of one task come to, wherever it is worked on, and the shares put together."""

from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from ledger.errors import InputError, StoreError
from projections.archive.plan import Task
from projections.standing.question import Question
from replay.population.layout import Layout
from replay.population.study.answer import Advance, Asked, Moved, Result, add, empty
from replay.population.study.archive import SIZE, open_archive, read_group
from replay.population.study.people import Times
from replay.population.study.reforms import Reforms
from replay.population.study.tally import Moves, Tally

PROGRAM = version("penalty-ledger")
UNSAID = Layout((), (), (), (), (), 0, 0, 0, 0, 0)


class Job(NamedTuple):
    """All that a task needs beside itself; it can be pickled."""

    asked: Asked
    reforms: Reforms
    times: Times
    chosen: frozenset[str] | None
    """Creators of a sample; None for everybody."""
    program: str = PROGRAM


class Share(NamedTuple):
    """What one task comes to; it can be pickled. Shares in the order of the plan are the answer."""

    read: int
    """Creators, also those who are left out."""
    tallies: list[Tally]
    """Without their layouts."""
    moves: list[Moves]
    left_out: dict[str, int]
    elsewhere: int
    moved: list[Moved]


def plan(question: Question, asked: Asked) -> list[Task]:
    """The same tasks that threads take. Raises InputError for what takes the log itself."""
    if not asked.archive:
        raise InputError("workers elsewhere read the archive: --archive DIR|URL says where it is")
    alone = [("--check", asked.check), ("--orders", asked.orders), ("--wrongful", asked.wrongful)]
    for name, wanted in alone:
        if wanted:
            raise InputError(f"{name} reads the log itself, which only --engine threads does")
    url = asked.archive
    if "://" not in url:  # a worker stands in a directory of its own
        url = str(Path(url).absolute())
    return open_archive(url, question.log.end()).tasks(SIZE)


def share_of(job: Job, task: Task, advance: Advance = lambda _: None) -> Share:
    """One task, on one thread. Raises StoreError where its files can't be read here.

    `advance` is told 0 between some sides and others, so that it may end the work there.
    """
    if job.program != PROGRAM:
        raise StoreError(
            f"penalty-ledger is {PROGRAM} on a worker and {job.program} where the question was "
            "asked: install the same version on both"
        )
    group = read_group(task, job.asked.name, job.reforms.baseline.tables, job.times, job.chosen)
    part = empty(job.asked, job.reforms, job.times, "")
    if group.creators:
        add(None, part, group, advance)
    for tally in part.tallies:  # whoever asked has them, and they are most of the bytes
        tally.layout = UNSAID
    return Share(
        group.read, part.tallies, part.moves, group.left_out, part.elsewhere, part.moved
    )  # fmt: skip


def merge(result: Result, share: Share) -> None:
    """One share more. Their order is that of the plan, as sums of fractions hang on it."""
    for tally, more in zip(result.tallies, share.tallies, strict=True):
        tally.merge(more)
    for moves, others in zip(result.moves, share.moves, strict=True):
        moves.merge(others)
    result.left_out.update(share.left_out)
    result.elsewhere += share.elsewhere
    result.moved += share.moved
