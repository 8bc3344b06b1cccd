"""The shapes of the public JSON (`docs/output.md`), each described once.

`schema` makes the published schemas of them. A field that may be `UNSET` is there only where there
is something to say.
"""

from collections.abc import Iterable
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field

from projections.fold.state import EFFECTS, KINDS, REASONS
from projections.standing.held import VIOLATION_STATES
from projections.views.objects import STOP_STATES


def one_of(words: Iterable[str]) -> Meta:
    """That a text is one of `words`."""
    return Meta(extra_json_schema={"enum": list(words)})


Points = Annotated[
    str,
    Meta(
        description="A decimal with at most two places, shortest form: 7, 7.5.",
        pattern=r"^-?[0-9]+(\.[0-9]{1,2})?$",
    ),
]
Instant = Annotated[
    str,
    Meta(
        description="RFC 3339 with the offset of the rulebook's zone.",
        extra_json_schema={"format": "date-time"},
    ),
]
Amount = Annotated[
    str,
    Meta(
        description="Major units with all decimals of the currency.",
        pattern=r"^-?[0-9]+(\.[0-9]+)?$",
    ),
]
FactType = Annotated[str, one_of(KINDS)]
Outcome = Annotated[str, one_of(("applied", "no_effect"))]
Reason = Annotated[str, one_of(REASONS[1:])]


class Shape(Struct, forbid_unknown_fields=True):
    """These fields and no others."""


class Head(Shape):
    """Who was asked about, and from which point of view."""

    creator: str
    as_of: Instant
    known_at: Instant
    rulebook: str
    """name@version in force at as_of."""


class Sanction(Shape, kw_only=True):
    """One feature of one crossed node, or that a violation stops by itself, or that lapsed."""

    node: str | None
    """Null where a violation stops the feature by itself, and where it lapsed."""
    violation: str | UnsetType = UNSET
    """That violation, where node is null."""
    lapse: str | UnsetType = UNSET
    """In its place, where the feature lapsed: the rule, by its feature."""
    feature: str
    since: Instant | None = field(name="from")
    """Still to come where it is served after others that run; null where those are occasions."""
    until: Instant | None
    """End; of a lifted stop the instant of the lift; null while it has none."""
    state: Annotated[str, one_of(STOP_STATES.values())]
    planned_until: Instant | UnsetType | None = UNSET
    """Of lifted stops only: the original end, null if it had none."""
    occasions_left: int | UnsetType = UNSET
    """Of running stops measured in occasions."""


class Measure(Shape):
    """What a violation brings beside points, or what the platform imposed."""

    measure: str
    violation: str | None
    """Null if the platform imposed it."""
    since: Instant = field(name="from")
    until: Instant | None
    state: Annotated[str, one_of(("running", "ended"))]


class Violation(Shape, kw_only=True):
    """One that was found to effect."""

    violation: str
    category: str
    points: Points
    """As judged."""
    deducted: Points
    """What floor or cap let through."""
    restored: Points
    """By appeals and exams."""
    state: Annotated[str, one_of(VIOLATION_STATES)]
    """Waiting: its effect waits for an appeal."""
    takes_effect: Instant | UnsetType | None = UNSET
    """Of waiting ones: when, if no appeal is lodged; null while one is open."""
    expired: Points | UnsetType = UNSET
    """Where some of it has expired."""
    recovered: Points | UnsetType = UNSET
    """Where points expire: what recoveries have made up for, and expiry does not give again."""
    severity: str | UnsetType = UNSET
    """Where the rulebook has the category at that severity."""
    ladder: str | UnsetType = UNSET
    """Where it has reached a step of a ladder."""
    step: int | UnsetType = UNSET
    """From which offence on that step applies."""


class Quota(Shape):
    """A category whose exam right is taken."""

    category: str
    available_from: Instant


class Account(Shape):
    """What is due on one account in one currency."""

    account: str
    currency: str
    due: Amount
    """Demanded by standing violations less what was posted; negative if more was posted."""


class Standing(Shape):
    """Score, stops, and all that is open."""

    score: Points | None
    """Of the first counter; null before enrolment."""
    counters: dict[str, Points | None]
    """Score by counter."""
    sanctions: list[Sanction]
    measures: list[Measure]
    violations: list[Violation]
    exam_quota: list[Quota]
    money: list[Account]


