"""What a read model lacks of what the ledger says by now, one sentence each; none, and it is whole.

A runner that is at work is always a moment behind, so what it may be just about to take in is
looked at again for as long as that takes.
"""

import time
from collections.abc import Iterator

from ledger.text import safe
from projections.readmodels.follower import CREATORS
from projections.readmodels.rows import moment
from projections.readmodels.source import Source
from projections.readmodels.target import BUILDING, Generation, Target

MOMENT = 1.0
"""Seconds: no runner that is at work is later than that."""
NAMED = 3
"""Creators that a sentence names."""
OTHER_LAW = (
    "rows are by other rulebooks, or another version of the program, than are here: "
    "`project` judges them anew"
)


def shortfalls(source: Source, target: Target, head: int | None = None) -> list[str]:
    """Of the live rows, and of the feed. `head`: more of the ledger was not asked for."""
    began = time.time()
    head = source.log.head() if head is None else head
    while True:
        live = live_of(target)
        if live is None:
            return ["no read model is live: `project` makes one"]
        if other := another_log(source, live):
            return [other]
        late = [*_behind(live, head), *_overdue(target, live, began - MOMENT)]
        if not late or time.time() > began + MOMENT:
            break
        time.sleep(MOMENT / 20)
    return [*late, *_law(source, live), *_parked(target, live), *target.losses()]


def live_of(target: Target) -> Generation | None:
    return next((g for g in target.generations() if g.live), None)


def another_log(source: Source, generation: Generation) -> str:
    """How the log is another than the one that rows were made from; empty if it is that one."""
    mark = generation.checkpoint
    if not mark.position or mark.log == source.mark(mark.position):
        return ""
    if mark.position > (head := source.log.head()):
        return f"has facts up to position {mark.position:,}, the log ends at {head:,}"
    return "was made from another log"


def foreign(source: Source, live: Generation) -> str:
    """Why rows, however new, may say other than a replay here; empty if they can't."""
    return another_log(source, live) or (OTHER_LAW if _other_law(source, live) else "")


def _behind(live: Generation, head: int) -> Iterator[str]:
    mark = live.checkpoint
    if (facts := head - mark.position) > 0:
        yield (
            f"the rows are {facts:,} facts behind the ledger: they hold it up to position "
            f"{mark.position:,}, it ends at {head:,}"
        )


def _overdue(target: Target, live: Generation, until: float) -> Iterator[str]:
    if due := target.due(live.number, int(until * 1e6), CREATORS):
        number = f"{CREATORS:,} or more" if len(due) == CREATORS else f"{len(due):,}"
        at = moment(live.checkpoint.clock).isoformat()
        yield (
            f"time is taken in up to {at}: what fell due since is not in the rows of {number} "
            "creators"
        )


def _law(source: Source, live: Generation) -> Iterator[str]:
    source.rules_of(live.checkpoint.position)
    if _other_law(source, live):
        yield OTHER_LAW


def _other_law(source: Source, live: Generation) -> bool:
    mark = live.checkpoint
    return mark.phase == BUILDING or bool(mark.sweep) or mark.law != source.law()


def _parked(target: Target, live: Generation) -> Iterator[str]:
    if parked := target.parked(live.number):
        named = [f"{safe(creator)} ({safe(why)})" for creator, why in parked.items()]
        more = f" and {len(parked) - NAMED:,} more" if len(parked) > NAMED else ""
        yield f"{len(parked):,} creators can't be judged: {', '.join(named[:NAMED])}{more}"
