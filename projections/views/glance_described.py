"""The shapes of the glance: what an answer says first, and the words that a page needs of it."""

from typing import Annotated, Any

from msgspec import UNSET, UnsetType

from projections.views.described import Amount, Instant, Move, Points, Shape, Text, one_of


class Headline(Shape):
    """One thing that stands, and why, each as a sentence without its full stop."""

    kind: Annotated[str, one_of(("score", "stop", "sanction", "measure", "money", "waiting"))]
    about: dict[str, str]
    """The words that it is about: counter; feature and node, violation or lapse; measure; account
    and currency; violation."""
    until: Instant | None
    """When it ends by itself; null where it does not."""
    text: Text
    why: Text
    violations: list[str]
    """Those that brought it; of a score all that count for it."""
    events: list[str]
    """The facts that decided."""
    recorded_at: Instant | None
    """When the last of them was recorded; null where there are none."""
    clauses: list[str]


class Ending(Shape):
    """A feature whose stop would end, or end sooner."""

    feature: str
    stopped: bool
    """Whether something else would still stop it."""
    until: Instant | None
    """When that would end; null where nothing stops it, or no end is known."""


class Released(Shape):
    account: str
    currency: str
    released: Amount
    """What would be due no more."""


class Would(Shape):
    """What would differ in the standing, were it so as of the answer's instant."""

    scores: list[Move]
    stops: list[Ending]
    measures: list[str]
    """Those that would end."""
    exam_rights: list[str]
    """Categories whose exam right would be free again."""
    money: list[Released]


class OpenWindow(Shape):
    """An appeal or an exam that can still be had."""

    kind: Annotated[str, one_of(("appeal", "exam"))]
    violation: str
    until: Instant
    """The instant at which it closes."""
    left: int
    """How many appeals, or answers, are left."""
    obstacle: str | None
    """Reason for which it would have no effect now."""
    text: Text
    consequence: Would | None
    """If the appeal were granted, the exam passed with full marks; null where that can't be."""
    would: Text | None
    """The same as a sentence."""


class PendingAppeal(Shape):
    """An appeal that was lodged to effect and not decided since."""

    violation: str
    lodged_at: Instant
    text: Text
    consequence: Would | None
    """If it were granted."""
    would: Text | None


class NextChange(Shape):
    """The first thing that time alone changes."""

    at: Instant
    kind: str
    """stop, appeal, exam, quota, measure, expiry, effect, lapse, reset or recovery."""
    about: str | None
    text: Text


class CounterRule(Shape):
    direction: Annotated[str, one_of(("balance", "tally"))]
    """Whether violations take points, or collect them."""
    initial: Points
    floor: Points
    cap: Points | None


class NodeRule(Shape):
    """A limit on a score."""

    node: str
    counter: str
    when: Annotated[str, one_of(("below", "at_or_below", "at_or_above", "above"))]
    limit: Points
    every: Points | None
    """It is crossed anew at each further multiple of this."""
    stops: list[dict[str, Any]]
    """feature, and how long: hours, days, natural_days, months, occasions, permanent or
    while_triggered."""


class Rules(Shape):
    """Counters and nodes of the version in force at as_of."""

    counters: dict[str, CounterRule]
    nodes: list[NodeRule]


class Titles(Shape):
    """What people call whatever the answer names by a word."""

    rulebook: Text
    nodes: dict[str, Text]
    features: dict[str, Text]
    counters: dict[str, Text]
    types: dict[str, Text]
    measures: dict[str, Text]
    categories: dict[str, Text]
    accounts: dict[str, Text]


class Roles(Shape):
    subject: Text
    """Whom the rules are for."""
    authority: Text
    """Who decides."""


class Assumed(Shape):
    """A figure that no source gives and an outcome rested on."""

    path: str
    rulebook: str
    """name@version that it is of."""
    value: str | None
    text: Text
    """What it says, with its value."""
    note: Text
    """Why it is so."""


class Glance(Shape, kw_only=True):
    """What an answer about one creator says first."""

    rulebook_hash: str
    """Content hash of the version in force."""
    utc_offset: str
    """Of the rulebook's zone at as_of: +08:00."""
    roles: Roles
    outcome: list[Headline]
    """The scores first, then stops, sanctions, measures, money and what waits."""
    windows: list[OpenWindow]
    """In the order in which they close."""
    pending_appeals: list[PendingAppeal]
    """In the order in which they were lodged."""
    next_change: NextChange | None
    rules: Rules
    titles: Titles
    assumed: list[Assumed]
    """Of the rulings shown, each once."""
    printed_at: Instant | UnsetType = UNSET
    """When the program answered."""
    log_position: int | UnsetType = UNSET
    """The last position of the log then."""
