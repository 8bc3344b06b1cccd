"""Decisions and the sanctions that each brought: what a statement of reasons can be about.

A decision is a violation that was found, or a batch of them, which is one deduction; a measure that
was imposed; a feature that lapsed. What a node starts is of the violation that crossed it, also
where that waited for its appeal.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from ledger.facts.types import MeasureImposed, ViolationFound
from projections.fold.state import (
    ABSENT,
    MEASURE_STARTED,
    MONEY_DUE,
    NODE_STARTED,
    TOOK_EFFECT,
    UNTIL_OPENED,
    Measure,
    Stop,
)
from projections.fold.trace import Effect, Turn
from projections.standing.naming import Naming
from projections.standing.replay import Replay, Ruling, in_order

Fact = ViolationFound | MeasureImposed


class Sanction(Struct, frozen=True):
    """A stop or a measure that has begun, or is to begin."""

    words: tuple[str, ...]
    """What it may be called: its node and its feature, or the measure."""
    since: int
    """The instant at which it was decided, in microseconds."""
    what: Stop | Measure


class Decision(Struct):
    """What was decided at once: by a fact, by several of a batch, or, of a lapse, by time alone."""

    at: int
    rulings: list[Ruling]
    """Those of its facts; none of a lapse."""
    told: list[Ruling | Turn]
    """All that brought its sanctions about: its facts, and what their effect waited for."""
    sanctions: list[Sanction]
    money: list[tuple[str, str, int]]
    """(account, currency, minor units) that fell due with it."""

    @property
    def facts(self) -> list[Fact]:
        return [fact for r in self.rulings if isinstance(fact := r.envelope.fact, Fact)]

    @property
    def violations(self) -> list[str]:
        return [fact.violation for fact in self.facts if isinstance(fact, ViolationFound)]

    @property
    def names(self) -> list[str]:
        """What it may be called as a whole: its violations, else its event."""
        return [*self.violations, *(ruling.envelope.id for ruling in self.rulings)]


def decisions(replay: Replay, names: Naming) -> list[Decision]:
    """In the order in which they were made; the replay must have its rulings."""
    made = _Made(replay, names)
    for event in in_order(replay):
        decision = made.decision(event)
        share: list[Effect] = []
        for effect in event.effects:
            share.append(effect)
            if effect[0] == TOOK_EFFECT:  # follows what it brings about
                made.brought(event, made.of_violation.get(effect[1]), share)
                share = []
        made.brought(event, decision, share)
    return made.all


class _Made:
    """The decisions so far, by what later events name of them."""

    def __init__(self, replay: Replay, names: Naming) -> None:
        self.creator, self.names = replay.creator, names
        self.all: list[Decision] = []
        self.of_violation: dict[int, Decision] = {}
        self.of_place: dict[int, Decision] = {}
        """By the place of a stop, which another may take."""
        self.of_batch: dict[tuple[int, int], Decision] = {}

    def decision(self, event: Ruling | Turn) -> Decision | None:
        """The one that an event is, or that it completes."""
        if isinstance(event, Turn):
            slots: Sequence[int] = event.together
            return next((self.of_violation.get(slot) for slot in slots), None)
        row = event.row
        if row is None or not event.applied or not isinstance(event.envelope.fact, Fact):
            return None
        batch = (row.batch, row.at)
        decision = self.of_batch.get(batch) or self.new(row.at)
        if row.batch != ABSENT:
            self.of_batch[batch] = decision
        if row.violation != ABSENT:
            self.of_violation[row.violation] = decision
        decision.rulings.append(event)
        decision.told.append(event)
        return decision

    def new(self, at: int) -> Decision:
        self.all.append(Decision(at, [], [], [], []))
        return self.all[-1]

    def brought(
        self, event: Ruling | Turn, decision: Decision | None, effects: Sequence[Effect]
    ) -> None:
        """Each effect goes to its decision."""
        for owner, sanction in self.sanctions(decision, effects):
            owner.sanctions.append(sanction)
            if owner is decision or not owner.rulings:  # a grant may leave one in another's place
                self.tell(owner, event)
        if decision is not None:
            due = [(row, amount) for code, row, amount, _ in effects if code == MONEY_DUE]
            decision.money += [(*self.names.accounts[row], amount) for row, amount in due]
            if due:
                self.tell(decision, event)

    def sanctions(
        self, decision: Decision | None, effects: Sequence[Effect]
    ) -> Iterator[tuple[Decision, Sanction]]:
        for code, row, _, at in effects:
            owner, words = decision, tuple[str, ...]()
            what: Stop | Measure
            if code == MEASURE_STARTED:
                what = self.creator.measures[row]
                words = (self.names.measure(what),)
            elif code == NODE_STARTED:
                what = stop = self.creator.stops[row]
                words = (self.names.feature(stop),)
                if stop.kind == UNTIL_OPENED:
                    owner = self.new(at)
                elif stop.node == ABSENT:
                    owner = self.of_violation.get(stop.violation)
                else:
                    words = (self.names.node_name(stop), *words)
                    owner = self.of_place.get(stop.place, decision)
                    if owner is not None:
                        self.of_place[stop.place] = owner
            else:
                continue
            if owner is not None:
                yield owner, Sanction(words, at, what)

    @staticmethod
    def tell(decision: Decision, event: Ruling | Turn) -> None:
        if all(event is not other for other in decision.told):
            decision.told.append(event)
