"""Everybody under several rulebooks, in one pass."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.fold.given import Fact, MeasureRow, Sizes
from projections.fold.state import Creator
from projections.standing.history import with_rows
from projections.standing.replay import add_rows
from projections.standing.tables import Tables
from replay.population.columns import Columns, objects
from replay.population.driver import Task, drive
from replay.population.summary import width


class Answers(NamedTuple):
    summaries: NDArray[np.int64]
    """(creators, books, width): what each creator comes to under each book, see `summary`."""
    reasons: NDArray[np.int64]
    """(books, facts), as `scores`; without facts where nothing per fact was asked for."""
    scores: NDArray[np.int64]
    """Of the counter that the fact touched, after it, in hundredths."""


def fold(
    columns: Columns,
    books: Sequence[Tables],
    *,
    as_of: int,
    simulate: bool = False,
    per_fact: bool = False,
    threads: int | None = None,  # noqa: ARG001  interpreted there is one
) -> Answers:
    """Fold every creator of `columns` under each book, up to and including the instant `as_of`.

    `simulate` grants recoveries as they fall due and leaves the recorded ones out. `per_fact` asks
    for the reason and the score of every fact beside the summaries. `threads` is as many as there
    are cores where it is left out. The books must read facts alike, see `Columns`.
    """
    answers = _room(columns, books, per_fact)
    task = _task(columns, books, answers)
    task.as_of, task.simulate, task.per_fact = as_of, int(simulate), int(per_fact)
    task.facts = objects(Fact, columns.facts)
    task.sizes = objects(Sizes, columns.sizes)
    task.measures = objects(MeasureRow, columns.measures)
    task.books = [tables.book for tables in books]
    task.creators = [_creator(task.sizes, 64)]
    task.creator_count, task.room = 1, 64
    while task.first < task.last:
        task.first = drive(task)
        add_rows(task.creators[0], task.room)
        task.room *= 2
    return answers


def _room(columns: Columns, books: Sequence[Tables], per_fact: bool) -> Answers:
    facts = len(columns.facts) if per_fact else 0
    return Answers(
        np.zeros((len(columns), len(books), width(books[0].book)), np.int64),
        np.zeros((len(books), facts), np.int64),
        np.zeros((len(books), facts), np.int64),
    )


def _task(columns: Columns, books: Sequence[Tables], answers: Answers) -> Any:
    task = Task()
    task.first, task.last = 0, len(columns)
    task.book_count, task.fact_count = len(books), len(columns.facts)
    task.width = answers.summaries.shape[2]
    task.starts = columns.starts.tolist()
    task.first_measures = columns.first_measures.tolist()
    views: Any = [array.reshape(-1) for array in answers]
    task.summaries, task.reasons, task.scores = views
    return task


def _creator(sizes: list[Sizes], room: int) -> Creator:
    names = Sizes.__annotations__
    most = {name: max((getattr(size, name) for size in sizes), default=0) for name in names}
    creator = with_rows(Sizes(**most))
    creator.stops_made = creator.crossings_made = 0
    add_rows(creator, room)
    return creator
