"""The types of what a what-if answers: plain dictionaries, the objects of `--json`."""

from typing import Any, Literal, NotRequired, TypedDict

from replay.library.glance import Text
from replay.library.views import (
    Account,
    Effect,
    Ground,
    Head,
    Quota,
    Ruling,
    Sanction,
    StandingObject,
)


class Asked(TypedDict):
    """Whose record, and from which point of view."""

    creator: str
    as_of: str
    known_at: str | None
    scenario: dict[str, Any]
    """As of `what_if`: the record as it has it is what was asked of."""


class AskedOf(Head):
    """The same, with the version in force."""

    scenario: dict[str, Any]


class Outcome(TypedDict):
    score: str | None
    sanctions: list[Sanction]
    exam_quota: list[Quota]
    money: list[Account]


class OrderedFact(TypedDict):
    event: str
    source: str
    type: str
    violation: str | None
    effective_at: str
    supposed: bool
    """Not recorded: it is not decided yet, and taken to succeed."""


class OrderedRuling(TypedDict):
    event: str
    type: str
    effective_at: str
    change: str | None
    outcome: Literal["applied", "no_effect"]
    reason: str | None
    clauses: list[str]
    text: Text


class Way(TypedDict):
    """Orders in which the violations end alike."""

    orders: int
    always: list[list[str]]
    examples: list[list[str]]
    rulings: list[OrderedRuling]
    """Of the facts of the set, in the first such order."""


class OrderGroup(TypedDict):
    """Orders that come to the same."""

    orders: int
    outcome: Outcome
    always: list[list[str]]
    """[a, b]: a is before b in each of them, and not in every order there is."""
    ways: list[Way]
    recorded: bool
    """It is what comes out of the order on record."""


class Orders(Asked):
    """What `what-if --orders --json` prints."""

    facts: list[OrderedFact]
    instants: list[str]
    orders: int
    exact: bool
    seed: int | None
    groups: list[OrderGroup]


class _Change(TypedDict):
    change: Literal["absent", "granted", "passed", "recovered"]
    at: str


class Change(_Change, total=False):
    """One decision gone the other way."""

    violation: str
    period: str


class _Target(TypedDict, total=False):
    node: str | None
    feature: str | None
    counter: int
    name: str
    relation: Literal[">=", "<="]
    score: str


class Avoided(Asked):
    """What `what-if --avoid --json` prints."""

    target: _Target
    already: bool
    changes_tried: int
    all_sets_up_to: int
    sets: list[list[Change]]


class Room(TypedDict):
    node: str
    counter: str
    crossed: bool
    can_lose: str | None


class Afford(AskedOf):
    """What `what-if --afford --json` prints."""

    nodes: list[Room]


class Cost(TypedDict):
    points_missing: str | None
    feature_days_lost: dict[str, str]
    hours_executed_in_error: dict[str, str]


class WrongfulCase(Cost):
    """One granted appeal."""

    violation: str
    event: str
    found_at: str
    granted_at: str
    full: bool
    deducted: str
    restored: str
    stop_days_lifted: str | None
    """None where one of the stops had no end."""


class Wrongful(AskedOf):
    """What `what-if --wrongful --json` prints."""

    cases: list[WrongfulCase]
    together: Cost


class Sides(TypedDict):
    below: str | None
    above: str | None


class Turned(Sides):
    refused: NotRequired[Sides]
    """Values with which it would be another, where the rulebook takes none such."""


class TurningFigure(TypedDict):
    """A figure that, changed alone, would have changed the outcome."""

    path: str
    rulebook: str
    value: str
    assumed: bool
    clause: str | None
    score: Turned
    stops: Turned


class AskedFigure(TypedDict):
    path: str
    rulebook: str


class WhichFigures(AskedOf):
    """What `what-if --which-figures --json` prints."""

    figures: list[TurningFigure]
    asked_and_turn_nothing: list[AskedFigure]


class Suspended(TypedDict):
    """Days of suspension, as decimals."""

    any: str
    features: dict[str, str]


class Point(TypedDict):
    at: str
    score: str


class Side(TypedDict):
    rulebook: str
    standing: StandingObject
    since_last_fact: list[Effect]
    suspended_days: Suspended
    series: list[Point]
    """The first counter, wherever it moves."""


class Contrast(TypedDict):
    """The ground on which two rulings of one fact part."""

    path: str
    baseline: Ground | None
    counterfactual: Ground | None


class Place(TypedDict):
    """A fact; without event and type an instant after the last one."""

    event: str | None
    type: str | None
    effective_at: str
    steps: list[int]
    """Of the scenario, from 1: those that changed it."""
    ground: Contrast | None


class Pair(TypedDict):
    """One fact on both sides."""

    event: str
    type: str
    effective_at: str
    source: str
    differs: bool
    steps: list[int]
    moot: bool
    ground: Contrast | None
    baseline: Ruling | None
    counterfactual: Ruling | None


class WhatIf(TypedDict):
    """What `what-if --json` prints."""

    creator: str
    as_of: str
    known_at: str
    scenario: dict[str, Any]
    held_fixed: str
    held_fixed_zh: str
    baseline: Side
    counterfactual: Side
    differences: dict[str, Any]
    """{field of the standing: {"baseline": …, "counterfactual": …, "steps": …}}."""
    first_divergence: Place | None
    moot: int
    rulings_alike: int
    rulings: list[Pair]
