"""The way through the law for many threads at once, as a device has them: `driver` for each.

Plain Python as the law is, so that CPython and this machine can be a device's threads as well.
"""

from projections.fold.state import Creator
from replay.population.driver import Task, fold_creator


def drive_each(task: Task, left: list[int], thread: int, threads: int) -> int:
    """Fold every `threads`-th creator: returns how many of them are left.

    `task.creators` has one for each thread. `left` says of each creator: 0, to be folded; 1, not
    here, as afterwards where there was no room for what they start.
    """
    found = 0
    number = thread
    while number < task.last:
        if not left[number]:
            left[number] = fold_books(task, task.creators[thread], number)
        found += left[number]
        number += threads
    return found


def fold_books(task: Task, creator: Creator, number: int) -> int:
    """One creator under all books; 1 where there is no room."""
    for place in range(task.book_count):
        if not fold_creator(task, creator, number, place, None):
            return 1
    return 0
