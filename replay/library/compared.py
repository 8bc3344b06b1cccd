"""The shapes of what `Ledger.compare` answers: two times on one page (`docs/output.md`)."""

from typing import Any, NotRequired, TypedDict

from replay.library.glance import Text
from replay.library.views import Ruling, Span, StandingObject


class Known(TypedDict):
    """One side: what was known at an instant."""

    known_at: str
    rulebook: str
    standing: StandingObject


class Withdrawal(TypedDict):
    event: str
    recorded_at: str
    reason: str


class Changed(TypedDict):
    """A fact that is ruled otherwise, or on one side only; rulings have what time did before."""

    event: str
    source: str
    position: int
    type: str
    effective_at: str
    recorded_at: str
    late: NotRequired[str]
    """ISO 8601: `PT30H`."""
    retraction: NotRequired[Withdrawal]
    withdrawn_finding: NotRequired[str]
    then: Ruling | None
    now: Ruling | None
    text: Text


class Executed(TypedDict):
    """A stop that was executed for longer or less than it is judged."""

    node: str | None
    violation: NotRequired[str]
    lapse: NotRequired[str]
    feature: str
    rulebook: str
    decided_at: str
    executed: list[Span]
    judged: list[Span]
    too_long: str
    too_short: str
    text: Text


class Compare(TypedDict):
    """What `audit --compare --json` prints."""

    creator: str
    as_of: str
    then: Known
    now: Known
    differences: dict[str, Any]
    """{field of the standing: {"then": …, "now": …}} of what differs."""
    facts: list[Changed]
    rulings: list[Changed]
    executed: list[Executed]
