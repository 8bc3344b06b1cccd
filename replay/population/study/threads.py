"""The question about everybody, answered by the threads of this machine.

Out of an archive each thread takes a task from its files to its sums, as a worker elsewhere would;
what is asked of the log itself, creator by creator, is asked here.
"""

import os
from collections.abc import Iterator

from msgspec.structs import replace

from projections.standing.question import Question
from replay.population.study.answer import (
    Advance,
    Asked,
    Group,
    Result,
    add,
    creators,
    prepare,
    whole,
)
from replay.population.study.archive import SIZE, ahead, archived_groups, open_archive
from replay.population.study.people import groups
from replay.population.study.shares import Job, merge, share_of


def answer(question: Question, asked: Asked, advance: Advance = lambda _: None) -> Result:
    """Raises as `prepare`, and InputError where nobody is left to ask about."""
    result = prepare(question, asked)
    advance(0)
    names = creators(question, result)
    if asked.archive and not (result.check or result.orders or result.wrongful):
        _by_task(question, result, names, advance)
        return whole(result)
    for read, group in _groups(question, result, names):
        if group.creators:
            add(question, result, group, advance)
        advance(read)
    return whole(result)


def _by_task(question: Question, result: Result, names: list[str] | None, advance: Advance) -> None:
    asked = result.asked
    chosen = None if names is None else frozenset(names)
    job = Job(replace(asked, threads=1), result.reforms, result.times, chosen)
    tasks = open_archive(asked.archive, question.log.end()).tasks(SIZE)
    for share in ahead(lambda task: share_of(job, task, advance), tasks, _threads(asked)):
        merge(result, share)
        advance(share.read)


def _threads(asked: Asked) -> int:
    return asked.threads or len(os.sched_getaffinity(0))


def _groups(
    question: Question, result: Result, names: list[str] | None
) -> Iterator[tuple[int, Group]]:
    """Out of the log, or of its archive."""
    asked, times, left_out = result.asked, result.times, result.left_out
    if not asked.archive:
        everybody = question.creators() if names is None else iter(names)
        yield from groups(question, asked.name, times, everybody, left_out)
        return
    archive = open_archive(asked.archive, question.log.end())
    chosen = None if names is None else frozenset(names)
    reading = asked.name, result.reforms.baseline.tables, _threads(asked)
    yield from archived_groups(archive, reading, times, chosen, left_out)
