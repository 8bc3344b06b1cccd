"""What-if: a comparison, orders, avoid and which figures, in process, within their limits."""

import gc
import time
from collections.abc import Callable, Iterator
from random import Random
from statistics import median
from typing import Any

from ledger.facts.cloudevents import parse
from ledger.facts.envelope import Envelope
from ledger.rulebook.shelf import Shelf
from projections.standing.replay import DEFAULT_RULEBOOK, Library
from projections.standing.writing import json_line
from replay.population.synthetic import history
from replay.whatif.counterfactual import compared, comparison_view
from replay.whatif.query import Query
from replay.whatif.questions.avoid import avoid, avoid_view
from replay.whatif.questions.figures import figures_view
from replay.whatif.questions.orders import orders, orders_view
from replay.whatif.questions.target import NoStop
from replay.whatif.scenario import Scenario
from replay.whatif.world import World

AS_OF = 2_000_000_000_000_000
SHELF = Shelf()
LIBRARY = Library(SHELF)
SMALL, USUAL, LARGE = 100, 1_000, 100_000
Figure = dict[str, Any]


def world(facts: list[Envelope]) -> World:
    return World("c-1", facts, SHELF, LIBRARY, "Asia/Shanghai", AS_OF, None)


def synthetic(facts: int) -> World:
    """A creator who never was, with a fact every few hours."""
    categories = list(LIBRARY.tables(DEFAULT_RULEBOOK).names.categories)
    made = history(Random(3), "c-1", facts, categories, gap=10_000_000_000, ties=0.01)
    return world(list(made))


def plain(facts: int) -> World:
    """Violations alone, an hour apart: nothing in it takes longer the more there are."""
    lines = ['{"type":"creator_enrolled","time":"2024-07-08T09:00:00+08:00"}']
    lines += [
        f'{{"type":"violation_found","time":"{2025 + n // 8000}-{n // 700 % 11 + 1:02}-'
        f'{n // 24 % 28 + 1:02}T{n % 24:02}:00:00+08:00","data":{{"violation":"v{n}",'
        '"category":"spam","detected_by":"other"}}'
        for n in range(facts - 1)
    ]
    heads = (
        f'{{"specversion":"1.0","source":"s","subject":"c-1","id":"e{n}",' for n in range(facts)
    )
    made = []
    for position, (head, line) in enumerate(zip(heads, lines, strict=True), 1):
        fact = parse(head + line[1:], file="made", line_no=position)
        assert isinstance(fact, Envelope), fact
        made.append(Envelope("s", fact.id, "c-1", fact.effective_at, fact.fact, 0, position))
    return world(made)


def without_the_middle(here: World) -> None:
    """The comparison of a record with the same less one violation, to the line of JSON."""
    found = [e.id for e in here.facts if type(e.fact).__name__ == "ViolationFound"]
    scenario = Scenario.of(drop=[found[len(found) // 2]])
    json_line(comparison_view(compared(scenario, here.replay(rulings=True), here)))


def figures() -> Iterator[Figure]:
    gc.set_threshold(100_000)  # as the command has it
    usual = synthetic(USUAL)
    yield figure(f"compare: {USUAL:,} facts", lambda: without_the_middle(usual), 15, 0.05)
    small, large = plain(LARGE // 10), plain(LARGE)
    less = seconds(lambda: without_the_middle(small), 3)
    more = seconds(lambda: without_the_middle(large), 1)
    yield {
        "name": f"whatif.linear: {LARGE:,} facts, per fact beside {LARGE // 10:,}",
        "value": round(more, 2),
        "unit": "s",
        "against": f"ten times a tenth of them ({10 * less:.2f} s)",
        "ratio": round(more / less / 10, 2),
        "target": "<= 1.5",
        "met": more / less / 10 <= 1.5,
    }
    seven = six_to_order()
    among = [Query(event=e.id) for e in seven.facts[-6:]]
    yield figure("orders: 720 of 6 facts", lambda: orders_view(orders(seven, among)), 3, 2.0)
    some = synthetic(SMALL)
    stop = NoStop("8", "", 0, AS_OF)
    yield figure(f"avoid: {SMALL} facts", lambda: avoid_view(avoid(some, stop)), 3, 5.0)
    yield figure(f"which figures: {SMALL} facts, all figures", lambda: figures_view(some), 3, 2.0)


def six_to_order() -> World:
    """Three exams and three appeals at the end of it."""
    here = plain(7)
    day = 86_400_000_000
    last = here.facts[-1].effective_at
    more = [
        {"type": "exam_right_claimed"},
        *({"type": "exam_studied", "data": {"violation": f"v{n}"}} for n in range(3)),
        *({"type": "exam_sat", "data": {"violation": f"v{n}", "mark": "100"}} for n in range(3)),
        *({"type": "appeal_granted", "data": {"violation": f"v{n}"}} for n in range(3, 6)),
    ]
    time_of = "2025-01-01T12:00:00+08:00"
    added = Scenario.of(add=[{"time": time_of, **event} for event in more]).worlds(here)[-1]
    facts = list(here.facts) + [
        Envelope(e.source, e.id, e.subject, last + (n + 1) * day // 24, e.fact, 0, e.position)
        for n, e in enumerate(added.facts[len(here.facts) :])
    ]
    return world(facts)


def figure(name: str, work: Callable[[], object], rounds: int, limit: float) -> Figure:
    took = seconds(work, rounds)
    return {
        "name": f"whatif.{name}",
        "value": round(took * 1000, 1),
        "unit": "ms",
        "against": None,
        "ratio": None,
        "target": f"<= {limit * 1000:.0f} ms",
        "met": took <= limit,
    }


def seconds(work: Callable[[], object], rounds: int) -> float:
    """The median."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return median(taken)
