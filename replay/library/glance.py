"""The shapes of what an answer about one creator says first."""

from typing import Any, Literal, TypedDict


class Text(TypedDict):
    en: str
    zh: str


class Headline(TypedDict):
    """One thing that stands, and why."""

    kind: Literal["score", "stop", "sanction", "measure", "money", "waiting"]
    about: dict[str, str]
    until: str | None
    text: Text
    why: Text
    violations: list[str]
    events: list[str]
    recorded_at: str | None
    clauses: list[str]


class Window(TypedDict):
    """An appeal or an exam that can still be had."""

    kind: Literal["appeal", "exam"]
    violation: str
    until: str
    left: int
    obstacle: str | None
    text: Text
    consequence: dict[str, Any] | None
    """What the standing would have otherwise, if it were granted or passed now."""
    would: Text | None


class PendingAppeal(TypedDict):
    violation: str
    lodged_at: str
    text: Text
    consequence: dict[str, Any] | None
    would: Text | None


class NextChange(TypedDict):
    at: str
    kind: str
    about: str | None
    text: Text


class Assumed(TypedDict):
    """A figure that no source gives."""

    path: str
    rulebook: str
    value: str | None
    text: Text
    """What it says, with its value."""
    note: Text


class Glance(TypedDict):
    """What an answer about one creator says first."""

    rulebook_hash: str
    utc_offset: str
    roles: dict[str, Text]
    outcome: list[Headline]
    windows: list[Window]
    pending_appeals: list[PendingAppeal]
    next_change: NextChange | None
    rules: dict[str, Any]
    """Counters and nodes of the version in force."""
    titles: dict[str, Any]
    assumed: list[Assumed]
