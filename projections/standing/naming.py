"""From the fold's codes and slots back to the words of facts and rulebooks."""

from collections.abc import Iterator
from typing import Any, cast

from msgspec import Struct
from msgspec.structs import replace

from ledger.rulebook.model import Category, Lapse, Node, Rulebook, Step
from projections.fold import state
from projections.fold.state import ABSENT
from projections.standing.replay import Replay
from projections.standing.tables import Tables


class Words:
    """By slot the category of each violation as its fact says it; empty where none was found.

    A category that no version knows has no code: its word is that of the fact that counted.
    """

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._coded = of_rulebook(replay.tables).coded

    def __getitem__(self, slot: int) -> str:
        violation = self._replay.creator.violations[slot]
        if not violation.state:
            return ""
        code = violation.category
        return self._uncoded(slot, violation.found_at) if code == ABSENT else self._coded[code]

    def __iter__(self) -> Iterator[str]:
        return (self[slot] for slot in range(len(self._replay.history.violations)))

    def _uncoded(self, slot: int, at: int) -> str:
        found = (
            word
            for row, word in self._replay.history.uncoded
            if (row.violation, row.at) == (slot, at)
        )
        return next(found, "")


class Naming(Struct):
    """The words behind one replay's numbers."""

    tables: Tables
    violations: tuple[str, ...]
    """By slot."""
    words: Words | tuple[str, ...]
    """The category of each violation as its fact says it, by slot."""
    coded: tuple[str, ...]
    """The category that a code stands for, by whichever severity."""
    categories: tuple[str, ...]
    features: tuple[str, ...]
    accounts: tuple[tuple[str, str], ...]
    measures: tuple[str, ...]
    counters: tuple[str, ...]
    courses: tuple[str, ...]
    lapsing: tuple[str, ...]
    """Features that lapse where they are not used."""

    def book(self, version: int) -> Rulebook:
        return self.tables.rulebooks[version]

    def judge(self, violation: state.Violation) -> Rulebook:
        """The version that judged a violation and keeps judging it."""
        return self.tables.rulebooks[violation.version]

    def category(self, violation: state.Violation) -> Category | None:
        if violation.category == ABSENT:
            return None
        return self.judge(violation).categories.get(self.word(violation))

    def word(self, violation: state.Violation) -> str:
        """The category, as a version of the rulebook knows it."""
        return self.category_at(violation.category)[0]

    def category_at(self, code: int) -> tuple[str, str]:
        """A category, and the severity that the code stands for; empty for none."""
        return tuple(self.tables.names.grades)[code]

    def severity(self, violation: state.Violation) -> str:
        """The severity that a violation was judged at; empty where it has none."""
        return "" if violation.category == ABSENT else self.category_at(violation.category)[1]

    def node_name(self, stop: state.Stop) -> str:
        """Its node; the violation that stops by itself, without a node."""
        if stop.node == ABSENT:
            return self.violations[stop.violation]
        return tuple(self.book(stop.version).nodes)[stop.node]

    def whose(self, stop: state.Stop) -> dict[str, Any]:
        """The node that started a stop, else `node` null and the violation, or what lapsed."""
        if stop.kind == state.UNTIL_OPENED:
            return {"node": None, "lapse": self.feature(stop)}
        if stop.node == ABSENT:
            return {"node": None, "violation": self.violations[stop.violation]}
        return {"node": self.node_name(stop)}

    def lapse(self, stop: state.Stop) -> Lapse:
        """What closed a feature that nobody used."""
        return self.book(stop.version).lapses[self.feature(stop)]

    def crossed(self, crossing: state.Crossing) -> str:
        """The node that was crossed."""
        return tuple(self.book(crossing.version).nodes)[crossing.node]

    def node(self, stop: state.Stop) -> Node:
        return self.book(stop.version).nodes[self.node_name(stop)]

    def direction(self, stop: state.Stop) -> str:
        """Whether the counter of a stop is a balance or a tally."""
        return self.book(stop.version).counters[self.counters[stop.counter]].direction

    def ladder(self, violation: state.Violation) -> str:
        """The ladder that a violation climbs."""
        return tuple(self.judge(violation).ladders)[violation.ladder]

    def step(self, violation: state.Violation, number: int) -> Step | None:
        """A step of that ladder by the fold's number: the fold has them in the order of `nth`."""
        if ABSENT in (violation.ladder, number):
            return None
        steps = self.judge(violation).ladders[self.ladder(violation)].steps
        return sorted(steps, key=lambda s: s.nth)[number]

    def feature(self, stop: state.Stop) -> str:
        return self.features[stop.feature]

    def measure(self, measure: state.Measure) -> str:
        return self.measures[measure.name]


def naming(replay: Replay) -> Naming:
    history = replay.history
    return replace(
        of_rulebook(replay.tables),
        violations=tuple(history.violations),
        words=Words(replay),
        accounts=tuple(history.accounts),
        measures=tuple(history.measure_names),
    )


def of_rulebook(tables: Tables) -> Naming:
    """The words of a rulebook alone, without those that only one creator has; made once."""
    names: Any = tables.kept.get("naming")
    if names is None:
        names = tables.kept["naming"] = Naming(
            tables=tables,
            violations=(),
            words=(),
            coded=tuple(category for category, _ in tables.names.grades),
            categories=tuple(tables.names.categories),
            features=tuple(tables.names.features),
            accounts=tuple(tables.names.accounts),
            measures=(),
            counters=tables.names.counters,
            courses=tuple(tables.names.courses),
            lapsing=tuple(tables.names.lapses),
        )
    return cast(Naming, names)
