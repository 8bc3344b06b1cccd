"""When the ledger learned what: facts that were recorded at one instant are learned together.

A lesson is a run of positions with one `recorded_at`: a page of an import, or a single fact. What
was believed in the midst of it nobody could ever ask, so that a lesson makes one change of a
creator's row. It is a function of the log alone: however a reader's pages fall, the lessons are the
same. So that they stay of a size, none goes over a multiple of `LARGEST` positions.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from msgspec import Struct

from ledger.facts.envelope import Envelope

LARGEST = 65_536


class Lesson(Struct, frozen=True):
    at: int
    """`recorded_at` of its facts."""
    facts: list[Envelope]


def key(e: Envelope) -> tuple[int, int]:
    """What the facts of one lesson have in common."""
    return e.recorded_at, (e.position - 1) // LARGEST


def lessons(facts: Sequence[Envelope]) -> Iterator[Lesson]:
    """Facts by position, cut where one lesson ends and the next begins."""
    for (at, _), group in groupby(facts, key):
        yield Lesson(at, list(group))


def whole(
    read: Callable[[int, int], list[Envelope]], position: int, limit: int
) -> tuple[list[Envelope], bool]:
    """The next facts after a position, such that no lesson is cut; and whether they reach the head.

    `read(position, limit)` gives the next facts. At least one lesson comes, however long it is.
    """
    facts = read(position, limit)
    if len(facts) < limit:
        return facts, True
    last = key(facts[-1])
    kept = len(facts)
    while kept and key(facts[kept - 1]) == last:
        kept -= 1
    if kept:
        return facts[:kept], False
    while True:
        more = read(facts[-1].position, limit)
        same = [e for e in more if key(e) == last]
        facts += same
        if len(same) < len(more) or len(more) < limit:
            return facts, len(same) == len(more)


def boundary(read: Callable[[int, int], list[Envelope]], position: int) -> int:
    """The last position at or before one at which a lesson ends."""
    following = read(position, 1)
    if not following:
        return position
    start = max(position - 1, 0) // LARGEST * LARGEST
    window = 1_000
    while position > start:
        low = max(start, position - window)
        before = [e for e in read(low, position - low) if e.position <= position]
        while before and key(before[-1]) == key(following[0]):
            before.pop()
        if before:
            return before[-1].position
        position, window = low, window * 2
    return start