class Effect(Shape, kw_only=True):
    """What started, ended, was used or returned; which fields stand beside kind is in output.md."""

    kind: Annotated[str, one_of(EFFECTS)]
    node: str | UnsetType | None = UNSET
    measure: str | UnsetType = UNSET
    violation: str | UnsetType | None = UNSET
    lapse: str | UnsetType = UNSET
    """Of a stop by want of use: the rule, by its feature."""
    feature: str | UnsetType = UNSET
    until: Instant | UnsetType | None = UNSET
    since: Instant | UnsetType | None = field(name="from", default=UNSET)
    """Of a started stop that begins at another instant than at; null where nobody knows when."""
    planned_until: Instant | UnsetType | None = UNSET
    category: str | UnsetType = UNSET
    available_from: Instant | UnsetType = UNSET
    period: str | UnsetType = UNSET
    """The last day of it."""
    points: Points | UnsetType = UNSET
    account: str | UnsetType = UNSET
    currency: str | UnsetType = UNSET
    amount: Amount | UnsetType = UNSET
    mark: Points | UnsetType = UNSET
    counter: str | UnsetType = UNSET
    change: Points | UnsetType = UNSET
    ladder: str | UnsetType = UNSET
    offence: int | UnsetType = UNSET
    """Which one it is on the ladder."""
    step: int | UnsetType | None = UNSET
    """From which offence on the new step applies; null below the first."""
    at: Instant


class Move(Shape):
    """A counter whose score moved."""

    counter: str
    before: Points
    change: Points
    after: Points


class Ground(Shape):
    """A figure of the rulebook, or a behaviour, that was asked."""

    path: str
    """Key path in the rulebook, as --set takes it; of a behaviour clauses.…"""
    required: str | None
    """The figure; null of a behaviour, and where the file says nothing."""
    found: str | None
    """What was on record beside it; null where nothing was to be measured or is known."""
    met: bool
    """Whether its condition holds."""
    rulebook: str
    """name@version that it is of."""
    clause: str | None
    """As in clauses; null where the rulebook says nothing of it."""


class Text(Shape):
    """A sentence or a few; their wording may change within a version."""

    en: str
    zh: str


class Ruling(Shape, kw_only=True):
    """One fact: what it changed and brought about, and on which grounds."""

    position: int
    """In the log."""
    event: str
    source: str
    """Of the fact: an event is known by both."""
    type: FactType
    effective_at: Instant
    recorded_at: Instant | None
    """Null for a fact that only a scenario has."""
    counter: str | UnsetType = UNSET
    """Of the scores, where the rulebook has several."""
    score_before: Points | None
    """After what time alone did before the fact; null before enrolment."""
    change: Points | None
    """score_after less score_before; null before enrolment."""
    nominal: Points | UnsetType = UNSET
    """The figure before cap and floor, where it differs from change."""
    score_after: Points | None
    outcome: Outcome
    reason: Reason | None
    """Why it had no effect, or had another one; null where there is nothing to say."""
    other_scores: list[Move] | UnsetType = UNSET
    """The other counters that it moved."""
    retracted_by: str | UnsetType = UNSET
    """Event of the retraction, for reason retracted."""
    effects: list[Effect]
    clauses: list[str]
    """What it relies on, each once."""
    rulebook: str
    """name@version in force at effective_at."""
    grounds: list[Ground]
    """All that was asked, in the order in which the law asked."""
    text: Text


class Turn(Shape, kw_only=True):
    """What no one fact did at an instant: time alone, or violations that were found together."""

    at: Instant
    before: int | None
    """Position of the fact that follows; null after the last one."""
    violations: list[str] | UnsetType = UNSET
    """Those that were found together and brought it about; else time alone did."""
    scores: list[Move]
    effects: list[Effect]
    clauses: list[str]
    grounds: list[Ground]
    text: Text


class Audit(Shape):
    """What `audit` adds to the head: all that led to the standing."""

    rulebooks: dict[str, str]
    """Content hash of each version of the rulebook, by name@version."""
    standing: Standing
    rulings: list[Ruling]
    """One for each fact, in the order of replay."""
    time: list[Turn]
    """What time did between them, an entry for each instant."""
