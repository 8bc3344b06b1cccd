"""In which order it would have mattered: every legal order of some facts, by what comes out.

The facts of a set exchange the instants that the set occupies; all others stay where they are. An
order is legal where nothing comes before its violation is found, and where the steps of one appeal,
and of one exam, keep theirs. Up to `EXACT` facts every order is replayed; of more, some are drawn.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, islice
from random import Random
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ledger.errors import InputError
from ledger.facts.envelope import Envelope, replay_order
from ledger.facts.forms import write_instant
from ledger.facts.types import (
    TYPE_NAME,
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
from ledger.text import safe
from projections.explain.explanation import Explainer
from projections.fold.state import NONE
from projections.standing.naming import naming
from projections.standing.replay import Replay
from projections.standing.writing import instant, points
from projections.views.windows import open_windows
from replay.whatif.outcome import Outcome, outcome
from replay.whatif.query import Query
from replay.whatif.scenario import Add
from replay.whatif.world import World

EXACT = 7
DRAWN, SEED = 1000, 0
"""How many orders are drawn where there are too many, and from where the drawing starts."""
EXAMPLES = 5
SECOND = 1_000_000
DECISIONS = (AppealGranted, AppealDenied, ExamSat)
PROCEDURE: dict[type[Fact], str] = {
    AppealLodged: "appeal",
    AppealGranted: "appeal",
    AppealDenied: "appeal",
    ExamInvited: "exam",
    ExamStudied: "exam",
    ExamSat: "exam",
    ExamAbandoned: "exam",
}
View = dict[str, Any]
Order = tuple[int, ...]
"""The facts of the set by number, as they come."""


class Group(Struct):
    """The orders that come to the same, by the ways there."""

    outcome: Outcome
    ways: list[list[Order]]
    """Each the orders in which the violations end alike: which exams counted, what was restored."""

    @property
    def orders(self) -> list[Order]:
        return [order for way in self.ways for order in way]


class Orders(Struct):
    """The set, the instants that it occupies, and the orders by outcome; most orders first."""

    world: World
    """With the facts that are not decided yet as if they were."""
    facts: list[Envelope]
    supposed: int
    """How many of them, the last ones, are not recorded."""
    groups: list[Group]
    drawn: bool
    """Not all, but as many as were drawn."""

    @property
    def instants(self) -> list[int]:
        return [e.effective_at for e in self.facts]

    @property
    def total(self) -> int:
        return sum(len(group.orders) for group in self.groups)

    def replay(self, order: Order, *, rulings: bool = False) -> Replay:
        """The whole history with the set in an order."""
        return _ordered(self.world, self.facts, order).replay(rulings=rulings)


def orders(world: World, among: Sequence[Query] = ()) -> Orders:
    """All legal orders of the facts that queries name; without any, of appeals and exams.

    These are what is undecided where two or more are, each as if it succeeded a second after the
    other; else all steps of those that were decided, or the decisions alone where the steps are
    more than `EXACT`. Raises InputError where there are not two.
    """
    supposed = 0
    if among:
        chosen = {e.position: e for query in among for e in query.find(world)}
        facts = list(chosen.values())
    else:
        undecided = _undecided(world)
        supposed = len(undecided) if len(undecided) > 1 else 0
        if supposed:
            known = len(world.facts)
            world = Add(events=tuple(undecided)).apply(world)
            facts = list(world.facts[known:])
            world = replace(world, as_of=facts[-1].effective_at)
        else:
            facts = [e for e in world.counting() if type(e.fact) in PROCEDURE]
    facts = replay_order(facts, until=world.as_of)
    if not among and len(facts) > EXACT:
        facts = [e for e in facts if isinstance(e.fact, DECISIONS)]
    if len(facts) < 2:
        raise InputError(
            f'creator "{safe(world.creator)}" has {len(facts)} such facts up to then; an order '
            "takes two"
        )
    drawn = len(facts) > EXACT
    found: dict[Outcome, dict[object, list[Order]]] = {}
    for order in _distinct(_legal(world, facts, drawn=drawn), facts):
        came = _ordered(world, facts, order).replay()
        found.setdefault(outcome(came), {}).setdefault(_way(came), []).append(order)
    groups = [
        Group(came, sorted(ways.values(), key=len, reverse=True)) for came, ways in found.items()
    ]
    groups.sort(key=lambda group: -len(group.orders))
    return Orders(world, facts, supposed, groups, drawn)


def _way(replay: Replay) -> object:
    """What became of each violation."""
    rows = zip(replay.history.violations, replay.creator.violations, strict=True)
    return frozenset(
        (name, v.state, v.passed, v.answers, v.restored, v.by_exam)
        for name, v in rows
        if v.state != NONE
    )


def _undecided(world: World) -> list[dict[str, Any]]:
    """What waits for a decision, as the facts that a success would be."""
    now = world.replay()
    lodged: dict[str, None] = {}
    for e in replay_order(world.counting(), until=world.as_of):
        if isinstance(e.fact, AppealLodged):
            lodged[e.fact.violation] = None
        elif isinstance(e.fact, AppealGranted | AppealDenied):
            lodged.pop(e.fact.violation, None)
    events: list[dict[str, Any]] = [
        {"type": "appeal_granted", "data": {"violation": name}} for name in lodged
    ]
    for window in open_windows(now, naming(now)):
        if window.kind == "exam" and not window.obstacle:
            data = {"violation": window.violation, "mark": "100"}
            events.append({"type": "exam_sat", "data": data})
    for number, event in enumerate(events, 1):
        event["time"] = write_instant(world.as_of + number * SECOND)
    return events


def _ordered(world: World, facts: Sequence[Envelope], order: Order) -> World:
    """The facts of the set at each other's instants."""
    moved = {
        facts[number].position: replace(facts[number], effective_at=slot.effective_at)
        for number, slot in zip(order, facts, strict=True)
        if facts[number] is not slot
    }
    return world.with_facts([moved.get(e.position, e) for e in world.facts])


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


