"""What a read model should hold and have published, by the log alone, and how far it is from it."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from msgspec import json
from readmodels.logs import Clock, by_creator, carry, followed, opened

from projections.readmodels.follower import GRACE
from projections.readmodels.memory import MemoryTarget
from projections.readmodels.target import Change, Target
from projections.readmodels.watch import drift

ALL = 10**9
"""Changes of all facts are published."""
Seen = dict[tuple[str, str], bytes]


class Verdict(NamedTuple):
    lost: int = 0
    """Changes that follow from the log and are not in the feed."""
    duplicated: int = 0
    """Changes that are in the feed once more."""
    drifted: int = 0
    """Rows, indexes, counts and changes that are otherwise than a replay has them."""
    why: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        return not (self.lost or self.duplicated or self.drifted)


def judge(db: str, target: Target, feed: Sequence[Change], seen: Seen) -> Verdict:
    """Compare a target that nobody moves with a replay at its checkpoint.

    `seen` is what a consumer was told before, by creator and id: told again it must read the same.
    """
    with opened(db) as source:
        (live,) = (g for g in target.generations() if g.live)
        expected = MemoryTarget()
        clock = Clock(live.checkpoint.clock + GRACE)
        carry(followed(source, expected, clock, feed=ALL))
        found = drift.check(source, target, live)
    wanted, held = by_creator(expected.feed), by_creator(feed)
    lost = duplicated = 0
    why = [f"{c}: {parts} differ" for c, parts in found.differs.items()]
    why += [f"count of {k}: {pair}" for k, pair in found.totals.items()]
    if not found.counted:
        why.append("the counts were not compared")
    why += [f"{c}, {id_}: told again otherwise" for c, id_ in again(feed, seen)]
    for creator in wanted.keys() | held.keys():
        told, due = held.get(creator, []), wanted.get(creator, [])
        ids, needed = Counter(c.id for c in told), Counter(c.id for c in due)
        lost += len(needed - ids)
        duplicated += (ids - Counter(ids.keys())).total()
        why += [f"{creator}, {id_}: nobody should have been told" for id_ in ids - needed]
        why += [f"{creator}, {c.id}: differs" for c in due if c not in told and c.id in ids]
        why += [f"{creator}, {b}: does not begin where {a} ended" for a, b in broken(told)]
    return Verdict(lost, duplicated, len(why), tuple(why[:10]))


def again(feed: Sequence[Change], seen: Seen) -> list[tuple[str, str]]:
    """Changes that read otherwise than when they were seen; all have been seen now."""
    keys = [(c.creator, c.id) for c in feed]
    changed = [key for key, c in zip(keys, feed, strict=True) if seen.get(key, c.event) != c.event]
    seen.update(zip(keys, (c.event for c in feed), strict=True))
    return changed


def broken(changes: Sequence[Change]) -> list[tuple[str, str]]:
    """Neighbours in one creator's feed of which the later has another old standing."""
    read = [(c.id, json.decode(c.event)["data"]) for c in changes]
    return [(a, b) for (a, one), (b, two) in pairwise(read) if one["new"] != two["old"]]
