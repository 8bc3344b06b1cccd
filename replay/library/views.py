"""The shapes of what a `Ledger` answers: the objects of `--json`, as `docs/output.md` describes.

Points, marks and money are decimals in strings, instants RFC 3339 with the offset of the
rulebook's zone; `None` is what does not exist, such as a score before enrolment.
"""

from typing import Any, Literal, NotRequired, TypedDict

from replay.library.glance import Glance, Text

Outcome = Literal["applied", "no_effect"]


class Receipt(TypedDict):
    """What became of a fact; the place is that of the fact already there unless it is recorded."""

    status: Literal["recorded", "duplicate", "conflict"]
    position: int
    """Place in the whole log, from 1."""
    version: int
    """Place in the creator's stream, from 1."""


class Event(TypedDict):
    """A fact as a CloudEvent (`docs/facts.md`); what else it carries stands beside these."""

    specversion: str
    type: str
    source: str
    id: str
    subject: str
    time: str
    recordedtime: NotRequired[str]
    data: NotRequired[dict[str, Any]]


class Recorded(TypedDict):
    """A fact and its place in the whole log."""

    position: int
    event: Event


class Found(TypedDict):
    """What a search found so far."""

    facts: list[Recorded]
    next: int | None
    """After which position to go on; None: that is all."""


Sanction = TypedDict(
    "Sanction",
    {
        "node": str | None,
        "violation": NotRequired[str],
        "lapse": NotRequired[str],
        "feature": str,
        "from": str | None,
        "until": str | None,
        "planned_until": NotRequired[str | None],
        "state": Literal["running", "served", "lifted"],
        "occasions_left": NotRequired[int],
    },
)

Measure = TypedDict(
    "Measure",
    {
        "measure": str,
        "violation": str | None,
        "from": str,
        "until": str | None,
        "state": Literal["running", "ended"],
    },
)


class Violation(TypedDict):
    violation: str
    category: str
    points: str
    deducted: str
    restored: str
    expired: NotRequired[str]
    recovered: NotRequired[str]
    state: Literal["standing", "waiting", "void"]
    takes_effect: NotRequired[str | None]
    severity: NotRequired[str]
    ladder: NotRequired[str | None]
    step: NotRequired[int]


class Quota(TypedDict):
    category: str
    available_from: str


class Account(TypedDict):
    account: str
    currency: str
    due: str


class StandingObject(TypedDict):
    """Where a creator stands."""

    score: str | None
    """Of the first counter; `counters` has all of them."""
    counters: dict[str, str | None]
    sanctions: list[Sanction]
    measures: list[Measure]
    violations: list[Violation]
    exam_quota: list[Quota]
    money: list[Account]


class Head(TypedDict):
    """Who was asked about, and from which point of view."""

    creator: str
    as_of: str
    known_at: str
    rulebook: str
    """`name@version` in force at `as_of`."""


class StandingRow(Head, StandingObject):
    """What `standing --all --json` prints a line of."""


class Stopped(TypedDict):
    """A stop that runs."""

    creator: str
    rulebook: str
    node: str
    feature: str
    since: str
    until: str | None
    """None: without a known end."""


class Open(TypedDict):
    """An appeal or an exam that can still be had, of anybody."""

    creator: str
    kind: Literal["appeal", "exam"]
    violation: str
    until: str
    days: int
    """Whole ones that are left."""
    obstacle: str | None
    """Why an answer right now would have no effect."""


class Standing(StandingRow, Glance):
    """What `standing CREATOR --json` prints."""


class Ground(TypedDict):
    """A figure of the rulebook, or a behaviour, that was asked."""

    path: str
    required: str | None
    found: str | None
    met: bool
    rulebook: str
    clause: str | None


class Score(TypedDict):
    """One counter that moved."""

    counter: str
    before: str
    change: str
    after: str


