"""The shapes of rows and changes (`docs/readmodels.md`), each described once.

`schema` makes the published schemas of them; what they have in common with `standing` and `audit`
is described there.
"""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType, field

from projections.readmodels.changes import CHANGED, CORRECTED
from projections.views.described import (
    Account,
    FactType,
    Instant,
    Outcome,
    Points,
    Quota,
    Reason,
    Shape,
    one_of,
)


class RunningStop(Shape, kw_only=True):
    """One feature stopped by a node or by a violation itself, or that lapsed."""

    node: str | None
    """Null where a violation stops by itself, and where the feature lapsed."""
    violation: str | UnsetType | None = UNSET
    """That violation, where node is null; null where the feature lapsed."""
    feature: str
    since: Instant | None = field(name="from")
    """Null: it waits for a stop in occasions to be served."""
    until: Instant | None
    """Null: permanent, while the score is bad, or for occasions."""
    occasions_left: int | UnsetType = UNSET


class RunningMeasure(Shape):
    """What a violation brought beside points, or what the platform imposed."""

    measure: str
    violation: str | None
    """Null: imposed by the platform."""
    since: Instant = field(name="from")
    until: Instant | None


class Window(Shape):
    """An appeal or an exam that can still be had."""

    kind: Annotated[str, one_of(("appeal", "exam"))]
    violation: str
    until: Instant
    obstacle: Reason | None
    """Why an answer right now would have no effect."""


class Appeal(Shape):
    """Lodged and not decided yet."""

    violation: str
    lodged_at: Instant


class Counts(Shape):
    """How many there are, by state."""

    standing: int
    waiting: int
    void: int


class RowStanding(Shape):
    """As `standing --json`, of what runs and is open only."""

    rulebook: str
    """name@version in force at as_of."""
    score: Points | None
    """Of the first counter; null before enrolment."""
    counters: dict[str, Points | None]
    stops: list[RunningStop]
    """Running ones, as they came."""
    measures: list[RunningMeasure]
    """Running ones."""
    windows: list[Window]
    """Appeals and exams that can still be had, by their ends."""
    appeals: list[Appeal]
    """Lodged to effect and not decided yet."""
    exam_quota: list[Quota]
    """Categories whose exam right is taken."""
    money: list[Account]
    violations: Counts


class Row(Shape):
    """One creator, as of an instant."""

    creator: str
    position: int
    """Of the creator's last fact that is in it."""
    as_of: Instant
    """From when on it holds, in UTC."""
    next_change_at: Instant | None
    """Until when it holds unless a fact comes; null: for ever."""
    standing: RowStanding | None
    """Null where the creator can't be judged."""
    parked: str | None
    """Why the creator can't be judged."""


class ToldEffect(Shape, forbid_unknown_fields=False):
    """As in audit; and what time alone ends in a row: measure, window, quota, rulebook."""

    kind: str
    at: Instant


class ToldFact(Shape):
    """A ruling of audit in short."""

    position: int
    source: str
    event: str
    type: FactType
    effective_at: Instant
    outcome: Outcome
    reason: Reason | None
    change: Points | None
    effects: list[ToldEffect]
    clauses: list[str]


class Cause(Shape):
    """Why the row reads otherwise: one or more of these."""

    facts: list[ToldFact] | UnsetType = UNSET
    """Learned, or taking effect at their own time; the last 50."""
    more: int | UnsetType = UNSET
    """How many before them are left out."""
    awaited: int | UnsetType = UNSET
    """How many facts were learned that take effect only later."""
    effects: list[ToldEffect] | UnsetType = UNSET
    """Of time alone."""
    law: str | UnsetType = UNSET
    """Hash of the rulebooks and the program by which all are judged anew."""
    failed: str | UnsetType = UNSET
    """Why the creator can't be judged any more."""
    since: Instant | UnsetType = UNSET
    """Where history was overturned: from when on it reads otherwise."""


class Data(Shape):
    """What changed, and why."""

    position: int
    """Of the creator's last fact that is in it."""
    old: RowStanding | None
    """Null: there was no row, or the creator could not be judged."""
    new: RowStanding | None
    """Null: the creator can't be judged any more."""
    cause: Cause


class Change(Shape):
    """A CloudEvent."""

    specversion: Annotated[str, one_of(("1.0",))]
    id: str
    """With source the key by which it is known again."""
    source: Annotated[str, Meta(pattern="^penalty-ledger/[0-9a-f]{16}$")]
    """The ledger, by its first fact."""
    type: Annotated[str, one_of((CHANGED, CORRECTED))]
    """Corrected where history was overturned."""
    subject: str
    """The creator."""
    time: Instant
    """When it was learned or fell due, in UTC."""
    datacontenttype: Annotated[str, one_of(("application/json",))]
    data: Data