def _legal(world: World, facts: Sequence[Envelope], *, drawn: bool) -> Iterator[Order]:
    """All legal orders; drawn at random, without an end, where they are too many."""
    limits = _limits(world, facts)
    if not drawn:
        yield from _extended((), facts, limits, None)
        return
    random = Random(SEED)  # noqa: S311  nobody's secret: the same orders every time
    for _ in range(DRAWN * 20):
        yield from islice(_extended((), facts, limits, random), 1)


def _extended(
    order: Order, facts: Sequence[Envelope], limits: Sequence[_Limits], random: Random | None
) -> Iterator[Order]:
    """The legal orders that begin so."""
    if len(order) == len(facts):
        yield order
        return
    at = facts[len(order)].effective_at
    left = [i for i in range(len(facts)) if i not in order]
    if random is not None:
        random.shuffle(left)
    for i in left:
        limit = limits[i]
        if limit.earliest <= at <= limit.latest and limit.after <= set(order):
            yield from _extended((*order, i), facts, limits, random)


def _distinct(found: Iterator[Order], facts: Sequence[Envelope]) -> Iterator[Order]:
    """Without those that only exchange facts of one instant; at most as many as are drawn."""
    instants = [e.effective_at for e in facts]
    seen: set[tuple[int, ...]] = set()
    exact = len(facts) <= EXACT
    for order in found:
        at = [0] * len(order)
        for slot, number in enumerate(order):
            at[number] = instants[slot]
        if tuple(at) not in seen:
            seen.add(tuple(at))
            yield order
            if len(seen) >= DRAWN and not exact:
                return


def orders_view(found: Orders) -> View:
    """What `--orders --json` prints."""
    world = found.world
    recorded = tuple(range(len(found.facts)))
    of_record = outcome(found.replay(recorded))
    return {
        "creator": world.creator,
        "as_of": instant(world.as_of, world.zone),
        "known_at": None if world.known_at is None else instant(world.known_at, world.zone),
        "facts": [_fact_view(found, i) for i in recorded],
        "instants": [instant(at, world.zone) for at in found.instants],
        "orders": found.total,
        "exact": not found.drawn,
        "seed": SEED if found.drawn else None,
        "groups": [
            _group_view(found, group) | {"recorded": group.outcome == of_record}
            for group in found.groups
        ],
    }


def _fact_view(found: Orders, number: int) -> View:
    e = found.facts[number]
    return {
        "event": e.id,
        "source": e.source,
        "type": TYPE_NAME[type(e.fact)],
        "violation": getattr(e.fact, "violation", None),
        "effective_at": instant(e.effective_at, found.world.zone),
        "supposed": bool(found.supposed),
    }


def _group_view(found: Orders, group: Group) -> View:
    """What comes out, how often, and by which ways."""
    return {
        "orders": len(group.orders),
        "outcome": group.outcome.view(),
        "always": _always_view(found, group.orders),
        "ways": [_way_view(found, orders) for orders in group.ways],
    }


def _way_view(found: Orders, orders: list[Order]) -> View:
    """How each fact of the set is ruled in the first such order."""
    ids = [e.id for e in found.facts]
    return {
        "orders": len(orders),
        "always": _always_view(found, orders),
        "examples": [[ids[i] for i in order] for order in orders[:EXAMPLES]],
        "rulings": _ruling_views(found, orders[0]),
    }


def _ruling_views(found: Orders, order: Order) -> list[View]:
    replay = found.replay(order, rulings=True)
    explainer, zone = Explainer(replay), found.world.zone
    chosen = {e.position for e in found.facts}
    made = []
    for ruling in replay.rulings:
        if ruling.envelope.position in chosen:
            why = explainer.ruling(ruling)
            made.append(
                {
                    "event": ruling.envelope.id,
                    "type": TYPE_NAME[type(ruling.envelope.fact)],
                    "effective_at": instant(ruling.envelope.effective_at, zone),
                    "change": None if ruling.change is None else points(ruling.change),
                    "outcome": "applied" if ruling.applied else "no_effect",
                    "reason": ruling.reason or None,
                    "clauses": why.clauses,
                    "text": why.text,
                }
            )
    return made


def _always_view(found: Orders, orders: list[Order]) -> list[list[str]]:
    return [[found.facts[a].id, found.facts[b].id] for a, b in always(found, orders)]


def always(found: Orders, orders: list[Order]) -> list[tuple[int, int]]:
    """(a, b): a comes before b in each of some orders, and not in every order there is."""
    size = len(found.facts)
    every = _precedences([order for group in found.groups for order in group.orders], size)
    return sorted(_precedences(orders, size) - every)


def _precedences(orders: list[Order], size: int) -> set[tuple[int, int]]:
    held = {(a, b) for a in range(size) for b in range(size) if a != b}
    for order in orders:
        place = {number: slot for slot, number in enumerate(order)}
        held = {(a, b) for a, b in held if place[a] < place[b]}
    return held
