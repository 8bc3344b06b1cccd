"""What a creator comes to, as a row of integers: a function as those of the law."""

from projections.fold.rules import Book
from projections.fold.state import Creator


def width(law: Book) -> int:
    """How many integers a row has."""
    return law.versions[0].counter_count


def summarise(
    creator: Creator,
    law: Book,
    as_of: int,  # noqa: ARG001  nothing of the row depends on it yet
    out: list[int],
    first: int,
) -> None:
    """Fill `out[first:first + width]`: the score of each counter as of an instant."""
    for i in range(law.versions[0].counter_count):
        out[first + i] = creator.counters[i].score
