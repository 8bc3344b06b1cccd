"""What a fact would come to if it took effect now: ruled on a copy, the replay stays as it is."""

from collections.abc import Iterable

from projections.fold.given import Fact
from projections.fold.state import APPLIED, Creator
from projections.fold.step import advance, rule
from projections.standing.borrowed import borrowed
from projections.standing.replay import Replay, make_room


def supposed(replay: Replay, facts: Iterable[Fact]) -> tuple[Creator, int]:
    """The creator had these facts been the last ones, and the reason of the last of them (0: none).

    All are of the replay's instant, and come after what is recorded.
    """
    creator, book = borrowed(replay.creator), replay.tables.book
    reason = APPLIED
    for fact in facts:
        make_room(creator, book)
        reason = rule(creator, fact, book, None)
    advance(creator, replay.as_of, book, None)
    return creator, reason
