"""The way through the law for many threads at once, as a device has them: `driver` for each.

Plain Python as the law is, so that CPython and this machine can be a device's threads as well.
"""

from projections.fold.state import Creator
from replay.population.driver import Task, fold_creator


def drive_each(task: Task, left: list[int], thread: int, threads: int) -> int:
    """Fold every `threads`-th creator from `first` on: returns how many of them are left.

    `task.creators` has one for each thread. `left` is of the creators from `base` on: 0 where they
    are to be folded, and 1 afterwards where there was no room for what they start.
    """
    found = 0
    number = task.first + thread
    while number < task.last:
        if not left[number - task.base]:
            left[number - task.base] = fold_books(task, task.creators[thread], number)
        found += left[number - task.base]
        number += threads
    return found


def fold_books(task: Task, creator: Creator, number: int) -> int:
    """One creator under all books; 1 where there is no room."""
    for place in range(task.book_count):
        if not fold_creator(task, creator, number, place):
            return 1
    return 0
