"""One creator after the other, and each under several rulebooks: the way through the law.

Plain Python as the law is, over the same rows: CPython runs it on objects, and it is compiled
together with the law, with what a creator comes to (`summary`) as its last function.
"""

from __future__ import annotations  # the row classes read their own, as strings

from projections.fold.begin import begin
from projections.fold.given import Fact, MeasureRow, Sizes
from projections.fold.row import Row
from projections.fold.rules import Book
from projections.fold.state import (
    FOREVER,
    GRANTED_AS_DUE,
    GRANTED_BY_FACT,
    GRANTED_BY_RULE,
    NONE,
    RECOVERY_GRANTED,
    Creator,
)
from projections.fold.step import advance, advance_simulated, step
from projections.fold.trace import Trace
from replay.population.summary import summarise
from replay.population.told import Ear, step_told, tell_possessions, tell_standing


class Task(metaclass=Row):
    """A range of creators, the books to judge them by, and where the answers go."""

    first: int
    last: int
    base: int
    """The creator whose summary comes first."""
    as_of: int
    simulate: int
    """Recoveries are granted as they fall due, and the recorded ones left out."""
    per_fact: int
    """Whether `reasons` and `scores` are filled."""
    telling: int
    """Whether `told` is filled."""
    book_count: int
    fact_count: int
    width: int
    room: int
    """How many stops, and how many crossings, a creator has rows for."""
    creators: list[Creator]
    """One, that is used again for each."""
    facts: list[Fact]
    starts: list[int]
    sizes: list[Sizes]
    measures: list[MeasureRow]
    first_measures: list[int]
    books: list[Book]
    summaries: list[int]
    """By creator from `base` on and by book, `width` of them each."""
    reasons: list[int]
    """By book and fact, as `scores`: that of the counter it touched, after it."""
    told: list[int]
    """By creator from `base` on and by book, see `replay.population.told`."""
    nodes: list[int]
    """The names of nodes, book after book."""
    scores: list[int]


def drive(task: Task) -> int:
    """Fold the creators from `first` to before `last`: returns the one that was not folded.

    That is `last`, or one that needs more room than it has.
    """
    for number in range(task.first, task.last):
        creator = task.creators[0]
        for place in range(task.book_count):
            if not fold_creator(task, creator, number, place, None):
                return number
    return task.last


def drive_heard(task: Task) -> int:
    """The same in CPython where all is told: a trace hears it, which is compared with."""
    for number in range(task.first, task.last):
        for place in range(task.book_count):
            creator = task.creators[0]
            for violation in creator.violations:
                violation.state = NONE  # a trace looks at all of them
            if not fold_creator(task, creator, number, place, Ear(creator)):
                return number
    return task.last


def fold_creator(
    task: Task, creator: Creator, number: int, place: int, trace: Trace | None
) -> bool:
    """All facts of one creator under one book; False where there is no room for what they start."""
    law = task.books[place]
    first, last = task.starts[number], task.starts[number + 1]
    recoveries = granted(task, law)
    begin(creator, task.sizes[number], task.measures, task.first_measures[number], recoveries)
    tight = law.starts_late or law.widest * (last - first + 1) > task.room
    for i in range(first, last):
        fact = task.facts[i]
        if task.simulate and fact.kind == RECOVERY_GRANTED:
            continue
        if tight and full(creator, law, task.room):
            return False
        if task.telling:
            reason = step_told(creator, fact, law, trace)
        else:
            reason = step(creator, fact, law, trace)
        if task.per_fact:
            task.reasons[place * task.fact_count + i] = reason
            score = creator.counters[creator.touched].score
            task.scores[place * task.fact_count + i] = score
    if tight and full(creator, law, task.room):
        return False
    if recoveries:
        advance_simulated(creator, task.as_of, True, law, trace)
    advance(creator, task.as_of, law, trace)
    if task.telling:
        sizes = task.sizes[number]
        tell_standing(creator, law, task.nodes, place * law.node_count)
        tell_possessions(creator, sizes.categories, sizes.measures)
        task.told[(number - task.base) * task.book_count + place] = creator.told
    out = ((number - task.base) * task.book_count + place) * task.width
    summarise(creator, law, task.as_of, task.summaries, out)
    return True


def granted(task: Task, law: Book) -> int:
    """How recoveries come."""
    if task.simulate:
        return GRANTED_AS_DUE
    return GRANTED_BY_RULE if law.automatic else GRANTED_BY_FACT


def full(creator: Creator, law: Book, room: int) -> bool:
    """Whether one step more may start more than there are rows; see `replay.make_room`."""
    causes = 1
    if creator.next_effect < FOREVER:
        causes += creator.violation_slots
    if law.falls_back:
        causes += creator.crossings_made - creator.crossings_open
    return max(creator.stops_made, creator.crossings_made) + law.widest * causes > room
