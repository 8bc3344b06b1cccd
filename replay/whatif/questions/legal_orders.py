"""Legal orders: nothing before its violation is found, the steps of a procedure in their order.

All of them where so many looks are enough; else some, drawn at random from the same seed.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, islice
from random import Random

from msgspec import Struct

from ledger.facts.envelope import Envelope, replay_order
from ledger.facts.types import (
    AppealDenied,
    AppealGranted,
    AppealLodged,
    ExamAbandoned,
    ExamInvited,
    ExamSat,
    ExamStudied,
    Fact,
    ViolationFound,
)
from replay.whatif.world import World

EXACT = 7
DRAWN, SEED = 1000, 0
"""How many orders are drawn where there are too many, and from where the drawing starts."""
EFFORT = 800_000
"""How many facts are replayed at most; for up to `EXACT` facts of a set, ten times that."""
LOOKS = 5_000_000
"""At how many facts is looked, at most, to see whether there are too many orders."""
PROCEDURE: dict[type[Fact], str] = {
    AppealLodged: "appeal",
    AppealGranted: "appeal",
    AppealDenied: "appeal",
    ExamInvited: "exam",
    ExamStudied: "exam",
    ExamSat: "exam",
    ExamAbandoned: "exam",
}
Order = tuple[int, ...]
"""The facts of the set by number, as they come."""


def legal(world: World, facts: Sequence[Envelope]) -> tuple[list[Order], bool]:
    """All legal orders, the one on record first; or some of them, and then True."""
    limits, size = _limits(world, facts), len(facts)
    most = EFFORT // len(world.facts)
    most = 10 * most if size <= EXACT else min(most, DRAWN, LOOKS * 10 // size**2)
    search = _Search(facts, limits, LOOKS)
    every = list(islice(_distinct(search.orders(), facts), max(most, 1) + 1))
    if len(every) <= max(most, 1) and search.left > 0:
        return every, False
    random = Random(SEED)  # noqa: S311  nobody's secret: the same orders every time
    attempts = (
        order
        for _ in range(2 * most)
        for order in islice(_Search(facts, limits, 2 * size**2, random).orders(), 1)
    )
    return list(islice(_distinct(attempts, facts), most)) or every[:1], True


class _Limits(Struct):
    """When a fact of the set may be, and which others of the set come before it."""

    earliest: int = 0
    latest: int = 2**63
    after: frozenset[int] = frozenset()


def _limits(world: World, facts: Sequence[Envelope]) -> list[_Limits]:
    """By what the record has about the same violation."""
    number = {e.position: i for i, e in enumerate(facts)}
    found: dict[str, int] = {}
    of: dict[tuple[str, str], list[Envelope]] = {}
    for e in replay_order(world.counting()):
        if isinstance(e.fact, ViolationFound):
            found.setdefault(e.fact.violation, e.effective_at)
        elif procedure := PROCEDURE.get(type(e.fact)):
            of.setdefault((e.fact.violation, procedure), []).append(e)  # type: ignore[attr-defined]
    made = [_Limits() for _ in facts]
    for i, e in enumerate(facts):
        name = getattr(e.fact, "violation", "")
        if not isinstance(e.fact, ViolationFound) and e.effective_at >= found.get(name, 2**63):
            made[i].earliest = found[name]
    for steps in of.values():
        for before, after in combinations(steps, 2):
            first, then = number.get(before.position), number.get(after.position)
            if first is not None and then is not None:
                made[then].after |= {first}
            elif then is not None:
                made[then].earliest = max(made[then].earliest, before.effective_at)
            elif first is not None:
                made[first].latest = min(made[first].latest, after.effective_at)
    return made


class _Search(Struct):
    """Orders, found one fact after the other; given up when it has looked at too many."""

    facts: Sequence[Envelope]
    limits: Sequence[_Limits]
    left: int
    """At how many facts it may still look."""
    random: Random | None = None

    def orders(self) -> Iterator[Order]:
        """Each legal one, by the numbers of the facts; at random the first of them is."""
        order: list[int] = []
        ways = [iter(self._next(order))]
        while ways:
            if (number := next(ways[-1], None)) is None:
                ways.pop()
                order = order[:-1]
            elif len(order) + 1 == len(self.facts):
                yield (*order, number)
            else:
                order = [*order, number]
                ways.append(iter(self._next(order)))

    def _next(self, order: Sequence[int]) -> list[int]:
        """What may stand after a beginning; nothing where some fact would come too late."""
        at, placed = self.facts[len(order)].effective_at, frozenset(order)
        left = [i for i in range(len(self.facts)) if i not in placed]
        self.left -= len(left)
        if self.left <= 0 or any(self.limits[i].latest < at for i in left):
            return []
        if self.random is not None:
            self.random.shuffle(left)
        return [i for i in left if self.limits[i].earliest <= at and self.limits[i].after <= placed]


def _distinct(found: Iterable[Order], facts: Sequence[Envelope]) -> Iterator[Order]:
    """Without those that only exchange facts of one instant."""
    instants = [e.effective_at for e in facts]
    seen: set[tuple[int, ...]] = set()
    for order in found:
        at = [0] * len(order)
        for slot, number in enumerate(order):
            at[number] = instants[slot]
        if tuple(at) not in seen:
            seen.add(tuple(at))
            yield order
