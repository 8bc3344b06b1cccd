"""In which order it would have mattered: every legal order of some facts, by what comes out.

The facts of a set exchange the instants that the set occupies; all others stay where they are. An
order is legal where nothing comes before its violation is found, and where the steps of one appeal,
and of one exam, keep theirs. Up to `EXACT` facts every order is replayed; of more, some are drawn.
"""

from collections.abc import Callable, Iterable, Sequence
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
    ExamSat,
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
from replay.whatif.questions.legal_orders import EXACT, PROCEDURE, SEED, Order, legal
from replay.whatif.scenario import Add
from replay.whatif.world import World

EXAMPLES = 5
SECOND = 1_000_000
DECISIONS = (AppealGranted, AppealDenied, ExamSat)
View = dict[str, Any]


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
    recorded: Outcome | None
    """What comes out of the order on record; None where none of it is on record."""

    @property
    def instants(self) -> list[int]:
        return [e.effective_at for e in self.facts]

    @property
    def total(self) -> int:
        return sum(len(group.orders) for group in self.groups)

    def replay(self, order: Order, *, rulings: bool = False) -> Replay:
        """The whole history with the set in an order."""
        return _ordered(self.world, self.facts, order).replay(rulings=rulings)


Watch = Callable[[Sequence[Order]], Iterable[Order]]
"""Hands on what it is given, and tells somebody how far it has come."""


def orders(world: World, among: Sequence[Query] = (), watch: Watch = iter) -> Orders:
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
    chosen_orders, drawn = legal(world, facts)
    supposed_at = {instant(e.effective_at, world.zone) for e in facts[:supposed]}
    found: dict[Outcome, dict[object, list[Order]]] = {}
    for order in watch(chosen_orders):
        came = _ordered(world, facts, order).replay()
        comes_to = outcome(came).with_instants_as_one(supposed_at)
        found.setdefault(comes_to, {}).setdefault(_way(came), []).append(order)
    recorded = None if supposed else outcome(world.replay())
    groups = [
        Group(came, sorted(ways.values(), key=len, reverse=True)) for came, ways in found.items()
    ]
    groups.sort(key=lambda group: -len(group.orders))
    return Orders(world, facts, supposed, groups, drawn, recorded)


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


def orders_view(found: Orders) -> View:
    """What `--orders --json` prints."""
    world = found.world
    return {
        "creator": world.creator,
        "as_of": instant(world.as_of, world.zone),
        "known_at": None if world.known_at is None else instant(world.known_at, world.zone),
        "facts": [_fact_view(found, i) for i in range(len(found.facts))],
        "instants": [instant(at, world.zone) for at in found.instants],
        "orders": found.total,
        "exact": not found.drawn,
        "seed": SEED if found.drawn else None,
        "groups": [
            _group_view(found, group) | {"recorded": group.outcome == found.recorded}
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
