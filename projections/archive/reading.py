"""An archive read: the columns of a task, with what came later."""

from collections.abc import Collection

from projections.archive import manifest as file
from projections.archive.part import Part, joined, load
from projections.archive.plan import Task
from projections.archive.schema import DETAILS, FACTS, RETRACTS

ORDER = ("creator", "version", "type", "effective_at", "violation_number")
"""Columns without which there is no order."""


def read(
    task: Task,
    facts: Collection[str] = tuple(FACTS.names),
    details: Collection[str] = tuple(DETAILS.names),
    *,
    coded: bool = False,
) -> Part:
    """The named columns of a task's creators; those that order needs are among them in any case.

    `coded` has the texts of `details` as words with codes, which costs less to work with.
    """
    wanted = [name for name in FACTS.names if name in facts or name in ORDER]
    rare = {*details, RETRACTS}
    place = file.place(task.url)
    base = [load(place, piece, wanted, rare, coded=coded) for piece in task.base]
    if not task.added:
        return Part(*joined(base))
    from projections.archive.late import merged  # what computes on columns: where it is needed

    added = [load(place, piece, wanted, rare, coded=coded) for piece in task.added]
    return merged(task, base, added)
