"""Where in a summary what stands: the columns of `summary`, by the words of a rulebook."""

from typing import NamedTuple

from msgspec import Struct

from ledger.rulebook.model import Rulebook
from projections.standing.tables import Tables
from replay.population import summary


class Node(NamedTuple):
    """A node of one version."""

    rulebook: Rulebook
    name: str


class Grade(NamedTuple):
    """A category, perhaps at a severity, under one version."""

    rulebook: Rulebook
    category: str
    severity: str


class Layout(Struct, frozen=True):
    """Names in the order of the columns, and where each kind of them begins."""

    counters: tuple[str, ...]
    features: tuple[str, ...]
    nodes: tuple[Node, ...]
    accounts: tuple[tuple[str, str], ...]
    """(account, currency)."""
    grades: tuple[Grade, ...]
    stopped_from: int
    crossed_from: int
    owed_from: int
    counted_from: int
    width: int

    @classmethod
    def of(cls, tables: Tables) -> "Layout":
        names, book = tables.names, tables.book
        return cls(
            counters=names.counters,
            features=tuple(names.features),
            nodes=tuple(Node(r, name) for r in tables.rulebooks for name in r.nodes),
            accounts=tuple(names.accounts),
            grades=tuple(Grade(r, *grade) for r in tables.rulebooks for grade in names.grades),
            stopped_from=summary.stopped_from(book),
            crossed_from=summary.crossed_from(book),
            owed_from=summary.owed_from(book),
            counted_from=summary.counted_from(book),
            width=summary.width(book),
        )

    @property
    def scores(self) -> slice:
        return slice(summary.HEAD, self.stopped_from)

    @property
    def suspended(self) -> int:
        """The microseconds in which any feature was stopped; since and until when follow."""
        return self.stopped_from

    @property
    def stopped(self) -> slice:
        """Of each feature the microseconds stopped."""
        return self._of_features(0)

    @property
    def since(self) -> slice:
        """Since when each feature is stopped; ABSENT where it is not."""
        return self._of_features(1)

    @property
    def until(self) -> slice:
        """Until when; FOREVER where nobody knows."""
        return self._of_features(2)

    def _of_features(self, what: int) -> slice:
        first = self.stopped_from + summary.PER_FEATURE
        return slice(first + what, self.crossed_from, summary.PER_FEATURE)

    @property
    def crossed(self) -> slice:
        """How often each of `nodes` was."""
        return slice(self.crossed_from, self.owed_from)

    @property
    def owed(self) -> slice:
        """On each of `accounts`, in minor units."""
        return slice(self.owed_from, self.counted_from)

    @property
    def violations(self) -> slice:
        """How many of each of `grades` stand."""
        return slice(self.counted_from, self.width, summary.PER_GRADE)

    @property
    def points(self) -> slice:
        """What those still take off, in hundredths."""
        return slice(self.counted_from + 1, self.width, summary.PER_GRADE)

    def field(self, column: int) -> str:
        """What a column says, for people who look for a difference."""
        names = ["day of enrolment", "level", *(f"score of {name}" for name in self.counters)]
        for feature in ("any feature", *self.features):
            names += [f"{feature}: {what}" for what in ("time stopped", "since", "until")]
        names += [f"node {node.name} of {node.rulebook.label}: crossed" for node in self.nodes]
        names += [f"owed on {account} {currency}" for account, currency in self.accounts]
        for grade in self.grades:
            label = f"{grade.category} {grade.severity}".strip() + f" under {grade.rulebook.label}"
            names += [f"{label}: violations", f"{label}: points"]
        return names[column]
