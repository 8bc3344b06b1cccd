"""The shape of what `audit --compare` and `audit --at-day` print (`docs/output.md`)."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from projections.views.described import (
    Account,
    FactType,
    Instant,
    Measure,
    Points,
    Quota,
    Ruling,
    Sanction,
    Shape,
    Span,
    Standing,
    Text,
    Violation,
)

Duration = Annotated[
    str,
    Meta(
        description="ISO 8601, whole seconds, hours as the largest unit: PT48H, PT16H20M, PT0S.",
        pattern=r"^PT([0-9]+H)?([0-9]+M)?([0-9]+S)?$",
    ),
]


class Known(Shape):
    """One side: what was known at an instant."""

    known_at: Instant
    rulebook: str
    """name@version in force at as_of, as known then."""
    standing: Standing


class Differences(Shape, kw_only=True):
    """The fields of the standing that differ: then and now, of lists the rows of one side only."""

    score: dict[str, Points | None] | UnsetType = UNSET
    counters: dict[str, dict[str, Points | None]] | UnsetType = UNSET
    sanctions: dict[str, list[Sanction]] | UnsetType = UNSET
    measures: dict[str, list[Measure]] | UnsetType = UNSET
    violations: dict[str, list[Violation]] | UnsetType = UNSET
    exam_quota: dict[str, list[Quota]] | UnsetType = UNSET
    money: dict[str, list[Account]] | UnsetType = UNSET


class Withdrawal(Shape):
    """What withdrew a fact."""

    event: str
    recorded_at: Instant
    reason: str


class Changed(Shape, kw_only=True):
    """A fact that is ruled otherwise, or on one side only."""

    event: str
    source: str
    position: int
    type: FactType
    effective_at: Instant
    recorded_at: Instant
    late: Duration | UnsetType = UNSET
    """Of one recorded after K1: how long after it took effect."""
    retraction: Withdrawal | UnsetType = UNSET
    """Of one withdrawn after K1."""
    withdrawn_finding: str | UnsetType = UNSET
    """The event that had found the violation it names, and that is withdrawn."""
    then: Ruling | None
    """With what time did since the ruling before; null where it was not known."""
    now: Ruling | None
    text: Text
    """Of late, retraction and withdrawn_finding; empty where there is none of them."""


class Executed(Shape, kw_only=True):
    """A stop, decided by as_of, that was executed for longer or less than it is judged."""

    node: str | None
    violation: str | UnsetType = UNSET
    lapse: str | UnsetType = UNSET
    feature: str
    rulebook: str
    decided_at: Instant
    executed: list[Span]
    """When the feature was stopped by it, as the ledger said at each moment."""
    judged: list[Span]
    """When it was to be, by what is known now."""
    too_long: Duration
    """Executed while the feature was not to be stopped, and not known at K1 to be wrong."""
    too_short: Duration
    """The other way round."""
    text: Text


class Compare(Shape):
    """What was known of one instant at two others."""

    creator: str
    as_of: Instant
    then: Known
    now: Known
    differences: Differences
    facts: list[Changed]
    """Recorded or withdrawn between K1 and K2: these made the difference."""
    rulings: list[Changed]
    """Of other facts, that would have been other."""
    executed: list[Executed]
