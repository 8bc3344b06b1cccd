"""Creators of the archive as the rows that the fold reads, as `standing.history` builds them."""

from ledger.facts.envelope import known, replay_order
from projections.archive.envelopes import envelopes
from projections.archive.reading import Part, Task, read
from projections.fold.state import FOREVER
from projections.standing.history import build
from projections.standing.tables import Tables
from replay.population.columns import Columns


def load(task: Task, *, known_at: int | None = None) -> Part:  # noqa: ARG001  all is read yet
    """What `columns` needs of a task. Several rulebooks may read one part."""
    return read(task)


def columns(
    part: Part, tables: Tables, *, as_of: int = FOREVER, known_at: int | None = None
) -> Columns:
    """Rows of all creators of a part, in the order of `part.names`, as a rulebook reads them.

    Facts with an effect up to `as_of`, as known at `known_at` (None: all that is recorded). A
    creator of whom nothing was known by then, or nothing is in effect, has no facts.
    """
    histories = []
    for facts in envelopes(part):
        kept, retracted, by_id = known(facts, known_at)
        listed = replay_order(kept, retracted, as_of)
        ruled = [e for e in listed if e.position not in retracted]
        histories.append(build(ruled, tables, by_id))
    return Columns(histories, tables)