Effect = TypedDict(
    "Effect",
    {
        "kind": str,
        "at": str,
        "account": NotRequired[str],
        "amount": NotRequired[str],
        "available_from": NotRequired[str],
        "category": NotRequired[str],
        "change": NotRequired[str],
        "counter": NotRequired[str],
        "currency": NotRequired[str],
        "feature": NotRequired[str],
        "from": NotRequired[str | None],
        "ladder": NotRequired[str | None],
        "lapse": NotRequired[str],
        "mark": NotRequired[str],
        "measure": NotRequired[str],
        "node": NotRequired[str | None],
        "offence": NotRequired[int],
        "period": NotRequired[str],
        "planned_until": NotRequired[str | None],
        "points": NotRequired[str],
        "step": NotRequired[int | None],
        "until": NotRequired[str | None],
        "violation": NotRequired[str | None],
    },
)
"""What a ruling, or time, brought about; which fields there are depends on its `kind`."""


class Ruling(TypedDict):
    """What one fact came to, and why."""

    position: int
    event: str
    source: str
    type: str
    effective_at: str
    recorded_at: str | None
    counter: NotRequired[str]
    score_before: str | None
    change: str | None
    nominal: NotRequired[str]
    score_after: str | None
    outcome: Outcome
    reason: str | None
    other_scores: NotRequired[list[Score]]
    retracted_by: NotRequired[str]
    effects: list[Effect]
    clauses: list[str]
    rulebook: str
    grounds: list[Ground]
    text: Text
    precision: Literal["day", "instant"]
    data: dict[str, Any]
    violation: NotRequired[str]
    category: NotRequired[str]
    void_at: NotRequired[str]


class Turn(TypedDict):
    """What no one fact did at an instant: time, or violations that were found together."""

    at: str
    before: int | None
    """The position of the fact that follows."""
    violations: NotRequired[list[str]]
    """Those found together; else time alone did it."""
    scores: list[Score]
    effects: list[Effect]
    clauses: list[str]
    grounds: list[Ground]
    text: Text


Span = TypedDict("Span", {"from": str, "until": str | None})
"""[from, until); None while it goes on."""


class Step(TypedDict):
    """A score that holds until the next step of its counter."""

    at: str
    position: int | None
    counter: str
    score: str


class Audit(Head, Glance):
    """What `audit --json` prints: rulings and time, in order, sum to the standing."""

    rulebooks: dict[str, str]
    """{name@version: content hash}."""
    standing: StandingObject
    rulings: list[Ruling]
    time: list[Turn]
    series: list[Step]
    since_last_fact: list[Effect]
    executed: NotRequired[dict[str, list[Span]]]
    """{feature: when it was stopped, as the ledger said at each moment}; of a log."""


class Rulebook(TypedDict):
    """A version of a rulebook: an entry of `rulebook list --json`."""

    name: str
    version: str
    in_force_from: str
    draft: bool
    zone: str
    title: Text
    hash: str


class Source(TypedDict):
    title: str | Text
    language: Literal["", "en", "zh"]
    file: str
    url: str
    date: str


class Figure(TypedDict):
    key: str
    value: str | int | bool
    clause: str
    source: str
    assumed: bool
    note: str
    note_zh: str


class Quoted(TypedDict):
    """Words of the rules, and where they come from."""

    en: str
    zh: str
    clause: str
    source: str
    assumed: bool
    note: str
    note_zh: str


class Clause(Quoted):
    concept: str


class RulebookDocument(TypedDict):
    """What `rulebook show --json` prints: every figure with its clause and source."""

    name: str
    version: str
    draft: bool
    zone: str
    title: Text
    hash: str
    sources: dict[str, Source]
    figures: list[Figure]
    titles: dict[str, Text]
    redress: dict[str, Quoted]
    clauses: list[Clause]


class Verdict(TypedDict):
    """Whether an answer of a bundle came out again: a line of `audit --bundle --json`."""

    creator: str
    as_of: str
    known_at: str
    rulings: int
    same: bool
    worded_otherwise: int
    difference: dict[str, Any] | None
    """The first: `part`, where it is, and `fields` {name: {"bundle": …, "here": …}}."""


class Generation(TypedDict):
    number: int
    live: bool
    phase: str
    position: int
    clock: str
    lag_facts: int
    lag_seconds: float
    clock_lag_seconds: float
    same_log: bool
    parked: dict[str, str]


class Status(TypedDict):
    """How far a read model is: what `status --json` prints."""

    target: str
    live: int | None
    head: int
    generations: list[Generation]
    shortfalls: list[str]
    """What the live rows lack, in sentences; none, and they are whole."""
