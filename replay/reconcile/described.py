"""The shapes of what `reconcile --json` prints (`docs/reconcile.md`), each described once."""

from typing import Annotated

from projections.views.described import Instant, Points, Shape, Text, one_of
from replay.reconcile.findings import KINDS

Kind = Annotated[str, one_of(KINDS)]


class Key(Shape):
    """A fact, by its key."""

    source: str
    event: str


class Disagreement(Shape):
    """Where the record does not agree with the rules, or like cases with each other."""

    finding: Kind
    creator: str | None
    """Null where it is about several."""
    at: Instant | None
    """Of the first fact that it is about; of a recovery that is due, when it fell due."""
    events: list[Key]
    """The facts that it is about; none of a recovery that is not recorded."""
    rulebook: str
    """name@version that it is measured by."""
    figures: dict[str, str]
    """What is on record and what the rules have; which ones, by finding, is in reconcile.md."""
    clauses: list[str]
    text: Text


class Found(Shape):
    """How much there is of one finding."""

    rows: int
    creators: int
    """0 where its rows are about several."""


class Recoveries(Shape):
    """What is recorded, and what is missing for it."""

    recorded: int
    """With or without effect."""
    stand_below: int
    """Creators who would stand higher at as_of with all recoveries as due."""
    at_end: int
    """Those of them of whose score nothing is left."""


class Like(Shape):
    """Cases that the rules treat alike, judged at points of their own."""

    rulebook: str
    category: str
    severity: str | None
    ground: str
    table: Points | None
    """What the rulebook has for them."""
    cases: int
    least: Points
    median: Points
    most: Points


class Near(Shape):
    """The nearest value of a figure, on one side, by which a creator would stand otherwise."""

    creator: str
    value: str
    score: Points | None
    """As it would be at as_of."""
    gone: int
    """Stops that would not have begun."""
    new: int
    """Those that would have, besides."""
    changed: int
    """Those that would have ended otherwise."""


class AssumedFigure(Shape):
    """A figure that no source gives, and what rests on it."""

    rulebook: str
    path: str
    """Key path, as --set takes it."""
    value: str | None
    """Null where the file leaves it out."""
    creators: int
    violations: int
    """That stand, and were judged by it or given back by it."""
    points: Points
    """That these still take, or were given back."""
    stops: int
    running: int
    """Those of them that run at as_of."""
    recoveries: int
    """Recorded ones that gave as much."""
    nearest: list[Near]
    """Of creators who were asked for by name."""


class Summary(Shape):
    """All creators that were asked about."""

    as_of: Instant
    known_at: Instant
    creators: int
    facts: int
    """Those that count."""
    left_out: int
    """Creators whose rulebook is not here."""
    found: dict[str, Found]
    """By finding; those that were found."""
    recoveries: Recoveries
    overrides: list[Like]
    assumed: list[AssumedFigure]
    """Those that most stops rest on first."""
    text: Text | None
    """That there are no recoveries, or are too few; null where none is missing."""
